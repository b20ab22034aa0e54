//! What came from outside since the loop last looked.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::ports::{Listener, Touched};

/// What came from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Stop(&'static str),
    Reload,
}

/// Files that were touched since the loop last looked; any number of events takes one place.
#[derive(Default)]
pub struct Changes {
    written: AtomicBool,
    observed: AtomicBool,
    inbox: AtomicBool,
    pub(super) bell: Notify,
    /// Rung when something was heard: that does not wait for files to come to rest.
    pub(super) events: Notify,
}

impl Changes {
    /// Something came by an event; told from any thread.
    pub fn heard(&self) {
        self.events.notify_one();
    }

    /// Whether such files were touched since this was asked last.
    pub(super) fn take(&self, what: Touched) -> bool {
        self.place(what).swap(false, Ordering::SeqCst)
    }

    fn place(&self, what: Touched) -> &AtomicBool {
        match what {
            Touched::Written => &self.written,
            Touched::Observed => &self.observed,
            Touched::Inbox => &self.inbox,
        }
    }
}

impl Listener for Changes {
    fn touched(&self, what: Touched) {
        self.place(what).store(true, Ordering::SeqCst);
        self.bell.notify_one();
    }
}
