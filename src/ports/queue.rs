//! Queues of events, and trails that can be searched.

use std::time::Duration;

use jiff::Timestamp;

/// A message that a queue lent to us until it is deleted or its time is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The queue's own id of it; the same at each delivery.
    pub id: String,
    /// What this delivery is deleted by.
    pub receipt: String,
    pub body: String,
    pub sent_at: Option<Timestamp>,
}

/// A queue or a trail cannot be used now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct QueueError {
    pub what: String,
    pub help: Option<String>,
}

/// A queue that delivers each message at least once, in any order.
///
/// What was received is hidden from others for [`ActivityQueue::lent_for`]; it comes again unless it
/// was deleted by then or held on to. Calls may be repeated.
pub trait ActivityQueue: Send + Sync {
    /// The user's own name for it.
    fn name(&self) -> &str;
    fn lent_for(&self) -> Duration;
    /// Waits a while for messages.
    ///
    /// # Errors
    /// The queue gives no answer, or none of use.
    fn receive(&self) -> Result<Vec<Message>, QueueError>;
    /// # Errors
    /// As [`ActivityQueue::receive`].
    fn delete(&self, receipts: &[String]) -> Result<(), QueueError>;
    /// Hides the messages anew for the whole time.
    ///
    /// # Errors
    /// As [`ActivityQueue::receive`].
    fn hold(&self, receipts: &[String]) -> Result<(), QueueError>;
    /// How many messages wait, about.
    ///
    /// # Errors
    /// As [`ActivityQueue::receive`].
    fn waiting(&self) -> Result<u64, QueueError>;
}

/// What searching a trail gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Records as the trail has them, oldest first.
    pub records: Vec<String>,
    /// Up to when nothing is left out; `None` where all that was asked for was read.
    pub cut_off: Option<Timestamp>,
}

/// A trail that can be asked what was done in a while, slowly.
pub trait ActivityLookup: Send + Sync {
    /// The user's own name for it.
    fn name(&self) -> &str;
    /// How far it is to be asked back.
    fn window(&self) -> Duration;
    /// Every call that changed something between two times, within the budget of the source.
    ///
    /// # Errors
    /// The trail gives no answer, or none of use.
    fn look_up(&self, from: Timestamp, until: Timestamp) -> Result<Found, QueueError>;
}
