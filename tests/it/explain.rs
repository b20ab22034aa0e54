//! `driftwarden explain`, on the demo estate: findings, attributes in order, and what cannot be
//! explained.
#![cfg(test)]

use std::path::{Path, PathBuf};

use driftwarden::cli::demo::{NOW, demo};
use driftwarden::cli::explain::{Format, show};
use driftwarden::engine::{Outcome, Question};
use driftwarden::model::{Address, AttributePath, DeviationKind};
use serde_json::Value;

use crate::cases::Copy;
use crate::scan::{Place, stderr};

struct Demo {
    _copy: Copy,
    config: PathBuf,
    outcome: Outcome,
}

fn scanned() -> Demo {
    let copy = Copy::empty();
    let dir = copy.path().join("demo");
    let outcome = demo(&dir, &mut Vec::new(), &mut Vec::new()).unwrap();
    Demo {
        config: dir.join("estate/driftwarden.hcl"),
        _copy: copy,
        outcome,
    }
}

impl Demo {
    fn finding(&self, address: &str) -> String {
        let mut deviations = self.outcome.assessment.deviations.iter();
        let found = deviations.find(|judged| {
            let own = judged.deviation.address.as_ref();
            own.is_some_and(|own| own.as_str() == address)
        });
        found.unwrap().deviation.finding_key().to_string()
    }

    fn attribute(&self, address: &str, attribute: &str) -> String {
        let question = Question::Attribute {
            workspace: None,
            address: Address::from(address),
            attribute: AttributePath::from(attribute),
        };
        explained(&self.config, &question, Format::Text)
    }

    fn text(&self, finding: &str) -> String {
        explained(
            &self.config,
            &Question::Finding(finding.to_owned()),
            Format::Text,
        )
    }
}

fn explained(config: &Path, question: &Question, format: Format) -> String {
    let mut out = Vec::new();
    let done = show(config, question, format, 1, &|| NOW, &mut out);
    match done {
        Ok(()) => String::from_utf8(out).unwrap(),
        Err(error) => format!("{error:#}"),
    }
}

#[test]
fn findings_are_taken_apart() {
    let demo = scanned();
    insta::assert_snapshot!(demo.text(&demo.finding("aws_db_instance.ledger")), @"");
    insta::assert_snapshot!(demo.text(&demo.finding("aws_security_group.bastion")), @"");
}

#[test]
fn what_does_not_deviate_is_explained_as_well() {
    let demo = scanned();
    insta::assert_snapshot!(demo.attribute("aws_db_instance.ledger", "/engine_version"), @"");
    insta::assert_snapshot!(demo.attribute("aws_db_instance.ledger", "/password"), @"");
    insta::assert_snapshot!(demo.attribute("aws_db_instance.ledger", "/colour"), @"");
    insta::assert_snapshot!(demo.attribute("aws_nothing.at_all", "/name"), @"");
}

/// Every deviation of the demo can be explained, and what is explained is what was found.
#[test]
fn every_finding_of_the_demo_is_explained() {
    let demo = scanned();
    for judged in &demo.outcome.assessment.deviations {
        let deviation = &judged.deviation;
        for asked in [
            deviation.id().to_string(),
            deviation.finding_key().to_string(),
        ] {
            let question = Question::Finding(asked.clone());
            let text = explained(&demo.config, &question, Format::Json);
            let told: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(told["schema"], "driftwarden.explain/1");
            assert_eq!(told["status"], "open: the inputs show it", "{asked}");
            let deviations = told["deviations"].as_array().unwrap();
            let ids = deviations.iter().map(|own| own["id"].as_str().unwrap());
            assert!(
                ids.into_iter().any(|id| id == deviation.id().as_str()),
                "{text}"
            );
            if deviation.kind != DeviationKind::Changed {
                continue;
            }
            let rows = told["explanation"]["rows"].as_array().unwrap();
            let differs = rows.iter().any(|row| row["outcome"] == "differs");
            assert!(
                differs || is_of_a_rule(deviation.type_name.as_str()),
                "{text}"
            );
        }
    }
}

/// Rules of a security group are compared as sets, not row by row.
fn is_of_a_rule(type_name: &str) -> bool {
    type_name.contains("security_group") && type_name.ends_with("_rule")
}

#[test]
fn no_secret_is_shown() {
    let demo = scanned();
    let mut all = demo.attribute("aws_db_instance.ledger", "/password");
    for judged in &demo.outcome.assessment.deviations {
        let key = judged.deviation.finding_key().to_string();
        all += &demo.text(&key);
        all += &explained(&demo.config, &Question::Finding(key), Format::Json);
    }
    assert!(
        all.contains("of a secret"),
        "the demo has a secret that deviates"
    );
    for secret in [
        "partner-token-2f9c1e-old",
        "partner-token-8d41aa-new",
        "ledger-owner-Vq7-9xM2",
    ] {
        assert!(!all.contains(secret));
    }
}

#[test]
fn what_names_nothing_or_too_much_has_a_remedy() {
    let demo = scanned();
    insta::assert_snapshot!(demo.text("zz"), @"");
    let digits = demo.outcome.assessment.deviations.iter();
    let mut firsts: Vec<char> = digits
        .filter_map(|own| own.deviation.finding_key().as_str().chars().next())
        .collect();
    firsts.sort_unstable();
    let twice = firsts.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0];
    let said = demo.text(&twice.to_string());
    assert!(
        said.contains("is the beginning of more than one finding: "),
        "{said}"
    );
    assert!(said.ends_with("help: give more of its digits"), "{said}");
}

#[test]
fn a_finding_that_healed_is_said_to_be_healed() {
    let place = Place::scanned("changed-scalar");
    let scan: Value = serde_json::from_slice(&place.scan().stdout).unwrap();
    let deviation = &scan["deviations"][0];
    let (key, live) = (&deviation["finding"], &deviation["live"]);
    let (key, approved) = (key.as_str().unwrap(), &deviation["approved"]);
    let explain = || {
        let output = place.driftwarden(&["explain", key]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        crate::scan::stdout(&output)
    };
    assert!(explain().contains("open: the inputs show it"));
    let file = "live/snapshot.json";
    let text = place.read(file);
    let healed = text.replacen(&live.to_string(), &approved.to_string(), 1);
    assert_ne!(text, healed, "{live}");
    place.write(file, healed);
    let entries = place.entries();
    insta::assert_snapshot!(explain(), @"");
    assert_eq!(place.entries(), entries, "explaining records nothing");
    place.scan();
    let said = explain();
    assert!(
        said.contains("resolved: the inputs no longer show it"),
        "{said}"
    );
}
