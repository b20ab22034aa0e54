//! Every way in which a remediation can go, over a stand-in for AWS Config. Nothing is ever started twice.

mod named;
mod world;

use std::time::Duration;

use crate::decide::guards::not_undone;
use crate::decide::guards::test_support::{at, other_fix};
use crate::model::{FixOutcome, FixResult, StopFile, WhyNotRead};
use crate::ports::{Execution, ExecutionState, StartFailed, StepState};
use world::{OPEN, SHUT, World, gone, item, run};

const DONE: (StepState, Option<&str>) = (StepState::Succeeded, None);

fn succeeded(minute: i64) -> Option<Execution> {
    Some(run(minute, ExecutionState::Succeeded, &[DONE]))
}

fn running(minute: i64) -> Option<Execution> {
    Some(run(minute, ExecutionState::InProgress, &[]))
}

#[test]
fn it_is_started_once_followed_to_its_end_and_read_again() {
    let mut world = World::new();
    let queued = Some(run(1, ExecutionState::Queued, &[]));
    world.cloud().after_start = [None, queued, running(1), succeeded(1)].into();
    let done = world.done(false);
    assert_eq!(done.result, FixResult::Fixed);
    insta::assert_snapshot!(done.detail, @"the rule `buckets-not-public` runs `AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock` for `bank-ledger`: it was started; it succeeded, and AWS Config shows it as approved");
    let calls = world.api.0.lock().unwrap().calls.join(" ");
    assert_eq!(
        calls,
        "read remediation execution start execution execution execution execution read"
    );
    assert_eq!(world.paused.get(), Duration::from_secs(1 + 2 + 4));
    let run = done.run.unwrap();
    assert_eq!((&*run.version, run.invoked), ("7", Some(at(1))));
    assert_eq!(run.state.as_deref(), Some("SUCCEEDED"));
    assert_eq!((run.steps[0].name.as_str(), run.steps.len()), ("step0", 1));
    let change = done.change.unwrap();
    assert_eq!((change.before, change.after), (false.into(), true.into()));
}

#[test]
fn what_is_gone_as_a_whole_is_put_back() {
    let mut world = World::new();
    world.subject = gone();
    world.cloud().items = [item(None), item(SHUT)].into();
    assert_eq!(world.result(false).0, FixResult::Fixed);
    // It is there again, and not as it is approved.
    let mut world = World::new();
    world.subject = gone();
    world.cloud().items = [item(None), item(OPEN)].into();
    assert_eq!(world.result(false).0, FixResult::Started);
}

#[test]
fn a_recorder_that_is_behind_leaves_it_to_the_next_scan() {
    let mut world = World::new();
    world.cloud().items = [item(OPEN)].into();
    let (result, detail) = world.result(false);
    assert_eq!(result, FixResult::Started);
    assert!(
        detail.ends_with("it succeeded, and AWS Config does not show that yet"),
        "{detail}"
    );
}

#[test]
fn each_end_has_its_result() {
    let failed = |steps: &[(StepState, Option<&str>)]| run(1, ExecutionState::Failed, steps);
    let refused = (StepState::Failed, Some("no right\u{1b}[2J to\nput."));
    let other = run(1, ExecutionState::Other("PAUSED".to_owned()), &[]);
    for (shown, result, words) in [
        (
            Some(failed(std::slice::from_ref(&refused))),
            FixResult::Failed,
            "its step `step0` failed: no right [2J to put",
        ),
        (
            Some(failed(&[DONE, refused.clone()])),
            FixResult::HalfDone,
            "its step `step1` failed: no right [2J to put; what it did before is not undone",
        ),
        (
            Some(failed(&[(StepState::Exited, None), refused])),
            FixResult::HalfDone,
            "what it did before is not undone",
        ),
        (
            Some(failed(&[(StepState::Failed, None)])),
            FixResult::Failed,
            "its step `step0` failed: no reason is told",
        ),
        (
            Some(failed(&[])),
            FixResult::HalfDone,
            "it failed, and no step says why",
        ),
        (
            running(1),
            FixResult::Started,
            "after 30 s it was `IN_PROGRESS`",
        ),
        (
            Some(other),
            FixResult::Started,
            "after 30 s it was `PAUSED`",
        ),
        (
            None,
            FixResult::Started,
            "AWS Config showed nothing of it within 30 s",
        ),
    ] {
        let mut world = World::new();
        world.cloud().after_start = [shown].into();
        let (came, detail) = world.result(false);
        assert_eq!(came, result, "{detail}");
        assert!(detail.contains(words), "{detail}");
        assert_eq!(world.calls("start"), 1);
        assert!(
            world.paused.get() <= Duration::from_secs(30),
            "waited too long"
        );
    }
}

#[test]
fn foreign_text_is_bounded() {
    let mut world = World::new();
    let long = "x".repeat(100_000);
    let steps: Vec<_> = (0..200)
        .map(|_| (StepState::Failed, Some(&*long)))
        .collect();
    world.cloud().after_start = [Some(run(1, ExecutionState::Failed, &steps))].into();
    let done = world.done(false);
    assert!(done.detail.len() < 600, "{}", done.detail.len());
    let run = done.run.unwrap();
    assert_eq!(run.steps.len(), 20);
    assert_eq!(run.steps[0].error.as_ref().unwrap().len(), 200);
}

#[test]
fn a_start_that_is_refused_started_nothing_and_says_so() {
    for why in [
        WhyNotRead::Throttled,
        WhyNotRead::Denied,
        WhyNotRead::OverBudget,
    ] {
        let mut world = World::new();
        world.cloud().fails = Some(("start", why));
        let (result, detail) = world.result(false);
        assert_eq!(result, FixResult::NotCarriedOut);
        assert_eq!(detail, format!("nothing was started: `start`: it is {why}"));
        assert_eq!(world.calls("execution"), 1, "nothing is waited for");
    }
}

#[test]
fn a_start_whose_answer_was_lost_is_looked_for_and_not_sent_again() {
    let lost = Err(StartFailed::Unknown("no answer in time".to_owned()));
    let mut world = World::new();
    world.cloud().on_start = lost.clone();
    assert_eq!(world.result(false).0, FixResult::Fixed);
    assert_eq!(world.calls("start"), 1);
    let mut world = World::new();
    world.cloud().on_start = lost;
    // An older run is none of it.
    world.cloud().runs = [succeeded(-90)].into();
    world.cloud().after_start = [succeeded(-90)].into();
    let (result, detail) = world.result(false);
    assert_eq!(result, FixResult::Interrupted);
    assert_eq!(
        detail,
        "whether it was started is not known: no answer in time"
    );
    assert_eq!(world.calls("start"), 1);
}

#[test]
fn what_cannot_be_asked_is_not_started() {
    for (call, words) in [
        (
            "read",
            "its item cannot be read again: `read`: it is denied",
        ),
        ("remediation", "nothing was started: `remediation`"),
        (
            "execution",
            "nothing was started: what runs for it is not known",
        ),
    ] {
        let mut world = World::new();
        world.cloud().fails = Some((call, WhyNotRead::Denied));
        let (result, detail) = world.result(false);
        assert_eq!(result, FixResult::NotCarriedOut);
        assert!(detail.starts_with(words), "{detail}");
        assert_eq!(world.calls("start"), 0);
    }
}

#[test]
fn the_end_of_what_cannot_be_looked_at_is_left_to_the_next_scan() {
    let mut world = World::new();
    world.cloud().fails_later = Some(("execution", WhyNotRead::Unreachable));
    let (result, detail) = world.result(false);
    assert_eq!(result, FixResult::Started);
    assert!(
        detail.contains("how far it got cannot be read: `execution`"),
        "{detail}"
    );
    assert_eq!(world.calls("start"), 1);
}

#[test]
fn a_process_that_ended_after_its_start_never_starts_a_second() {
    // Under way; done, with the recorder behind; failed; shown only some seconds later.
    let failed = Some(run(1, ExecutionState::Failed, &[(StepState::Failed, None)]));
    for (shown, result) in [
        (vec![running(1), running(1), succeeded(1)], FixResult::Fixed),
        (vec![succeeded(1)], FixResult::Fixed),
        (vec![failed], FixResult::Failed),
        (vec![None, None, running(1), succeeded(1)], FixResult::Fixed),
        (
            vec![succeeded(-90), succeeded(-90), succeeded(1)],
            FixResult::Fixed,
        ),
        (vec![running(-90)], FixResult::Started),
    ] {
        let mut world = World::new();
        world.cloud().runs = shown.into();
        let (came, detail) = world.result(true);
        assert_eq!(came, result, "{detail}");
        assert!(
            detail.contains("it was begun before, and nothing was started now"),
            "{detail}"
        );
        assert_eq!(world.calls("start"), 0);
    }
    // Whatever is set up by then.
    let mut world = World::new();
    world.cloud().runs = [succeeded(1)].into();
    world.cloud().set_up.as_mut().unwrap().version = None;
    assert_eq!(world.result(true).0, FixResult::Fixed);
    // Where nothing shows, and it may not be started any more, it is left to no other hands.
    let mut world = World::new();
    world.cloud().set_up.as_mut().unwrap().version = None;
    let (result, detail) = world.result(true);
    assert_eq!(result, FixResult::NotCarriedOut);
    assert!(
        detail.contains("in whatever version counts then"),
        "{detail}"
    );
    assert_eq!((world.calls("start"), world.calls("execution")), (0, 1 + 4));
}

#[test]
fn a_process_that_ended_before_its_start_is_completed_once() {
    let mut world = World::new();
    world.cloud().runs = [succeeded(-90)].into();
    let (result, detail) = world.result(true);
    assert_eq!(result, FixResult::Fixed);
    assert!(detail.contains("it was started"), "{detail}");
    assert_eq!(
        (world.calls("start"), world.calls("execution")),
        (1, 1 + 4 + 1)
    );
    // What a process did before its end may be seen already.
    let mut world = World::new();
    world.cloud().items = [item(SHUT)].into();
    assert_eq!(world.result(true).0, FixResult::AsApproved);
    assert_eq!(world.calls("start"), 0);
}

#[test]
fn what_somebody_else_started_is_waited_for() {
    let mut world = World::new();
    world.cloud().runs = [running(-1), running(-1), succeeded(-1)].into();
    let (result, _) = world.result(false);
    assert_eq!((result, world.calls("start")), (FixResult::Fixed, 0));
    // What succeeded after the item was recorded, the item cannot show.
    let mut world = World::new();
    world.cloud().runs = [succeeded(-1)].into();
    world.cloud().items = [item(OPEN)].into();
    let (result, detail) = world.result(false);
    assert_eq!(
        (result, world.calls("start")),
        (FixResult::Started, 0),
        "{detail}"
    );
    // What was over before, or failed, says nothing of what deviates now.
    let failed = run(-1, ExecutionState::Failed, &[DONE]);
    for before in [succeeded(-90), Some(failed)] {
        let mut world = World::new();
        world.cloud().runs = [before].into();
        assert_eq!(world.result(false).0, FixResult::Fixed);
        assert_eq!(world.calls("start"), 1);
    }
}

#[test]
fn a_stop_file_that_comes_meanwhile_stops_it() {
    for stop in [
        StopFile::Present("STOP".to_owned()),
        StopFile::Unknown("x".to_owned()),
    ] {
        let mut world = World::new();
        world.cloud().stop = stop;
        let (result, detail) = world.result(false);
        assert_eq!(result, FixResult::NotCarriedOut);
        assert_eq!(detail, "the stop file came while AWS Config was asked");
        assert_eq!(world.calls("start"), 0);
    }
}

#[test]
fn what_moved_since_is_left_alone() {
    let mut deleted = item(OPEN);
    deleted["configurationItemStatus"] = "ResourceDeleted".into();
    let mut other = item(OPEN);
    other["resourceId"] = "bank-other".into();
    other["resourceName"] = "bank-other".into();
    for (shown, words) in [
        (item(None), "it is gone as a whole"),
        (deleted, "what it is about is deleted"),
        (
            other,
            "AWS Config shows none, or more than one, by its name",
        ),
    ] {
        let mut world = World::new();
        world.cloud().items = [shown].into();
        let (result, detail) = world.result(false);
        assert_eq!(result, FixResult::NotCarriedOut);
        assert!(detail.contains(words), "{detail}");
        assert_eq!(world.calls("start"), 0);
    }
    let mut world = World::new();
    world.cloud().items = [item(SHUT)].into();
    assert_eq!(world.result(false).0, FixResult::AsApproved);
    assert_eq!(world.calls("start"), 0);
}

#[test]
fn what_aws_carried_out_has_no_way_back() {
    for result in [FixResult::Fixed, FixResult::Started] {
        let done = World::new().done(false);
        let mut fix = other_fix("f", 0, None);
        fix.outcome = Some(FixOutcome {
            at: at(1),
            result,
            detail: done.detail,
            document: None,
            change: done.change,
            run: done.run,
        });
        let (what, _) = not_undone(&fix).unwrap();
        assert_eq!(
            what,
            "was carried out by AWS, whose documents have no way back"
        );
    }
}
