//! Steps of fixes, for a person to read.

use crate::evidence::record::{FixEvent, FixRecord};
use crate::model::FixOutcome;

pub fn line(record: &FixRecord) -> String {
    let what = match &record.event {
        FixEvent::Decided { decision } => decision.line(),
        FixEvent::Approved { by, note } => match note {
            Some(note) => format!("by {by}: {note}"),
            None => format!("by {by}"),
        },
        FixEvent::Intended { intent } => {
            format!(
                "{} is to {}, fix {}",
                intent.remediator,
                intent.way.words(),
                intent.id
            )
        }
        FixEvent::Resumed { id } | FixEvent::Overdue { id } => format!("fix {id}"),
        FixEvent::Outcome { id, outcome } => {
            let FixOutcome {
                at: _,
                result: _,
                detail,
                document,
            } = outcome;
            match document {
                Some(own) => format!("fix {id}: {detail}, `{}`", own.name),
                None => format!("fix {id}: {detail}"),
            }
        }
    };
    format!(
        "{:<9} {}  {}  {what}",
        "fix",
        record.at,
        record.event.as_str()
    )
}
