//! An errand that is under way beside the loop.

use std::sync::Arc;

use tokio::sync::oneshot::{self, Receiver};
use tokio::time::Instant;

use crate::engine::service::gathering::{Errand, Gathered, ToGather};
use crate::engine::service::health::STALLED_AFTER;
use crate::ports::InputError;

pub(super) type Brought = (Arc<Errand>, Result<Gathered, InputError>);

/// At most one that is wanted.
#[derive(Default)]
pub(super) struct Away(Option<Out>);

struct Out {
    errand: Arc<Errand>,
    answer: Receiver<Result<Gathered, InputError>>,
    beats: u64,
    moved: Instant,
}

impl Away {
    /// Sends somebody. Whoever was away before is not waited for any more.
    pub(super) fn send(&mut self, to_gather: ToGather) {
        let errand = Arc::clone(&to_gather.errand);
        let (sender, answer) = oneshot::channel();
        // A thread of its own: it may wait for minutes, and at the end nobody waits for it.
        let thread = std::thread::Builder::new().name("gather".to_owned());
        let begun = thread.spawn(move || {
            // Nobody receives what is not wanted any more.
            let _ = sender.send(to_gather.gather());
        });
        // Without a thread the sender is gone, and that is an answer.
        drop(begun);
        self.0 = Some(Out {
            beats: errand.beats(),
            moved: Instant::now(),
            errand,
            answer,
        });
    }

    /// What was brought; never, where nobody is away.
    pub(super) async fn back(&mut self) -> Brought {
        let Some(out) = &mut self.0 else {
            return std::future::pending().await;
        };
        let done = (&mut out.answer).await;
        let errand = Arc::clone(&out.errand);
        self.0 = None;
        let broke = |_| InputError {
            what: "what asks sources broke".to_owned(),
            help: None,
        };
        (errand, done.map_err(broke).and_then(|done| done))
    }

    /// Whether somebody is away who does not move any more.
    pub(super) fn is_stalled(&mut self) -> bool {
        let Some(out) = &mut self.0 else {
            return false;
        };
        let beats = out.errand.beats();
        if beats != out.beats {
            (out.beats, out.moved) = (beats, Instant::now());
        }
        out.moved.elapsed() > STALLED_AFTER
    }
}
