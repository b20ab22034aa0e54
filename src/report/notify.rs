//! What is told, and what is not: the view, then text and JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::escape::escape;
use super::json_out;
use super::units::counted;
use crate::model::{AlertKey, AlertKind, FindingKey, Severity, Silence, Told};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Everything that the log says of messages.
#[derive(Debug, Serialize)]
pub struct NotifyView {
    pub schema: &'static str,
    pub alerts: Vec<AlertView>,
    /// Messages that a channel does not have yet.
    pub waiting: Vec<WaitingView>,
    /// Findings that nobody is told of, by why.
    pub held: BTreeMap<String, Vec<FindingKey>>,
    pub silences: Vec<Silence>,
}

#[derive(Debug, Serialize)]
pub struct AlertView {
    pub key: AlertKey,
    pub kind: AlertKind,
    pub severity: Severity,
    pub opened_at: Timestamp,
    pub route: String,
    pub channels: Vec<String>,
    pub findings: Vec<FindingKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
    pub escalated: bool,
}

#[derive(Debug, Serialize)]
pub struct WaitingView {
    pub key: AlertKey,
    pub sequence: u32,
    pub channel: String,
    pub since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
}

impl NotifyView {
    pub fn of(told: &Told, now: Timestamp) -> Self {
        let open = told.alerts().filter(|(_, alert)| !alert.closed);
        let mut alerts: Vec<AlertView> = open
            .map(|(key, alert)| AlertView {
                key: key.clone(),
                kind: alert.kind,
                severity: alert.severity,
                opened_at: alert.opened_at,
                route: alert.route.clone(),
                channels: alert.channels.keys().cloned().collect(),
                findings: alert.members.iter().cloned().collect(),
                about: alert.about.clone(),
                acknowledged_by: alert.standing.acknowledged.clone(),
                escalated: alert.standing.escalated || alert.standing.overdue,
            })
            .collect();
        alerts.sort_by(|a, b| {
            let by_severity = b.severity.cmp(&a.severity);
            by_severity.then_with(|| (a.opened_at, &a.key).cmp(&(b.opened_at, &b.key)))
        });
        let waiting = told
            .pending()
            .map(|(key, channel, sequence, own)| WaitingView {
                key: key.clone(),
                sequence,
                channel: channel.to_owned(),
                since: own.since,
                failing_since: own.failed_at,
            });
        let mut held: BTreeMap<String, Vec<FindingKey>> = BTreeMap::new();
        for (finding, why) in told.held() {
            held.entry(why.words()).or_default().push(finding.clone());
        }
        let silences = told.silences().filter(|silence| silence.holds_at(now));
        Self {
            schema: "driftwarden.notify/1",
            alerts,
            waiting: waiting.collect(),
            held,
            silences: silences.cloned().collect(),
        }
    }
}

pub fn render(view: &NotifyView, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Json => json_out::write_indented(out, view),
        Format::Text => text(view, out),
    }
}

fn text(view: &NotifyView, out: &mut dyn Write) -> io::Result<()> {
    for alert in &view.alerts {
        let what = match alert.findings.as_slice() {
            [only] => only.short().to_owned(),
            all => counted(all.len(), "finding"),
        };
        let mut line = format!(
            "{:<9} {} {}  {what} since {}  to {}",
            alert.severity.as_str(),
            alert.key,
            alert.kind.as_str(),
            alert.opened_at,
            alert.channels.join(", ")
        );
        if let Some(about) = &alert.about {
            line.push_str(&format!("  about {about}"));
        }
        if let Some(by) = &alert.acknowledged_by {
            line.push_str(&format!("  acknowledged by {by}"));
        }
        if alert.escalated {
            line.push_str("  escalated");
        }
        writeln!(out, "{}", escape(&line))?;
    }
    for one in &view.waiting {
        let mut line = format!(
            "{:<9} {} {}  to {} since {}",
            "waiting", one.key, one.sequence, one.channel, one.since
        );
        if let Some(since) = one.failing_since {
            line.push_str(&format!("  failing since {since}"));
        }
        writeln!(out, "{}", escape(&line))?;
    }
    for (why, findings) in &view.held {
        let line = format!(
            "{:<9} {}  {why}",
            "held",
            counted(findings.len(), "finding")
        );
        writeln!(out, "{}", escape(&line))?;
    }
    for silence in &view.silences {
        let line = format!(
            "{:<9} {}  {} until {}, owner {}: {}",
            "silence",
            silence.id,
            silence.matches.words(),
            silence.expires,
            silence.owner,
            silence.reason
        );
        writeln!(out, "{}", escape(&line))?;
    }
    writeln!(
        out,
        "{} open, {} not arrived",
        counted(view.alerts.len(), "alert"),
        counted(view.waiting.len(), "message")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SilenceMatch;

    #[test]
    fn what_is_told_and_what_is_not_on_a_line_each() {
        let at: Timestamp = "2026-11-28T08:00:00Z".parse().unwrap();
        let view = NotifyView {
            schema: "driftwarden.notify/1",
            alerts: vec![AlertView {
                key: "dw:1".into(),
                kind: AlertKind::Finding,
                severity: Severity::High,
                opened_at: at,
                route: "all".to_owned(),
                channels: vec!["pager".to_owned()],
                findings: vec!["c785759846ec18c2183898d46d3b074d".into()],
                about: None,
                acknowledged_by: Some("p1".to_owned()),
                escalated: true,
            }],
            waiting: vec![WaitingView {
                key: "dw:1".into(),
                sequence: 2,
                channel: "pager".to_owned(),
                since: at,
                failing_since: Some(at),
            }],
            held: BTreeMap::from([("silence 1a".to_owned(), vec!["f".into(), "g".into()])]),
            silences: vec![Silence {
                id: "1a".to_owned(),
                matches: SilenceMatch {
                    workspace: Some("pay*".to_owned()),
                    ..SilenceMatch::default()
                },
                owner: "p1".to_owned(),
                reason: "known\u{202e}".to_owned(),
                since: at,
                expires: at,
            }],
        };
        let mut out = Vec::new();
        render(&view, Format::Text, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "high      dw:1 finding  c785759846ec since 2026-11-28T08:00:00Z  to pager  \
                 acknowledged by p1  escalated",
                "waiting   dw:1 2  to pager since 2026-11-28T08:00:00Z  failing since \
                 2026-11-28T08:00:00Z",
                "held      2 findings  silence 1a",
            ]
        );
        assert!(
            lines[3].starts_with("silence   1a  workspace pay* until"),
            "{text}"
        );
        assert!(!text.contains('\u{202e}'), "what is hostile is spelt out");
        assert_eq!(lines[4], "1 alert open, 1 message not arrived");
    }
}
