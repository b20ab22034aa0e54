//! How an installation wants to be told: routes, bounds, and what is known of its workloads.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::Candidate;
use super::risk::{Criticality, Vulnerability};
use crate::model::{DeviationKind, Severity, fits};

#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// In order: the first that fits is taken. Empty: nobody is told anything.
    pub routes: Vec<Route>,
    /// Pages at most for what one actor does in one account within `group_window`; what is more
    /// becomes one page.
    pub pages_per_group: u32,
    pub group_window: SignedDuration,
    /// Critical findings that are paged by themselves all the same.
    pub critical_pages: u32,
    /// Pages of all actors within `storm_window` after which the rest becomes one.
    pub storm_threshold: u32,
    pub storm_window: SignedDuration,
    /// An alert is not told anew of what can wait more often than this.
    pub update_every: SignedDuration,
    /// A message that fails for so long goes to the fail-over channel.
    pub failover_after: SignedDuration,
    /// Whether authorised changes are told of.
    pub notes: bool,
    /// Where logs are read; `{entry}` stands for the number of the entry.
    pub evidence_url: Option<String>,
    pub criticality: Vec<Criticality>,
    /// Tags that say how critical a workload is.
    pub criticality_tags: Vec<String>,
    pub vulnerabilities: BTreeMap<String, Vulnerability>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            pages_per_group: 3,
            group_window: SignedDuration::from_mins(30),
            critical_pages: 5,
            storm_threshold: 20,
            storm_window: SignedDuration::from_mins(10),
            update_every: SignedDuration::from_mins(5),
            failover_after: SignedDuration::from_mins(5),
            notes: true,
            evidence_url: None,
            criticality: Vec::new(),
            criticality_tags: Vec::new(),
            vulnerabilities: BTreeMap::new(),
        }
    }
}

/// Which messages go where. Every condition that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    pub name: String,
    pub subjects: Vec<Subject>,
    pub severities: Vec<Severity>,
    pub workspaces: Vec<String>,
    pub accounts: Vec<String>,
    pub owners: Vec<String>,
    pub rules: Vec<String>,
    pub controls: Vec<String>,
    pub kinds: Vec<DeviationKind>,
    pub to: Vec<String>,
    pub failover: Option<String>,
    /// Who is told, too, when nobody acknowledges or puts right in time.
    pub escalate_to: Vec<String>,
    /// Time in which somebody must acknowledge. Absent: only what a rule allows counts.
    pub escalate_after: Option<SignedDuration>,
    /// What goes here is gathered, and told together once in so long.
    pub digest: Option<SignedDuration>,
    /// For a system that keeps every finding: no caps, groups or silences, beside other routes.
    pub export: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Finding,
    Detector,
    Note,
}

impl Subject {
    pub const ALL: [Self; 3] = [Self::Finding, Self::Detector, Self::Note];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Detector => "detector",
            Self::Note => "note",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.as_str() == word)
    }
}

impl Policy {
    pub fn route(&self, name: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.name == name)
    }

    /// Where a finding goes.
    pub(super) fn route_of(&self, subject: Subject, own: &Candidate<'_>) -> Option<&Route> {
        let mut routes = self.routes.iter().filter(|route| !route.export);
        routes.find(|route| route.takes(subject, own))
    }

    /// Where the detector's own trouble goes.
    pub fn route_of_detector(&self, severity: Severity) -> Option<&Route> {
        let mut routes = self.routes.iter().filter(|route| !route.export);
        routes.find(|route| route.takes_detector(severity))
    }
}

impl Route {
    pub(super) fn takes(&self, subject: Subject, own: &Candidate<'_>) -> bool {
        let any = |patterns: &[String], text: Option<&str>| {
            let fitting = |text: &str| patterns.iter().any(|pattern| fits(pattern, text));
            patterns.is_empty() || text.is_some_and(fitting)
        };
        let controls = own.controls.iter();
        let controls = &mut controls.filter(|control| any(&self.controls, Some(control)));
        self.is_about(subject, own.severity)
            && any(&self.workspaces, own.workspace.map(|own| own.as_str()))
            && any(&self.accounts, own.account.map(|own| own.as_str()))
            && any(&self.owners, own.owner)
            && any(&self.rules, own.rule.map(|own| own.as_str()))
            && (self.controls.is_empty() || controls.next().is_some())
            && (self.kinds.is_empty() || self.kinds.contains(&own.kind))
    }

    /// A route that asks for something of a finding is not for the detector.
    fn takes_detector(&self, severity: Severity) -> bool {
        let of_findings = [
            &self.workspaces,
            &self.accounts,
            &self.owners,
            &self.rules,
            &self.controls,
        ];
        self.is_about(Subject::Detector, severity)
            && of_findings.iter().all(|own| own.is_empty())
            && self.kinds.is_empty()
    }

    fn is_about(&self, subject: Subject, severity: Severity) -> bool {
        (self.subjects.is_empty() || self.subjects.contains(&subject))
            && (self.severities.is_empty() || self.severities.contains(&severity))
    }
}
