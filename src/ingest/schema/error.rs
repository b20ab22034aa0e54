//! Why a provider schema was refused.

use thiserror::Error;

use crate::ingest::json_fault::Fault;

#[derive(Debug, Error)]
pub enum SchemaError {
    #[error("the provider schema {0}")]
    Unreadable(Fault),
    #[error("the provider schema has no `format_version`")]
    NoVersion,
    #[error("the provider schema has format version `{found}`, but only 0 and 1 are known")]
    UnknownVersion { found: String },
}

impl SchemaError {
    /// What the reader can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::NoVersion => {
                "write the file anew with `terraform providers schema -json`"
            }
            Self::UnknownVersion { .. } => {
                "use a version of driftwarden that knows this form, or leave `schema` out"
            }
        }
    }
}
