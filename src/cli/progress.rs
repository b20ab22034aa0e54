//! Progress on a terminal, for work that lasts more than a second.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::engine::{Progress, Step};

pub struct Bar {
    state: Option<Mutex<State>>,
}

struct State {
    step: &'static str,
    done: usize,
    total: usize,
    began: Instant,
    shown: Option<Instant>,
}

const PATIENCE: Duration = Duration::from_secs(1);
const REPAINT: Duration = Duration::from_millis(100);

impl Bar {
    pub fn new() -> Self {
        let state = State {
            step: "",
            done: 0,
            total: 0,
            began: Instant::now(),
            shown: None,
        };
        Self {
            state: std::io::stderr().is_terminal().then(|| Mutex::new(state)),
        }
    }

    /// Takes the line away again.
    pub fn clear(&self) {
        self.with(|state| {
            if state.shown.take().is_some() {
                let _ = write!(std::io::stderr(), "\r\x1b[K");
            }
        });
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        if let Some(state) = &self.state {
            change(
                &mut state
                    .lock()
                    .unwrap_or_else(|poisoned| poisoned.into_inner()),
            );
        }
    }

    fn paint(state: &mut State) {
        let now = Instant::now();
        let is_due = state
            .shown
            .is_none_or(|shown| now.duration_since(shown) >= REPAINT);
        if now.duration_since(state.began) < PATIENCE || !is_due {
            return;
        }
        state.shown = Some(now);
        let _ = match state.total {
            0 => write!(std::io::stderr(), "\r\x1b[K{} …", state.step),
            total => write!(
                std::io::stderr(),
                "\r\x1b[K{}: {}/{total} files",
                state.step,
                state.done
            ),
        };
    }
}

impl Progress for Bar {
    fn step(&self, step: Step, total: usize) {
        self.with(|state| {
            state.step = step.as_str();
            (state.done, state.total) = (0, total);
            Self::paint(state);
        });
    }

    fn advance(&self) {
        self.with(|state| {
            state.done += 1;
            Self::paint(state);
        });
    }
}
