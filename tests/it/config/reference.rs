//! docs/configuration.md against the parser: neither may know a word that the other does not.

use std::collections::BTreeMap;

use driftwarden::config::{self, BLOCKS};

const REFERENCE: &str = include_str!("../../../docs/configuration.md");

/// Attribute and default, in order, by the form of the block in the section's heading.
fn documented() -> BTreeMap<String, Vec<(String, String)>> {
    let mut blocks = BTreeMap::new();
    for section in REFERENCE.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap();
        let form = heading.trim_matches('`').to_owned();
        let rows = section.lines().filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.splitn(3, " | ");
            let name = cells.next()?.trim_end_matches('`');
            Some((name.to_owned(), cells.next()?.to_owned()))
        });
        blocks.insert(form, rows.collect());
    }
    blocks
}

#[test]
fn every_block_attribute_and_default_is_documented_and_no_other() {
    let known = BLOCKS.iter().map(|block| {
        let attributes = block.attributes.iter();
        let rows = attributes.map(|one| (one.name.to_owned(), one.default.to_owned()));
        (block.form(), rows.collect::<Vec<_>>())
    });
    assert_eq!(documented(), known.collect());
}

#[test]
fn every_example_parses() {
    let examples: Vec<_> = REFERENCE.split("```hcl\n").skip(1).collect();
    assert_eq!(
        examples.len(),
        BLOCKS.len() + 1,
        "one for each block and the first one"
    );
    for example in examples {
        let text = example.split("```").next().unwrap();
        if let Err(errors) = config::parse("docs/configuration.md", text) {
            panic!("{text}\n{errors}");
        }
    }
}

#[test]
fn documented_defaults_are_the_ones_that_hold() {
    let config = config::parse("driftwarden.hcl", "evidence { dir = \"DIR\" }").unwrap();
    let rows: BTreeMap<_, _> = documented().into_values().flatten().collect();
    assert_eq!(rows["origin"], format!("`{}`", config.evidence.origin));
    assert_eq!(config.evidence.keys.to_str(), Some("DIR.keys"));
    let seconds = |name: &str| {
        let text = rows[name].trim_matches('`');
        let (number, unit) = text.split_at(text.len() - 1);
        let each = BTreeMap::from([("s", 1), ("h", 3600)])[unit];
        number.parse::<i64>().unwrap() * each
    };
    let approvals = config.approvals;
    for (name, duration) in [
        ("clock_tolerance", approvals.clock_tolerance),
        ("emergency_acknowledge", approvals.emergency_acknowledge),
        ("emergency_complete", approvals.emergency_complete),
    ] {
        assert_eq!(seconds(name), duration.as_secs(), "{name}");
    }
}
