//! What a resource's own Terraform provider says of it, held against what was approved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::deviation::DeviationKind;
use super::ids::{Address, AttributePath, WorkspaceName};
use super::value::Value;

/// Resources that their providers were asked about.
pub type ExactLooks = BTreeMap<(WorkspaceName, Address), ExactLook>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExactLook {
    Seen {
        /// Where it is not as approved.
        places: Vec<ExactPlace>,
        /// Whether additions would have shown: without a settled baseline they do not.
        is_settled: bool,
    },
    /// The provider says that it is gone.
    Missing,
    /// It was not seen, for this reason. Never "no drift".
    Gap(String),
}

/// One place, in the provider's words; a secret is a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactPlace {
    pub attribute: AttributePath,
    pub approved: Value,
    pub live: Value,
}

/// A difference that is no deviation, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetAside {
    pub workspace: WorkspaceName,
    pub address: Address,
    pub kind: DeviationKind,
    pub attribute: Option<AttributePath>,
    pub reason: AsideReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsideReason {
    /// Its provider would change nothing there, and it reads as it was settled.
    EqualByTheProvider,
}

impl AsideReason {
    pub fn words(self) -> &'static str {
        match self {
            Self::EqualByTheProvider => "equal by the provider",
        }
    }
}
