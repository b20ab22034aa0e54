//! What was told to whom, what came back, and what was held back and why. People as pseudonyms.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Encoded, RecordError, clip};
use crate::evidence::statement::{self, Subject};
use crate::model::{
    AlertKey, AlertKind, Arrival, Delivery, FindingKey, Hold, Message, Sha256Digest, Silence,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotificationRecord {
    pub at: Timestamp,
    #[serde(flatten)]
    pub event: NotificationEvent,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "notification", rename_all = "snake_case")]
pub enum NotificationEvent {
    /// A message is to be sent: from now on its findings count as announced.
    Queued {
        message: Box<Message>,
    },
    /// More findings of the message before, where they are too many for one record.
    Also {
        key: AlertKey,
        kind: AlertKind,
        route: String,
        findings: Vec<FindingKey>,
    },
    /// What became of a message.
    Arrival {
        delivery: Delivery,
    },
    /// Nobody is told of these findings, and why.
    Held {
        why: Hold,
        findings: Vec<FindingKey>,
    },
    SilenceSet {
        silence: Silence,
    },
    /// Before its time.
    SilenceEnded {
        id: String,
        by: String,
    },
}

/// So many findings fit into a record.
const FINDINGS: usize = 1_000;
/// Room for what a receiver answered, in bytes.
const ANSWER_BYTES: usize = 300;
const REASON_BYTES: usize = 2_000;

impl NotificationEvent {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Also { .. } => "also",
            Self::Arrival { delivery } => delivery.arrival.as_str(),
            Self::Held { .. } => "held",
            Self::SilenceSet { .. } => "silence_set",
            Self::SilenceEnded { .. } => "silence_ended",
        }
    }

    pub fn findings(&self) -> &[FindingKey] {
        match self {
            Self::Queued { message } => &message.findings,
            Self::Also { findings, .. } | Self::Held { findings, .. } => findings,
            Self::Arrival { .. } | Self::SilenceSet { .. } | Self::SilenceEnded { .. } => &[],
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Queued { message } => format!("alert {} {}", message.key, message.sequence),
            Self::Also { key, .. } => format!("alert {key}"),
            Self::Arrival { delivery } => format!("alert {} {}", delivery.key, delivery.sequence),
            Self::Held { why, .. } => why.words(),
            Self::SilenceSet { silence } => format!("silence {}", silence.id),
            Self::SilenceEnded { id, .. } => format!("silence {id}"),
        }
    }
}

impl NotificationRecord {
    /// A message in as many records as its findings need; they are appended together.
    pub fn queued(mut message: Box<Message>) -> Vec<Self> {
        let at = message.at;
        let rest = message
            .findings
            .split_off(message.findings.len().min(FINDINGS));
        let (key, kind, route) = (message.key.clone(), message.kind, message.route.clone());
        let first = NotificationEvent::Queued { message };
        let more = rest
            .chunks(FINDINGS)
            .map(|findings| NotificationEvent::Also {
                key: key.clone(),
                kind,
                route: route.clone(),
                findings: findings.to_vec(),
            });
        let all = std::iter::once(first).chain(more);
        all.map(|event| Self { at, event }).collect()
    }

    pub fn held(at: Timestamp, why: &Hold, findings: &[FindingKey]) -> Vec<Self> {
        let parts = findings.chunks(FINDINGS).map(|findings| {
            let (why, findings) = (why.clone(), findings.to_vec());
            Self {
                at,
                event: NotificationEvent::Held { why, findings },
            }
        });
        parts.collect()
    }

    pub fn arrival(delivery: Delivery) -> Self {
        Self {
            at: delivery.at,
            event: NotificationEvent::Arrival { delivery },
        }
    }

    /// # Errors
    /// It is too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let mut short = self.clone();
        match &mut short.event {
            NotificationEvent::Arrival { delivery } => match &mut delivery.arrival {
                Arrival::Delivered { answer: what, .. }
                | Arrival::Failed { what }
                | Arrival::Refused { what }
                | Arrival::FailedOver { what, .. } => *what = clip(what, ANSWER_BYTES),
            },
            NotificationEvent::SilenceSet { silence } => {
                silence.reason = clip(&silence.reason, REASON_BYTES);
            }
            NotificationEvent::Queued { .. }
            | NotificationEvent::Also { .. }
            | NotificationEvent::Held { .. }
            | NotificationEvent::SilenceEnded { .. } => {}
        }
        let name = self.event.name();
        let digest = Sha256Digest::of(name.as_bytes());
        let subjects = [Subject::file(clip(&name, ANSWER_BYTES), digest)];
        let entry = statement::encode(statement::NOTIFICATION, &subjects, &short)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }
}
