//! Compares what is live with what was approved.
//!
//! Live items come as a stream, a million of them; each is compared when it is read and then
//! forgotten. A [`Comparer`] is shared by all readers, each of which fills [`Findings`] of its own;
//! [`Comparer::finish`] joins them. The order of the items changes nothing: where one resource was
//! recorded twice, the newer record counts.

mod absence;
mod against;
mod also;
mod approved_rules;
mod aside;
mod by_name;
mod claims;
mod coverage;
mod deviation;
mod earlier;
mod elements;
mod finish;
mod index;
mod item;
mod live;
mod lookup;
mod made;
mod not_read;
mod parts;
mod place;
mod prepared;
mod principals;
mod quick;
mod recorder;
mod refreshed;
mod rows;
mod scope;
mod secrets;
mod security_groups;
mod seen;
mod shown;
mod sight;
mod touched;
mod unmanaged;
mod unplaced;
mod watch;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

pub(super) use absence::Lacking;
pub use claims::{Claim, DoubleClaim};
pub use finish::Comparison;
pub(super) use place::{Place, arn_place};
pub use prepared::Prepared;
pub use principals::Named;
pub use refreshed::{
    NamedSays, NamedSight, RefreshSeen, RefreshSight, WantedValues, is_same_state,
};
pub use scope::Scope;
pub use sight::{Apart, Cell, Sight};
pub use touched::{Touched, TouchedComparison};
pub use unplaced::Unplaced;
pub use watch::{Fate, Standing, Watched};

pub(in crate::decide) use approved_rules::direction_of;
pub(in crate::decide) use elements::id_within;
pub(in crate::decide) use shown::put;

use self::also::{AlsoKey, AlsoShown};
use self::earlier::Earlier;
use self::recorder::Recorders;
use super::baseline::{Approved, ApprovedResource};
use super::ignoring::{Authors, NoSource};
use super::value::Why;
use crate::ingest::redact::Redactor;
use crate::model::{Deviation, EarlierFinding, Gap, GapReason};
use crate::normalise::catalogue::{Catalogue, ConfigIx};
use crate::normalise::equal::Principals;

pub struct Comparer<'a> {
    catalogue: &'a Catalogue,
    approved: &'a Approved,
    scope: &'a Scope,
    redactor: &'a Redactor,
    authors: &'a dyn Authors,
    earlier: Earlier<'a>,
    prepared: Arc<Prepared>,
    /// Users and roles, where it was asked for them.
    principals: Principals,
}

/// What one reader found. Combined in any order.
#[derive(Debug, Default)]
pub struct Findings {
    /// Approved resources that an item told about: index, time in milliseconds, and whether it is
    /// there.
    seen: Vec<(u32, i64, Presence)>,
    /// Where resources were seen that are absent, or whose presence is to be judged.
    shown_in: Vec<ShownIn>,
    differences: Vec<Found>,
    not_compared: Vec<NotCompared>,
    /// Elements that others approve.
    also: BTreeMap<AlsoKey, AlsoShown>,
    /// Rows of resources with open findings that an item does not carry: resource, time, row.
    not_carried: Vec<(u32, i64, usize)>,
    /// Open findings about parts that an item does not carry.
    parts_not_carried: BTreeSet<UnmanagedKey>,
    /// Live resources that nobody approved, by type, account and provider id.
    unmanaged: BTreeMap<UnmanagedKey, Unmanaged>,
    /// Of those, the ones that may be approved ones of their owner that nothing names, and how many of
    /// these there are.
    unnamed: BTreeMap<UnmanagedKey, u64>,
    /// Items that the provider made by itself, of the types that matter to others.
    made: BTreeSet<Box<str>>,
    /// Pairs of such an item and one that is no finding because of it.
    unless_made: BTreeSet<(Box<str>, Box<str>)>,
    /// Config types that were seen, by account.
    recorded: BTreeSet<(Box<str>, ConfigIx)>,
    recorders: Recorders,
    by_name: by_name::Shown,
    /// Accounts with the Regions that were seen.
    covered: BTreeSet<(Box<str>, Box<str>)>,
    /// The place of the last item, already noted with these types.
    here: Here,
    memo: quick::Memo,
    /// Items of types that no table knows, or by name only, that were not looked at, counted.
    unmapped: BTreeMap<Box<str>, u64>,
    gaps: Vec<Gap>,
    not_read: not_read::NotReadParts,
    refreshed: refreshed::Told,
    /// Whether a policy names by ARN whom the other side names by unique id.
    asks_for_principals: bool,
    /// Items that are there and tell nothing, by type and each of their names.
    unread: BTreeMap<(ConfigIx, Box<str>), GapReason>,
    /// `None` unless somebody asks what became of each attribute.
    watch: Option<Box<watch::Watch>>,
    pub items: u64,
}

/// Type, account and provider id.
type UnmanagedKey = (Box<str>, Box<str>, Box<str>);

#[derive(Debug, Default)]
struct Here {
    account: Box<str>,
    region: Box<str>,
    types: BTreeSet<ConfigIx>,
    noted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Presence {
    Present,
    /// Another approved resource answers to the same item.
    Ambiguous,
    /// What tells it from others is a secret, and nothing live is certainly it.
    Secret,
    /// Its owner was seen, and neither plan nor state tells what it is called there.
    Unnamed,
    Absent,
    /// The item was there, the part that holds the resource was not recorded.
    NotRecorded,
}

#[derive(Debug)]
struct Found {
    resource: u32,
    time: i64,
    deviation: Deviation,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ShownIn {
    resource: u32,
    time: i64,
    account: Box<str>,
    region: Box<str>,
}

/// An attribute that was read and could not be compared.
#[derive(Debug)]
struct NotCompared {
    resource: u32,
    time: i64,
    /// The row of the resource's table.
    slot: usize,
    why: Why,
}

#[derive(Debug)]
struct Unmanaged {
    time: i64,
    /// `None`: the newest record says that it is gone.
    deviation: Option<Deviation>,
}

impl<'a> Comparer<'a> {
    pub fn new(
        catalogue: &'a Catalogue,
        approved: &'a Approved,
        scope: &'a Scope,
        redactor: &'a Redactor,
    ) -> Self {
        let prepared = Arc::new(Prepared::new(catalogue, approved));
        Self::over(catalogue, approved, scope, redactor, prepared)
    }

    /// As `new`, over what was prepared from this very approved side before.
    pub fn over(
        catalogue: &'a Catalogue,
        approved: &'a Approved,
        scope: &'a Scope,
        redactor: &'a Redactor,
        prepared: Arc<Prepared>,
    ) -> Self {
        Self {
            catalogue,
            approved,
            scope,
            redactor,
            authors: &NoSource,
            earlier: Earlier::default(),
            prepared,
            principals: Principals::default(),
        }
    }

    /// What later looks at the same approved side can be made over.
    pub fn prepared(&self) -> Arc<Prepared> {
        Arc::clone(&self.prepared)
    }

    /// With what is known of the Terraform source.
    pub fn with_authors(self, authors: &'a dyn Authors) -> Self {
        Self { authors, ..self }
    }

    /// With the findings that earlier scans left open.
    pub fn with_earlier(self, earlier: &'a [EarlierFinding]) -> Self {
        let earlier = Earlier::new(earlier, self.approved);
        Self { earlier, ..self }
    }

    /// With what the items of IAM tell of users and roles.
    #[must_use]
    pub fn knowing(self, principals: Principals) -> Self {
        Self { principals, ..self }
    }

    fn resource(&self, index: u32) -> Option<&'a ApprovedResource> {
        self.approved.resources.get(usize::try_from(index).ok()?)
    }
}

impl Findings {
    /// Findings that also keep what became of each attribute.
    pub fn watching() -> Self {
        Self {
            watch: Some(Box::default()),
            ..Self::default()
        }
    }

    fn note_fate(&mut self, resource: u32, live: &live::Live<'_>, slot: usize, fate: Fate) {
        if let Some(watch) = &mut self.watch {
            watch.note(resource, live.time, slot, fate);
        }
    }

    /// Whether knowing the users and roles of the items would tell more.
    pub fn asks_for_principals(&self) -> bool {
        self.asks_for_principals
    }

    /// Takes in what another reader found.
    pub fn absorb(&mut self, other: Self) {
        self.seen.extend(other.seen);
        self.shown_in.extend(other.shown_in);
        self.differences.extend(other.differences);
        self.not_compared.extend(other.not_compared);
        self.not_carried.extend(other.not_carried);
        self.parts_not_carried.extend(other.parts_not_carried);
        self.recorded.extend(other.recorded);
        self.covered.extend(other.covered);
        for (key, recorder) in other.recorders {
            self.add_recorder(key, recorder);
        }
        self.gaps.extend(other.gaps);
        self.not_read.absorb(other.not_read);
        self.refreshed.absorb(other.refreshed);
        self.asks_for_principals |= other.asks_for_principals;
        for (key, reason) in other.unread {
            self.add_unread(key, reason);
        }
        self.by_name.absorb(other.by_name);
        for (key, shown) in other.also {
            self.add_also(key, shown);
        }
        self.unnamed.extend(other.unnamed);
        self.made.extend(other.made);
        self.unless_made.extend(other.unless_made);
        self.items += other.items;
        if let (Some(own), Some(other)) = (&mut self.watch, other.watch) {
            own.absorb(*other);
        }
        for (type_name, count) in other.unmapped {
            *self.unmapped.entry(type_name).or_default() += count;
        }
        for (key, unmanaged) in other.unmanaged {
            self.note_unmanaged(key, unmanaged);
        }
    }

    fn count_unmapped(&mut self, config_type: &str) {
        *self.unmapped.entry(config_type.into()).or_default() += 1;
    }

    /// Notes where an item lies, and its type; items of one place mostly come together.
    fn note_place(&mut self, account: &str, region: &str, config: Option<ConfigIx>) {
        if &*self.here.account != account || &*self.here.region != region || !self.here.noted {
            let (account, region): (Box<str>, Box<str>) = (account.into(), region.into());
            self.covered.insert((account.clone(), region.clone()));
            self.here = Here {
                account,
                region,
                types: BTreeSet::new(),
                noted: true,
            };
        }
        if let Some(config) = config
            && self.here.types.insert(config)
        {
            self.recorded.insert((account.into(), config));
        }
    }

    fn note_unmanaged(&mut self, key: UnmanagedKey, found: Unmanaged) {
        let rank = |unmanaged: &Unmanaged| {
            // Of records of one moment the one that shows the resource counts, and of those the
            // one in the first Region, so that the order of the files does not matter.
            let shown = unmanaged.deviation.as_ref();
            let shown = shown.map(|d| std::cmp::Reverse((d.region.clone(), d.live.clone())));
            (unmanaged.time, shown)
        };
        match self.unmanaged.get(&key) {
            Some(known) if rank(known) >= rank(&found) => {}
            _ => {
                self.unmanaged.insert(key, found);
            }
        }
    }
}

fn millis(time: Option<Timestamp>) -> i64 {
    time.map_or(0, Timestamp::as_millisecond)
}
