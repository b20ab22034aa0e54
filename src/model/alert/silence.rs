//! Why somebody is not told of a finding, for now. It is detected and recorded all the same.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{ChangeNumber, Severity};

/// What is held back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Hold {
    Silence {
        id: String,
    },
    /// Work that a change record plans and approves, by one whom it names.
    Window {
        change: ChangeNumber,
        until: Timestamp,
    },
    /// The detector does not see enough to be believed about it; that is told instead.
    Inhibited {
        fault: String,
    },
    /// No route leads anywhere.
    NoRoute,
}

impl Hold {
    pub fn words(&self) -> String {
        match self {
            Self::Silence { id } => format!("silence {id}"),
            Self::Window { change, until } => format!("window of {change} until {until}"),
            Self::Inhibited { fault } => format!("inhibited by {fault}"),
            Self::NoRoute => "no route".to_owned(),
        }
    }
}

/// Findings of which nobody is to be told until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    pub id: String,
    #[serde(rename = "match")]
    pub matches: SilenceMatch,
    /// Who answers for it, as a pseudonym.
    pub owner: String,
    pub reason: String,
    pub since: Timestamp,
    pub expires: Timestamp,
}

/// Every condition that is given must hold. A `*` at the end stands for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceMatch {
    /// The key of a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What is more severe goes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Severity>,
}

impl SilenceMatch {
    /// Whether it would hold back everything.
    pub fn is_empty(&self) -> bool {
        let Self {
            finding,
            workspace,
            account,
            address,
            rule,
            owner,
            up_to: _,
        } = self;
        let all = [finding, workspace, account, address, rule, owner];
        all.iter().all(|one| one.is_none())
    }

    pub fn words(&self) -> String {
        let named = [
            ("finding", &self.finding),
            ("workspace", &self.workspace),
            ("account", &self.account),
            ("address", &self.address),
            ("rule", &self.rule),
            ("owner", &self.owner),
        ];
        let named = named.into_iter();
        let named = named.filter_map(|(name, own)| Some(format!("{name} {}", own.as_ref()?)));
        let up_to = self.up_to.map(|severity| format!("up to {severity}"));
        named.chain(up_to).collect::<Vec<_>>().join(", ")
    }
}

impl Silence {
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.since <= now && now < self.expires
    }
}

/// Whether a text is what a pattern says; a `*` at its end stands for anything.
pub fn fits(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    }
}
