//! One mirror of one log: how far it is, and bringing it further.

use std::path::Path;

use super::anchors;
use super::collect::Missing;
use super::error::RemoteLogError;
use super::memory::Memory;
use crate::adapters::store::EvidenceReader;
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::path::{self, Tile};
use crate::evidence::proof::{ProofError, prove_consistency};
use crate::evidence::source::Source;
use crate::evidence::timestamp::MAX_TOKEN_BYTES;
use crate::ports::{Object, RemoteStore, Replaced, Version};

/// Objects that go out together, and how many bytes they have at most.
const GROUP: usize = 64;
const GROUP_BYTES: usize = 16 << 20;
/// How often a lost race for the checkpoint is run again.
const RACES: u32 = 5;

/// What the mirror says of itself.
struct Newest {
    /// The largest size that any checkpoint there has.
    size: u64,
    /// The size that the pointer names.
    pointed: u64,
    version: Option<Version>,
    note: Option<Vec<u8>>,
}

/// Brings what is in a store up to the log in a folder.
pub struct Mirror<'m> {
    pub store: &'m dyn RemoteStore,
    pub dir: &'m Path,
    /// Also asks for checkpoints that are newer than the one it points to.
    pub thorough: bool,
}

impl Mirror<'_> {
    /// Entries of this log that the mirror has; shown to be the beginning of the log here.
    pub fn look(&self, log: &EvidenceReader) -> Result<u64, RemoteLogError> {
        Ok(self.newest(log)?.size)
    }

    /// Sends what is missing, the checkpoint last. Returns how many entries the mirror has then.
    pub fn push(&self, log: &EvidenceReader) -> Result<u64, RemoteLogError> {
        let head = log.checkpoint().head();
        for _ in 0..RACES {
            let newest = self.newest(log)?;
            if newest.note.as_deref() == Some(log.checkpoint().note()) {
                self.keep_checkpoint(log)?;
                self.send_anchors(log, newest.pointed)?;
                self.clear_up(newest.size)?;
                return Ok(newest.size);
            }
            if head.size == 0 {
                return Ok(0);
            }
            let missing = Missing::new(log, self.sent(&newest).min(head.size))?;
            self.in_groups(|send| missing.locked(send), Self::keep)?;
            // Before they are sent: whoever ends in the midst of it leaves partial tiles of this size, too.
            self.remember(|memory| {
                let known = [newest.pointed, memory.tree_size.unwrap_or(0), head.size];
                memory.stale.extend(known);
                memory.stale.sort_unstable();
                memory.stale.dedup();
            })?;
            self.in_groups(|send| missing.unlocked(send), Self::set)?;
            self.send_anchors(log, newest.pointed)?;
            let object = Object {
                name: path::CHECKPOINT.to_owned(),
                bytes: log.checkpoint().note().to_vec(),
            };
            match self.store.replace(&object, newest.version.as_ref())? {
                Replaced::Done => {
                    self.clear_up(head.size)?;
                    return Ok(head.size);
                }
                // Another process, or an earlier try of ours whose answer was lost: look again.
                Replaced::Conflict => {}
            }
        }
        Err(RemoteLogError::Contended {
            place: self.store.place().to_owned(),
        })
    }

    /// Up to where everything is known to be there. Without the pointer, which goes last, that a numbered
    /// checkpoint is there says nothing of the rest: then what is remembered counts.
    fn sent(&self, newest: &Newest) -> u64 {
        match newest.note {
            Some(_) => newest.pointed,
            None => {
                let memory = Memory::load(self.dir, self.store.place());
                memory.tree_size.unwrap_or(0).min(newest.size)
            }
        }
    }

    /// The pointer can be overwritten; what counts as kept is the checkpoint under its number.
    fn keep_checkpoint(&self, log: &EvidenceReader) -> Result<(), RemoteLogError> {
        let size = log.checkpoint().head().size;
        self.keep(&[Object {
            name: path::checkpoint_at(size),
            bytes: log.checkpoint().note().to_vec(),
        }])
    }

    /// The newest checkpoint there, shown to be one of this log's history.
    fn newest(&self, log: &EvidenceReader) -> Result<Newest, RemoteLogError> {
        let pointed = self.store.get(path::CHECKPOINT, MAX_NOTE_BYTES)?;
        let mut newest = Newest {
            size: 0,
            pointed: 0,
            version: None,
            note: None,
        };
        if let Some(stored) = pointed {
            newest.pointed = self.compare(log, path::CHECKPOINT, &stored.bytes)?;
            newest.size = newest.pointed;
            newest.version = Some(stored.version);
            newest.note = Some(stored.bytes);
        }
        if newest.note.is_none() || self.thorough {
            // What it points to can be overwritten, the numbered ones cannot.
            let names = self.store.list(&format!("{}/", path::CHECKPOINTS))?;
            let locked = names
                .iter()
                .filter_map(|name| path::parse_checkpoint(name))
                .max();
            if let Some(size) = locked.filter(|size| *size > newest.size) {
                let name = path::checkpoint_at(size);
                let stored = self.store.get(&name, MAX_NOTE_BYTES)?;
                if let Some(stored) = stored {
                    newest.size = self.compare(log, &name, &stored.bytes)?;
                }
            }
        }
        Ok(newest)
    }

    fn compare(
        &self,
        log: &EvidenceReader,
        name: &str,
        note: &[u8],
    ) -> Result<u64, RemoteLogError> {
        let place = || self.store.place().to_owned();
        let there = SignedCheckpoint::open(note, log.keys());
        let there = there.map_err(|error| RemoteLogError::Checkpoint {
            place: place(),
            name: name.to_owned(),
            error,
        })?;
        must_be_beginning(log, &there, self.store.place())?;
        Ok(there.head().size)
    }

    fn keep(&self, objects: &[Object]) -> Result<(), RemoteLogError> {
        Ok(self.store.keep(objects)?)
    }

    fn set(&self, objects: &[Object]) -> Result<(), RemoteLogError> {
        Ok(self.store.set(objects)?)
    }

    /// Sends objects in groups, in their order of groups.
    fn in_groups(
        &self,
        collect: impl FnOnce(
            &mut dyn FnMut(Object) -> Result<(), RemoteLogError>,
        ) -> Result<(), RemoteLogError>,
        put: impl Fn(&Self, &[Object]) -> Result<(), RemoteLogError>,
    ) -> Result<(), RemoteLogError> {
        let mut group: Vec<Object> = Vec::new();
        let mut bytes = 0;
        collect(&mut |object| {
            // A checkpoint goes only after everything that it covers is there.
            let is_checkpoint = path::parse_checkpoint(&object.name).is_some();
            let begun = group
                .last()
                .is_some_and(|last| path::parse_checkpoint(&last.name).is_none() && is_checkpoint);
            if begun || group.len() >= GROUP || bytes + object.bytes.len() > GROUP_BYTES {
                put(self, &group)?;
                group.clear();
                bytes = 0;
            }
            bytes += object.bytes.len();
            group.push(object);
            Ok(())
        })?;
        put(self, &group)
    }

    /// What was said of checkpoints from this size on. A time stamp never changes; lines of witnesses are
    /// added.
    fn send_anchors(&self, log: &EvidenceReader, from: u64) -> Result<(), RemoteLogError> {
        let mut objects = Vec::new();
        for name in anchors::since(log, from)? {
            let bytes = log.folder().read(&name, MAX_TOKEN_BYTES)?;
            objects.extend(bytes.map(|bytes| Object { name, bytes }));
        }
        objects.chunks(GROUP).try_for_each(|group| self.set(group))
    }

    /// Removes partial tiles that a tree of this size does not have, and notes how far the mirror is.
    fn clear_up(&self, size: u64) -> Result<(), RemoteLogError> {
        let memory = Memory::load(self.dir, self.store.place());
        let kept = paths(size);
        let stale = memory.stale.iter().flat_map(|size| paths(*size));
        let stale: Vec<String> = stale.filter(|path| !kept.contains(path)).collect();
        if !stale.is_empty() {
            self.store.remove(&stale)?;
        }
        self.remember(|memory| {
            memory.tree_size = Some(size);
            memory.stale.clear();
        })
    }

    /// Changes what is remembered of the mirror.
    fn remember(&self, change: impl FnOnce(&mut Memory)) -> Result<(), RemoteLogError> {
        let before = Memory::load(self.dir, self.store.place());
        let mut memory = before.clone();
        change(&mut memory);
        match memory == before {
            true => Ok(()),
            false => memory.save(self.dir),
        }
    }
}

fn paths(size: u64) -> Vec<String> {
    Tile::right_edge(size).iter().map(Tile::path).collect()
}

/// Refuses a checkpoint from elsewhere that is not of this log's past.
pub fn must_be_beginning(
    log: &EvidenceReader,
    there: &SignedCheckpoint,
    place: &str,
) -> Result<(), RemoteLogError> {
    let (here, there) = (log.checkpoint().head(), there.head());
    match prove_consistency(log.folder(), here, there) {
        Ok(_) if here.size != there.size || here.root == there.root => Ok(()),
        Ok(_) => Err(RemoteLogError::Diverged {
            place: place.to_owned(),
            there: there.size,
            why: "the roots differ".to_owned(),
        }),
        Err(ProofError::Shorter { earlier, size }) => Err(RemoteLogError::Ahead {
            place: place.to_owned(),
            there: earlier,
            here: size,
        }),
        Err(ProofError::Tree(why)) => Err(RemoteLogError::Diverged {
            place: place.to_owned(),
            there: there.size,
            why,
        }),
        Err(error) => Err(error.into()),
    }
}
