//! What people and other systems were told, and what of it has not arrived: alerts, the messages that
//! make them, and who does not want to be told.

mod carrying;
mod delivery;
mod open;
mod silence;
mod told;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountId, AlertKey, FindingKey, PageStep, Severity};

pub use delivery::{Arrival, Delivery, Pending};
pub use open::{Alert, ChannelStanding};
pub use silence::{Hold, Silence, SilenceMatch, fits};
pub use told::{Membership, Told};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertKind {
    /// One finding.
    Finding,
    /// What one actor did in one account within a while.
    Group,
    /// More than anybody would read one by one.
    Storm,
    /// The detector about itself.
    Detector,
    /// Said once, and nothing to act on.
    Note,
    /// What came together since the last one.
    Digest,
    /// One finding, for a system that keeps all of them.
    Export,
}

impl AlertKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Group => "group",
            Self::Storm => "storm",
            Self::Detector => "detector",
            Self::Note => "note",
            Self::Digest => "digest",
            Self::Export => "export",
        }
    }

    /// Whether it is over once it is said.
    pub fn is_once(self) -> bool {
        match self {
            Self::Note | Self::Digest => true,
            Self::Finding | Self::Group | Self::Storm | Self::Detector | Self::Export => false,
        }
    }

    /// Whether somebody is paged by it.
    pub fn is_page(self) -> bool {
        match self {
            Self::Finding | Self::Group | Self::Storm => true,
            Self::Detector | Self::Note | Self::Digest | Self::Export => false,
        }
    }
}

/// Whose work a group of findings is. The actor as a pseudonym; `None` where nobody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Doing {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// Where an alert stands, as far as it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertStanding {
    /// Names the version of what it is about; another one is news.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// By whom, as a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<String>,
    /// A waiver accepts it, or a change covers it: nothing is asked of anybody.
    #[serde(default, skip_serializing_if = "is_no")]
    pub at_rest: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    pub flapping: bool,
    /// Nobody took it in time, and that was told.
    #[serde(default, skip_serializing_if = "is_no")]
    pub escalated: bool,
    /// It was not put right in time, and that was told.
    #[serde(default, skip_serializing_if = "is_no")]
    pub overdue: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_no(flag: &bool) -> bool {
    !*flag
}

/// One message of an alert, as it is decided and recorded: what is in it is put together when it is
/// sent, from what the log holds then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub key: AlertKey,
    pub sequence: u32,
    pub step: PageStep,
    pub kind: AlertKind,
    pub at: Timestamp,
    pub severity: Severity,
    #[serde(default)]
    pub standing: AlertStanding,
    pub route: String,
    pub channels: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doing: Option<Doing>,
    /// What of the detector it is about, or the number of a change record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The findings that it tells of and that the alert did not tell of before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingKey>,
    /// All that the alert ever told of.
    #[serde(default)]
    pub total: u64,
    /// Why it is said, where the step does not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
