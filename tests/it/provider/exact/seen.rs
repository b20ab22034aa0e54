//! What was read by its provider was seen, whatever another source shows of it.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use serde_json::{Value as Json, json};

use super::estate::Estate;
use super::{none, only};

/// AWS Config shows nothing of the type: what a provider read was seen all the same, and what it could not
/// read was not.
#[test]
fn what_a_look_at_everything_read_was_seen_and_what_it_could_not_was_not() {
    let estate = Estate::new("");
    estate.put(
        "live/snapshot.json",
        r#"{"fileVersion": "1.0", "configurationItems": []}"#,
    );
    let count = |report: &Json| {
        let coverage = &report["coverage"];
        let counts =
            ["approved", "observed", "unknown"].map(|name| coverage[name].as_u64().unwrap());
        (counts, report["gaps"].as_array().unwrap().len())
    };
    // What was added would not show.
    let (status, report) = estate.scan(&["--exact"], "");
    assert_eq!((status, count(&report)), (2, ([2, 0, 2], 2)));
    estate.settle();
    let (status, report) = estate.scan(&["--exact"], "");
    assert_eq!((status, count(&report)), (0, ([2, 2, 0], 0)));
    none(&report);
    let (status, report) = estate.scan(&[], "");
    assert_eq!((status, count(&report)), (2, ([2, 0, 2], 2)));
    let (status, report) = estate.scan(&["--exact"], "refuses-read");
    assert_eq!((status, count(&report)), (2, ([2, 0, 2], 2)));
    // What differs was seen, too.
    estate.remove("back");
    let (status, report) = estate.scan(&["--exact"], "");
    assert_eq!((status, count(&report)), (2, ([2, 2, 0], 0)));
    assert_eq!(only(&report)["kind"], "missing");
}

/// What was found by another source, which does not show it any more, is over if its provider says so.
#[test]
fn a_finding_that_was_not_seen_is_resolved_by_a_look() {
    let estate = Estate::new("");
    estate.record("opened for tests");
    estate.scan(&[], "refuses-read");
    assert_eq!(estate.events(), ["opened changed /description presence"]);
    estate.settle();
    estate.put(
        "live/snapshot.json",
        r#"{"fileVersion": "1.0", "configurationItems": []}"#,
    );
    let (status, report) = estate.scan(&["--exact"], "refuses-read");
    assert_eq!(
        (status, report["open_not_seen"].as_array().unwrap().len()),
        (2, 1)
    );
    assert_eq!(estate.events().len(), 1);
    let (status, report) = estate.scan(&["--exact"], "");
    assert_eq!((status, &report["open_not_seen"]), (0, &json!([])));
    assert_eq!(estate.events()[1], "resolved changed /description presence");
}
