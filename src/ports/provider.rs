//! A Terraform provider: the only one that knows exactly what a resource is.

use std::fmt;
use std::sync::Arc;

use crate::model::AttributePath;
use crate::provider::cty::Value;
use crate::provider::schema::Schema;

/// What a provider said of a call. Secrets that it was given, and that it is known to have given, are
/// taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Else a warning.
    pub is_error: bool,
    pub summary: String,
    pub detail: String,
    pub attribute: Option<AttributePath>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.attribute {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.summary)?;
        if !self.detail.is_empty() && self.detail != self.summary {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

/// A call that gave no answer to work with. Never "the resource is gone": that is an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error("the provider cannot be started: {what}")]
    NotStarted { what: String },
    #[error("the provider refused `{call}`: {}", joined(.diagnostics))]
    Refused {
        call: &'static str,
        diagnostics: Vec<Diagnostic>,
    },
    #[error("the provider gave no answer to `{call}` within {seconds} s, and was ended")]
    TooLate { call: &'static str, seconds: u64 },
    #[error("the provider died in `{call}`: {how}")]
    Died { call: &'static str, how: String },
    #[error("the provider's answer to `{call}` makes no sense: {what}")]
    Senseless { call: &'static str, what: String },
    #[error("the provider was restarted {restarts} times and died again; it is left alone")]
    GivenUp { restarts: usize },
    #[error("the provider has no resource type `{type_name}`")]
    NoSuchType { type_name: String },
    #[error("the provider is not configured")]
    NotConfigured,
    /// A fault of ours: a value that is not of the type that the schema asks for.
    #[error("a value for `{call}` does not fit the schema: {what}")]
    Unfit { call: &'static str, what: String },
}

fn joined(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|one| one.is_error);
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    errors.join("; ")
}

/// A resource as a provider holds it: its state, and bytes that only the provider understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub state: Value,
    pub private: Vec<u8>,
}

/// What a provider is asked to plan.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'v> {
    /// The resource as it is; null for one that is to be created.
    pub prior: &'v Value,
    /// As it is to be; null for one that is to be destroyed.
    pub proposed: &'v Value,
    /// What its author wrote, all else null.
    pub config: &'v Value,
    pub private: &'v [u8],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub state: Value,
    /// Attributes of which a change would replace the resource.
    pub requires_replace: Vec<AttributePath>,
    pub private: Vec<u8>,
    /// The provider may take null for empty.
    pub legacy_types: bool,
    pub warnings: Vec<Diagnostic>,
}

/// What a provider did. With errors it may have done a part: only a fresh read tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub held: Held,
    pub diagnostics: Vec<Diagnostic>,
}

/// One resource that was found by its id. A provider may bring others along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub type_name: String,
    pub held: Held,
}

/// Asks a call that is under way to come to an end.
pub trait Interrupt: Send + Sync {
    fn interrupt(&self);
}

/// A provider, as one caller uses it.
///
/// Time: every call has a limit of its own; a provider that exceeds it is ended. Retry: what changes
/// nothing is tried once more after a crash, in a new process with the same configuration, and only so
/// many times an hour; `apply` and `import` never are. Values are whole values of the schema's type.
pub trait ResourceProvider: Send {
    /// What can be configured of the provider itself.
    ///
    /// # Errors
    /// As with every call here: see [`ProviderError`].
    fn provider_schema(&mut self) -> Result<Arc<Schema>, ProviderError>;

    /// # Errors
    /// As above, and for a type that the provider does not have.
    fn schema(&mut self, type_name: &str) -> Result<Arc<Schema>, ProviderError>;

    /// Must come before all that follows. A provider that is started again is given the same.
    ///
    /// # Errors
    /// As above.
    fn configure(&mut self, config: &Value) -> Result<(), ProviderError>;

    /// The attributes of a state (JSON), written under that version of the schema, as a value of
    /// today's.
    ///
    /// # Errors
    /// As above.
    fn upgrade(
        &mut self,
        type_name: &str,
        version: i64,
        attributes: &str,
    ) -> Result<Value, ProviderError>;

    /// The resource as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// As above: what could not be read is an error, and never gone.
    fn read(&mut self, type_name: &str, held: &Held) -> Result<Option<Held>, ProviderError>;

    /// What the provider would make of a proposal. Changes nothing.
    ///
    /// # Errors
    /// As above.
    fn plan(&mut self, type_name: &str, proposal: Proposal<'_>) -> Result<Planned, ProviderError>;

    /// Carries out what was planned.
    ///
    /// # Errors
    /// As above. An error here never says that nothing was done.
    fn apply(
        &mut self,
        type_name: &str,
        prior: &Value,
        config: &Value,
        planned: &Planned,
    ) -> Result<Applied, ProviderError>;

    /// What the provider finds under an id. Mostly it has to be read before it is whole.
    ///
    /// # Errors
    /// As above.
    fn import(&mut self, type_name: &str, id: &str) -> Result<Vec<Imported>, ProviderError>;

    /// Whether it runs and says of itself that it serves.
    fn is_healthy(&mut self) -> bool;

    /// For another thread: to end a call that is under way.
    fn interrupter(&self) -> Arc<dyn Interrupt>;

    /// Texts that must not be shown if the provider says them.
    fn keep_secret(&mut self, value: &Value);

    /// Asks it to stop and to shut down, then ends it. The next call would start it again.
    fn end(&mut self);
}
