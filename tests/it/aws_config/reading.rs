//! One look: pages, recorders, failures, budgets.

use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;

use driftwarden::adapters::aws_config::{Limits, Places};
use driftwarden::model::WhyNotRead;
use driftwarden::ports::{CallPlace, Gathered, LiveSource, RecordingGroup};
use proptest::prelude::*;

use super::fake::*;

const SELECT: &str = "SelectResourceConfig";

fn topics(count: usize) -> Vec<String> {
    let name = |number| format!("topic-{number:04}");
    (0..count)
        .map(|number| row(ACCOUNT, WEST, TOPIC, &name(number)))
        .collect()
}

#[test]
fn pages_are_followed_and_what_was_handed_on_is_forgotten() {
    let cloud = Shared::new(Cloud::new(topics(1_234)));
    let source = cloud.direct(&[WEST], PLENTY);
    let part = source.begin(&TYPES).pop().unwrap();
    let mut reader = source.open(&part).unwrap();
    let mut document = Vec::new();
    let mut piece = [0; 512];
    loop {
        // Reading ahead would be memory: a page is asked for when the one before is used up.
        let pages = cloud.calls(SELECT).len();
        let handed = document.len();
        match reader.read(&mut piece).unwrap() {
            0 => break,
            count => document.extend_from_slice(&piece[..count]),
        }
        assert!(
            cloud.calls(SELECT).len() <= pages + 1,
            "after {handed} bytes"
        );
    }
    assert_eq!(
        items(&document).len(),
        1_234 + 1,
        "the recorder is an item, too"
    );
    assert_eq!(cloud.calls(SELECT).len(), 13);
    let report = source.report();
    assert_eq!(not_read(&report), []);
    assert_eq!(whole(&report), TYPES);
    assert!(source.newest().is_some());
}

#[test]
fn what_fails_on_the_way_costs_the_types_of_the_query() {
    for why in [
        WhyNotRead::Throttled,
        WhyNotRead::Denied,
        WhyNotRead::NoCredentials,
        WhyNotRead::Unreachable,
    ] {
        let mut cloud = Cloud::new(topics(250));
        cloud.fault =
            Box::new(move |call, _| (call.token.as_deref() == Some("200")).then(|| failed(why)));
        let cloud = Shared::new(cloud);
        let source = cloud.direct(&[WEST], PLENTY);
        let (items, report) = look(&source);
        assert_eq!(items.len(), 200, "what came before stays");
        let lost = not_read(&report);
        assert_eq!(lost, TYPES.map(|own| (Some(own), why)), "{why}");
        assert_eq!(whole(&report), [""; 0]);
        assert!(source.newest().is_none());
        // The next look begins afresh.
        cloud.0.lock().unwrap().fault = Box::new(|_, _| None);
        let (items, report) = look(&source);
        assert_eq!((items.len(), whole(&report).len()), (250, 4));
    }
}

#[test]
fn a_place_that_refuses_is_asked_no_more_in_the_look() {
    let mut cloud = Cloud::new(topics(3));
    cloud.fault = Box::new(|call, _| (call.region == WEST).then(|| failed(WhyNotRead::Denied)));
    let cloud = Shared::new(cloud);
    let (_, report) = look(&cloud.direct(&[WEST, "eu-central-1"], PLENTY));
    let of_west = |api| {
        let calls = cloud.calls(api).into_iter();
        calls.filter(|call| call.region == WEST).count()
    };
    assert_eq!(of_west("DescribeConfigurationRecorders"), 1);
    assert_eq!(of_west(SELECT), 0);
    assert_eq!(not_read(&report), [(None, WhyNotRead::Denied)]);
    let denied: u64 = report.calls.iter().map(|own| own.counts.denied).sum();
    assert_eq!(denied, 1);
}

#[test]
fn a_type_that_breaks_queries_is_found_by_halves() {
    let mut rows = topics(3);
    rows.push(row(ACCOUNT, WEST, BUCKET, "a-bucket"));
    let mut cloud = Cloud::new(rows);
    cloud.fault = Box::new(|call, _| {
        call.asked
            .contains(QUEUE)
            .then(|| failed(WhyNotRead::Broken))
    });
    let cloud = Shared::new(cloud);
    let (items, report) = look(&cloud.direct(&[WEST], PLENTY));
    assert_eq!(not_read(&report), [(Some(QUEUE), WhyNotRead::Broken)]);
    assert_eq!(whole(&report), [ROLE, BUCKET, TOPIC]);
    assert_eq!(items.len(), 4);
}

#[test]
fn pages_without_an_end_are_left() {
    let same: fn(usize) -> String = |_| "again".to_owned();
    let other: fn(usize) -> String = |calls| format!("{}", 1_000 + calls);
    for endless in [same, other] {
        let mut cloud = Cloud::new(topics(3));
        cloud.endless = Some(endless);
        let cloud = Shared::new(cloud);
        let (_, report) = look(&cloud.direct(&[WEST], PLENTY));
        assert_eq!(
            not_read(&report),
            TYPES.map(|own| (Some(own), WhyNotRead::Broken))
        );
        assert!(
            cloud.calls(SELECT).len() < 30,
            "{}",
            cloud.calls(SELECT).len()
        );
    }
}

#[test]
fn rows_that_are_none_or_of_another_account_prove_nothing() {
    let good = topics(2);
    for (wrong, words) in [
        (good[0].trim_end_matches('}').to_owned(), "is no item"),
        ("[]".to_owned(), "is no item"),
        (
            row(OTHER, WEST, TOPIC, "theirs"),
            "is of account `444455556666`",
        ),
    ] {
        let mut cloud = Cloud::new(good.clone());
        cloud.beside = vec![wrong];
        let cloud = Shared::new(cloud);
        let (items, report) = look(&cloud.direct(&[WEST], PLENTY));
        assert_eq!(items.len(), 2, "what is good is taken");
        assert!(report.not_read[0].detail.ends_with(words), "{report:?}");
        assert_eq!(whole(&report), [""; 0]);
    }
}

#[test]
fn a_recorder_that_is_stopped_shows_nothing() {
    let mut cloud = Cloud::new(topics(3));
    cloud.is_recording = false;
    let cloud = Shared::new(cloud);
    let (items, report) = look(&cloud.direct(&[WEST], PLENTY));
    assert_eq!(items, []);
    assert_eq!(not_read(&report)[0], (None, WhyNotRead::NotRecorded));
    assert_eq!(
        report.not_read[0].detail,
        "the recorder of AWS Config is stopped"
    );
    assert_eq!(cloud.calls(SELECT).len(), 0);
}

#[test]
fn what_is_not_recorded_is_not_asked_for() {
    let mut cloud = Cloud::new(topics(3));
    cloud.group = RecordingGroup::AllBut(BTreeSet::from([TOPIC.to_owned()]));
    let cloud = Shared::new(cloud);
    let (items, report) = look(&cloud.direct(&[WEST], PLENTY));
    assert_eq!(items, []);
    assert_eq!(not_read(&report), [(Some(TOPIC), WhyNotRead::NotRecorded)]);
    assert_eq!(whole(&report), [BUCKET, QUEUE]);
    assert!(!cloud.calls(SELECT)[0].asked.contains(TOPIC));
}

#[test]
fn iam_is_read_in_one_region_of_an_account() {
    let role = row(ACCOUNT, "global", ROLE, "AROAEXAMPLE");
    let cloud = Shared::new(Cloud::new(vec![role.clone()]));
    let regions = [WEST, "eu-central-1", "eu-north-1"];
    let (items, report) = look(&cloud.direct(&regions, PLENTY));
    assert_eq!(items.len(), 1);
    assert_eq!(not_read(&report), []);
    let asked = cloud.calls(SELECT).into_iter();
    assert_eq!(asked.filter(|call| call.asked.contains(ROLE)).count(), 1);

    let mut without = Cloud::new(vec![role]);
    without.group = RecordingGroup::All { with_global: false };
    let (items, report) = look(&Shared::new(without).direct(&regions, PLENTY));
    assert_eq!(items, []);
    assert_eq!(not_read(&report), [(Some(ROLE), WhyNotRead::NotRecorded)]);
    assert_eq!(report.not_read[0].region, None);
}

#[test]
fn a_scan_ends_where_its_budget_does() {
    let cloud = Shared::new(Cloud::new(topics(900)));
    let limits = Limits {
        per_minute: 1_000,
        per_scan: 4,
    };
    let source = cloud.direct(&[WEST], limits);
    let (items, report) = look(&source);
    assert_eq!(items.len(), 400);
    assert_eq!(
        not_read(&report),
        TYPES.map(|own| (Some(own), WhyNotRead::OverBudget))
    );
    assert_eq!(cloud.calls(SELECT).len(), 4);
    assert_eq!(
        report.not_read[0].detail,
        "more than 4 calls of `SelectResourceConfig` in one scan"
    );
}

#[test]
fn a_full_minute_is_waited_for() {
    let cloud = Shared::new(Cloud::new(topics(950)));
    let limits = Limits {
        per_minute: 3,
        per_scan: 100,
    };
    let (items, report) = look(&cloud.direct(&[WEST], limits));
    assert_eq!((items.len(), not_read(&report).len()), (950, 0));
    let times: Vec<Duration> = cloud.calls(SELECT).iter().map(|call| call.at).collect();
    assert!(times.len() > 9, "{times:?}");
    for window in times.windows(4) {
        assert!(
            window[3] - window[0] >= Duration::from_secs(60),
            "{times:?}"
        );
    }
}

#[test]
fn the_history_stands_in_for_rows_without_configuration() {
    let mut cloud = Cloud::new(topics(3));
    cloud.bare = true;
    let cloud = Shared::new(cloud);
    let (items, report) = look(&cloud.direct(&[WEST], PLENTY));
    assert_eq!(items.len(), 3);
    assert_eq!(cloud.calls("GetResourceConfigHistory").len(), 3);
    assert_eq!(not_read(&report), []);
}

#[test]
fn a_role_without_the_history_still_reads_what_a_query_shows() {
    let mut cloud = Cloud::new(topics(250));
    cloud.bare = true;
    cloud.fault = Box::new(|call, _| {
        (call.api == "GetResourceConfigHistory").then(|| failed(WhyNotRead::Denied))
    });
    let cloud = Shared::new(cloud);
    let (items, report) = look(&cloud.direct(&[WEST], PLENTY));
    assert_eq!((items.len(), not_read(&report).len()), (250, 0));
    assert_eq!(cloud.calls("GetResourceConfigHistory").len(), 1);
}

fn aggregator(accounts: &[&str]) -> Places {
    Places::Aggregator {
        name: "organisation".to_owned(),
        at: CallPlace {
            account: account(ACCOUNT),
            region: WEST.into(),
        },
        accounts: accounts.iter().map(|own| account(own)).collect(),
        regions: Vec::new(),
    }
}

fn gathers(id: &str, failure: Option<&str>) -> Gathered {
    Gathered {
        account: account(id),
        region: Some(WEST.into()),
        failure: failure.map(str::to_owned),
    }
}

#[test]
fn an_aggregator_is_asked_account_by_account() {
    let mut cloud = Cloud::new(topics(3));
    cloud.rows.push(row(OTHER, "eu-central-1", TOPIC, "theirs"));
    cloud.gathered = vec![
        gathers(ACCOUNT, None),
        gathers(OTHER, Some("outdated (no code)")),
    ];
    let cloud = Shared::new(cloud);
    let (items, report) = look(&cloud.source(aggregator(&[]), PLENTY));
    assert_eq!(items.len(), 4);
    assert_eq!(not_read(&report), [(None, WhyNotRead::Unreachable)]);
    assert_eq!(report.not_read[0].account, Some(account(OTHER)));
    let (_, report) = look(&cloud.source(aggregator(&["999999999999"]), PLENTY));
    let lost = report.not_read.last().unwrap();
    assert_eq!(
        lost.detail,
        "the aggregator `organisation` does not gather the account"
    );
    cloud.0.lock().unwrap().fault = Box::new(|_, _| Some(failed(WhyNotRead::Denied)));
    let (items, report) = look(&cloud.source(aggregator(&[]), PLENTY));
    assert_eq!(items, []);
    assert_eq!(
        report.not_read[0].account, None,
        "nothing is known of any account"
    );
}

proptest! {
    /// Whatever goes wrong: the document is whole, and each type is either read to its end, with all
    /// its items, or told not to be.
    #[test]
    fn nothing_is_lost_without_being_told(
        buckets in 0usize..30,
        topics in 0usize..30,
        page in 1usize..12,
        faults in prop::collection::btree_map(0usize..24, 0usize..8, 0..8),
        per_scan in 2u32..30,
    ) {
        let bucket = (0..buckets).map(|own| row(ACCOUNT, WEST, BUCKET, &format!("bucket-{own:02}")));
        let topic = (0..topics).map(|own| row(ACCOUNT, WEST, TOPIC, &format!("topic-{own:02}")));
        let mut cloud = Cloud::new(bucket.chain(topic).collect());
        cloud.page = page;
        cloud.fault = Box::new(move |_, number| {
            faults.get(&number).map(|why| failed(WhyNotRead::ALL[*why]))
        });
        let cloud = Shared::new(cloud);
        let limits = Limits { per_minute: 1_000, per_scan };
        let (items, report) = look(&cloud.direct(&[WEST], limits));
        let whole: BTreeSet<&str> = whole(&report).into_iter().collect();
        let lost = not_read(&report);
        let is_lost = |own: &str| lost.iter().any(|(of, _)| of.is_none_or(|of| of == own));
        for own in TYPES {
            prop_assert!(whole.contains(own) != is_lost(own), "{} {:?}", own, report);
        }
        for (own, count) in [(BUCKET, buckets), (TOPIC, topics)] {
            let ids: BTreeSet<&String> = items.iter().filter(|(of, _)| of == own).map(|(_, id)| id).collect();
            prop_assert!(ids.len() <= count);
            if whole.contains(own) {
                prop_assert_eq!(ids.len(), count);
            }
        }
        let calls = cloud.calls(SELECT).len();
        prop_assert!(calls <= per_scan as usize);
    }
}
