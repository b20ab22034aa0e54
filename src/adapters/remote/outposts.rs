//! Everybody outside, for one evidence folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::anchors;
use super::collect::oldest_missing;
use super::error::RemoteLogError;
use super::memory::Memory;
use super::mirror::Mirror;
use crate::adapters::reason::reason;
use crate::adapters::store::EvidenceReader;
use crate::model::{Age, OutsideStanding, PlaceStanding};
use crate::ports::{Alarm, Http, Outside, RemoteStore};

pub use super::timestamps::Authority;
pub use super::witness::Watcher;

/// Held by who talks to the places outside, so that two do not do so for one log at once.
const LOCK: &str = ".state/outside";
/// How long one waits for the other.
const LOCK_TRIES: u32 = 300;
const LOCK_PAUSE: Duration = Duration::from_millis(100);
/// How often reading starts again because the log was published anew in the midst of it.
const READS: u32 = 5;

/// Whom there is to talk to.
pub struct Places {
    pub mirror: Option<Box<dyn RemoteStore>>,
    pub watchers: Vec<Watcher>,
    pub authorities: Vec<Authority>,
    pub http: Box<dyn Http>,
    /// A number that was never used before.
    pub nonce: Box<dyn Fn() -> [u8; 16]>,
}

pub struct Outposts {
    dir: PathBuf,
    places: Places,
    /// Whether to look for more than the mirror's own pointer.
    pub thorough: bool,
}

/// What one place came to: how far it is, or why it is not further.
type Try = Result<Option<u64>, RemoteLogError>;

impl Outposts {
    pub fn new(dir: &Path, places: Places) -> Self {
        Self {
            dir: dir.to_owned(),
            places,
            thorough: false,
        }
    }

    fn mirror(&self) -> Option<Mirror<'_>> {
        let store = self.places.mirror.as_deref()?;
        Some(Mirror {
            store,
            dir: &self.dir,
            thorough: self.thorough,
        })
    }

    /// Does something with the log as it is published now. Where that fails and the log was published anew
    /// meanwhile, it is done again with that.
    fn with_log<T>(
        &self,
        work: impl Fn(&EvidenceReader) -> Result<T, RemoteLogError>,
    ) -> Result<T, RemoteLogError> {
        let mut tries = 0;
        loop {
            let log = EvidenceReader::open(&self.dir)?;
            let done = work(&log);
            tries += 1;
            // Who does not answer answers no better for another log.
            let is_settled = done
                .as_ref()
                .map_or_else(RemoteLogError::is_remote, |_| true);
            if is_settled || tries >= READS {
                return done;
            }
            let now = EvidenceReader::open(&self.dir)?;
            if now.checkpoint() == log.checkpoint() {
                return done;
            }
        }
    }

    /// How far a place is, from what a try came to.
    fn standing(
        &self,
        place: &str,
        known: Option<u64>,
        tried: Try,
        now: Timestamp,
    ) -> Result<PlaceStanding, Alarm> {
        let (covered, problem) = match tried {
            Ok(covered) => (covered, None),
            Err(error) => (known, Some(error.weigh()?)),
        };
        let about = |log: &EvidenceReader| {
            let oldest = oldest_missing(log, covered.unwrap_or(0))?;
            Ok((log.checkpoint().head().size, oldest))
        };
        let (size, oldest) = self.with_log(about).or_else(stop)?;
        let age = oldest.map(|since| Age { since, now });
        let mut standing = PlaceStanding::at(place, covered, size, age);
        standing.problem = problem;
        Ok(standing)
    }

    fn size(&self) -> Result<u64, Alarm> {
        let size = self.with_log(|log| Ok(log.checkpoint().head().size));
        size.or_else(stop)
    }

    fn mirror_standing(
        &self,
        now: Timestamp,
        work: impl Fn(&Mirror<'_>, &EvidenceReader) -> Result<u64, RemoteLogError>,
    ) -> Result<Option<PlaceStanding>, Alarm> {
        let Some(mirror) = self.mirror() else {
            return Ok(None);
        };
        let place = mirror.store.place();
        let known = Memory::load(&self.dir, place).tree_size;
        let here = self.size()?;
        if let Some(there) = known.filter(|known| *known > here) {
            let place = place.to_owned();
            return stop(RemoteLogError::Ahead { place, there, here });
        }
        let tried = self.with_log(|log| work(&mirror, log)).map(Some);
        self.standing(place, known, tried, now).map(Some)
    }

    fn witness_standings(&self, now: Timestamp, keeps: bool) -> Result<Vec<PlaceStanding>, Alarm> {
        let standings = self.places.watchers.iter().map(|watcher| {
            let known = self.with_log(|log| anchors::newest_cosigned(log, &watcher.key));
            let known = known.or_else(stop)?;
            let tried = self.with_log(|log| self.ask_witness(watcher, log, known, keeps));
            self.standing(&watcher.place, known, tried, now)
        });
        standings.collect()
    }

    /// Has the newest checkpoint cosigned, unless it is. Without `keeps` it is asked in any case, for
    /// whether it knows of another log, and the answer goes nowhere.
    fn ask_witness(
        &self,
        watcher: &Watcher,
        log: &EvidenceReader,
        known: Option<u64>,
        keeps: bool,
    ) -> Try {
        let size = log.checkpoint().head().size;
        if size == 0 || (keeps && known == Some(size)) {
            return Ok(known);
        }
        let cosigned = watcher.cosign(&*self.places.http, log, known.unwrap_or(0))?;
        if !keeps {
            return Ok(known);
        }
        anchors::add_cosignature(log, size, &watcher.key, &cosigned)?;
        Ok(Some(size))
    }

    fn stamp(&self, now: Timestamp) -> Result<Option<PlaceStanding>, Alarm> {
        let Some(first) = self.places.authorities.first() else {
            return Ok(None);
        };
        let known = self.with_log(anchors::newest_stamped).or_else(stop)?;
        let mut place = first.place.clone();
        let mut tried = Ok(known);
        for authority in &self.places.authorities {
            place.clone_from(&authority.place);
            tried = self.with_log(|log| self.ask_authority(authority, log, known));
            if tried.is_ok() {
                break;
            }
        }
        self.standing(&place, known, tried, now).map(Some)
    }

    fn ask_authority(
        &self,
        authority: &Authority,
        log: &EvidenceReader,
        known: Option<u64>,
    ) -> Try {
        let size = log.checkpoint().head().size;
        if size == 0 || known == Some(size) {
            return Ok(known);
        }
        let nonce = (self.places.nonce)();
        let token = authority.stamp(&*self.places.http, log.checkpoint().note(), nonce)?;
        anchors::add_token(log, size, &token)?;
        Ok(Some(size))
    }

    fn lock(&self) -> Result<File, RemoteLogError> {
        let path = self.dir.join(LOCK);
        let failed = |error: std::io::Error| RemoteLogError::Write {
            path: path.display().to_string(),
            reason: reason(&error),
        };
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(failed)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Err(RemoteLogError::Busy)
    }
}

impl Outside for Outposts {
    fn look(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm> {
        let mirror = self.mirror_standing(now, |mirror, log| mirror.look(log))?;
        Ok(OutsideStanding {
            tree_size: self.size()?,
            mirror,
            witnesses: self.witness_standings(now, false)?,
            timestamps: None,
        })
    }

    fn advance(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm> {
        let _held = self.lock().or_else(stop)?;
        let mut mirror = self.mirror_standing(now, |mirror, log| mirror.push(log))?;
        let witnesses = self.witness_standings(now, true)?;
        let timestamps = self.stamp(now)?;
        let anchored = !self.places.watchers.is_empty() || timestamps.is_some();
        if anchored && mirror.as_ref().is_some_and(|own| own.problem.is_none()) {
            // What was said of the checkpoint goes to the mirror as well.
            mirror = self.mirror_standing(now, |mirror, log| mirror.push(log))?;
        }
        Ok(OutsideStanding {
            tree_size: self.size()?,
            mirror,
            witnesses,
            timestamps,
        })
    }

    fn is_settled(&self) -> bool {
        let Ok(size) = self.size() else { return false };
        let has_all = |known: Result<Option<u64>, RemoteLogError>| {
            known.is_ok_and(|known| known.is_none_or(|known| known == size))
        };
        let mirror = self.places.mirror.as_deref();
        mirror.is_none_or(|store| Memory::load(&self.dir, store.place()).tree_size == Some(size))
            && has_all(self.with_log(anchors::newest_stamped))
            && self.places.watchers.iter().all(|watcher| {
                has_all(self.with_log(|log| anchors::newest_cosigned(log, &watcher.key)))
            })
    }

    fn pause(&mut self, time: SignedDuration) {
        std::thread::sleep(time.unsigned_abs());
    }
}

/// An error that concerns no single place stops everything.
fn stop<T>(error: RemoteLogError) -> Result<T, Alarm> {
    let help = error.help().to_owned();
    match error.weigh() {
        Ok(what) => Err(Alarm {
            what,
            help,
            forbids: false,
        }),
        Err(alarm) => Err(alarm),
    }
}
