//! Remediations of AWS Config, call by call: what is set up for a rule, what runs for a resource, and
//! the start of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::config_api::{CallFailed, CallPlace};

/// What AWS Config would run for a rule, as it is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remediation {
    /// Whether its target is a document of Systems Manager.
    pub is_document: bool,
    pub document: String,
    /// Absent: whatever version counts when it runs.
    pub version: Option<String>,
    pub parameters: BTreeMap<String, ParameterValue>,
    /// The only type of resource that it is for; absent: any.
    pub resource_type: Option<String>,
    /// Whether AWS Config starts it by itself.
    pub is_automatic: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterValue {
    /// The id of the resource that it is run for.
    ResourceId,
    Static(Vec<String>),
    /// Something that this version knows nothing of.
    Unknown,
}

/// A resource as AWS Config calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceKey {
    pub config_type: String,
    pub id: String,
}

/// One run for one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    pub invoked: Option<Timestamp>,
    pub state: ExecutionState,
    /// In their order.
    pub steps: Vec<ExecutionStep>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionState {
    Queued,
    InProgress,
    Succeeded,
    Failed,
    /// One that this version does not know.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionStep {
    pub name: String,
    pub state: StepState,
    /// As AWS has it: foreign text of any length.
    pub error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Exited,
    Other(String),
}

/// A start that was not taken, as far as anybody can tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartFailed {
    /// Nothing was started, for certain.
    #[error("{0}")]
    NotStarted(String),
    /// It was sent, and nobody knows what became of it.
    #[error("{0}")]
    Unknown(String),
}

/// The calls for remediations of AWS Config.
///
/// Retry: calls that read may be repeated, try again by themselves what may pass, and have an end in time.
/// [`RemediationApi::start`] is sent once and never again by itself: AWS has no token for it. Calls may
/// come from several threads at once.
pub trait RemediationApi: Send + Sync {
    /// What is set up for a rule; nothing where there is no remediation, or no such rule.
    ///
    /// # Errors
    /// No answer to work with.
    fn remediation(&self, at: &CallPlace, rule: &str) -> Result<Option<Remediation>, CallFailed>;

    /// The newest run of the rule's remediation for a resource.
    ///
    /// # Errors
    /// As above.
    fn execution(
        &self,
        at: &CallPlace,
        rule: &str,
        key: &ResourceKey,
    ) -> Result<Option<Execution>, CallFailed>;

    /// Starts it for one resource, which goes on by itself.
    ///
    /// # Errors
    /// It was refused, or nobody knows.
    fn start(&self, at: &CallPlace, rule: &str, key: &ResourceKey) -> Result<(), StartFailed>;
}

impl ExecutionState {
    /// The word of AWS.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Queued => "QUEUED",
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Other(word) => word,
        }
    }

    /// Whether it will come to another state by itself.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Queued | Self::InProgress | Self::Other(_) => true,
            Self::Succeeded | Self::Failed => false,
        }
    }
}

impl StepState {
    /// The word of AWS.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Exited => "EXITED",
            Self::Other(word) => word,
        }
    }
}
