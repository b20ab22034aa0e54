//! The heartbeat: it says that the process lives and works, whatever it works on. So it comes from the
//! loop too, while a scan is under way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::Telling;
use super::post::{Letter, Post};
use crate::decide::paging::signs::heartbeat;
use crate::model::AlertKey;

/// What the log says of the work, when it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// When a scan was last recorded.
    pub recorded: Timestamp,
    /// A work that records none for longer does not do what it is for.
    pub stale_after: SignedDuration,
    /// Whether the log says already that it is so.
    pub is_stale: bool,
}

/// Shared by the cycle and the loop.
#[derive(Default)]
pub struct Heart(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    telling: Telling,
    post: Arc<Post>,
    /// What was last seen of the work, and when by both clocks.
    seen: Option<(Work, Timestamp, Instant)>,
    /// When the last one was sent, and how many there were.
    last: Option<(Timestamp, u32)>,
}

impl Heart {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn take_up(&self, telling: &Telling, post: &Arc<Post>) {
        let mut inner = self.inner();
        inner.telling = telling.clone();
        inner.post = Arc::clone(post);
    }

    /// How often it is to beat.
    pub fn every(&self) -> Option<Duration> {
        let inner = self.inner();
        let own = inner.telling.heartbeat.as_ref();
        own.map(|(_, every)| every.unsigned_abs())
    }

    /// The cycle has done something; `now` is the time that the log goes by.
    pub fn see(&self, work: Work, now: Timestamp) {
        let mut inner = self.inner();
        inner.seen = Some((work, now, Instant::now()));
        inner.beat(now);
    }

    /// The loop turns, and the work that it waits for moves.
    pub fn pulse(&self) {
        let mut inner = self.inner();
        let Some((_, at, instant)) = inner.seen else {
            return;
        };
        let since = SignedDuration::try_from(instant.elapsed()).unwrap_or(SignedDuration::MAX);
        if let Ok(now) = at.checked_add(since) {
            inner.beat(now);
        }
    }
}

impl Inner {
    /// Says that all is well, if it is time and all is.
    fn beat(&mut self, now: Timestamp) {
        let (Some((channel, every)), Some((work, ..))) = (&self.telling.heartbeat, self.seen)
        else {
            return;
        };
        let is_late = work.is_stale || now.duration_since(work.recorded) > work.stale_after;
        let is_early = self
            .last
            .is_some_and(|(at, _)| now.duration_since(at) < *every);
        if is_late || is_early {
            return;
        }
        let sequence = self.last.map_or(1, |(_, count)| count.saturating_add(1));
        self.last = Some((now, sequence));
        let mut page = heartbeat(&self.telling.origin, sequence, now);
        page.next.push_str(&self.telling.named);
        let key = AlertKey::from(page.key.as_str());
        // One that did not get out is worth nothing beside this one.
        self.post
            .withdraw(channel, &key, sequence.saturating_sub(1));
        let letter = Letter {
            key,
            sequence,
            page,
            thread: None,
            is_fleeting: true,
        };
        self.post.give(channel, letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: SignedDuration = SignedDuration::from_mins(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_793_784_600 + seconds).unwrap()
    }

    fn heart() -> (Heart, Arc<Post>) {
        let (heart, post) = (Heart::default(), Arc::<Post>::default());
        let telling = Telling {
            heartbeat: Some(("alive".to_owned(), EVERY)),
            ..Telling::default()
        };
        heart.take_up(&telling, &post);
        (heart, post)
    }

    fn work(recorded: i64) -> Work {
        Work {
            recorded: at(recorded),
            stale_after: SignedDuration::from_hours(1),
            is_stale: false,
        }
    }

    /// The number of the newest beat that waits.
    fn newest(post: &Post) -> Option<u32> {
        post.waiting("alive").into_iter().max()
    }

    /// As if the loop had turned so long after the cycle was last seen.
    fn pulse(heart: &Heart, seconds: i64) {
        heart.inner().beat(at(seconds));
    }

    #[test]
    fn it_beats_while_a_scan_goes_on_and_not_for_ever() {
        let (heart, post) = heart();
        heart.pulse();
        assert_eq!(newest(&post), None, "nothing was done yet");
        heart.see(work(0), at(0));
        assert_eq!(newest(&post), Some(1));
        pulse(&heart, 59);
        assert_eq!(newest(&post), Some(1), "once in a minute");
        for minute in 1..=60 {
            pulse(&heart, minute * 60);
        }
        assert_eq!(newest(&post), Some(61), "the loop beats for the work");
        pulse(&heart, 61 * 60);
        pulse(&heart, 80 * 60);
        assert_eq!(
            newest(&post),
            Some(61),
            "a scan that records nothing is no life"
        );
        heart.see(work(81 * 60), at(81 * 60));
        assert_eq!(newest(&post), Some(62));
    }

    #[test]
    fn it_stays_away_while_the_log_says_that_nothing_is_recorded() {
        let (heart, post) = heart();
        let stale = Work {
            is_stale: true,
            ..work(0)
        };
        heart.see(stale, at(0));
        heart.pulse();
        assert_eq!(newest(&post), None);
    }
}
