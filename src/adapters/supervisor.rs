//! What systemd wants to be told; where there is none, nobody is told.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::ports::Supervisor;

/// Tells through the socket that `NOTIFY_SOCKET` names.
pub struct Systemd {
    interval: Option<Duration>,
}

impl Systemd {
    /// Reads once what the environment says.
    pub fn from_environment() -> Self {
        Self {
            interval: sd_notify::watchdog_enabled(),
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    // Who does not listen misses something; the engine does not.
    let _ = sd_notify::notify(state);
}

impl Supervisor for Systemd {
    fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
    }

    fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    fn status(&self, text: &str) {
        tell(&[NotifyState::Status(text)]);
    }

    fn alive(&self) {
        if self.interval.is_some() {
            tell(&[NotifyState::Watchdog]);
        }
    }

    fn interval(&self) -> Option<Duration> {
        self.interval
    }
}
