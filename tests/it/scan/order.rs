//! The order of files, items and resources changes nothing in the result.

use std::fs;
use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{Place, result};
use crate::cases::files_below;

/// Cases with much in them and no change records: a plan that is shuffled is another plan.
const CASES: [&str; 6] = [
    "addresses",
    "changed-tags",
    "newer-item-wins",
    "parts-changed",
    "rules-separate",
    "same-name-in-two-accounts",
];

/// Sorts by random numbers, as many as there are elements and more.
fn shuffle(list: &mut Vec<Value>, numbers: &[u16]) {
    let mut keyed: Vec<(u16, Value)> = list
        .drain(..)
        .zip(numbers.iter().cycle())
        .enumerate()
        .map(|(at, (value, number))| (number.rotate_left(at as u32 % 16), value))
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    list.extend(keyed.into_iter().map(|(_, value)| value));
}

fn read(path: &PathBuf) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// All items of all files, in another order and in other files.
fn shuffle_live(place: &Place, numbers: &[u16]) {
    let mut items = Vec::new();
    for path in files_below(&place.path("live")) {
        items.extend(
            read(&path)["configurationItems"]
                .as_array()
                .unwrap()
                .clone(),
        );
        fs::remove_file(path).unwrap();
    }
    shuffle(&mut items, numbers);
    let size = 1 + usize::from(numbers[0]) % items.len();
    for (number, chunk) in items.chunks(size).enumerate() {
        let name = format!("live/{:04x}-{number}.json", numbers[number % numbers.len()]);
        place.write(&name, json!({ "configurationItems": chunk }).to_string());
    }
}

fn shuffle_plans(place: &Place, numbers: &[u16]) {
    for path in files_below(place.dir()) {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let plan = is_json.then(|| read(&path));
        if let Some(mut plan) = plan.filter(|plan| plan["resource_changes"].is_array()) {
            shuffle(plan["resource_changes"].as_array_mut().unwrap(), numbers);
            fs::write(path, plan.to_string()).unwrap();
        }
    }
}

/// The result without what another order of the same bytes may change: times, sizes and digests of
/// files.
fn steady(place: &Place, threads: &str) -> String {
    let output = place.driftwarden(&["scan", "--format", "json", "--threads", threads]);
    let mut result = result(&output);
    for volatile in ["started_at", "finished_at", "evidence", "totals"] {
        assert!(result.as_object_mut().unwrap().remove(volatile).is_some());
    }
    for baseline in result["baselines"].as_array_mut().unwrap() {
        baseline["plan_sha256"] = Value::Null;
    }
    serde_json::to_string_pretty(&result).unwrap()
}

#[test]
fn shuffled_input_gives_the_same_result() {
    let expected = CASES.map(|case| steady(&Place::of(case), "1"));
    let mut runner = TestRunner::new(Config {
        cases: 4,
        failure_persistence: None,
        ..Config::default()
    });
    let shuffled = runner.run(&vec(any::<u16>(), 16..32), |numbers| {
        for (case, expected) in CASES.iter().zip(&expected) {
            let place = Place::of(case);
            shuffle_live(&place, &numbers);
            shuffle_plans(&place, &numbers);
            prop_assert_eq!(&steady(&place, "2"), expected, "{}", case);
        }
        Ok(())
    });
    shuffled.unwrap();
}
