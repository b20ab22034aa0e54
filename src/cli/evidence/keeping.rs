//! What is done to the log itself: holds, expiry, people.

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::custody::scope;
use crate::cli::scan;
use crate::cli::wire::{self, Fate};
use crate::config::Config;
use crate::evidence::record::{CustodyRecord, HoldClear, HoldScope, HoldSet};
use crate::model::{FindingKey, Sha256Digest};
use crate::report::escape::escape;
use crate::report::units::counted;

#[derive(Debug, Subcommand)]
pub enum HoldCommand {
    /// Forbid that anything is destroyed that the hold is on; on everything if nothing is named.
    Set {
        #[command(flatten)]
        why: WhyArgs,
        /// The year of a shard.
        #[arg(long, value_name = "YEAR", conflicts_with = "finding")]
        shard: Option<String>,
        /// The whole key of a finding: every shard that tells of it is held.
        #[arg(long, value_name = "KEY")]
        finding: Option<String>,
    },
    /// Lift a hold.
    Clear {
        /// The hold, as `hold list` shows it.
        hold: String,
        #[command(flatten)]
        why: WhyArgs,
    },
    /// List the holds that are not lifted.
    List,
}

#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Why, in a few words. Names of people are replaced by pseudonyms.
    #[arg(long)]
    reason: String,
    /// Who says so: a name that the identity map has. The log gets the pseudonym.
    #[arg(long, value_name = "PERSON")]
    by: String,
}

#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Make a person unnameable: out of the identity map, and the key of the pseudonyms destroyed.
    Erase {
        /// The id as the log has it.
        id: String,
    },
}

pub fn hold(
    command: HoldCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        HoldCommand::Set {
            why,
            shard,
            finding,
        } => set_hold(config, why, shard, finding, out)?,
        HoldCommand::Clear { hold, why } => {
            if !wire::custody(config)?.holds.contains_key(&hold) {
                bail!(
                    "there is no hold `{hold}`\n  help: `driftwarden evidence hold list` shows them"
                );
            }
            let (by, reason) = wire::pseudonyms(config, &why.by, &why.reason)?;
            let cleared = hold.clone();
            wire::append(config, scan::now(), |at| {
                CustodyRecord::HoldClear(HoldClear {
                    at,
                    hold: cleared,
                    reason,
                    by,
                })
            })?;
            writeln!(out, "hold {} is lifted", escape(&hold))?;
        }
        HoldCommand::List => {
            let holds = wire::custody(config)?.holds;
            for hold in holds.values() {
                let HoldSet {
                    at,
                    hold,
                    on,
                    reason,
                    by,
                } = hold;
                let line = format!("{hold}  {at}  on {} by {by}: {reason}", scope(on));
                writeln!(out, "{}", escape(&line))?;
            }
            if holds.is_empty() {
                writeln!(out, "nothing is held")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn set_hold(
    config: &Config,
    why: WhyArgs,
    shard: Option<String>,
    finding: Option<String>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let shards = wire::shelf(config).shards()?;
    let on = match (shard, finding) {
        (Some(name), _) => {
            if !shards.iter().any(|shard| shard.name() == name) {
                bail!("there is no shard `{name}`\n  help: shards are named by their year");
            }
            HoldScope::Shard(name)
        }
        (None, Some(key)) => {
            let key = FindingKey::from(key);
            let mut told = false;
            for shard in &shards {
                told |= wire::tells_of(shard, &key)?;
            }
            if !told {
                bail!(
                    "no log tells of a finding `{key}`\n  help: give the whole key, as `driftwarden \
                     evidence show` lists it"
                );
            }
            HoldScope::Finding(key)
        }
        (None, None) => HoldScope::Everything,
    };
    let now = scan::now();
    let (by, reason) = wire::pseudonyms(config, &why.by, &why.reason)?;
    let mut hold =
        Sha256Digest::of(format!("{now} {} {by} {reason}", scope(&on)).as_bytes()).to_string();
    hold.truncate(8);
    let said = format!("hold {hold} is on {}", scope(&on));
    wire::append(config, now, |at| {
        CustodyRecord::HoldSet(HoldSet {
            at,
            hold,
            on,
            reason,
            by,
        })
    })?;
    writeln!(out, "{}", escape(&said))?;
    Ok(())
}

pub fn expire(dry_run: bool, config: &Config, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    for (name, fate) in wire::expire(config, scan::now(), dry_run)? {
        let said = match fate {
            Fate::Current => "is written".to_owned(),
            Fate::Kept(until) => format!("is kept until {until}"),
            Fate::Held(holds) => format!("has expired and is held by {}", holds.join(", ")),
            Fate::Gone => "was destroyed before; its hashes are kept".to_owned(),
            Fate::Expired(entries, blobs) => {
                let word = if dry_run { "would be" } else { "were" };
                let blobs = counted(blobs, "blob");
                format!("has expired: {entries} entries and {blobs} {word} destroyed")
            }
        };
        writeln!(out, "{name}  {said}")?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn people(
    command: PeopleCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let PeopleCommand::Erase { id } = command;
    let mapped = wire::erase_person(config, &id, scan::now())?;
    let id = escape(&id);
    match mapped {
        true => writeln!(
            out,
            "{id} is out of the identity map, and the key of pseudonyms is destroyed"
        )?,
        false => writeln!(
            out,
            "the key of pseudonyms is destroyed: nobody can try out who {id} is"
        )?,
    }
    writeln!(
        out,
        "next  erase the person from what driftwarden reads (change records, activity) and from backups \
         of the identity map and of the key folder; the log itself stays as it is"
    )?;
    Ok(ExitCode::SUCCESS)
}
