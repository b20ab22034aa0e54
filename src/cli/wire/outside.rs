//! Who is outside this machine, and what becomes of a scan's records there.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use jiff::Timestamp;

use super::{message, shelf};
use crate::adapters::store::Shard;
use crate::config::Config;
use crate::model::OutsideStanding;
use crate::ports::{
    Alarm, Appended, BroughtUp, EverybodyOutside, InputError, NotReached, Outside, Wanted, reach,
};
use crate::report;

#[cfg(feature = "aws")]
pub(super) use super::clouds as built;

/// Everybody outside whom the configuration names, for each log of it.
pub struct Outsiders<'c> {
    /// Nothing where nobody is named.
    config: Option<&'c Config>,
    /// Whether they are asked for more than the mirror's own pointer.
    thorough: bool,
    known: BTreeMap<PathBuf, Box<dyn Outside>>,
}

/// How a scan's records fared.
#[derive(Default)]
pub struct Told {
    /// Nothing where nobody is named.
    pub standing: Option<OutsideStanding>,
    /// What is behind with the logs of earlier years.
    pub behind: Vec<String>,
    /// Why the level that the configuration asks for was not reached.
    pub failed: Option<anyhow::Error>,
}

impl<'c> Outsiders<'c> {
    /// # Errors
    /// The configuration asks for what is not built in, or names a key that is none.
    pub fn of(config: &'c Config) -> anyhow::Result<Self> {
        check(config)?;
        let named = config.evidence.outside.first_block().is_some();
        Ok(Self {
            config: named.then_some(config),
            thorough: false,
            known: BTreeMap::new(),
        })
    }

    /// Those of a configuration that must name somebody. They are asked for more than the mirror's own
    /// pointer.
    ///
    /// # Errors
    /// As [`Outsiders::of`]; or it names nobody.
    pub fn required(config: &'c Config) -> anyhow::Result<Self> {
        let all = Self::of(config)?;
        if all.config.is_none() {
            let what = "the configuration names nobody outside this machine".to_owned();
            let help = "add `mirror \"s3\" { … }`, `witness` or `timestamps` within `evidence`";
            return Err(explained(what, help.to_owned()));
        }
        Ok(Self {
            thorough: true,
            ..all
        })
    }

    /// Those of one log.
    fn of_log(&mut self, config: &Config, shard: &Shard) -> anyhow::Result<&mut dyn Outside> {
        let all = match self.known.entry(shard.dir.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(built::outposts(config, shard, self.thorough)?),
        };
        Ok(&mut **all)
    }

    /// Those of the log that is written.
    ///
    /// # Errors
    /// The configuration names nobody, or they cannot be had.
    pub fn of_newest(&mut self, now: Timestamp) -> anyhow::Result<&mut dyn Outside> {
        let Some(config) = self.config else {
            anyhow::bail!("the configuration names nobody outside this machine");
        };
        self.of_log(config, &newest(config, now)?)
    }

    /// Brings everybody up to each log, once. Tells of the oldest log that somebody lacks, else of the
    /// newest.
    ///
    /// # Errors
    /// An alarm; what only keeps somebody back is in the standing.
    pub fn advance(&mut self, now: Timestamp) -> anyhow::Result<OutsideStanding> {
        let Some(config) = self.config else {
            return Ok(OutsideStanding::default());
        };
        let earlier = self.advance_earlier(config, now).map_err(alarmed)?;
        let advanced = self.advance_newest(config, now).map_err(alarmed)?;
        Ok(earlier.into_iter().next().unwrap_or(advanced))
    }

    fn advance_newest(
        &mut self,
        config: &Config,
        now: Timestamp,
    ) -> Result<OutsideStanding, Alarm> {
        let newest = newest(config, now).map_err(|error| unable(&error))?;
        let all = self.of_log(config, &newest);
        all.map_err(|error| unable(&error))?.advance(now)
    }

    /// What is behind with the logs of earlier years after another try.
    fn advance_earlier(
        &mut self,
        config: &Config,
        now: Timestamp,
    ) -> Result<Vec<OutsideStanding>, Alarm> {
        let shards = shelf(config).shards();
        let mut shards = shards.map_err(|error| unable(&error.into()))?;
        shards.pop();
        let mut behind = Vec::new();
        // What was destroyed has left nothing to pass on.
        for shard in shards.iter().filter(|shard| !shard.is_gone()) {
            let all = self.of_log(config, shard);
            let all = all.map_err(|error| unable(&error))?;
            if all.is_settled() {
                continue;
            }
            let advanced = all.advance(now)?;
            if !all.is_settled() {
                behind.push(advanced);
            }
        }
        Ok(behind)
    }

    /// Refuses where somebody outside knows more of a log than this machine does.
    ///
    /// # Errors
    /// Somebody does.
    pub fn look(&mut self, shard: &Shard, now: Timestamp) -> anyhow::Result<()> {
        let Some(config) = self.config else {
            return Ok(());
        };
        let looked = self.of_log(config, shard)?.look(now);
        looked.map(drop).map_err(|alarm| {
            let what = format!("nothing was recorded: {}", alarm.what);
            explained(what, alarm.help)
        })
    }

    /// Passes on what was appended, and waits as long as the configuration says.
    pub fn tell(&mut self, appended: &Appended, clock: &dyn Fn() -> Timestamp) -> Told {
        let Some(config) = self.config else {
            return Told::default();
        };
        let told = self.tell_newest(config, appended, clock);
        let mut told = told.unwrap_or_else(Told::failed);
        match self.advance_earlier(config, clock()) {
            Ok(behind) => {
                let lines = behind.iter().flat_map(report::outside::lines);
                told.behind = lines
                    .filter(|line| !line.is_well)
                    .map(|line| line.text)
                    .collect();
            }
            Err(alarm) => told.failed = told.failed.or(Some(alarmed(alarm))),
        }
        told
    }

    fn tell_newest(
        &mut self,
        config: &Config,
        appended: &Appended,
        clock: &dyn Fn() -> Timestamp,
    ) -> anyhow::Result<Told> {
        let durability = config.evidence.outside.durability;
        let all = self.of_log(config, &newest(config, clock())?)?;
        let wanted = Wanted {
            level: durability.scan,
            witnesses: usize::from(durability.witnesses),
            wait: durability.wait,
        };
        let waited = reach(all, appended, wanted, clock);
        Ok(match waited {
            Ok(waited) => Told {
                standing: Some(waited.standing),
                ..Told::default()
            },
            Err(error) => not_reached(error),
        })
    }
}

/// A running engine passes on the log that is written first.
impl EverybodyOutside for Outsiders<'_> {
    fn bring_up(&mut self, now: Timestamp) -> Result<BroughtUp, Alarm> {
        let Some(config) = self.config else {
            return Ok(BroughtUp::default());
        };
        let newest = self.advance_newest(config, now)?;
        let (earlier, trouble) = match self.advance_earlier(config, now) {
            Ok(earlier) => (earlier, None),
            Err(alarm) if alarm.forbids => return Err(alarm),
            Err(alarm) => (Vec::new(), Some(alarm.what)),
        };
        Ok(BroughtUp {
            newest,
            earlier,
            trouble,
        })
    }
}

/// Something here keeps the log from being passed on.
fn unable(error: &anyhow::Error) -> Alarm {
    Alarm {
        what: super::explained(error),
        help: String::new(),
        forbids: false,
    }
}

fn alarmed(alarm: Alarm) -> anyhow::Error {
    match alarm.help.is_empty() {
        true => anyhow::anyhow!(alarm.what),
        false => explained(alarm.what, alarm.help),
    }
}

impl Told {
    fn failed(error: anyhow::Error) -> Self {
        Self {
            failed: Some(error),
            ..Self::default()
        }
    }
}

/// The log that is written; where there is none yet, the one that would be.
fn newest(config: &Config, now: Timestamp) -> anyhow::Result<Shard> {
    let shelf = shelf(config);
    match shelf.shards()?.pop() {
        Some(newest) => Ok(newest),
        None => Ok(shelf.current(now)?),
    }
}

fn not_reached(error: NotReached) -> Told {
    let what = error.to_string();
    let (standing, help) = match error {
        NotReached::InTime { standing, .. } => {
            let help = "nothing is lost: `driftwarden evidence mirror --once` catches up when \
                        everybody answers again";
            (Some(*standing), help.to_owned())
        }
        NotReached::Never { alarm, .. } => (None, alarm.help),
    };
    Told {
        standing,
        failed: Some(explained(what, help)),
        ..Told::default()
    }
}

/// Refuses a configuration that needs what this driftwarden was built without.
///
/// # Errors
/// It does.
pub fn must_be_built(config: &Config) -> anyhow::Result<()> {
    let signer = config.evidence.signer.as_ref();
    let signer = signer.map(|signer| ("signer", &signer.at));
    match signer.or_else(|| config.evidence.outside.first_block()) {
        Some((word, at)) if !cfg!(feature = "aws") => {
            let at = crate::config::place(at);
            let what =
                format!("{at}: `{word}` needs a driftwarden that was built with the feature `aws`");
            let help =
                "build it with `cargo build --release --features aws`, or leave the block out";
            Err(explained(what, help.to_owned()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks what `check` can see of the blocks within `evidence` without asking anybody.
///
/// # Errors
/// Something is not built in, or a key is none.
pub fn check(config: &Config) -> anyhow::Result<()> {
    must_be_built(config)?;
    built::watchers(config).map(drop)
}

pub(super) fn explained(what: String, help: String) -> anyhow::Error {
    let help = Some(help);
    anyhow::anyhow!(message(&InputError { what, help }))
}

/// Without the feature nobody outside can be reached; [`must_be_built`] has said so before.
#[cfg(not(feature = "aws"))]
pub(super) mod built {
    use std::path::Path;

    use super::{Outside, Shard, explained};
    use crate::adapters::signing::SignerSource;
    use crate::config::{Config, KmsKey, MirrorConfig};
    use crate::ports::RemoteStore;

    fn absent<T>() -> anyhow::Result<T> {
        let what = "this driftwarden was built without the feature `aws`".to_owned();
        Err(explained(what, "build it with `--features aws`".to_owned()))
    }

    pub fn outposts(_: &Config, _: &Shard, _: bool) -> anyhow::Result<Box<dyn Outside>> {
        absent()
    }

    pub fn store(_: &MirrorConfig, _: Option<String>) -> anyhow::Result<Box<dyn RemoteStore>> {
        absent()
    }

    pub fn kms(_: &KmsKey, _: &Path) -> anyhow::Result<Box<dyn SignerSource>> {
        absent()
    }

    pub fn watchers(_: &Config) -> anyhow::Result<()> {
        Ok(())
    }
}
