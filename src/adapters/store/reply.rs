//! Answers on their way back to the callers that wait for them.
//!
//! Callers of one commit wait at one bell: the thread that records wakes all of them at once, and is not put
//! aside for each of them in turn. Tasks of an async runtime wait at none; their wakers are called.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

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

    /// Wakes everybody who waits at the marked bells, and every marked task.
    pub fn ring(&self, marked: Marked) {
        let Marked { bells, tasks } = marked;
        for (bell, _) in self.0.bells.iter().zip(bells).filter(|(_, is)| *is) {
            bell.ring();
        }
        tasks.into_iter().for_each(Waker::wake);
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
#[derive(Debug, Default)]
#[must_use = "who waits there is not woken otherwise"]
pub struct Marked {
    bells: [bool; BELLS],
    tasks: Vec<Waker>,
}

#[derive(Debug)]
pub struct Reply<T> {
    slot: Arc<Mutex<Answer<T>>>,
    bells: Bells,
    bell: usize,
}

#[derive(Debug)]
enum Answer<T> {
    /// By a thread, or by a task that is to be woken.
    Awaited(Option<Waker>),
    Given(Result<T, StoreError>),
    /// Nobody will answer any more.
    Abandoned,
}

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self::Awaited(None)
    }
}

/// Who is to be woken.
enum Waiting {
    Nobody,
    AtTheBell,
    Task(Waker),
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
                Answer::Awaited(task) => *answer = Answer::Awaited(task),
            }
            drop(answer);
            let woken = bell.rung.wait(gate);
            gate = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The answer; if it is not there yet, the task is woken when it is.
    pub fn poll(&self, context: &Context<'_>) -> Poll<Result<T, StoreError>> {
        let mut answer = locked(&self.slot);
        match std::mem::replace(&mut *answer, Answer::Abandoned) {
            Answer::Given(given) => Poll::Ready(given),
            Answer::Abandoned => Poll::Ready(Err(StoreError::Stopped)),
            Answer::Awaited(_) => {
                *answer = Answer::Awaited(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }

    fn put(&self, given: Answer<T>) -> Waiting {
        let mut answer = locked(&self.slot);
        let Answer::Awaited(task) = &mut *answer else {
            return Waiting::Nobody;
        };
        let task = task.take();
        *answer = given;
        task.map_or(Waiting::AtTheBell, Waiting::Task)
    }

    fn wake(&self, waiting: Waiting) {
        match waiting {
            Waiting::Nobody => {}
            Waiting::AtTheBell => {
                if let Some(bell) = self.bells.0.bells.get(self.bell) {
                    bell.ring();
                }
            }
            Waiting::Task(task) => task.wake(),
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
        let waiting = self.0.put(Answer::Given(answer));
        self.0.wake(waiting);
    }

    /// Answers, and leaves the waking to [`Bells::ring`].
    pub fn give_quietly(self, answer: Result<T, StoreError>, marked: &mut Marked) {
        match self.0.put(Answer::Given(answer)) {
            Waiting::Nobody => {}
            Waiting::AtTheBell => {
                if let Some(mark) = marked.bells.get_mut(self.0.bell) {
                    *mark = true;
                }
            }
            Waiting::Task(task) => marked.tasks.push(task),
        }
    }
}

impl<T> Drop for Answerer<T> {
    fn drop(&mut self) {
        let waiting = self.0.put(Answer::Abandoned);
        self.0.wake(waiting);
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

    /// A task that says when it was woken.
    #[derive(Default)]
    struct Told(AtomicUsize);

    impl std::task::Wake for Told {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn tasks_are_woken_once_with_all_of_their_commit_and_by_an_end() {
        let bells = Bells::default();
        let told = Arc::new(Told::default());
        let waker = Waker::from(Arc::clone(&told));
        let context = Context::from_waker(&waker);
        let (first, first_answerer) = bells.ask();
        let (second, second_answerer) = bells.ask();
        assert!(first.poll(&context).is_pending() && first.poll(&context).is_pending());
        let mut marked = Marked::default();
        first_answerer.give_quietly(Ok(1), &mut marked);
        second_answerer.give_quietly(Ok(2), &mut marked);
        assert_eq!(told.0.load(Ordering::SeqCst), 0, "all are answered first");
        bells.ring(marked);
        assert_eq!(told.0.load(Ordering::SeqCst), 1);
        assert!(matches!(first.poll(&context), Poll::Ready(Ok(1))));
        // Who asks late finds the answer, too.
        assert!(matches!(second.poll(&context), Poll::Ready(Ok(2))));

        let (reply, answerer) = bells.ask::<()>();
        assert!(reply.poll(&context).is_pending());
        drop(answerer);
        assert_eq!(told.0.load(Ordering::SeqCst), 2);
        let ended = reply.poll(&context);
        assert!(matches!(ended, Poll::Ready(Err(StoreError::Stopped))));
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
