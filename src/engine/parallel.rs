//! The same work on many inputs, on a fixed number of threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};

/// Applies `work` to every item; results come in the order of the items, whichever thread did them.
pub fn map<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if threads <= 1 || items.len() <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else {
                        break;
                    };
                    let result = work(item);
                    // A thread that panicked has ended the process' work anyway; its results stand.
                    let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    done.push((index, result));
                }
            });
        }
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Applies `work` to every item and hands each result to `take`, in the order of the items, while
/// the work on later items goes on. At most `ahead` items are begun that were not taken yet, so that
/// what was read does not pile up. `take` may end it all.
pub fn in_order<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    ahead: usize,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R) -> ControlFlow<()>,
) {
    if threads <= 1 || items.len() <= 1 {
        for item in items {
            if take(item, work(item)).is_break() {
                return;
            }
        }
        return;
    }
    let line = Line::new(ahead.max(threads));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                // A worker that panics must not leave the others waiting for its result.
                let _leaving = Leaving(&line);
                while let Some((index, item)) = line.next(items) {
                    line.put(index, work(item));
                }
            });
        }
        // So must a panic of `take`.
        let _leaving = Leaving(&line);
        for (index, item) in items.iter().enumerate() {
            let Some(result) = line.wait_for(index) else {
                // The scope passes the worker's panic on.
                return;
            };
            if take(item, result).is_break() {
                line.end();
                return;
            }
        }
    });
}

/// Results that wait for their turn.
struct Line<R> {
    state: Mutex<State<R>>,
    moved: Condvar,
    ahead: usize,
}

struct State<R> {
    begun: usize,
    taken: usize,
    done: BTreeMap<usize, R>,
    ended: bool,
}

impl<R> Line<R> {
    fn new(ahead: usize) -> Self {
        Self {
            state: Mutex::new(State {
                begun: 0,
                taken: 0,
                done: BTreeMap::new(),
                ended: false,
            }),
            moved: Condvar::new(),
            ahead,
        }
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<R>>) -> MutexGuard<'s, State<R>> {
        self.moved
            .wait(state)
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn next<'i, T>(&self, items: &'i [T]) -> Option<(usize, &'i T)> {
        let mut state = self.state();
        while !state.ended && state.begun >= state.taken + self.ahead {
            state = self.wait(state);
        }
        if state.ended {
            return None;
        }
        let index = state.begun;
        let item = items.get(index)?;
        state.begun += 1;
        Some((index, item))
    }

    fn end(&self) {
        self.state().ended = true;
        self.moved.notify_all();
    }

    fn put(&self, index: usize, result: R) {
        self.state().done.insert(index, result);
        self.moved.notify_all();
    }

    fn wait_for(&self, index: usize) -> Option<R> {
        let mut state = self.state();
        loop {
            if let Some(result) = state.done.remove(&index) {
                state.taken = index + 1;
                drop(state);
                self.moved.notify_all();
                return Some(result);
            }
            if state.ended {
                return None;
            }
            state = self.wait(state);
        }
    }
}

/// Ends the line when a thread of it unwinds.
struct Leaving<'l, R>(&'l Line<R>);

impl<R> Drop for Leaving<'_, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_taken_in_order_and_few_are_begun_ahead() {
        let items: Vec<usize> = (0..200).collect();
        for threads in [1, 2, 5] {
            let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut seen = Vec::new();
            in_order(
                &items,
                threads,
                8,
                |item| {
                    let begun = begun.fetch_add(1, Ordering::SeqCst) + 1;
                    let ahead = begun - taken.load(Ordering::SeqCst);
                    if item % 7 == 0 {
                        std::thread::yield_now();
                    }
                    (item * 2, ahead)
                },
                |item, (result, ahead)| {
                    assert_eq!(result, item * 2);
                    // One more than are in the line: it may be taken and not be counted yet.
                    assert!(ahead <= 9, "{ahead} begun ahead");
                    taken.fetch_add(1, Ordering::SeqCst);
                    seen.push(*item);
                    ControlFlow::Continue(())
                },
            );
            assert_eq!(seen, items);
        }
    }

    #[test]
    fn a_panic_in_a_worker_is_passed_on() {
        let items: Vec<usize> = (0..50).collect();
        let ended = std::panic::catch_unwind(|| {
            in_order(
                &items,
                2,
                4,
                |item| assert_ne!(*item, 20),
                |_, ()| ControlFlow::Continue(()),
            );
        });
        assert!(ended.is_err());
    }

    #[test]
    fn a_panic_in_taking_is_passed_on() {
        let items: Vec<usize> = (0..50).collect();
        let ended = std::panic::catch_unwind(|| {
            in_order(
                &items,
                2,
                4,
                |item| *item,
                |_, item| {
                    assert_ne!(item, 20);
                    ControlFlow::Continue(())
                },
            );
        });
        assert!(ended.is_err());
    }

    #[test]
    fn taking_may_end_it() {
        let items: Vec<usize> = (0..50).collect();
        for threads in [1, 3] {
            let mut seen = Vec::new();
            in_order(
                &items,
                threads,
                4,
                |item| *item,
                |_, item| {
                    seen.push(item);
                    match item {
                        20 => ControlFlow::Break(()),
                        _ => ControlFlow::Continue(()),
                    }
                },
            );
            assert_eq!(seen, items[..21]);
        }
    }
}
