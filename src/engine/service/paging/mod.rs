//! Telling: what the cycle keeps for it between its turns, beside the log. All of it can be lost.

mod content;
mod courier;
mod heart;
mod known;
mod post;
mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::decide::paging::Policy;
use crate::model::AlertKey;
use crate::ports::Channel;

pub(super) use content::Content;
pub(super) use courier::open;
pub(super) use heart::{Heart, Work};
pub(super) use known::Known;
pub(super) use post::{Letter, Outcome, Post, Report, Tried};
pub(super) use scene::Stage;

/// How an installation wants to be told, and by what.
#[derive(Clone, Default)]
pub struct Telling {
    pub policy: Arc<Policy>,
    /// The same channels as before, as long as their blocks are: then their threads go on.
    pub channels: Arc<Vec<Arc<dyn Channel>>>,
    pub heartbeat: Option<(String, SignedDuration)>,
    /// The name of the log, which makes the keys of two installations differ.
    pub origin: String,
    /// How a command in a message ends, so that it goes by this configuration.
    pub named: String,
}

impl Telling {
    pub fn knows(&self, channel: &str) -> bool {
        self.channels.iter().any(|own| own.name() == channel)
    }

    /// How often a channel must be told of an alert that goes on.
    pub fn again_after(&self, channel: &str) -> Option<SignedDuration> {
        let own = self.channels.iter().find(|own| own.name() == channel)?;
        SignedDuration::try_from(own.again_after()?).ok()
    }
}

/// Rings when something came back from a channel.
pub type Ring = Arc<dyn Fn() + Send + Sync>;

/// What the cycle needs to tell.
pub struct Paging {
    pub(super) post: Arc<Post>,
    /// Letters that a courier has.
    pub(super) handed: BTreeSet<(AlertKey, String, u32)>,
    pub(super) known: Known,
    channels: Arc<Vec<Arc<dyn Channel>>>,
    ring: Ring,
    chance: fn() -> u32,
    /// When a receiver that forgets was last told of an alert.
    pub(super) repeated: BTreeMap<(AlertKey, String), Timestamp>,
    /// The size of the log and the time of the last pass that gave nothing.
    pub(super) quiet: Option<(u64, Timestamp)>,
    /// Between these no pass is made.
    pub(super) pause: Option<(Timestamp, Timestamp)>,
    pub(super) heart: Arc<Heart>,
}

impl Paging {
    pub fn new(chance: fn() -> u32) -> Self {
        Self {
            post: Arc::default(),
            handed: BTreeSet::new(),
            known: Known::default(),
            channels: Arc::default(),
            ring: Arc::new(|| {}),
            chance,
            repeated: BTreeMap::new(),
            quiet: None,
            pause: None,
            heart: Arc::default(),
        }
    }

    /// From now on that is rung when something comes back.
    pub fn ring_with(&mut self, ring: Ring) {
        self.post.ring_with(Arc::clone(&ring));
        self.ring = ring;
    }

    /// Has the channels of now and no others. What the old ones had is handed out anew.
    pub(super) fn take_up(&mut self, telling: &Telling) {
        if Arc::ptr_eq(&self.channels, &telling.channels) {
            self.heart.take_up(telling, &self.post);
            return;
        }
        self.post.close();
        self.post = Arc::default();
        self.heart.take_up(telling, &self.post);
        self.post.ring_with(Arc::clone(&self.ring));
        self.handed.clear();
        self.channels = Arc::clone(&telling.channels);
        open(&self.channels, &self.post, self.chance);
    }
}

impl Drop for Paging {
    fn drop(&mut self) {
        self.post.close();
    }
}
