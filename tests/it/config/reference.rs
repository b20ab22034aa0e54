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

/// The configuration within the example for Kubernetes.
#[test]
fn the_deployed_example_parses() {
    let yaml = include_str!("../../../deploy/kubernetes/driftwarden.yaml");
    let lines = yaml
        .lines()
        .skip_while(|line| !line.contains("driftwarden.hcl: |"));
    let lines = lines.skip(1).take_while(|line| line.starts_with("    "));
    let text = lines
        .map(|line| format!("{}\n", line.trim_start()))
        .collect::<String>();
    let config =
        config::parse("driftwarden.hcl", &text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.run.listen.unwrap().port(), 9480);
}

#[test]
fn documented_defaults_of_the_engine_are_the_ones_that_hold() {
    let config = config::parse("driftwarden.hcl", "evidence { dir = \"a/DIR\" }").unwrap();
    let written = "evidence { dir = \"a/DIR\" }\nrun {\n  every = \"15m\"\n  jitter = \"10%\"\n  \
        debounce = \"2s\"\n  log = \"logfmt\"\n}\nfindings {\n  confirm_after = 1\n  \
        flap_count = 3\n  flap_window = \"24h\"\n}";
    let same = config::parse("driftwarden.hcl", written).unwrap();
    assert_eq!(config, same);
    assert_eq!(config.inbox().to_str(), Some("a/DIR.inbox"));
    let documented: BTreeMap<_, _> = documented().into_values().flatten().collect();
    for (name, default) in [
        ("every", "`15m`"),
        ("jitter", "`10%`"),
        ("debounce", "`2s`"),
        ("log", "`logfmt`"),
        ("confirm_after", "`1`"),
        ("flap_count", "`3`"),
        ("flap_window", "`24h`"),
    ] {
        assert_eq!(documented[name], default, "{name}");
    }
}

#[test]
fn what_the_engine_cannot_go_by_is_refused_with_its_place() {
    let parse = |block: &str| {
        let text = format!("evidence {{ dir = \"e\" }}\n{block}");
        config::parse("d.hcl", &text).unwrap_err().to_string()
    };
    for (block, said) in [
        (
            "run { every = \"0s\" }",
            "d.hcl:2:15: `every` is `0s`, which is too short",
        ),
        (
            "run { every = \"2d\" }",
            "`every` is `2d`, which is too long",
        ),
        (
            "run { jitter = \"60%\" }",
            "`60%` is no share between `0%` and `50%`",
        ),
        ("run { jitter = \"10\" }", "`10` is no share"),
        (
            "run { listen = \"localhost\" }",
            "`localhost` is no address with a port",
        ),
        ("run { log = \"xml\" }", "unknown form of log `xml`"),
        (
            "run {\n  every = \"1h\"\n  evidence_stale_after = \"1h\"\n}",
            "too old before the next scan is due",
        ),
        (
            "findings { confirm_after = 0 }",
            "`0` is no whole number from 1 to 100",
        ),
        (
            "findings { confirm_after = 1.5 }",
            "`1.5` is no whole number",
        ),
        (
            "findings { confirm_after = \"2\" }",
            "`confirm_after` holds a text where a number belongs",
        ),
        (
            "rules {\n  dirs = [\"r\"]\n  approved_sha256 = \"12\"\n}",
            "`12` is no SHA-256 digest",
        ),
    ] {
        let told = parse(block);
        assert!(told.contains(said), "{block}: {told}");
    }
}
