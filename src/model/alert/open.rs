//! One alert, and who has it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{FindingKey, PageStep, Severity};
use super::{AlertKind, AlertStanding, Doing, Message};

/// An alert that is open, or of which not every message arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub kind: AlertKind,
    pub severity: Severity,
    pub standing: AlertStanding,
    pub route: String,
    pub failover: Option<String>,
    pub doing: Option<Doing>,
    pub about: Option<String>,
    pub opened_at: Timestamp,
    /// When the last message was decided.
    pub at: Timestamp,
    pub sequence: u32,
    pub total: u64,
    #[serde(default)]
    pub members: BTreeSet<FindingKey>,
    pub channels: BTreeMap<String, ChannelStanding>,
    /// The messages that some channel does not have: step, time, severity, reason.
    pub waiting: BTreeMap<u32, (PageStep, Timestamp, Severity, Option<String>)>,
    /// Whether the last word was said.
    pub closed: bool,
}

/// How far a channel is with an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelStanding {
    /// The last message that it has.
    pub delivered: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
}

impl Alert {
    pub(super) fn new(message: &Message) -> Self {
        Self {
            kind: message.kind,
            severity: message.severity,
            standing: AlertStanding::default(),
            route: message.route.clone(),
            failover: message.failover.clone(),
            doing: message.doing.clone(),
            about: message.about.clone(),
            opened_at: message.at,
            at: message.at,
            sequence: 0,
            total: 0,
            members: BTreeSet::new(),
            channels: BTreeMap::new(),
            waiting: BTreeMap::new(),
            closed: false,
        }
    }

    pub(super) fn take(&mut self, message: &Message) {
        self.sequence = message.sequence;
        self.severity = message.severity;
        self.standing = message.standing.clone();
        self.at = message.at;
        self.total = message.total;
        self.failover.clone_from(&message.failover);
        self.closed = message.step == PageStep::Resolve || message.kind.is_once();
        let why = message.why.clone();
        let head = (message.step, message.at, message.severity, why);
        self.waiting.insert(message.sequence, head);
        for channel in &message.channels {
            self.channels.entry(channel.clone()).or_default();
        }
    }
}
