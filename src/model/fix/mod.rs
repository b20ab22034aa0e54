//! Fixes: what was decided about one, by which guards, and what became of it.

mod history;
mod run;
mod standing;
mod subject;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use history::{
    Ended, Fix, FixApproval, FixChange, FixDocument, FixEnd, FixOutcome, FixResult, Fixes,
    UndoWanted,
};
pub use run::{FixRun, FixStep, RESOURCE_ID};
pub use standing::FixStanding;
pub use subject::FixSubject;

/// Whether fixes are carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixMode {
    Off,
    /// It is decided and recorded what would be done, and nothing is.
    #[default]
    DryRun,
    Enforce,
}

/// What a fix does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixWay {
    /// An attribute gets its approved value again.
    SetBack,
    /// What was taken away by hand is made again.
    PutBack,
    /// What was added by hand is removed.
    TakeAway,
}

/// Everything that can keep a fix back, in the order in which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    Mode,
    Action,
    Verdict,
    Standing,
    Observation,
    Fidelity,
    Authors,
    Reviewed,
    Protected,
    Denied,
    Freeze,
    StopFile,
    Approval,
    Again,
    Fight,
    Breaker,
    Canary,
    RuleLimit,
    WorkspaceLimit,
    EstateLimit,
}

/// Why a fix is kept back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixReason {
    pub guard: Guard,
    pub why: String,
}

/// What the guards said of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixDecision {
    pub mode: FixMode,
    /// `None` where no fix of this kind of finding exists.
    pub way: Option<FixWay>,
    /// Who carries it out. `None`: nobody who could is configured.
    pub remediator: Option<String>,
    /// Every guard that keeps it back. None: it is permitted.
    pub reasons: Vec<FixReason>,
}

/// A decision in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixWord {
    Permitted,
    WouldFix,
    Refused,
}

/// The file that stops every fix while it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopFile {
    Absent,
    Present(String),
    /// Whether it is there cannot be told, and why.
    Unknown(String),
}

impl FixMode {
    pub const ALL: [Self; 3] = [Self::Off, Self::DryRun, Self::Enforce];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::DryRun => "dry_run",
            Self::Enforce => "enforce",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

impl FixWay {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SetBack => "set_back",
            Self::PutBack => "put_back",
            Self::TakeAway => "take_away",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::SetBack => "set it back",
            Self::PutBack => "put it back",
            Self::TakeAway => "take it away",
        }
    }
}

impl Guard {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Action => "action",
            Self::Verdict => "verdict",
            Self::Standing => "standing",
            Self::Observation => "observation",
            Self::Fidelity => "fidelity",
            Self::Authors => "authors",
            Self::Reviewed => "reviewed",
            Self::Protected => "protected",
            Self::Denied => "denied",
            Self::Freeze => "freeze",
            Self::StopFile => "stop_file",
            Self::Approval => "approval",
            Self::Again => "again",
            Self::Fight => "fight",
            Self::Breaker => "breaker",
            Self::Canary => "canary",
            Self::RuleLimit => "rule_limit",
            Self::WorkspaceLimit => "workspace_limit",
            Self::EstateLimit => "estate_limit",
        }
    }
}

impl FixWord {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::WouldFix => "would_fix",
            Self::Refused => "refused",
        }
    }
}

impl FixDecision {
    /// `would_fix` where nothing but a trial keeps it back.
    pub fn word(&self) -> FixWord {
        let trial = self.mode == FixMode::DryRun;
        match self.reasons.as_slice() {
            [] => FixWord::Permitted,
            [only] if trial && only.guard == Guard::Mode => FixWord::WouldFix,
            _ => FixWord::Refused,
        }
    }

    /// Whether it comes out as another did: the words of reasons hold times and counts, which say
    /// nothing new.
    pub fn comes_out_as(&self, other: &Self) -> bool {
        let guards = |own: &Self| -> Vec<Guard> { own.reasons.iter().map(|r| r.guard).collect() };
        self.mode == other.mode
            && self.way == other.way
            && self.remediator == other.remediator
            && guards(self) == guards(other)
    }

    /// In one line, for a person.
    pub fn line(&self) -> String {
        let way = self.way.map_or("fix it", FixWay::words);
        match (self.word(), &self.remediator) {
            (FixWord::Permitted, Some(by)) => format!("permitted: {by} is to {way}"),
            (FixWord::Permitted, None) => {
                format!("permitted to {way}, but no `handover` is configured: nobody does it")
            }
            (FixWord::WouldFix, Some(by)) => format!("would {way} by {by}; the mode is `dry_run`"),
            (FixWord::WouldFix, None) => {
                format!("would {way}; the mode is `dry_run`, and no `handover` is configured")
            }
            (FixWord::Refused, _) => format!("refused: {}", self.why()),
        }
    }

    /// The reasons but for the trial's, which goes without saying beside others.
    fn why(&self) -> String {
        let is_trial = |own: &&FixReason| {
            self.mode == FixMode::DryRun && own.guard == Guard::Mode && self.reasons.len() > 1
        };
        let reasons = self.reasons.iter().filter(|own| !is_trial(own));
        let reasons: Vec<&str> = reasons.map(|own| own.why.as_str()).collect();
        reasons.join("; ")
    }
}

impl fmt::Display for FixMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
