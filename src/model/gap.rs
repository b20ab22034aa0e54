//! Something that should have been observed and was not. Not seen is never "no drift".

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, Address, AttributePath, Region, TypeName, WorkspaceName};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    pub workspace: Option<WorkspaceName>,
    /// The resource that was not observed; absent where the gap is wider than one resource.
    pub address: Option<Address>,
    /// Where the resource was observed and only this attribute of it was not: the attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<AttributePath>,
    #[serde(rename = "type")]
    pub type_name: Option<TypeName>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub reason: GapReason,
    /// What exactly was not seen, in words for a person; never a secret.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// No reviewed mapping table covers the type.
    TypeNotMapped,
    /// No item of the type was in any source, so its absence says nothing.
    TypeNotRecorded,
    /// No source covered the account or the Region.
    AccountNotObserved,
    /// The plan does not say what the provider calls the resource, and no state binds it.
    IdentityUnknown,
    /// More than one live item answers to the approved resource.
    Ambiguous,
    /// The parent item was seen, the part that holds this resource was not in it.
    PartNotRecorded,
    /// The attribute was recorded, and whether it is as approved cannot be told from what was.
    NotComparable,
    /// The workspace has no approved plan.
    NoBaseline,
    /// What a file or a source holds could not be read.
    SourceUnreadable,
    /// The source said that it could not read the resource (denied, throttled).
    SourceRefused,
    /// The source gave no answer in time, or none at all.
    SourceUnreachable,
    /// The limit on calls that the configuration sets was reached.
    OverBudget,
}

impl GapReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TypeNotMapped => "type_not_mapped",
            Self::TypeNotRecorded => "type_not_recorded",
            Self::AccountNotObserved => "account_not_observed",
            Self::IdentityUnknown => "identity_unknown",
            Self::Ambiguous => "ambiguous",
            Self::PartNotRecorded => "part_not_recorded",
            Self::NotComparable => "not_comparable",
            Self::NoBaseline => "no_baseline",
            Self::SourceUnreadable => "source_unreadable",
            Self::SourceRefused => "source_refused",
            Self::SourceUnreachable => "source_unreachable",
            Self::OverBudget => "over_budget",
        }
    }
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
