//! The keys that sign the log: shown, replaced, given up.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;

use crate::adapters::store::EvidenceReader;
use crate::cli::scan;
use crate::cli::wire::{self, NewHome};
use crate::config::Config;
use crate::report::escape::escape;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Print the log's verifier keys, oldest first, and where the private one is looked for.
    Show,
    /// Let a new key take over: one checkpoint is signed by both, an old key file is destroyed.
    ///
    /// Without `signer` in the configuration a new key file is made. With it, the key that it names takes
    /// over from the key file, or from the key of KMS that `--from` names.
    Rotate {
        /// The key of KMS that signs the log now, if one does: its ARN.
        #[arg(long, value_name = "KEY")]
        from: Option<String>,
    },
    /// The key is lost: freeze the log at its last checkpoint, and go on in a new one.
    Lost(HomeArgs),
    /// Others may have the key: as `lost`, and record from when on its signatures prove nothing.
    Compromised {
        /// The time from which on others may have had it, such as 2026-11-02T09:00:00Z.
        #[arg(long, value_name = "TIME")]
        since: Timestamp,
        #[command(flatten)]
        home: HomeArgs,
    },
}

#[derive(Debug, Args)]
pub struct HomeArgs {
    /// The folder of the new log; it must not exist yet.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The origin of the new log.
    #[arg(long, value_name = "ORIGIN")]
    origin: String,
    /// The key folder of the new log [default: DIR with `.keys` appended]
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// The key of KMS that signs the new log, as an ARN [default: a new key file]
    #[arg(long, value_name = "KEY")]
    kms: Option<String>,
}

pub fn key(command: KeyCommand, config: &Config, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match command {
        KeyCommand::Show => show_keys(config, out)?,
        KeyCommand::Rotate { from } => {
            let done = wire::rotate_key(config, from.as_deref(), scan::now())?;
            let dir = done.dir.display();
            writeln!(out, "the log in {dir} is signed by a new key:")?;
            writeln!(out, "  {}", escape(done.key.as_str()))?;
            if done.credential_left {
                let left = "the old private key is a credential of the service: destroy it there";
                writeln!(out, "next  {left}")?;
            }
            if from.is_some() {
                writeln!(
                    out,
                    "next  take the right to sign with the old key of KMS away"
                )?;
            }
            let next = "back up the key folder; hand the new key to whoever verifies the log. Who has \
                        only the old one can go on with it: it signed the checkpoint that names the new";
            writeln!(out, "next  {next}")?;
        }
        KeyCommand::Lost(home) => go_on(config, home, None, out)?,
        KeyCommand::Compromised { since, home } => {
            if since > scan::now() {
                bail!("`--since {since}` lies in the future");
            }
            go_on(config, home, Some(since), out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show_keys(config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    for shard in wire::shelf(config).shards()? {
        let reader = EvidenceReader::open(&shard.dir)?;
        writeln!(out, "{}", shard.dir.display())?;
        for key in reader.keys().keys() {
            writeln!(out, "  {}", escape(key.as_str()))?;
        }
    }
    let keys = wire::keys_dir(config);
    let keys = keys.display();
    match &config.evidence.signer {
        None => writeln!(
            out,
            "private keys are looked for in {keys}, then in $CREDENTIALS_DIRECTORY"
        )?,
        Some(signer) => writeln!(
            out,
            "the KMS key {} in {} signs; the other keys are in {keys}",
            signer.kms.key, signer.kms.region
        )?,
    }
    wire::check_evidence(config)?;
    Ok(())
}

fn go_on(
    config: &Config,
    home: HomeArgs,
    compromised_at: Option<Timestamp>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let HomeArgs {
        to,
        origin,
        keys,
        kms,
    } = home;
    let kms = kms.map(|key| wire::kms_named(config, &key)).transpose()?;
    // The configuration would read a relative path from its own folder.
    let to = std::path::absolute(&to)?;
    let keys = keys.map(std::path::absolute).transpose()?;
    let keys = keys.unwrap_or_else(|| {
        let mut beside = to.file_name().unwrap_or_default().to_owned();
        beside.push(".keys");
        to.with_file_name(beside)
    });
    let home = NewHome {
        dir: to,
        origin,
        keys,
        kms,
    };
    let (key, dir) = wire::go_on_elsewhere(config, &home, compromised_at, scan::now())?;
    writeln!(
        out,
        "the old log is frozen; it goes on in {}, signed by",
        dir.display()
    )?;
    writeln!(out, "  {}", escape(key.as_str()))?;
    if let Some(since) = compromised_at {
        writeln!(
            out,
            "of the old log, trust only checkpoints that were witnessed or anchored before {since}"
        )?;
    }
    writeln!(
        out,
        "next  put this into the configuration, and hand the new key to whoever verifies:"
    )?;
    write_block(&home, out)
}

/// The block of the configuration that goes on with the new log.
fn write_block(home: &NewHome, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "  evidence {{\n    dir    = \"{}\"",
        home.dir.display()
    )?;
    writeln!(out, "    keys   = \"{}\"", home.keys.display())?;
    writeln!(out, "    origin = \"{}\"", home.origin)?;
    if let Some(kms) = &home.kms {
        writeln!(out, "    signer \"kms\" {{")?;
        writeln!(out, "      key    = \"{}\"", kms.key)?;
        writeln!(out, "      region = \"{}\"", kms.region)?;
        if let Some(endpoint) = &kms.endpoint {
            writeln!(out, "      endpoint = \"{endpoint}\"")?;
        }
        writeln!(out, "    }}")?;
    }
    writeln!(out, "  }}")?;
    Ok(())
}
