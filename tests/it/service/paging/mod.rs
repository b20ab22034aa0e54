//! What people are told, by the whole engine with a channel that writes to a file: the table of what
//! people on call hate, row by row.

#[cfg(feature = "paging")]
mod again;
mod lost;
mod pages;
mod quiet;
mod shown;
mod storms;

use std::time::{Duration, Instant};

use driftwarden::cli::wire;
use driftwarden::engine::service::Cycle;
use driftwarden::evidence::record::{NotificationEvent, Record};
use jiff::SignedDuration;
use serde_json::Value as Json;

use super::{Estate, scanned, tell_once};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

const PAGER: &str = "channel \"file\" \"pager\" { path = \"pager.jsonl\" }\n\
    channel \"file\" \"desk\" { path = \"desk.jsonl\" }\n\
    route \"all\" {\n  to = [\"pager\"]\n  failover = \"desk\"\n  escalate_to = [\"desk\"]\n  \
    escalate_after = \"30m\"\n}\n";

fn with_pager(more: &str) -> Estate {
    Estate::new(&format!("{PAGER}{more}"))
}

impl Estate {
    /// What a channel has, in its order.
    fn messages(&self, channel: &str) -> Vec<Json> {
        let path = self.path().join(format!("{channel}.jsonl"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn steps(&self, channel: &str) -> Vec<String> {
        let messages = self.messages(channel).into_iter();
        messages.map(|own| text(own.get("step").unwrap())).collect()
    }

    /// What the log says of messages, in its order.
    fn told(&self) -> Vec<NotificationEvent> {
        let records = self.records().into_iter();
        let told = records.filter_map(|record| match record {
            Record::Notification(record) => Some(record.event),
            _ => None,
        });
        told.collect()
    }

    fn told_words(&self) -> Vec<&'static str> {
        self.told().iter().map(NotificationEvent::as_str).collect()
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

/// Tells, and waits until everything that can arrive has.
fn tell(cycle: &mut Cycle, estate: &Estate) {
    let begun = Instant::now();
    loop {
        tell_once(cycle);
        let ledger = wire::ledger(&estate.path().join("evidence")).unwrap();
        if ledger.told().pending().next().is_none() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "a message waits");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn look(cycle: &mut Cycle, estate: &Estate) {
    scanned(cycle);
    tell(cycle, estate);
}
