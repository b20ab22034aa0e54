//! Who is outside this machine, and what becomes of a scan's records there.

use std::path::Path;

use jiff::Timestamp;

use super::message;
use crate::adapters::remote::{Restored, restore};
use crate::config::Config;
use crate::engine::{NotReached, reach};
use crate::evidence::key::LogKey;
use crate::model::OutsideStanding;
use crate::ports::{Alarm, Appended, InputError, Outside};

#[cfg(feature = "aws")]
pub(super) use super::clouds as built;

/// Everybody outside whom the configuration names.
#[derive(Default)]
pub struct Outsiders {
    all: Option<Box<dyn Outside>>,
}

/// How a scan's records fared.
pub struct Told {
    /// Nothing where nobody is named.
    pub standing: Option<OutsideStanding>,
    /// Why the level that the configuration asks for was not reached.
    pub failed: Option<anyhow::Error>,
}

impl Outsiders {
    /// # Errors
    /// The configuration asks for what is not built in, or names a key that is none.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        must_be_built(config)?;
        match config.evidence.outside.first_block() {
            None => Ok(Self::default()),
            Some(_) => Ok(Self {
                all: Some(built::outposts(config, false)?),
            }),
        }
    }

    /// Those of a configuration that must name somebody. They are asked for more than the mirror's own
    /// pointer.
    ///
    /// # Errors
    /// As [`Outsiders::of`]; or it names nobody.
    pub fn required(config: &Config) -> anyhow::Result<Self> {
        must_be_built(config)?;
        if config.evidence.outside.first_block().is_none() {
            let what = "the configuration names nobody outside this machine".to_owned();
            let help = "add `mirror \"s3\" { … }`, `witness` or `timestamps` within `evidence`";
            return Err(explained(what, help.to_owned()));
        }
        Ok(Self {
            all: Some(built::outposts(config, true)?),
        })
    }

    /// Brings everybody up to the log, once.
    ///
    /// # Errors
    /// An alarm; what only keeps somebody back is in the standing.
    pub fn advance(&mut self, now: Timestamp) -> anyhow::Result<OutsideStanding> {
        let Some(all) = &mut self.all else {
            return Ok(OutsideStanding::default());
        };
        let advanced = all.advance(now);
        advanced.map_err(|alarm| explained(alarm.what, alarm.help))
    }

    /// Refuses where somebody outside knows more of the log than this machine does.
    pub fn look(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let Some(all) = &mut self.all else {
            return Ok(());
        };
        all.look(now).map(drop).map_err(|alarm| {
            let Alarm { what, help } = alarm;
            let what = format!("nothing was recorded: {what}");
            explained(what, help)
        })
    }

    /// Passes on what was appended, and waits as long as the configuration says.
    pub fn tell(
        &mut self,
        config: &Config,
        appended: &Appended,
        clock: &dyn Fn() -> Timestamp,
    ) -> Told {
        let Some(all) = &mut self.all else {
            return Told {
                standing: None,
                failed: None,
            };
        };
        let durability = config.evidence.outside.durability;
        let waited = reach(
            &mut **all,
            appended,
            durability.scan,
            durability.wait,
            clock,
        );
        match waited {
            Ok(waited) => Told {
                standing: Some(waited.standing),
                failed: None,
            },
            Err(error) => not_reached(error),
        }
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
    }
}

/// Brings the log back from the mirror that the configuration names.
///
/// # Errors
/// It names none, or one that is not built in; or what the mirror holds is not one whole log.
pub fn restored(config: &Config, out: &Path, pinned: Option<LogKey>) -> anyhow::Result<Restored> {
    must_be_built(config)?;
    let Some(mirror) = &config.evidence.outside.mirror else {
        let what = "the configuration names no mirror".to_owned();
        let help = "add `mirror \"s3\" { … }` within `evidence`";
        return Err(explained(what, help.to_owned()));
    };
    let store = built::store(mirror)?;
    let restored = restore(&*store, out, pinned);
    restored.map_err(|error| explained(error.to_string(), error.help().to_owned()))
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

    use super::{Outside, explained};
    use crate::adapters::signing::SignerSource;
    use crate::config::{Config, KmsKey, MirrorConfig};
    use crate::ports::RemoteStore;

    fn absent<T>() -> anyhow::Result<T> {
        let what = "this driftwarden was built without the feature `aws`".to_owned();
        Err(explained(what, "build it with `--features aws`".to_owned()))
    }

    pub fn outposts(_: &Config, _: bool) -> anyhow::Result<Box<dyn Outside>> {
        absent()
    }

    pub fn store(_: &MirrorConfig) -> anyhow::Result<Box<dyn RemoteStore>> {
        absent()
    }

    pub fn kms(_: &KmsKey, _: &Path) -> anyhow::Result<Box<dyn SignerSource>> {
        absent()
    }

    pub fn watchers(_: &Config) -> anyhow::Result<()> {
        Ok(())
    }
}
