//! What must come out of a case: `expected.json`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Scanned;

/// The moment of a scan that names none.
const NOW: &str = "2026-11-02T12:00:00Z";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// What the case is about, in one sentence.
    about: String,
    /// One after the other; the second one finds the files of `then-2` laid over, and so on.
    pub scans: Vec<ExpectedScan>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedScan {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    now: Option<String>,
    exit: u8,
    /// Parts of the message of a scan that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    message: Vec<String>,
    /// How each workspace is approved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    baselines: BTreeMap<String, String>,
    /// Of which workspaces it is known what `ignore_changes` sets aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ignore_changes: Option<BTreeMap<String, String>>,
    /// All of them, and nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deviations: Vec<ExpectedDeviation>,
    /// All of them: address, type or workspace, the attribute where it is one, and the reason.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    gaps: BTreeSet<String>,
    /// Open findings that the scan did not look at: address or id, and the attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open_not_seen: Option<BTreeSet<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coverage: Option<BTreeMap<String, u64>>,
    /// How many entries the log grew by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
}

/// What is left out is not compared, except who deviates, where and how.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedDeviation {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
    /// The address, or the provider's id where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// Empty: none is given; so for the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live: Option<Value>,
    /// What an unmanaged part holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<Value>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    type_name: Option<String>,
    verdict: String,
    /// Parts of the reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    /// A part of each note, in order; empty: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<String>>,
    /// A part of the attribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    severity: Option<String>,
}

/// Kind, address or id, attribute: one of each in a scan of one workspace.
type Key = (String, String, String);

impl Expected {
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap() + "\n"
    }
}

impl ExpectedScan {
    pub fn now(&self) -> Timestamp {
        self.now.as_deref().unwrap_or(NOW).parse().unwrap()
    }

    /// What differs, in words.
    pub fn check(&self, scanned: &Scanned, entries: u64) -> Vec<String> {
        let mut wrong = Vec::new();
        let wanted = self.entries.or((self.exit == 1).then_some(0));
        if wanted.is_some_and(|wanted| wanted != entries) {
            wrong.push(format!("the log grew by {entries} entries, not {wanted:?}"));
        }
        if scanned.exit != self.exit {
            wrong.push(format!("exit status {}, not {}", scanned.exit, self.exit));
        }
        match &scanned.result {
            Err(message) => {
                if self.message.is_empty() {
                    wrong.push(format!("failed: {message}"));
                }
                let absent = self.message.iter().filter(|part| !message.contains(*part));
                wrong.extend(absent.map(|part| format!("no `{part}` in: {message}")));
            }
            Ok(result) => self.check_result(result, &mut wrong),
        }
        wrong
    }

    fn check_result(&self, result: &Value, wrong: &mut Vec<String>) {
        if !self.message.is_empty() {
            wrong.push("it did not fail".to_owned());
        }
        if let Some(wanted) = &self.ignore_changes {
            let found = of_baselines(result, "ignore_changes");
            if found != *wanted {
                wrong.push(format!("ignore_changes {found:?}, not {wanted:?}"));
            }
        }
        let found = baselines(result);
        if found != self.baselines {
            wrong.push(format!("baselines {found:?}, not {:?}", self.baselines));
        }
        let found = gaps(result);
        if found != self.gaps {
            let extra = found.difference(&self.gaps);
            let lost = self.gaps.difference(&found);
            wrong.extend(extra.map(|gap| format!("not expected: gap {gap}")));
            wrong.extend(lost.map(|gap| format!("not there: gap {gap}")));
        }
        let found = open_not_seen(result);
        if self
            .open_not_seen
            .as_ref()
            .is_some_and(|wanted| found != *wanted)
        {
            wrong.push(format!(
                "open and not seen {found:?}, not {:?}",
                self.open_not_seen
            ));
        }
        if let Some(coverage) = &self.coverage {
            for (name, wanted) in coverage {
                let found = &result["coverage"][name];
                if found != wanted {
                    wrong.push(format!("coverage, {name}: {found}, not {wanted}"));
                }
            }
        }
        self.check_deviations(result, wrong);
    }

    fn check_deviations(&self, result: &Value, wrong: &mut Vec<String>) {
        let mut found: Vec<&Value> = result["deviations"].as_array().unwrap().iter().collect();
        for wanted in &self.deviations {
            let at = found.iter().position(|found| wanted.is(found));
            match at {
                None => wrong.push(format!("not there: {:?}", wanted.key())),
                Some(at) => wanted.check(found.swap_remove(at), wrong),
            }
        }
        for extra in found {
            let extra = ExpectedDeviation::of(extra);
            wrong.push(format!(
                "not expected: {}",
                serde_json::to_string(&extra).unwrap()
            ));
        }
    }

    pub fn bless(&mut self, scanned: &Scanned, entries: u64) {
        self.exit = scanned.exit;
        self.entries = self.entries.map(|_| entries);
        let Ok(result) = &scanned.result else {
            return;
        };
        self.message.clear();
        self.baselines = baselines(result);
        self.gaps = gaps(result);
        self.open_not_seen = self.open_not_seen.take().map(|_| open_not_seen(result));
        if let Some(coverage) = &mut self.coverage {
            for (name, count) in coverage {
                *count = result["coverage"][name].as_u64().unwrap_or(*count);
            }
        }
        let deviations = result["deviations"].as_array().unwrap().iter();
        let before = std::mem::take(&mut self.deviations);
        self.deviations = deviations
            .map(|found| {
                let mut now = ExpectedDeviation::of(found);
                if let Some(known) = before.iter().find(|known| known.is(found)) {
                    now.reasons.clone_from(&known.reasons);
                    now.notes.clone_from(&known.notes);
                    now.by.clone_from(&known.by);
                    now.workspace = known.workspace.as_ref().and(now.workspace);
                    now.account = known.account.as_ref().and(now.account);
                    now.region = known.region.as_ref().and(now.region);
                    now.change = known.change.as_ref().and(now.change);
                }
                now
            })
            .collect();
    }
}

impl ExpectedDeviation {
    fn of(found: &Value) -> Self {
        let text = |name: &str| found[name].as_str().map(str::to_owned);
        let address = text("address");
        let value = |name: &str| text("attribute").map(|_| found[name].clone());
        Self {
            kind: text("kind").unwrap(),
            workspace: text("workspace"),
            provider_id: text("provider_id").filter(|_| address.is_none()),
            address,
            account: text("account"),
            region: text("region"),
            change: text("change"),
            attribute: text("attribute"),
            approved: value("approved"),
            live: value("live"),
            content: found.get("content").cloned(),
            type_name: found.get("content").and_then(|_| text("type")),
            verdict: text("verdict").unwrap(),
            reasons: Vec::new(),
            notes: None,
            by: None,
            severity: text("severity"),
        }
    }

    fn key(&self) -> Key {
        let id = self.address.as_ref().or(self.provider_id.as_ref());
        (
            self.kind.clone(),
            id.cloned().unwrap_or_default(),
            self.attribute.clone().unwrap_or_default(),
        )
    }

    /// Whether this is that deviation, whatever else is said of it.
    fn is(&self, found: &Value) -> bool {
        let agrees = |name: &str, wanted: &Option<String>| {
            let found = found[name].as_str().unwrap_or_default();
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        Self::of(found).key() == self.key()
            && agrees("workspace", &self.workspace)
            && agrees("account", &self.account)
            && agrees("region", &self.region)
            && agrees("change", &self.change)
            && agrees("type", &self.type_name)
    }

    fn check(&self, found: &Value, wrong: &mut Vec<String>) {
        let mut differs = |name: &str, found: &Value, wanted: &Value| {
            if found != wanted {
                wrong.push(format!("{:?}: {name} {found}, not {wanted}", self.key()));
            }
        };
        differs("verdict", &found["verdict"], &Value::from(&*self.verdict));
        if let Some(severity) = &self.severity {
            differs("severity", &found["severity"], &Value::from(&**severity));
        }
        if let Some(approved) = &self.approved {
            differs("approved", &found["approved"], approved);
        }
        if let Some(live) = &self.live {
            differs("live", &found["live"], live);
        }
        if let Some(content) = &self.content {
            differs("content", &found["content"], content);
        }
        let texts = |name: &str| -> Vec<String> {
            let texts = found[name].as_array().unwrap().iter();
            texts
                .map(|text| text.as_str().unwrap().to_owned())
                .collect()
        };
        if let Some(wanted) = &self.notes {
            let said = texts("notes");
            let mut both = said.iter().zip(wanted);
            if said.len() != wanted.len() || !both.all(|(said, part)| said.contains(part)) {
                wrong.push(format!("{:?}: notes {said:?}, not {wanted:?}", self.key()));
            }
        }
        let by = found["attribution"].to_string();
        if self.by.as_ref().is_some_and(|part| !by.contains(part)) {
            wrong.push(format!("{:?}: by {by}, not {:?}", self.key(), self.by));
        }
        let reasons = texts("reasons");
        let said = reasons.join("; ");
        for part in self.reasons.iter().filter(|part| !said.contains(*part)) {
            wrong.push(format!("{:?}: no `{part}` in: {said}", self.key()));
        }
    }
}

fn baselines(result: &Value) -> BTreeMap<String, String> {
    of_baselines(result, "approval")
}

fn of_baselines(result: &Value, name: &str) -> BTreeMap<String, String> {
    let rows = result["baselines"].as_array().unwrap().iter();
    rows.map(|row| {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (text("workspace"), text(name))
    })
    .collect()
}

fn open_not_seen(result: &Value) -> BTreeSet<String> {
    let rows = result["open_not_seen"].as_array().unwrap().iter();
    rows.map(|row| {
        let id = row["address"].as_str().or(row["provider_id"].as_str());
        let parts = [id, row["attribute"].as_str()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    })
    .collect()
}

fn gaps(result: &Value) -> BTreeSet<String> {
    let rows = result["gaps"].as_array().unwrap().iter();
    rows.map(|row| {
        let names = ["address", "type", "workspace"];
        let name = names.iter().find_map(|name| row[name].as_str());
        let reason = row["reason"].as_str().unwrap();
        let parts = [name, row["attribute"].as_str(), Some(reason)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    })
    .collect()
}
