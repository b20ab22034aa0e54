//! What somebody else runs for a fix, as it was last read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Stands for the id of the resource, as the whole value of a parameter of a document.
pub const RESOURCE_ID: &str = "{resource_id}";

/// A document that was run for one resource. Texts of the cloud in it are short and plain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixRun {
    /// The rule of AWS Config whose remediation it is.
    pub rule: String,
    pub document: String,
    pub version: String,
    /// What it was started for, as AWS Config calls it.
    pub resource_type: String,
    pub resource_id: String,
    /// By which AWS tells one run of a resource from another: it gives no other id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked: Option<Timestamp>,
    /// Absent: nothing shows that it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<FixStep>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixStep {
    pub name: String,
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
