//! What is told to people and to other systems: one message, whole, before any channel gives it a form.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    AccountId, Address, AttributePath, ChangeNumber, DeviationKind, FindingKey, Means, ProviderId,
    Region, RuleId, Severity, TypeName, Value, Verdict, WorkspaceName,
};

/// What a message does to the alert that bears its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageStep {
    /// The alert begins.
    Trigger,
    /// It goes on, with other words: a group grew, a deadline passed.
    Update,
    /// Somebody took it.
    Acknowledge,
    /// What it was about was seen to be over.
    Resolve,
    /// Nothing to act on: an authorised change, a fix that held. Wakes nobody.
    Note,
    /// `driftwarden notify test`.
    Test,
}

impl PageStep {
    pub const ALL: [Self; 6] = [
        Self::Trigger,
        Self::Update,
        Self::Acknowledge,
        Self::Resolve,
        Self::Note,
        Self::Test,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Update => "update",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
            Self::Note => "note",
            Self::Test => "test",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }
}

/// One message to one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The same over the life of the alert, over restarts and over retries.
    pub key: String,
    /// This message of the alert, counted from 1: with `key`, what makes a retry recognisable.
    pub sequence: u32,
    pub step: PageStep,
    pub at: Timestamp,
    pub severity: Severity,
    /// One line, at most 200 characters.
    pub title: String,
    pub subject: PageSubject,
    /// Why it is as severe as it is, most telling first.
    pub risk: Vec<String>,
    /// The command to give next.
    pub next: String,
    pub runbook: Option<String>,
    pub owner: Option<String>,
    pub controls: Vec<String>,
    /// Where the record lies that proves it.
    pub evidence: EvidenceLink,
}

/// The entry behind a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceLink {
    pub origin: String,
    pub entry: u64,
    /// Where configuration says that logs are read, with `{entry}` filled in.
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PageSubject {
    Finding(Box<PagedFinding>),
    /// Many findings that belong together: one person at work, a storm.
    Group(Box<PagedGroup>),
    /// The detector itself: what does not work, and what is therefore unknown.
    Detector {
        what: String,
        consequence: String,
    },
    /// A message that asks for nothing.
    Plain {
        text: String,
    },
}

/// A finding as people need it to act.
#[derive(Clone, Debug, PartialEq)]
pub struct PagedFinding {
    pub finding: FindingKey,
    pub kind: DeviationKind,
    pub workspace: Option<WorkspaceName>,
    pub type_name: TypeName,
    pub address: Option<Address>,
    pub provider_id: Option<ProviderId>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub attribute: Option<AttributePath>,
    pub approved: Value,
    pub live: Value,
    pub verdict: Verdict,
    pub reasons: Vec<String>,
    pub change: Option<ChangeNumber>,
    pub who: Option<PagedActor>,
    pub rule: Option<RuleId>,
    /// What was done about it, or why nothing was.
    pub done: String,
    pub due: Option<Timestamp>,
    pub open_for: Option<SignedDuration>,
}

impl PagedFinding {
    /// As little as there can be of a finding: something that nobody approved.
    pub fn unmanaged(finding: FindingKey, type_name: TypeName) -> Self {
        Self {
            finding,
            kind: DeviationKind::Unmanaged,
            workspace: None,
            type_name,
            address: None,
            provider_id: None,
            account: None,
            region: None,
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            verdict: Verdict::Unauthorised,
            reasons: Vec::new(),
            change: None,
            who: None,
            rule: None,
            done: String::new(),
            due: None,
            open_for: None,
        }
    }
}

/// Who did it. The name is for people; the log has the pseudonym.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagedActor {
    pub name: String,
    pub at: Timestamp,
    pub from: Option<String>,
    pub means: Means,
    pub call: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PagedGroup {
    /// What they have in common, in words.
    pub common: String,
    pub total: u64,
    /// How many of each severity, most severe first.
    pub by_severity: Vec<(Severity, u64)>,
    /// The most severe ones, at most ten.
    pub some: Vec<PagedFinding>,
}
