//! When fixes are made at all: mode, freezes, the stop file.

use super::super::test_support::{Asked, at};
use super::super::{Freeze, judge};
use super::{alone, goes_through};
use crate::model::{FixMode, FixWord, Guard, StopFile};

#[test]
fn mode() {
    for mode in [FixMode::Off, FixMode::DryRun] {
        let (guard, why) = alone(|asked| asked.policy.mode = mode);
        assert_eq!(guard, Guard::Mode);
        assert_eq!(why, format!("the mode is `{mode}`"));
    }
    let mut asked = Asked::default();
    asked.policy.mode = FixMode::DryRun;
    assert_eq!(judge(&asked.question()).decision.word(), FixWord::WouldFix);
    asked.policy.mode = FixMode::Off;
    assert_eq!(judge(&asked.question()).decision.word(), FixWord::Refused);
}

#[test]
fn freeze() {
    let window = |from, until| {
        vec![Freeze {
            name: "year-end".to_owned(),
            from: at(from),
            until: at(until),
        }]
    };
    for (from, until) in [(0, 1), (-9, 1)] {
        let held = alone(|asked| asked.policy.freezes = window(from, until));
        assert_eq!(held.0, Guard::Freeze);
    }
    goes_through(|asked| asked.policy.freezes = window(-9, 0));
    goes_through(|asked| asked.policy.freezes = window(1, 9));
}

#[test]
fn stop_file() {
    let there = alone(|asked| asked.stop = StopFile::Present("STOP".to_owned()));
    assert_eq!(
        there,
        (Guard::StopFile, "the stop file `STOP` is there".into())
    );
    let unknown = alone(|asked| asked.stop = StopFile::Unknown("denied".to_owned()));
    assert_eq!(unknown.0, Guard::StopFile);
}
