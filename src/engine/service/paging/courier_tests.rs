//! Couriers against channels that fail, ask for time, refuse, and are slow.

use std::sync::Mutex;

use jiff::Timestamp;

use super::super::post::{Letter, Report};
use super::*;
use crate::decide::paging::signs::test_page;
use crate::model::{AlertKey, Page, Severity};

type Answers = Vec<Result<(), ChannelError>>;

/// Gives the answers that it was told, then takes everything.
struct Told {
    answers: Mutex<Answers>,
    sent: Mutex<Vec<(Instant, String)>>,
    pace: Duration,
}

impl Channel for Told {
    fn name(&self) -> &str {
        "told"
    }

    fn pace(&self) -> Duration {
        self.pace
    }

    fn send(&self, page: &Page, _: Option<&str>) -> Result<Delivered, ChannelError> {
        let mut sent = self.sent.lock().unwrap();
        sent.push((Instant::now(), page.key.clone()));
        let mut answers = self.answers.lock().unwrap();
        match answers.is_empty() {
            true => Ok(()),
            false => answers.remove(0),
        }
        .map(|()| Delivered {
            answer: "200".to_owned(),
            thread: None,
        })
    }
}

fn passing(wait: Option<Duration>) -> Result<(), ChannelError> {
    Err(ChannelError::Passing {
        channel: "told".to_owned(),
        what: "503".to_owned(),
        wait,
    })
}

fn letter(key: &str, severity: Severity) -> Letter {
    let mut page = test_page("log", Timestamp::UNIX_EPOCH);
    key.clone_into(&mut page.key);
    page.severity = severity;
    Letter {
        key: AlertKey::from(key),
        sequence: 1,
        page,
        thread: None,
        is_fleeting: false,
    }
}

/// Sends letters, and waits for so many reports.
fn run(
    answers: Answers,
    pace: Duration,
    letters: &[Letter],
    reports: usize,
) -> (Arc<Told>, Vec<Report>) {
    let channel = Arc::new(Told {
        answers: Mutex::new(answers),
        sent: Mutex::default(),
        pace,
    });
    let post = Arc::new(Post::default());
    for own in letters {
        post.give("told", own.clone());
    }
    let own: Arc<dyn Channel> = Arc::<Told>::clone(&channel);
    open(&[own], &post, || 0);
    let mut seen = Vec::new();
    let begun = Instant::now();
    while seen.len() < reports && begun.elapsed() < Duration::from_secs(20) {
        seen.extend(post.reports());
        thread::sleep(Duration::from_millis(5));
    }
    post.close();
    (channel, seen)
}

#[test]
fn what_fails_is_tried_again_and_told_once() {
    let answers = vec![passing(None), passing(None)];
    let letters = [letter("a", Severity::High)];
    let (channel, reports) = run(answers, Duration::ZERO, &letters, 2);
    let outcomes: Vec<_> = reports.into_iter().map(|report| report.outcome).collect();
    let delivered = Outcome::Delivered {
        answer: "200".to_owned(),
        thread: None,
    };
    assert_eq!(outcomes, [Outcome::Failed("503".to_owned()), delivered]);
    let sent = channel.sent.lock().unwrap();
    assert_eq!(sent.len(), 3);
    assert!(sent[1].0 - sent[0].0 >= FIRST, "it backs off");
    assert!(sent[2].0 - sent[1].0 >= FIRST * 2, "and more each time");
}

#[test]
fn a_receiver_that_asks_for_time_gets_it() {
    let wait = Duration::from_millis(1_500);
    let letters = [letter("a", Severity::High), letter("b", Severity::High)];
    let (channel, _) = run(vec![passing(Some(wait))], Duration::ZERO, &letters, 3);
    let sent = channel.sent.lock().unwrap();
    assert!(sent[1].0 - sent[0].0 >= wait, "no letter goes out before");
}

#[test]
fn a_refused_letter_is_not_tried_again_and_holds_up_nobody() {
    let refused = Err(ChannelError::Refused {
        channel: "told".to_owned(),
        what: "400".to_owned(),
    });
    let letters = [letter("a", Severity::High), letter("b", Severity::High)];
    let (channel, reports) = run(vec![refused], Duration::ZERO, &letters, 2);
    assert_eq!(reports[0].outcome, Outcome::Refused("400".to_owned()));
    assert_eq!(channel.sent.lock().unwrap().len(), 2);
}

#[test]
fn the_pace_is_kept_and_the_most_severe_goes_first() {
    let pace = Duration::from_millis(100);
    let letters = [
        letter("low", Severity::Low),
        letter("critical", Severity::Critical),
        letter("high", Severity::High),
    ];
    let (channel, _) = run(Vec::new(), pace, &letters, 3);
    let sent = channel.sent.lock().unwrap();
    let order: Vec<&str> = sent.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(order, ["critical", "high", "low"]);
    assert!(sent[2].0 - sent[0].0 >= pace * 2);
}

#[test]
fn what_is_fleeting_is_tried_once_and_not_reported() {
    let mut fleeting = letter("a", Severity::Critical);
    fleeting.is_fleeting = true;
    let letters = [fleeting, letter("b", Severity::High)];
    let (channel, reports) = run(vec![passing(None)], Duration::ZERO, &letters, 1);
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].key.as_str(), "b");
    let sent = channel.sent.lock().unwrap();
    let order: Vec<&str> = sent.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(order, ["a", "b"], "the next one says the same anew");
}
