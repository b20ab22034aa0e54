//! Activity by the names of what it acted on. A year of a large organisation is a million events:
//! texts that repeat are stored once, and a lookup touches only events that name the resource.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::Timestamp;

use super::allowed::Allowed;
use super::names;
use crate::model::{AccountId, Activity, Actor, IdentityMap, Means, Region};

/// One successful call. The order of fields is the order of events: by time, then by everything
/// else, so that the order in which files were read never shows.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub at: Timestamp,
    pub event_id: Box<str>,
    pub call: Arc<str>,
    pub who: Arc<Who>,
    pub account: Option<Arc<str>>,
    pub region: Option<Arc<str>>,
    pub subjects: Box<[Arc<str>]>,
}

/// An actor as attributions show it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Who {
    pub identity: String,
    pub aliases: Vec<String>,
    pub means: Means,
    pub from: Option<String>,
    pub person: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    /// Oldest first.
    events: Vec<Event>,
    /// Hash of a name and the place of an event that bears it, sorted.
    by_name: Vec<(u64, usize)>,
}

impl Index {
    pub(super) fn new(
        activities: Vec<Activity>,
        allowed: &Allowed,
        people: Option<&IdentityMap>,
    ) -> Self {
        let mut shared = Shared::default();
        let mut events: Vec<Event> = Vec::with_capacity(activities.len());
        for activity in activities {
            // A failed call changed nothing; a call that names nothing can be joined to nothing.
            if activity.succeeded && !activity.subjects.is_empty() {
                events.push(shared.event(activity, allowed, people));
            }
        }
        events.sort_unstable();
        // Trails of several Regions and folders that overlap hold the same event more than once.
        events.dedup_by(|later, first| later.at == first.at && later.event_id == first.event_id);
        let mut by_name = Vec::with_capacity(events.len() * 3);
        for (place, event) in events.iter().enumerate() {
            for subject in &event.subjects {
                by_name.push((hash(subject), place));
                by_name.extend(names::forms(subject).iter().map(|form| (hash(form), place)));
            }
        }
        by_name.sort_unstable();
        by_name.dedup();
        Self { events, by_name }
    }

    /// Places of the events that name one of these up to a time, newest first.
    pub(super) fn naming<'n>(
        &self,
        texts: impl Iterator<Item = &'n str>,
        until: Timestamp,
    ) -> Vec<&Event> {
        let end = self.events.partition_point(|event| event.at <= until);
        let mut places = Vec::new();
        for text in texts {
            let wanted = hash(text);
            let from = self.by_name.partition_point(|(hash, _)| *hash < wanted);
            let same = self
                .by_name
                .iter()
                .skip(from)
                .take_while(|(hash, _)| *hash == wanted);
            places.extend(same.map(|(_, place)| *place).filter(|place| *place < end));
        }
        places.sort_unstable();
        places.dedup();
        places
            .iter()
            .rev()
            .filter_map(|place| self.events.get(*place))
            .collect()
    }
}

impl Event {
    /// Whether the event bears the name, in any form. Hashes may collide; this decides.
    pub(super) fn bears(&self, name: &str) -> bool {
        self.subjects.iter().any(|subject| {
            **subject == *name || names::forms(subject).iter().any(|form| form == name)
        })
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Texts and actors, each stored once. The hashed set is never iterated.
#[derive(Default)]
struct Shared {
    texts: HashSet<Arc<str>>,
    actors: BTreeSet<Arc<Who>>,
}

impl Shared {
    fn event(
        &mut self,
        activity: Activity,
        allowed: &Allowed,
        people: Option<&IdentityMap>,
    ) -> Event {
        let Activity {
            event_id,
            at,
            call,
            actor,
            account,
            region,
            subjects,
            succeeded: _,
        } = activity;
        let mut subjects: Box<[Arc<str>]> = subjects.iter().map(|text| self.text(text)).collect();
        subjects.sort_unstable();
        Event {
            at,
            event_id: event_id.into_boxed_str(),
            call: self.text(&call),
            who: self.who(actor, allowed, people),
            account: account
                .as_ref()
                .map(AccountId::as_str)
                .map(|text| self.text(text)),
            region: region
                .as_ref()
                .map(Region::as_str)
                .map(|text| self.text(text)),
            subjects,
        }
    }

    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&new));
        new
    }

    fn who(&mut self, actor: Actor, allowed: &Allowed, people: Option<&IdentityMap>) -> Arc<Who> {
        let means = allowed.means(&actor);
        let Actor {
            identity,
            aliases,
            source_ip,
            source_host,
            means: _,
            user_agent: _,
        } = actor;
        let who = Who {
            from: source_ip.map(|ip| ip.to_string()).or(source_host),
            person: people.and_then(|people| person(people, &identity, &aliases, means)),
            identity,
            aliases,
            means,
        };
        if let Some(known) = self.actors.get(&who) {
            return Arc::clone(known);
        }
        let new = Arc::new(who);
        self.actors.insert(Arc::clone(&new));
        new
    }
}

/// The first of the actor's names that is in the map; names come in the order of trust. Whoever a
/// service acted for is not the one who acted.
fn person(
    people: &IdentityMap,
    identity: &str,
    aliases: &[String],
    means: Means,
) -> Option<String> {
    let others = match means {
        Means::Service => &[],
        Means::Console | Means::Pipeline | Means::Key | Means::Unknown => aliases,
    };
    let mut names = std::iter::once(identity).chain(others.iter().map(String::as_str));
    names
        .find_map(|name| people.find(name))
        .map(|person| person.id.0.clone())
}
