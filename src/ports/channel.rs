//! Where messages go: people who are paged, and systems that are told.

use std::time::Duration;

use crate::model::Page;

/// One configured channel.
///
/// Retry: [`Channel::send`] tries once. It may be repeated after any error or crash with the same page; what
/// receives it recognises `key` and `sequence` where it can. Durability: after `Ok` the receiver has said that
/// it has the message, and no more than that. Secrets: neither [`Delivered`] nor [`ChannelError`] holds one.
pub trait Channel: Send + Sync {
    /// As `name` in configuration.
    fn name(&self) -> &str;

    /// The least time between two messages, by the receiver's documented limit.
    fn pace(&self) -> Duration;

    /// What the receiver would take for over unless it is told again so often; `None`: it forgets nothing.
    fn again_after(&self) -> Option<Duration> {
        None
    }

    /// Gives one message to the receiver and waits for its answer. `thread` is what an earlier message of
    /// the alert came back with.
    ///
    /// # Errors
    /// It was not taken; the error says whether another try can help.
    fn send(&self, page: &Page, thread: Option<&str>) -> Result<Delivered, ChannelError>;
}

/// What the receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// In its own words and short: `202 Event processed`.
    pub answer: String,
    /// The thread or incident that later messages of the alert go to; kept, and given back.
    pub thread: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Another try may help, not before the time the receiver asked for.
    #[error("`{channel}` did not take a message: {what}")]
    Passing {
        channel: String,
        what: String,
        wait: Option<Duration>,
    },
    /// It will never be taken in this form.
    #[error("`{channel}` refuses a message: {what}")]
    Refused { channel: String, what: String },
}
