//! How severe a finding is for this installation, and why: what its rule says, where it lies open, what
//! the workload is worth, and what is known of a vulnerability that it names. Nothing lowers what a
//! rule says.

use std::collections::{BTreeMap, BTreeSet};

use super::Policy;
use crate::model::{Severity, Value, Verdict, fits};

/// What is known of a vulnerability, from a file of the user's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vulnerability {
    pub cvss: Option<f64>,
    /// The chance that it is exploited within 30 days, 0 to 1.
    pub epss: Option<f64>,
    pub known_exploited: bool,
}

/// What workloads are worth. Every condition that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criticality {
    pub workspace: Option<String>,
    pub account: Option<String>,
    pub address: Option<String>,
    pub level: Level,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Low,
    #[default]
    Normal,
    High,
    Critical,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }
}

/// What the risk is judged from.
pub struct Exposed<'e> {
    pub severity: Severity,
    pub verdict: Verdict,
    pub rule: Option<&'e str>,
    pub workspace: Option<&'e str>,
    pub account: Option<&'e str>,
    pub address: Option<&'e str>,
    pub approved: &'e Value,
    pub live: &'e Value,
    /// Where the number of a vulnerability may stand.
    pub texts: &'e [String],
    /// What the resource's own tags say of its worth.
    pub tagged: Option<Level>,
}

/// How severe it is, and why, most telling first.
pub fn assess(exposed: &Exposed<'_>, policy: &Policy) -> (Severity, Vec<String>) {
    let mut severity = exposed.severity;
    let mut reasons = Vec::new();
    for (name, known) in vulnerabilities(exposed, &policy.vulnerabilities) {
        let is_grave = known.cvss.is_some_and(|cvss| cvss >= 9.0)
            && known.epss.is_some_and(|epss| epss >= 0.5);
        if known.known_exploited || is_grave {
            severity = Severity::Critical;
        }
        reasons.push(of_vulnerability(&name, known));
    }
    let is_open = opens_to_the_world(exposed.approved, exposed.live);
    if is_open {
        if exposed.rule.is_none() {
            severity = severity.max(Severity::High);
        }
        reasons.push("it opens to the whole internet what was not open before".to_owned());
    }
    let level = worth(exposed, policy);
    if level == Level::Critical && severity >= Severity::Medium {
        severity = raised(severity);
    }
    if level != Level::Normal {
        reasons.push(format!("the workload's criticality is {}", level.as_str()));
    }
    reasons.push(match exposed.rule {
        Some(rule) => format!("the rule `{rule}` gives it {}", exposed.severity),
        None => format!(
            "no rule speaks of it; without one it is {}",
            exposed.severity
        ),
    });
    reasons.extend(of_verdict(exposed.verdict).map(str::to_owned));
    (severity, reasons)
}

fn raised(severity: Severity) -> Severity {
    match severity {
        Severity::Info => Severity::Low,
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}

fn of_verdict(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Unauthorised => Some("nobody approved it"),
        Verdict::Indeterminate => Some("whether anybody approved it cannot be told"),
        Verdict::OutOfWindow => Some("it was approved, and done outside its window"),
        Verdict::NotApplied => Some("an approved change was not carried out in its window"),
        Verdict::EmergencyPending => Some("the full approval of an emergency is still due"),
        Verdict::Authorised | Verdict::AwaitingApply | Verdict::Late => None,
    }
}

/// What the resource's tags and the user's file say; the higher of the two.
fn worth(exposed: &Exposed<'_>, policy: &Policy) -> Level {
    let fitting = |pattern: &Option<String>, text: Option<&str>| match pattern {
        None => true,
        Some(pattern) => text.is_some_and(|text| fits(pattern, text)),
    };
    let listed = policy.criticality.iter().find(|own| {
        fitting(&own.workspace, exposed.workspace)
            && fitting(&own.account, exposed.account)
            && fitting(&own.address, exposed.address)
    });
    let both = [listed.map(|own| own.level), exposed.tagged];
    both.into_iter().flatten().max().unwrap_or_default()
}

fn of_vulnerability(name: &str, known: Vulnerability) -> String {
    let Vulnerability {
        cvss,
        epss,
        known_exploited,
    } = known;
    let mut parts = Vec::new();
    if known_exploited {
        parts.push("it is known to be exploited".to_owned());
    }
    parts.extend(cvss.map(|cvss| format!("CVSS {cvss:.1}")));
    parts.extend(epss.map(|epss| format!("EPSS {:.1} %", epss * 100.0)));
    match parts.is_empty() {
        true => name.to_owned(),
        false => format!("{name}: {}", parts.join(", ")),
    }
}

/// The vulnerabilities that a finding names and that are known, in order.
fn vulnerabilities(
    exposed: &Exposed<'_>,
    known: &BTreeMap<String, Vulnerability>,
) -> Vec<(String, Vulnerability)> {
    if known.is_empty() {
        return Vec::new();
    }
    let mut names = BTreeSet::new();
    exposed
        .texts
        .iter()
        .for_each(|text| named_in(text, &mut names));
    each_text(exposed.live, &mut |text| named_in(text, &mut names));
    let own = names.into_iter();
    own.filter_map(|name| Some((name.clone(), *known.get(&name)?)))
        .collect()
}

/// Numbers such as `CVE-2024-3094`.
fn named_in(text: &str, names: &mut BTreeSet<String>) {
    let upper = text.to_ascii_uppercase();
    for (at, _) in upper.match_indices("CVE-") {
        let rest = upper.get(at..).unwrap_or_default();
        let digits = |c: char| c.is_ascii_digit() || c == '-';
        let number: String = rest
            .chars()
            .enumerate()
            .take_while(|(at, c)| *at < 4 || digits(*c))
            .map(|(_, c)| c)
            .collect();
        names.insert(number.trim_end_matches('-').to_owned());
    }
}

/// Whether live names the whole internet and the approved value does not.
fn opens_to_the_world(approved: &Value, live: &Value) -> bool {
    let names_it = |value: &Value| {
        let mut found = false;
        each_text(value, &mut |text| {
            found |= matches!(text.trim(), "0.0.0.0/0" | "::/0");
        });
        found
    };
    names_it(live) && !names_it(approved)
}

fn each_text(value: &Value, take: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => take(text),
        Value::List(list) => list.iter().for_each(|own| each_text(own, take)),
        Value::Map(map) => map.values().for_each(|own| each_text(own, take)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Sensitive(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed<'e>(live: &'e Value, texts: &'e [String]) -> Exposed<'e> {
        Exposed {
            severity: Severity::Medium,
            verdict: Verdict::Unauthorised,
            rule: Some("sg-open"),
            workspace: Some("payments"),
            account: None,
            address: None,
            approved: &Value::Null,
            live,
            texts,
            tagged: None,
        }
    }

    #[test]
    fn a_rule_alone_says_what_it_says() {
        let (severity, reasons) = assess(&exposed(&Value::Null, &[]), &Policy::default());
        assert_eq!(severity, Severity::Medium);
        assert_eq!(
            reasons,
            ["the rule `sg-open` gives it medium", "nobody approved it"]
        );
    }

    #[test]
    fn what_is_known_to_be_exploited_is_critical_and_says_so() {
        let known = Vulnerability {
            cvss: Some(8.1),
            epss: Some(0.04),
            known_exploited: true,
        };
        let policy = Policy {
            vulnerabilities: BTreeMap::from([("CVE-2024-3094".to_owned(), known)]),
            ..Policy::default()
        };
        let live = Value::string("xz 5.6.0 (cve-2024-3094-)");
        let (severity, reasons) = assess(&exposed(&live, &[]), &policy);
        assert_eq!(severity, Severity::Critical);
        assert_eq!(
            reasons[0],
            "CVE-2024-3094: it is known to be exploited, CVSS 8.1, EPSS 4.0 %"
        );
        let other = Value::string("CVE-2024-30940");
        assert_eq!(assess(&exposed(&other, &[]), &policy).0, Severity::Medium);
    }

    #[test]
    fn a_critical_workload_raises_and_a_lesser_one_lowers_nothing() {
        let own = |level| Criticality {
            workspace: Some("pay*".to_owned()),
            level,
            ..Criticality::default()
        };
        let policy = |level| Policy {
            criticality: vec![own(level)],
            ..Policy::default()
        };
        let severity = |level| assess(&exposed(&Value::Null, &[]), &policy(level)).0;
        assert_eq!(severity(Level::Critical), Severity::High);
        assert_eq!(severity(Level::High), Severity::Medium);
        assert_eq!(severity(Level::Low), Severity::Medium);
        let mut tagged = exposed(&Value::Null, &[]);
        tagged.tagged = Some(Level::Critical);
        assert_eq!(assess(&tagged, &policy(Level::Low)).0, Severity::High);
    }

    #[test]
    fn what_opens_to_the_world_is_explained_and_raised_where_no_rule_speaks() {
        let live = Value::List(vec![Value::string("0.0.0.0/0")]);
        let mut open = exposed(&live, &[]);
        let (severity, reasons) = assess(&open, &Policy::default());
        assert_eq!(severity, Severity::Medium);
        assert!(reasons[0].contains("whole internet"), "{reasons:?}");
        open.rule = None;
        assert_eq!(assess(&open, &Policy::default()).0, Severity::High);
        open.approved = &live;
        assert_eq!(assess(&open, &Policy::default()).0, Severity::Medium);
    }
}
