use super::*;
use crate::evidence::record::{Record, WatchEvent};
use crate::evidence::watches::plan_watches;
use crate::model::Age;

const AFTER: SignedDuration = SignedDuration::from_mins(15);
const BOUNDS: Bounds = Bounds {
    after: AFTER,
    entries: 100,
};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_793_784_600 + minutes * 60).unwrap()
}

fn mirror() -> OutsidePlace {
    OutsidePlace {
        kind: PlaceKind::Mirror,
        name: "s3://bank/prod".to_owned(),
    }
}

fn witness(name: &str) -> OutsidePlace {
    OutsidePlace {
        kind: PlaceKind::Witness,
        name: name.to_owned(),
    }
}

/// A mirror that has so many of so many entries, the oldest that it lacks since then.
fn has(confirmed: Option<u64>, size: u64, since: i64, now: i64) -> OutsideStanding {
    let (since, now) = (at(since), at(now));
    let mut mirror = PlaceStanding::at("x", confirmed, size, Some(Age { since, now }));
    mirror.problem = (confirmed < Some(size)).then(|| "status 503".to_owned());
    OutsideStanding {
        tree_size: size,
        mirror: Some(mirror),
        ..OutsideStanding::default()
    }
}

fn brought(newest: OutsideStanding) -> BroughtUp {
    BroughtUp {
        newest,
        ..BroughtUp::default()
    }
}

/// Entries and age in minutes.
fn lag(lags: &Lags, now: i64) -> (u64, i64) {
    let (_, lag) = lags.all(at(now)).next().unwrap();
    (lag.entries, lag.age.as_secs() / 60)
}

#[test]
fn a_lag_is_counted_from_what_was_confirmed_and_grows_while_nobody_answers() {
    let mut lags = Lags::new(&[mirror()]);
    assert!(lags.published(10, at(0)));
    assert!(!lags.published(10, at(1)), "nothing new");
    assert_eq!(lag(&lags, 2), (10, 2), "nothing is confirmed yet");
    let began = lags.begin(at(2));
    lags.answered(began, &brought(has(Some(10), 10, 0, 2)));
    assert_eq!(lag(&lags, 300), (0, 0), "however long nothing happens");
    assert!(lags.is_settled());
    lags.published(12, at(300));
    // The try hangs: nobody says anything, and the lag grows.
    let began = lags.begin(at(300));
    assert_eq!(lag(&lags, 320), (2, 20));
    lags.answered(began, &brought(has(Some(11), 12, 290, 300)));
    assert_eq!(lag(&lags, 320), (1, 30), "the log says how old it is");
    assert!(!lags.is_settled() && lags.all_fail());
}

#[test]
fn what_is_published_during_a_try_is_not_older_than_the_try() {
    let mut lags = Lags::new(&[mirror()]);
    lags.published(10, at(0));
    let began = lags.begin(at(60));
    lags.published(11, at(61));
    lags.answered(began, &brought(has(Some(10), 10, 0, 60)));
    assert_eq!(lag(&lags, 63), (1, 3));
}

/// Files that were copied are younger than what is in them.
#[test]
fn a_place_that_gets_no_further_never_lacks_less() {
    let mut lags = Lags::new(&[mirror()]);
    lags.published(5, at(0));
    lags.answered(lags.begin(at(0)), &brought(has(Some(5), 5, 0, 0)));
    lags.published(6, at(1));
    for minute in [1, 5, 9] {
        lags.answered(lags.begin(at(minute)), &brought(has(Some(5), 6, 9, minute)));
        assert_eq!(lag(&lags, minute), (1, minute - 1));
    }
}

#[test]
fn a_new_year_leaves_what_was_behind_and_believes_nothing_of_the_old_log() {
    let mut lags = Lags::new(&[mirror()]);
    lags.published(10, at(0));
    let old = lags.begin(at(1));
    lags.answered(old, &brought(has(Some(8), 10, 0, 1)));
    let old = lags.begin(at(2));
    lags.go_on();
    lags.published(3, at(3));
    assert_eq!(lag(&lags, 3), (5, 3));
    lags.answered(old, &brought(has(Some(10), 10, 0, 2)));
    assert_eq!(lag(&lags, 3), (5, 3), "that was about the log before");
    let new = BroughtUp {
        newest: has(Some(3), 3, 0, 4),
        earlier: vec![has(Some(8), 10, 0, 4)],
        trouble: None,
    };
    lags.answered(lags.begin(at(4)), &new);
    assert_eq!(lag(&lags, 10), (2, 10));
    lags.answered(lags.begin(at(11)), &brought(has(Some(3), 3, 0, 11)));
    assert_eq!(lag(&lags, 12), (0, 0));
}

#[test]
fn a_try_that_comes_to_nothing_holds_against_everybody_from_its_beginning() {
    let mut lags = Lags::new(&[mirror(), witness("a")]);
    lags.failed(lags.begin(at(0)), "the log here is not whole".to_owned());
    lags.failed(lags.begin(at(5)), "the log here cannot be read".to_owned());
    let all: Vec<_> = lags.all(at(20)).map(|(_, lag)| lag).collect();
    assert_eq!(all.len(), 2);
    for lag in all {
        assert_eq!(lag.age, SignedDuration::from_mins(20));
        let problem = lag.problem.unwrap();
        assert_eq!(problem, "the log here cannot be read");
    }
    let conditions = lags.conditions(BOUNDS, &Ledger::default(), at(20));
    let wrong: Vec<_> = conditions.into_iter().filter_map(|one| one.wrong).collect();
    insta::assert_snapshot!(wrong.join("\n"), @"
    nothing can be passed on since 2026-11-04T09:30:00Z: the log here cannot be read
    nothing can be passed on since 2026-11-04T09:30:00Z: the log here cannot be read
    ");
}

#[test]
fn each_witness_is_known_by_its_place_in_the_configuration() {
    let mut lags = Lags::new(&[witness("a"), mirror(), witness("b")]);
    lags.published(10, at(0));
    let mut newest = has(Some(10), 10, 0, 1);
    newest.witnesses = [Some(4), Some(10)]
        .map(|own| PlaceStanding::at("w", own, 10, None))
        .to_vec();
    lags.answered(lags.begin(at(1)), &brought(newest));
    let behind: Vec<_> = lags
        .all(at(1))
        .map(|(place, lag)| (place.name.as_str(), lag.entries))
        .collect();
    assert_eq!(behind, [("a", 6), ("s3://bank/prod", 0), ("b", 0)]);
    assert!(!lags.all_fail());
}

/// What a log says of the mirror as the lag changes, as a ledger that takes each record.
struct Watching {
    ledger: Ledger,
    told: Vec<String>,
}

impl Watching {
    fn look(&mut self, lags: &Lags, now: i64) {
        let conditions = lags.conditions(BOUNDS, &self.ledger, at(now));
        for record in plan_watches(&self.ledger, &conditions, at(now)) {
            let word = match record.event {
                WatchEvent::Opened => "opened",
                WatchEvent::Resolved => "resolved",
            };
            self.told.push(format!("{word}: {}", record.detail));
            let index = self.told.len() as u64;
            let entry = record.encode().unwrap().entry;
            Record::read(index, &entry).unwrap();
            self.ledger.apply(index, &entry).unwrap();
        }
    }
}

#[test]
fn a_mirror_lags_once_and_until_it_has_caught_up() {
    let mut watching = Watching {
        ledger: Ledger::default(),
        told: Vec::new(),
    };
    let mut lags = Lags::new(&[mirror()]);
    lags.published(10, at(0));
    lags.answered(lags.begin(at(0)), &brought(has(Some(4), 10, 0, 0)));
    assert_eq!(lags.due(BOUNDS, at(5)), Some(SignedDuration::from_mins(10)));
    watching.look(&lags, 15);
    assert!(watching.told.is_empty(), "not before the time is over");
    watching.look(&lags, 16);
    watching.look(&lags, 20);
    assert_eq!(lags.due(BOUNDS, at(20)), None, "it is told already");
    // It got further, and is not there yet.
    lags.answered(lags.begin(at(21)), &brought(has(Some(9), 10, 19, 21)));
    watching.look(&lags, 21);
    // After a restart nothing is known at first, and that heals nothing.
    let mut again = Lags::new(&[mirror()]);
    again.published(10, at(22));
    watching.look(&again, 22);
    lags.answered(lags.begin(at(23)), &brought(has(Some(10), 10, 0, 23)));
    watching.look(&lags, 23);
    insta::assert_snapshot!(watching.told.join("\n"), @"
    opened: it lacks 6 records, the oldest of 2026-11-04T09:30:00Z: status 503
    resolved: it is as it should be
    ");
}

#[test]
fn many_records_make_a_lag_only_when_they_are_no_longer_on_their_way() {
    let mut lags = Lags::new(&[mirror()]);
    lags.published(1000, at(0));
    let wrong = |lags: &Lags, now| {
        let conditions = lags.conditions(BOUNDS, &Ledger::default(), now);
        conditions
            .into_iter()
            .filter(|one| one.wrong.is_some())
            .count()
    };
    assert_eq!(wrong(&lags, at(0) + SignedDuration::from_secs(59)), 0);
    assert_eq!(wrong(&lags, at(1)), 1);
}
