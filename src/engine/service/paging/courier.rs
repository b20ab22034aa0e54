//! One thread for each channel. It waits for its receiver, so that nothing else does, and ends when
//! the post is closed, after the letter at hand.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::super::events;
use super::post::{Outcome, Post, Tried};
use crate::ports::{Channel, ChannelError, Delivered};

/// The wait after the first failure; it doubles from one to the next.
const FIRST: Duration = Duration::from_millis(500);
const MOST: Duration = Duration::from_secs(300);
/// A receiver that asks for more is asked again after this all the same.
const MOST_ASKED: Duration = Duration::from_secs(3600);
/// The longest time for which one failing letter holds up the others of its channel.
const MOST_FOR_ALL: Duration = Duration::from_secs(15);

pub fn open(channels: &[Arc<dyn Channel>], post: &Arc<Post>, chance: fn() -> u32) {
    for channel in channels {
        let courier = Courier {
            channel: Arc::clone(channel),
            post: Arc::clone(post),
            chance,
        };
        thread::spawn(move || courier.run());
    }
}

struct Courier {
    channel: Arc<dyn Channel>,
    post: Arc<Post>,
    chance: fn() -> u32,
}

impl Courier {
    fn run(&self) {
        let name = self.channel.name();
        let mut not_before = Instant::now();
        let mut failures: u32 = 0;
        while let Some((letter, tries)) = self.post.next(name, not_before) {
            let begun = Instant::now();
            let sent = self.channel.send(&letter.page, letter.thread.as_deref());
            let took = begun.elapsed();
            let now = Instant::now();
            not_before = now + self.channel.pace();
            let tried = match sent {
                Ok(Delivered { answer, thread }) => {
                    failures = 0;
                    Tried::Done(Outcome::Delivered { answer, thread })
                }
                Err(ChannelError::Refused { what, .. }) => {
                    failures = 0;
                    Tried::Done(Outcome::Refused(what))
                }
                Err(ChannelError::Passing { what, wait, .. }) => {
                    let asked = wait.unwrap_or_default().min(MOST_ASKED);
                    let pause = self.jittered(backoff(tries)).max(asked);
                    let for_all = self
                        .jittered(backoff(failures))
                        .min(MOST_FOR_ALL)
                        .max(asked);
                    failures = failures.saturating_add(1);
                    not_before = now + for_all;
                    let not_before = now + pause;
                    Tried::Again { what, not_before }
                }
            };
            events::Sent {
                channel: name,
                letter: &letter,
                tried: &tried,
                took,
            }
            .emit();
            self.post.tried(name, &letter, tried);
        }
    }

    /// Up to a quarter more, so that many installations do not come back at once.
    fn jittered(&self, pause: Duration) -> Duration {
        let share = (self.chance)() % 256;
        pause + pause * share / 1024
    }
}

fn backoff(tries: u32) -> Duration {
    FIRST.saturating_mul(1 << tries.min(10)).min(MOST)
}

#[cfg(test)]
#[path = "courier_tests.rs"]
mod courier_tests;
