//! What was told, for a person to read.

use crate::evidence::record::{NotificationEvent, NotificationRecord};
use crate::model::{Arrival, Delivery};
use crate::report::units::counted;

pub fn line(record: &NotificationRecord) -> String {
    let what = match &record.event {
        NotificationEvent::Queued { message } => {
            let mut line = format!(
                "{} {} {}  {} {} to {}",
                message.key,
                message.sequence,
                message.step.as_str(),
                message.severity,
                message.kind.as_str(),
                message.channels.join(", ")
            );
            if let Some(about) = &message.about {
                line.push_str(&format!("  about {about}"));
            }
            if message.total > 1 {
                line.push_str(&format!("  {}", counted(message.total, "finding")));
            }
            if let Some(why) = &message.why {
                line.push_str(&format!(": {why}"));
            }
            line
        }
        NotificationEvent::Also { key, findings, .. } => {
            format!("{key}  {} more", counted(findings.len(), "finding"))
        }
        NotificationEvent::Arrival { delivery } => arrival(delivery),
        NotificationEvent::Held { why, findings } => {
            format!("{}  {}", counted(findings.len(), "finding"), why.words())
        }
        NotificationEvent::SilenceSet { silence } => format!(
            "{} until {}, owner {}: {}  {}",
            silence.id,
            silence.expires,
            silence.owner,
            silence.reason,
            silence.matches.words()
        ),
        NotificationEvent::SilenceEnded { id, by } => format!("{id} by {by}"),
    };
    format!("{:<9} {}  {what}", record.event.as_str(), record.at)
}

fn arrival(delivery: &Delivery) -> String {
    let Delivery {
        key,
        sequence,
        channel,
        at: _,
        arrival,
    } = delivery;
    let what = match arrival {
        Arrival::Delivered { answer, .. } => format!(": {answer}"),
        Arrival::Failed { what } | Arrival::Refused { what } => format!(": {what}"),
        Arrival::FailedOver { to, what } => format!(", now to {to}: {what}"),
    };
    format!("{key} {sequence}  {channel}{what}")
}
