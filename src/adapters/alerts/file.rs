//! A channel for trials: one line of JSON for each message, in a file or on stdout.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::adapters::reason::reason;
use crate::model::{Page, PageSubject, PagedActor, PagedFinding, PagedGroup};
use crate::ports::{Channel, ChannelError, Delivered};

pub struct FileAlerts {
    name: String,
    /// `-`: stdout.
    path: PathBuf,
}

impl FileAlerts {
    pub fn new(name: String, path: PathBuf) -> Self {
        Self { name, path }
    }

    fn write(&self, line: &[u8]) -> io::Result<()> {
        if self.path == Path::new("-") {
            let mut out = io::stdout().lock();
            out.write_all(line)?;
            return out.flush();
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // It names people.
            options.mode(0o640);
        }
        // One write: lines of several processes do not mix.
        options.open(&self.path)?.write_all(line)
    }
}

impl Channel for FileAlerts {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    fn send(&self, page: &Page, thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let mut line = form(page).to_string().into_bytes();
        line.push(b'\n');
        self.write(&line).map_err(|error| ChannelError::Passing {
            channel: self.name.clone(),
            what: format!("`{}`: {}", self.path.display(), reason(&error)),
            wait: None,
        })?;
        Ok(Delivered {
            answer: "written".to_owned(),
            thread: Some(thread.unwrap_or(&page.key).to_owned()),
        })
    }
}

fn form(page: &Page) -> Json {
    json!({
        "schema": "driftwarden.page/1",
        "key": page.key,
        "sequence": page.sequence,
        "step": page.step.as_str(),
        "at": page.at,
        "severity": page.severity.as_str(),
        "title": page.title,
        "subject": subject(&page.subject),
        "risk": page.risk,
        "next": page.next,
        "runbook": page.runbook,
        "owner": page.owner,
        "controls": page.controls,
        "evidence": {
            "origin": page.evidence.origin,
            "entry": page.evidence.entry,
            "url": page.evidence.url,
        },
    })
}

fn subject(subject: &PageSubject) -> Json {
    match subject {
        PageSubject::Finding(one) => json!({ "finding": finding(one) }),
        PageSubject::Group(one) => json!({ "group": group(one) }),
        PageSubject::Detector { what, consequence } => {
            json!({ "detector": { "what": what, "consequence": consequence } })
        }
        PageSubject::Plain { text } => json!({ "plain": text }),
    }
}

fn group(group: &PagedGroup) -> Json {
    let by_severity = group.by_severity.iter();
    let by_severity = by_severity.map(|(severity, count)| json!([severity.as_str(), count]));
    json!({
        "common": group.common,
        "total": group.total,
        "by_severity": by_severity.collect::<Vec<_>>(),
        "some": group.some.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(one: &PagedFinding) -> Json {
    json!({
        "finding": one.finding,
        "kind": one.kind.as_str(),
        "workspace": one.workspace,
        "type": one.type_name,
        "address": one.address,
        "provider_id": one.provider_id,
        "account": one.account,
        "region": one.region,
        "attribute": one.attribute,
        "approved": one.approved,
        "live": one.live,
        "verdict": one.verdict.as_str(),
        "reasons": one.reasons,
        "change": one.change,
        "who": one.who.as_ref().map(actor),
        "rule": one.rule,
        "done": one.done,
        "due": one.due,
        "open_for_seconds": one.open_for.map(|time| time.as_secs()),
    })
}

fn actor(who: &PagedActor) -> Json {
    json!({
        "name": who.name,
        "at": who.at,
        "from": who.from,
        "means": who.means,
        "call": who.call,
    })
}
