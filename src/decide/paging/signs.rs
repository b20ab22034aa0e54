//! Messages that are no alert: the test of a channel, and the heartbeat.

use jiff::Timestamp;

use crate::model::{EvidenceLink, Page, PageStep, PageSubject, Severity};

/// What `driftwarden notify test` sends.
pub fn test_page(origin: &str, at: Timestamp) -> Page {
    let text = "this is a test of driftwarden; there is nothing to do";
    let key = format!("dw:test:{}", at.as_millisecond());
    page(key, 1, PageStep::Test, origin, at, text)
}

/// Says that the engine is alive.
pub fn heartbeat(origin: &str, sequence: u32, at: Timestamp) -> Page {
    let text = "driftwarden is alive";
    let key = format!("dw:heartbeat:{origin}");
    page(key, sequence, PageStep::Note, origin, at, text)
}

/// Says that the engine has ended, because its log cannot be written.
pub fn last_words(origin: &str, at: Timestamp, why: &str) -> Page {
    let what = super::words::one_line(&format!("driftwarden cannot go on: {why}"), 500);
    let key = format!("dw:ended:{}", at.as_millisecond());
    let mut page = page(key, 1, PageStep::Trigger, origin, at, &what);
    page.severity = Severity::Critical;
    page.title = super::words::one_line(&what, 200);
    page.subject = PageSubject::Detector {
        what,
        consequence: "nothing is watched, and nothing is recorded, until it is started again"
            .to_owned(),
    };
    page.next = "driftwarden check".to_owned();
    page
}

fn page(
    key: String,
    sequence: u32,
    step: PageStep,
    origin: &str,
    at: Timestamp,
    text: &str,
) -> Page {
    Page {
        key,
        sequence,
        step,
        at,
        severity: Severity::Info,
        title: text.to_owned(),
        subject: PageSubject::Plain {
            text: text.to_owned(),
        },
        risk: Vec::new(),
        next: "driftwarden notify list".to_owned(),
        runbook: None,
        owner: None,
        controls: Vec::new(),
        evidence: EvidenceLink {
            origin: origin.to_owned(),
            entry: 0,
            url: None,
        },
    }
}
