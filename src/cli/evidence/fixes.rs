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
        FixEvent::UndoWanted { id, by, note } => match note {
            Some(note) => format!("of {id}, by {by}: {note}"),
            None => format!("of {id}, by {by}"),
        },
        FixEvent::UndoRefused { id, decision } => format!("of {id}: {}", decision.line()),
        FixEvent::Intended { intent } => match &intent.undoes {
            Some(undone) => {
                format!(
                    "{} is to undo {undone}, fix {}",
                    intent.remediator, intent.id
                )
            }
            None => format!(
                "{} is to {}, fix {}",
                intent.remediator,
                intent.way.words(),
                intent.id
            ),
        },
        FixEvent::Resumed { id } | FixEvent::Overdue { id } => format!("fix {id}"),
        FixEvent::Outcome { id, outcome } => {
            let FixOutcome {
                at: _,
                result: _,
                detail,
                document,
                change,
                run,
            } = outcome;
            let by = change.as_ref().map(|own| format!("by {}", own.provider));
            let ran = run.as_ref().map(|own| {
                format!(
                    "by {} in the version {} for the rule {}",
                    own.document, own.version, own.rule
                )
            });
            let by = by.or(ran);
            let file = document.as_ref().map(|own| format!("`{}`", own.name));
            let told = (!detail.is_empty()).then(|| detail.clone());
            let parts: Vec<String> = [told, by, file].into_iter().flatten().collect();
            format!("fix {id}: {}", parts.join(", "))
        }
    };
    format!(
        "{:<9} {}  {}  {what}",
        "fix",
        record.at,
        record.event.as_str()
    )
}
