//! Sets that a provider plans whole, in other words than it reads them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::signals::judged;
use super::*;

fn rules(all: &[(u32, &str)]) -> String {
    let all = all
        .iter()
        .map(|(port, note)| format!(r#"{{"port":{port},"note":"{note}"}}"#));
    let all: Vec<String> = all.collect();
    format!(r#"{{"name":"n","rule":[{}]}}"#, all.join(","))
}

fn ports(value: &Value) -> Vec<String> {
    let Value::Set(all) = value else {
        panic!("a set");
    };
    let ports = all.iter().map(|own| json::write(own.get("port").unwrap()));
    ports.collect()
}

/// Ports of what is shown as approved and as live.
fn shown(settled: Option<&str>, live: &str, planned: &str) -> (Vec<String>, Vec<String>) {
    let schema = machine();
    let found = judged(&schema, planned, live, planned, settled, Equality::Legacy);
    let [only] = &*found.differences else {
        panic!("{:?}", found.differences);
    };
    assert_eq!(only.path, AttributePath::from("/rule"));
    assert!(only.by_plan);
    (ports(&only.approved), ports(&only.live))
}

#[test]
fn an_element_that_is_written_otherwise_is_not_shown() {
    let settled = rules(&[(1, "6"), (2, "6"), (3, "6")]);
    let planned = rules(&[(1, "tcp"), (2, "tcp"), (3, "tcp")]);
    let live = rules(&[(1, "6"), (2, "6"), (4, "6")]);
    let words = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = shown(Some(&settled), &live, &planned);
    assert_eq!(all, (words(&["3"]), words(&["4"])));
    // Without what was settled nobody knows which is which, and all are shown.
    let all = shown(None, &live, &planned);
    assert_eq!(all, (words(&["1", "2", "3"]), words(&["1", "2", "4"])));
    // What is as it was settled, and is to be changed all the same, is what the plan says.
    let all = shown(Some(&settled), &settled, &planned);
    assert_eq!(all.0.len(), 3);
}

#[test]
fn what_the_provider_alone_sets_and_nothing_at_all_pair_elements_without_a_settled_baseline() {
    let live =
        r#"{"name":"n","rule":[{"port":1,"note":"","rule_id":"r-1"},{"port":9,"rule_id":"r-9"}]}"#;
    let planned = r#"{"name":"n","rule":[{"port":1,"note":null,"rule_id":"r-2"},{"port":2}]}"#;
    let one = |port: &str| vec![port.to_owned()];
    assert_eq!(shown(None, live, planned), (one("2"), one("9")));
    let document = |text: &str| {
        format!(r#"{{"name":"n","rule":[{{"port":1,"note":"{text}"}},{{"port":2}}]}}"#)
    };
    let (live, planned) = (document(r#"{\"a\": [1]}"#), document(r#"{\"a\":[1]}"#));
    let live = live.replace(r#"{"port":2}"#, r#"{"port":3}"#);
    assert_eq!(shown(None, &live, &planned), (one("2"), one("3")));
    let live = live.replace("[1]", "[2]");
    assert_eq!(shown(None, &live, &planned).0.len(), 2);
}

/// A set of which only what the provider sets moved has not changed.
#[test]
fn an_element_of_which_only_the_providers_part_moved_has_moved() {
    let schema = machine();
    let rule = |id: &str, port: u8| {
        format!(r#"{{"name":"n","rule":[{{"port":{port},"rule_id":"{id}"}},{{"port":5}}]}}"#)
    };
    let said = |live: &str| {
        let was = rule("r-1", 1);
        let config = r#"{"name":"n"}"#;
        judged(&schema, config, live, live, Some(&was), Equality::Exact)
    };
    let found = said(&rule("r-2", 1));
    assert_eq!(found.differences, []);
    assert_eq!(found.moved, [AttributePath::from("/rule")]);
    let found = said(&rule("r-2", 2));
    assert_eq!(paths(&found), ["/rule read"]);
}

proptest! {
    /// However the provider writes what nobody touched: just what was changed, added and taken away is
    /// shown, and something always is.
    #[test]
    fn just_what_changed_is_shown(
        settled in prop::collection::btree_map(0u32..40, 0u8..3, 1..8),
        removed in prop::collection::btree_set(0u32..40, 0..4),
        added in prop::collection::btree_set(40u32..60, 0..4),
        changed in prop::collection::btree_set(0u32..40, 0..4),
    ) {
        const READ: [&str; 3] = ["6", "17", "-1"];
        const PLANNED: [&str; 3] = ["tcp", "udp", "all"];
        let own = |words: [&'static str; 3]| {
            let all = settled.iter().map(|(port, word)| (*port, words[usize::from(*word)]));
            all.collect::<Vec<_>>()
        };
        let was = own(READ);
        let live = was.iter().filter(|(port, _)| !removed.contains(port));
        let live = live.map(|(port, word)| match changed.contains(port) {
            true => (*port, "58"),
            false => (*port, *word),
        });
        let live: Vec<(u32, &str)> = live.chain(added.iter().map(|port| (*port, "6"))).collect();
        let is_there = |port: &&u32| settled.contains_key(*port);
        let gone: BTreeSet<u32> = removed.union(&changed).filter(is_there).copied().collect();
        let come = changed.difference(&removed).filter(is_there).chain(&added);
        let come: BTreeSet<u32> = come.copied().collect();
        let sides = shown(Some(&rules(&was)), &rules(&live), &rules(&own(PLANNED)));
        if gone.is_empty() && come.is_empty() {
            // The plan alone says that it differs, and it is not silenced.
            prop_assert!(!sides.0.is_empty() && !sides.1.is_empty());
        } else {
            let texts = |all: &BTreeSet<u32>| all.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
            prop_assert_eq!(sides.0.into_iter().collect::<BTreeSet<_>>(), texts(&gone));
            prop_assert_eq!(sides.1.into_iter().collect::<BTreeSet<_>>(), texts(&come));
        }
    }
}
