//! Where the logs of one installation lie: one log in the folder, or one for each year.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::error::StoreError;
use super::lock_file::LOCK;
use crate::evidence::path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    dir: PathBuf,
    origin: String,
    yearly: bool,
}

/// One log of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The year; nothing where there is only one log.
    pub year: Option<i16>,
    pub dir: PathBuf,
    pub origin: String,
}

impl Shelf {
    pub fn single(dir: &Path, origin: &str) -> Self {
        Self {
            dir: dir.to_owned(),
            origin: origin.to_owned(),
            yearly: false,
        }
    }

    pub fn yearly(dir: &Path, origin: &str) -> Self {
        Self {
            yearly: true,
            ..Self::single(dir, origin)
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn is_yearly(&self) -> bool {
        self.yearly
    }

    /// The logs that were begun, oldest first.
    ///
    /// # Errors
    /// The folder cannot be read, or holds a log of its own where there should be one a year.
    pub fn shards(&self) -> Result<Vec<Shard>, StoreError> {
        if !self.yearly {
            let only = self.only();
            return Ok(Some(only)
                .filter(|shard| is_begun(&shard.dir))
                .into_iter()
                .collect());
        }
        if is_begun(&self.dir) {
            return Err(StoreError::NotSharded(self.dir.clone()));
        }
        let items = match fs::read_dir(&self.dir) {
            Ok(items) => items,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("read", &self.dir)(error)),
        };
        let mut shards = Vec::new();
        for item in items {
            let item = item.map_err(StoreError::io("read", &self.dir))?;
            let name = item.file_name();
            let year = name.to_str().and_then(year_of);
            let shard = year.map(|year| self.of_year(year));
            shards.extend(shard.filter(|shard| is_begun(&shard.dir)));
        }
        shards.sort_by_key(|shard| shard.year);
        Ok(shards)
    }

    /// The log that is written at that time. The newest one where the clock went back: a log that
    /// another goes on from takes no more.
    ///
    /// # Errors
    /// As [`Shelf::shards`].
    pub fn current(&self, now: Timestamp) -> Result<Shard, StoreError> {
        if !self.yearly {
            return Ok(self.only());
        }
        let year = now.to_zoned(TimeZone::UTC).year();
        let newest = self.shards()?.pop();
        let newest = newest.filter(|shard| shard.year.is_some_and(|begun| begun > year));
        Ok(newest.unwrap_or_else(|| self.of_year(year)))
    }

    fn only(&self) -> Shard {
        Shard {
            year: None,
            dir: self.dir.clone(),
            origin: self.origin.clone(),
        }
    }

    fn of_year(&self, year: i16) -> Shard {
        Shard {
            year: Some(year),
            dir: self.dir.join(format!("{year:04}")),
            origin: format!("{}/{year:04}", self.origin),
        }
    }
}

impl Shard {
    /// The year in digits; `log` where there is only one.
    pub fn name(&self) -> String {
        match self.year {
            Some(year) => format!("{year:04}"),
            None => "log".to_owned(),
        }
    }

    /// Whether its entries were destroyed.
    pub fn is_gone(&self) -> bool {
        self.dir.join("tile/0").is_dir() && !self.dir.join("tile/entries").is_dir()
    }
}

fn year_of(name: &str) -> Option<i16> {
    let digits = name.len() == 4 && name.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| name.parse().ok()).flatten()
}

fn is_begun(dir: &Path) -> bool {
    [LOCK, path::VERIFIER_KEY, path::CHECKPOINT]
        .iter()
        .any(|file| dir.join(file).is_file())
}
