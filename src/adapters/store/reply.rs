//! One answer on its way back to the caller that waits for it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::error::StoreError;

#[derive(Debug)]
pub struct Reply<T>(Arc<Slot<T>>);

#[derive(Debug)]
struct Slot<T> {
    answer: Mutex<Answer<T>>,
    there: Condvar,
}

#[derive(Debug)]
enum Answer<T> {
    Awaited,
    Given(Result<T, StoreError>),
    /// Nobody will answer any more.
    Abandoned,
}

impl<T> Default for Reply<T> {
    fn default() -> Self {
        Self(Arc::new(Slot {
            answer: Mutex::new(Answer::Awaited),
            there: Condvar::new(),
        }))
    }
}

impl<T> Clone for Reply<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Reply<T> {
    pub fn give(&self, answer: Result<T, StoreError>) {
        self.put(Answer::Given(answer));
    }

    /// Waits for the answer.
    pub fn wait(&self) -> Result<T, StoreError> {
        let answer = self.0.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let awaited = |answer: &mut Answer<T>| matches!(answer, Answer::Awaited);
        let answer = self.0.there.wait_while(answer, awaited);
        let mut answer = answer.unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *answer, Answer::Abandoned) {
            Answer::Given(answer) => answer,
            Answer::Awaited | Answer::Abandoned => Err(StoreError::Stopped),
        }
    }

    fn put(&self, given: Answer<T>) {
        let mut answer = self.0.answer.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*answer, Answer::Awaited) {
            *answer = given;
            drop(answer);
            self.0.there.notify_one();
        }
    }
}

/// The side that answers. Dropped without an answer, it lets nobody wait for ever.
#[derive(Debug)]
pub struct Answerer<T>(Reply<T>);

impl<T> Answerer<T> {
    pub fn new(reply: Reply<T>) -> Self {
        Self(reply)
    }

    pub fn give(self, answer: Result<T, StoreError>) {
        self.0.give(answer);
    }
}

impl<T> Drop for Answerer<T> {
    fn drop(&mut self) {
        self.0.put(Answer::Abandoned);
    }
}
