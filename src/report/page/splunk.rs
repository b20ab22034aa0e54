//! One event of Splunk's HTTP Event Collector.

use serde_json::{Value as Json, json};

use super::{cut, data, message_id};
use crate::model::Page;

/// What Splunk is to file the event under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    pub source: String,
    pub sourcetype: String,
    /// `None`: the token's own.
    pub index: Option<String>,
}

/// The event. `message_id` is the same in every try: Splunk keeps duplicates, and searches tell them by it.
pub fn event(page: &Page, filing: &Filing) -> Json {
    let milliseconds = page.at.as_millisecond();
    let mut event = json!({
        "time": format!("{}.{:03}", milliseconds.div_euclid(1_000), milliseconds.rem_euclid(1_000)),
        "host": cut(&page.evidence.origin, 255),
        "source": filing.source,
        "sourcetype": filing.sourcetype,
        "event": data(page),
        "fields": {
            "message_id": message_id(page),
            "severity": page.severity.as_str(),
            "step": page.step.as_str(),
        },
    });
    if let (Some(index), Some(event)) = (&filing.index, event.as_object_mut()) {
        event.insert("index".to_owned(), json!(index));
    }
    event
}
