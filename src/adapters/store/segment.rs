//! The two files that commits are staged in. They take their place on the disk beforehand and are
//! written again and again, so that a sync has nothing but the record itself to bring there. While
//! one waits to be published, the other is written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::disk::Disk;
use super::error::StoreError;
use super::staging::{self, BLOCK, MAGIC, Staged};

const NAMES: [&str; 2] = [".state/staging/a", ".state/staging/b"];

/// A file that grew beyond this for one large commit is cut back when that is published.
const KEPT: u64 = 8 << 20;

#[derive(Debug)]
pub struct Segments {
    files: [Segment; 2],
    /// Which of them is written now.
    second: bool,
}

#[derive(Debug)]
struct Segment {
    file: File,
    path: PathBuf,
    capacity: u64,
    /// Where the next record begins.
    used: u64,
}

impl Segments {
    /// The files of a new log.
    pub fn create(disk: &mut Disk) -> Result<(), StoreError> {
        for name in NAMES {
            let file = disk.open_or_create(name)?;
            disk.grow(&file, &disk.path(name), BLOCK)?;
        }
        disk.sync_folders()
    }

    /// The files of a log that was begun.
    ///
    /// # Errors
    /// One is missing: what was acknowledged last may be gone with it.
    pub fn open(disk: &Disk) -> Result<Self, StoreError> {
        let open = |name| {
            let path = disk.path(name);
            let file = File::options().read(true).write(true).open(&path);
            let file = match file {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let what = format!("`{name}` is missing, and what was recorded last with it");
                    return Err(StoreError::damaged(disk.root(), what));
                }
                other => other.map_err(StoreError::io("open", &path))?,
            };
            let capacity = file.metadata().map(|found| found.len());
            let capacity = capacity.map_err(StoreError::io("read", &path))?;
            Ok(Segment {
                file,
                path,
                capacity,
                used: 0,
            })
        };
        let [first, second] = NAMES;
        let files = [open(first)?, open(second)?];
        let second = false;
        Ok(Self { files, second })
    }

    fn current(&mut self) -> &mut Segment {
        let [first, second] = &mut self.files;
        match self.second {
            false => first,
            true => second,
        }
    }

    /// Whether the current file has room for a record of so many bytes.
    pub fn fits(&mut self, bytes: u64) -> bool {
        let current = self.current();
        current.used + bytes <= current.capacity
    }

    /// How many bytes of records wait in the current file.
    pub fn used(&mut self) -> u64 {
        self.current().used
    }

    /// Makes the current file large enough, if nothing waits in it.
    pub fn make_fit(&mut self, disk: &Disk, bytes: u64) -> Result<(), StoreError> {
        let current = self.current();
        if current.used + bytes > current.capacity {
            let to = (current.used + bytes).next_multiple_of(64 << 10);
            disk.grow(&current.file, &current.path, to)?;
            current.capacity = to;
        }
        Ok(())
    }

    /// Makes both files so large.
    pub fn reserve(&mut self, disk: &Disk, bytes: u64) -> Result<(), StoreError> {
        for segment in &mut self.files {
            disk.grow(&segment.file, &segment.path, bytes)?;
            segment.capacity = segment.capacity.max(bytes);
        }
        Ok(())
    }

    /// Writes a record and makes it last.
    pub fn append(&mut self, disk: &Disk, record: &[u8]) -> Result<(), StoreError> {
        let current = self.current();
        disk.write_at(&current.file, &current.path, record, current.used)?;
        current.used += record.len() as u64;
        Ok(())
    }

    /// From now on the other file is written, which must be free.
    pub fn switch(&mut self) {
        self.second = !self.second;
    }

    /// What one of the files holds is published.
    pub fn free(&mut self, second: bool) -> Result<(), StoreError> {
        let [first, other] = &mut self.files;
        let segment = if second { other } else { first };
        segment.used = 0;
        if segment.capacity > KEPT {
            let cut = segment.file.set_len(KEPT);
            cut.map_err(StoreError::io("write", &segment.path))?;
            segment.capacity = KEPT;
        }
        Ok(())
    }

    pub fn is_second(&self) -> bool {
        self.second
    }

    /// Every whole record, of both files.
    pub fn read(&self) -> Result<Vec<Staged>, StoreError> {
        let mut records = Vec::new();
        for segment in &self.files {
            let bytes = segment.bytes()?;
            let mut rest = bytes.as_slice();
            while let Some((staged, length)) = staging::decode(rest) {
                records.push(staged);
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        Ok(records)
    }

    /// Takes every record away, also what a torn one left, so that nothing that was discarded can
    /// come back.
    pub fn wipe(&mut self, disk: &Disk) -> Result<(), StoreError> {
        for segment in &mut self.files {
            segment.used = 0;
            let bytes = segment.bytes()?;
            let blocks = bytes.chunks(BLOCK as usize).zip(0_u64..);
            for (_, number) in blocks.filter(|(block, _)| block.starts_with(MAGIC)) {
                let gone = [0xff; MAGIC.len()];
                disk.write_at(&segment.file, &segment.path, &gone, number * BLOCK)?;
            }
        }
        Ok(())
    }
}

impl Segment {
    fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        let length = usize::try_from(self.capacity).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, 0);
        read.map_err(StoreError::io("read", &self.path))?;
        Ok(bytes)
    }
}
