//! What sources that are asked give, gathered beside the engine's other work. With many accounts and a
//! budget of calls that takes minutes, and neither events nor people wait so long.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jiff::Timestamp;

use super::halt::Halt;
use super::packed::Packed;
use crate::engine::inputs::unreadable;
use crate::engine::parallel;
use crate::ingest::json::StreamError;
use crate::model::{SourceReport, WhyNotRead, WorkspaceName};
use crate::ports::{Estate, InputError, InputRef, NotRefreshed, Refreshed, StateRefresh};

/// Errands that were given up one after the other before a scan asks by itself: plans that are written
/// again and again must not keep it from looking.
pub(super) const IN_VAIN: u32 = 3;

/// All of what was asked for, as it came.
pub struct Gathered {
    pub began: Timestamp,
    parts: BTreeMap<InputRef, Arc<Packed>>,
    refreshes: Vec<Arc<GatheredRefresh>>,
    pub reports: Vec<SourceReport>,
}

impl Gathered {
    pub fn parts(&self) -> Vec<InputRef> {
        self.parts.keys().cloned().collect()
    }

    pub fn part(&self, input: &InputRef) -> Option<&Arc<Packed>> {
        self.parts.get(input)
    }

    pub fn refreshes(&self) -> Vec<Arc<dyn StateRefresh>> {
        let refreshes = self.refreshes.iter().map(Arc::clone);
        refreshes.map(|own| own as Arc<dyn StateRefresh>).collect()
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> u64 {
        let refreshes = self
            .refreshes
            .iter()
            .filter_map(|own| own.done.as_ref().ok());
        let refreshes = refreshes.flat_map(|done| [&done.plan, &done.state]);
        let all = self.parts.values().chain(refreshes);
        all.map(|packed| packed.len()).sum()
    }
}

/// What a workspace's refresh gave.
struct GatheredRefresh {
    name: String,
    workspace: WorkspaceName,
    done: Result<PackedRefresh, NotRefreshed>,
}

struct PackedRefresh {
    plan: Arc<Packed>,
    state: Arc<Packed>,
}

impl StateRefresh for GatheredRefresh {
    fn name(&self) -> &str {
        &self.name
    }

    fn workspace(&self) -> &WorkspaceName {
        &self.workspace
    }

    fn refresh(&self, _: &dyn Fn() -> bool) -> Result<Refreshed, NotRefreshed> {
        let PackedRefresh { plan, state } = self.done.as_ref().map_err(Clone::clone)?;
        Ok(Refreshed {
            plan: Packed::open(plan),
            state: Packed::open(state),
        })
    }
}

/// Whether an errand goes on, and whether it is still wanted.
#[derive(Debug, Default)]
pub struct Errand {
    given_up: AtomicBool,
    beats: AtomicU64,
}

impl Errand {
    /// A number that grows as long as it goes on.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::SeqCst)
    }
}

/// What is to be gathered; it may be done on any thread.
pub struct ToGather {
    pub errand: Arc<Errand>,
    began: Timestamp,
    types: BTreeSet<Box<str>>,
    estate: Arc<dyn Estate + Send + Sync>,
    threads: usize,
    halt: Arc<Halt>,
}

impl ToGather {
    /// Asks for everything, several parts at a time.
    ///
    /// # Errors
    /// A part that cannot be had, or it was given up.
    pub fn gather(self) -> Result<Gathered, InputError> {
        let types: Vec<&str> = self.types.iter().map(|name| &**name).collect();
        let inputs = self.estate.asked(&types);
        let read = parallel::map(&inputs, self.threads, |input| {
            let going = Going {
                inner: self.estate.open(input)?,
                errand: Arc::clone(&self.errand),
                halt: Arc::clone(&self.halt),
            };
            let packed = Packed::read(Box::new(going));
            let packed = packed.map_err(|error| unreadable(input, StreamError::Read(error)));
            packed.map(Arc::new)
        });
        let parts = inputs.iter().cloned().zip(read);
        let parts = parts.map(|(input, packed)| Ok((input, packed?)));
        let parts = parts.collect::<Result<_, InputError>>()?;
        let sources = self.estate.refreshes();
        let refreshes = parallel::map(&sources, self.threads, |source| self.refreshed(source));
        if self.is_over() {
            return Err(InputError {
                what: NOT_WANTED.to_owned(),
                help: None,
            });
        }
        Ok(Gathered {
            began: self.began,
            parts,
            refreshes,
            reports: self.estate.reports(),
        })
    }

    fn refreshed(&self, source: &Arc<dyn StateRefresh>) -> Arc<GatheredRefresh> {
        // Its own time limit ends it, and until then it asks several times a second.
        let is_over = || {
            self.errand.beat();
            self.is_over()
        };
        let packed = |inner| {
            let packed = Packed::read(inner).map(Arc::new);
            packed.map_err(|error| NotRefreshed {
                why: WhyNotRead::Broken,
                detail: format!("what it found cannot be read: {}", error.kind()),
            })
        };
        let done = source.refresh(&is_over).and_then(|refreshed| {
            Ok(PackedRefresh {
                plan: packed(refreshed.plan)?,
                state: packed(refreshed.state)?,
            })
        });
        Arc::new(GatheredRefresh {
            name: source.name().to_owned(),
            workspace: source.workspace().clone(),
            done,
        })
    }

    fn is_over(&self) -> bool {
        self.halt.is_stopped() || self.errand.is_given_up()
    }
}

const NOT_WANTED: &str = "it is not wanted any more";

/// A reader that gives up when nobody wants what it reads.
struct Going {
    inner: Box<dyn Read + Send>,
    errand: Arc<Errand>,
    halt: Arc<Halt>,
}

impl Read for Going {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.halt.is_stopped() || self.errand.is_given_up() {
            return Err(io::Error::other(NOT_WANTED));
        }
        self.errand.beat();
        self.inner.read(buffer)
    }
}

/// What a scan is to do about sources that are asked.
pub enum Way {
    /// It asks by itself, or has all that it needs.
    Scan,
    Gather(ToGather),
    /// Something is under way already; the scan comes after it.
    Waits,
}

/// What is under way, and what has come.
#[derive(Default)]
pub struct Gathering {
    /// The types that the last scan asked for.
    types: BTreeSet<Box<str>>,
    under_way: Option<Arc<Errand>>,
    come: Option<Gathered>,
    in_vain: u32,
    /// A scan waits for what was given up.
    owed: bool,
}

impl Gathering {
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// What a scan that is due is to do.
    pub fn way(
        &mut self,
        estate: &Arc<dyn Estate + Send + Sync>,
        threads: usize,
        halt: &Arc<Halt>,
        now: Timestamp,
    ) -> Way {
        if self.under_way.is_some() {
            return Way::Waits;
        }
        self.owed = false;
        // The first scan has nothing to go by, and nothing waits for it that could go on without.
        let is_first = self.types.is_empty();
        let is_ready = !estate.asks() || self.come.is_some();
        if is_first || is_ready || self.in_vain >= IN_VAIN {
            return Way::Scan;
        }
        let errand = Arc::new(Errand::default());
        self.under_way = Some(Arc::clone(&errand));
        Way::Gather(ToGather {
            errand,
            began: now,
            types: self.types.clone(),
            estate: Arc::clone(estate),
            threads,
            halt: Arc::clone(halt),
        })
    }

    /// It is not what the next scan can go by. Whether something was under way or had come.
    pub fn give_up(&mut self) -> bool {
        let under_way = self.under_way.take();
        if let Some(errand) = &under_way {
            errand.given_up.store(true, Ordering::SeqCst);
        }
        let is_in_vain = self.come.take().is_some() || under_way.is_some();
        self.in_vain += u32::from(is_in_vain);
        self.owed |= is_in_vain;
        is_in_vain
    }

    /// Whether a scan waits for what was given up; told once.
    pub fn owes_scan(&mut self) -> bool {
        std::mem::take(&mut self.owed)
    }

    /// Takes what an errand brought, if that one is still wanted. Where it brought nothing, the scan asks
    /// by itself, and says why that fails.
    pub fn come(&mut self, errand: &Arc<Errand>, done: Result<Gathered, InputError>) -> bool {
        let is_it = |own: &mut Arc<Errand>| Arc::ptr_eq(own, errand);
        if self.under_way.take_if(is_it).is_none() {
            return false;
        }
        match done {
            Ok(gathered) => self.come = Some(gathered),
            Err(_) => self.in_vain = IN_VAIN,
        }
        true
    }

    /// For the scan that begins.
    pub fn take(&mut self) -> Option<Gathered> {
        self.come.take()
    }

    /// A scan asked for these types.
    pub fn scanned(&mut self, types: BTreeSet<Box<str>>) {
        self.types = types;
        self.in_vain = 0;
    }
}
