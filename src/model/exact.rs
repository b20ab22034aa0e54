//! What a resource's own Terraform provider says of it, held against what was approved.

use std::collections::{BTreeMap, BTreeSet};

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
        /// Top-level attributes that the read alone shows otherwise, whole: as they were settled, and as
        /// they are. None that holds a secret.
        wholes: BTreeMap<AttributePath, (Value, Value)>,
        /// Whether additions would have shown: without a settled baseline they do not.
        is_settled: bool,
        /// Everything that was held against each other, where somebody asked for it.
        detail: Option<Box<ExactDetail>>,
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

/// What a look was judged by. Secrets are digests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExactDetail {
    /// By the attribute of the top level.
    pub sides: BTreeMap<AttributePath, ExactSides>,
    /// Where the provider would change something.
    pub by_plan: BTreeSet<AttributePath>,
    /// Where it reads otherwise than it was settled.
    pub by_read: BTreeSet<AttributePath>,
    /// Where it differs in a way that is no deviation.
    pub aside: BTreeMap<AttributePath, ExactAside>,
}

/// One attribute as it was written, as it is, as the provider would make it, and as it was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactSides {
    pub written: Value,
    pub live: Value,
    pub planned: Value,
    /// `None` where nothing of it is kept that could be shown.
    pub settled: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExactAside {
    /// Read otherwise than it was settled; configured, and the provider would change nothing.
    Equivalent,
    /// Only the provider sets it.
    Providers,
    /// The author told Terraform to leave it alone.
    Ignored,
    /// Planned otherwise, where it is not surely known what was written.
    Doubtful,
}

/// A difference that is no deviation, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetAside {
    pub workspace: WorkspaceName,
    pub address: Address,
    pub kind: DeviationKind,
    pub attribute: Option<AttributePath>,
    pub reason: AsideReason,
    /// Who tells of it instead: addresses, and of what nobody approved type and id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsideReason {
    /// Its provider would change nothing there, and it reads as it was settled.
    EqualByTheProvider,
    /// A resource of its own owns what is shown here, and tells the same change.
    ToldBySeparate,
}

impl SetAside {
    /// Why, of this one, in words.
    pub fn why(&self) -> String {
        match self.reason {
            AsideReason::EqualByTheProvider => {
                format!("{}, which was asked now", self.reason.words())
            }
            AsideReason::ToldBySeparate => format!("told by {}, which owns it", self.by.join(", ")),
        }
    }
}

impl AsideReason {
    pub const ALL: [Self; 2] = [Self::EqualByTheProvider, Self::ToldBySeparate];

    pub fn words(self) -> &'static str {
        match self {
            Self::EqualByTheProvider => "equal by the provider",
            Self::ToldBySeparate => "told by the resource that owns it",
        }
    }
}
