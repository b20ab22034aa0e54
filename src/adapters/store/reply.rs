//! Answers on their way back to the callers that wait for them.
//!
//! Callers of one commit wait at one bell: the thread that records wakes all of them at once, and is not put
//! aside for each of them in turn.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::error::StoreError;

/// So many commits can be under way before callers of two of them share a bell, and some are woken early.
const BELLS: usize = 4;

/// The bells of a log. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Bells(Arc<Tower>);

#[derive(Debug, Default)]
struct Tower {
    /// Callers that come now wait at this bell, modulo their number.
    now: AtomicUsize,
    bells: [Bell; BELLS],
}

#[derive(Debug, Default)]
struct Bell {
    gate: Mutex<()>,
    rung: Condvar,
}

impl Bells {
    /// Where the answer to one request is awaited.
    pub fn ask<T>(&self) -> (Reply<T>, Answerer<T>) {
        let reply = Reply {
            slot: Arc::default(),
            bells: self.clone(),
            bell: self.0.now.load(Ordering::Relaxed) % BELLS,
        };
        (reply.clone(), Answerer(reply))
    }

    /// Whoever comes from now on waits at another bell.
    pub fn turn(&self) {
        self.0.now.fetch_add(1, Ordering::Relaxed);
    }

    /// Wakes everybody who waits at the marked bells.
    pub fn ring(&self, marked: Marked) {
        for (bell, _) in self.0.bells.iter().zip(marked.0).filter(|(_, is)| *is) {
            bell.ring();
        }
    }
}

impl Bell {
    fn ring(&self) {
        // Whoever looked before the answer was there waits by now, or looks again.
        drop(locked(&self.gate));
        self.rung.notify_all();
    }
}

/// The bells at which answers are awaited that were given quietly.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "who waits there is not woken otherwise"]
pub struct Marked([bool; BELLS]);

#[derive(Debug)]
pub struct Reply<T> {
    slot: Arc<Mutex<Answer<T>>>,
    bells: Bells,
    bell: usize,
}

#[derive(Debug, Default)]
enum Answer<T> {
    #[default]
    Awaited,
    Given(Result<T, StoreError>),
    /// Nobody will answer any more.
    Abandoned,
}

impl<T> Clone for Reply<T> {
    fn clone(&self) -> Self {
        Self {
            slot: Arc::clone(&self.slot),
            bells: self.bells.clone(),
            bell: self.bell,
        }
    }
}

impl<T> Reply<T> {
    /// Waits for the answer.
    pub fn wait(&self) -> Result<T, StoreError> {
        let Some(bell) = self.bells.0.bells.get(self.bell) else {
            return Err(StoreError::Stopped);
        };
        let mut gate = locked(&bell.gate);
        loop {
            let mut answer = locked(&self.slot);
            match std::mem::replace(&mut *answer, Answer::Abandoned) {
                Answer::Given(given) => return given,
                Answer::Abandoned => return Err(StoreError::Stopped),
                Answer::Awaited => *answer = Answer::Awaited,
            }
            drop(answer);
            let woken = bell.rung.wait(gate);
            gate = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether it was still awaited.
    fn put(&self, given: Answer<T>) -> bool {
        let mut answer = locked(&self.slot);
        let awaited = matches!(*answer, Answer::Awaited);
        if awaited {
            *answer = given;
        }
        awaited
    }

    fn ring(&self) {
        if let Some(bell) = self.bells.0.bells.get(self.bell) {
            bell.ring();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The side that answers. Dropped without an answer, it lets nobody wait for ever.
#[derive(Debug)]
pub struct Answerer<T>(Reply<T>);

impl<T> Answerer<T> {
    pub fn give(self, answer: Result<T, StoreError>) {
        self.0.put(Answer::Given(answer));
        self.0.ring();
    }

    /// Answers, and leaves the waking to [`Bells::ring`].
    pub fn give_quietly(self, answer: Result<T, StoreError>, marked: &mut Marked) {
        self.0.put(Answer::Given(answer));
        if let Some(mark) = marked.0.get_mut(self.0.bell) {
            *mark = true;
        }
    }
}

impl<T> Drop for Answerer<T> {
    fn drop(&mut self) {
        if self.0.put(Answer::Abandoned) {
            self.0.ring();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_waits_gets_the_own_answer_at_whatever_bell() {
        let bells = Bells::default();
        let asked: Vec<(Reply<usize>, Answerer<usize>)> = (0..40)
            .map(|number| {
                if number % 3 == 0 {
                    bells.turn();
                }
                bells.ask()
            })
            .collect();
        let (replies, answerers): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        std::thread::scope(|scope| {
            let waiting: Vec<_> = replies
                .iter()
                .map(|reply| scope.spawn(|| reply.wait().unwrap()))
                .collect();
            let mut marked = Marked::default();
            for (number, answerer) in answerers.into_iter().enumerate() {
                answerer.give_quietly(Ok(number), &mut marked);
            }
            bells.ring(marked);
            for (number, waiting) in waiting.into_iter().enumerate() {
                assert_eq!(waiting.join().unwrap(), number);
            }
        });
    }

    #[test]
    fn who_is_left_without_an_answer_is_told() {
        let bells = Bells::default();
        let (reply, answerer) = bells.ask::<()>();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| reply.wait());
            drop(answerer);
            assert!(matches!(waiting.join().unwrap(), Err(StoreError::Stopped)));
        });
    }
}
