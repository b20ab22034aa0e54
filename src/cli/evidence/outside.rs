//! `driftwarden evidence mirror` and `restore`: to and from the places outside this machine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::scan::now;
use crate::cli::wire::outside::Outsiders;
use crate::cli::wire::{self, Restored};
use crate::evidence::key::LogKey;
use crate::model::OutsideStanding;
use crate::report;

#[derive(Debug, Subcommand)]
pub enum OutsideCommand {
    /// Bring the mirror, the witnesses and the time stamps up to the log, and say how far they are.
    ///
    /// Catches up after an outage; may be run at any time, beside a scan or another run of itself, and
    /// may be killed at any point. `driftwarden run` does the same by itself. Exit status: 0 everybody has the whole log; 1 somebody has not, or
    /// knows of another log than the one here.
    Mirror(MirrorArgs),
    /// Bring a whole log back from the mirror into a new folder, and verify it.
    ///
    /// The copy is for reading: a log goes on only where its own `.state` is. Exit status: 0 the log is
    /// whole; 1 it is not, or could not be had.
    Restore(RestoreArgs),
}

#[derive(Debug, Args)]
pub struct MirrorArgs {
    /// Do it once and end; otherwise go on, and follow the log.
    #[arg(long)]
    once: bool,
    /// Seconds between two looks at the log.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, conflicts_with = "once",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    /// How to print how far they are.
    #[arg(long, value_enum, default_value_t = MirrorFormat::Text)]
    format: MirrorFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MirrorFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The folder to make; it must not exist yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The key that must have signed the log; without it the key in the mirror is taken.
    #[arg(long, value_name = "KEY")]
    vkey: Option<String>,
    /// The year of a shard [default: all, each in a folder of its own]
    #[arg(long, value_name = "YEAR", value_parser = a_year)]
    shard: Option<String>,
}

fn a_year(text: &str) -> Result<String, String> {
    match text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("a year of four digits".to_owned()),
    }
}

pub fn run(
    command: &OutsideCommand,
    config: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        OutsideCommand::Mirror(args) => mirror(args, config, out),
        OutsideCommand::Restore(args) => restore(args, config, out),
    }
}

fn mirror(args: &MirrorArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let config = wire::load_config(config)?;
    let mut outsiders = Outsiders::required(&config)?;
    let mut last = None;
    loop {
        let standing = outsiders.advance(now())?;
        if last.as_ref() != Some(&standing) {
            print(&standing, args.format, out)?;
            out.flush()?;
        }
        if args.once {
            return match report::outside::lines(&standing)
                .iter()
                .all(|line| line.is_well)
            {
                true => Ok(ExitCode::SUCCESS),
                false => bail!(
                    "somebody outside has not the whole log\n  help: run this again when they \
                     answer: it catches up"
                ),
            };
        }
        last = Some(standing);
        std::thread::sleep(Duration::from_secs(args.every));
    }
}

fn print(
    standing: &OutsideStanding,
    format: MirrorFormat,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match format {
        MirrorFormat::Json => report::json::indented(standing, out),
        MirrorFormat::Text => {
            for line in report::outside::lines(standing) {
                writeln!(out, "{:<9} {}", line.label, line.text)?;
            }
            Ok(())
        }
    }
}

fn restore(args: &RestoreArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let config = wire::load_config(config)?;
    let pinned = args.vkey.as_deref().map(|text| {
        LogKey::parse(text).map_err(|error| {
            anyhow::anyhow!(
                "the key given with --vkey: {error}\n  help: give the one line of `log.vkey`, in \
                 quotes"
            )
        })
    });
    let pinned = pinned.transpose()?;
    let is_pinned = pinned.is_some();
    let shard = args.shard.as_deref();
    let all = wire::restored(&config, &args.out, pinned, shard, now())?;
    if let Some(first) = all.failures.first() {
        bail!(
            "the restored logs do not fit together: {first}\n  help: `driftwarden-verify {}` names \
             everything that is wrong",
            args.out.display()
        );
    }
    for (year, restored) in &all.logs {
        let dir = match (year, shard) {
            (Some(year), None) => args.out.join(year),
            _ => args.out.clone(),
        };
        tell_restored(restored, &dir, is_pinned, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_restored(
    restored: &Restored,
    dir: &Path,
    is_pinned: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let verification = &restored.verification;
    if let Some(first) = verification.failures.first() {
        bail!(
            "the restored log is not whole: {first}\n  help: `driftwarden-verify {}` names \
             everything that is wrong",
            dir.display()
        );
    }
    let entries: u64 = verification.entries.values().sum();
    writeln!(
        out,
        "restored {entries} entries, {} tiles, {} checkpoints and {} blobs to {}; they verify{}",
        verification.tiles,
        verification.checkpoints,
        verification.blobs,
        dir.display(),
        match is_pinned {
            true => "",
            false => ", under the key that lay beside them",
        }
    )?;
    writeln!(out, "key: {}", restored.key.as_str())?;
    Ok(())
}
