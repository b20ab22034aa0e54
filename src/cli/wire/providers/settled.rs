//! The settled baseline: recorded in the log, and believed only as the log has it.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::super::asking::{leave_with, told};
use super::super::{keys, ledger, newest_dir, open_evidence, shelf};
use super::read::{Inputs, MAX_BYTES};
use crate::adapters::files::{read_bounded, write_atomically};
use crate::adapters::store::{Beginning, EvidenceLog, EvidenceReader, StoreError};
use crate::config::Config;
use crate::engine::{Refused, SettledRequest, settled as judge};
use crate::evidence::record::{Carried, Record, SettledRecord};
use crate::evidence::statement::{self, CARRIED, SETTLED};
use crate::model::{Sha256Digest, WorkspaceName};
use crate::ports::EvidenceSink;
use crate::provider::exact::Settled;

/// What was settled, as far as it may be gone by.
#[derive(Debug, Default)]
pub struct Believed {
    pub settled: Settled,
    /// What whoever goes by it must know.
    pub note: Option<String>,
}

/// The settled baseline of a workspace: nothing if nothing was settled, or another plan was. A working copy
/// that is gone is made again.
///
/// # Errors
/// The working copy is not the one that the log has, or the log cannot be read.
pub fn believed(config: &Config, inputs: &Inputs) -> anyhow::Result<Believed> {
    let newest = newest(config, &inputs.workspace)?;
    believed_as(config, inputs, newest.as_ref().map(|(record, _)| record))
}

/// As [`believed`], by the newest record of the workspace.
///
/// # Errors
/// As [`believed`].
pub fn believed_as(
    config: &Config,
    inputs: &Inputs,
    record: Option<&SettledRecord>,
) -> anyhow::Result<Believed> {
    let file = &inputs.settled_file;
    let Some(record) = record else {
        if !file.exists() {
            return Ok(Believed::default());
        }
        let what = format!(
            "`{}` is in no record of the evidence log, so it is not believed",
            file.display()
        );
        let help = "run `driftwarden provider settle`, which settles anew and records it";
        return Err(told(what, Some(help.to_owned())));
    };
    let bytes = match file.exists() {
        true => read_bounded(file, MAX_BYTES)?,
        false => {
            let bytes = EvidenceReader::open(&newest_dir(config)?)?.blob(&record.sha256)?;
            write(file, &bytes)?;
            bytes
        }
    };
    let found = Sha256Digest::of(&bytes);
    if found != record.sha256 {
        let what = format!(
            "`{}` is not the settled baseline that the evidence log has of workspace `{}`: its SHA-256 is \
             {found}, and that of {} was recorded at {}",
            file.display(),
            record.workspace,
            record.sha256,
            record.at
        );
        let help = "take the file away, and it is restored from the log; or run `driftwarden provider \
                    settle` if the workspace is to be settled anew";
        return Err(told(what, Some(help.to_owned())));
    }
    if record.plan_sha256 != inputs.plan_sha256 {
        let note = format!(
            "the settled baseline of workspace `{}` is of plan {}, not of {}, and is not used",
            record.workspace, record.plan_sha256, inputs.plan_sha256
        );
        return Ok(Believed {
            settled: Settled::default(),
            note: Some(note),
        });
    }
    Ok(Believed {
        settled: parsed(&bytes, file)?,
        note: None,
    })
}

/// What a settling of this plan adds to: what the log has of it, whatever lies in the file.
pub fn recorded(config: &Config, inputs: &Inputs) -> anyhow::Result<Settled> {
    let Some((record, reader)) = newest(config, &inputs.workspace)? else {
        return Ok(Settled::default());
    };
    if record.plan_sha256 != inputs.plan_sha256 {
        return Ok(Settled::default());
    }
    parsed(&reader.blob(&record.sha256)?, &inputs.settled_file)
}

fn parsed(bytes: &[u8], file: &Path) -> anyhow::Result<Settled> {
    let Ok(settled) = serde_json::from_slice::<Settled>(bytes) else {
        bail!("`{}` is no settled baseline", file.display());
    };
    match settled.format {
        1 => Ok(settled),
        other => bail!(
            "`{}` is a settled baseline of form {other}, of which 1 is known",
            file.display()
        ),
    }
}

/// The newest record of a workspace, and the log that has it.
fn newest(
    config: &Config,
    workspace: &str,
) -> anyhow::Result<Option<(SettledRecord, EvidenceReader)>> {
    let reader = match EvidenceReader::open(&newest_dir(config)?) {
        Ok(reader) => reader,
        Err(StoreError::NoLog(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut newest = None;
    for entry in reader.entries() {
        let entry = entry?;
        let head = statement::read_head(&entry.bytes, entry.index)?;
        // Of a log of any length, few records are read whole.
        if ![SETTLED, CARRIED].contains(&head.predicate_type.as_str()) {
            continue;
        }
        let record = match Record::read(entry.index, &entry.bytes)? {
            Record::Settled(record) => record,
            Record::Carried(carried) => match *carried {
                Carried::Settled(record) => record,
                _ => continue,
            },
            _ => continue,
        };
        if record.workspace.as_str() == workspace {
            newest = Some(*record);
        }
    }
    Ok(newest.map(|record| (record, reader)))
}

/// Records a settled baseline, in the log itself or by the engine that holds it, and then writes the
/// working copy.
///
/// # Errors
/// The log or the file cannot be written.
pub fn keep(
    config: &Config,
    inputs: &Inputs,
    record: SettledRecord,
    bytes: &[u8],
    now: Timestamp,
) -> anyhow::Result<()> {
    let newest = shelf(config).shards()?.pop();
    let holder = newest.as_ref().map(|newest| {
        let signers = keys::signers(config)?;
        let opened =
            EvidenceLog::open_with(&newest.dir, &*signers, &newest.origin, Beginning::Anytime);
        match opened {
            Err(StoreError::InUse(_)) => Ok(true),
            Err(error) => Err(anyhow::Error::from(error)),
            Ok(_) => Ok(false),
        }
    });
    match holder.transpose()? {
        Some(true) => hand_over(config, record, bytes, now)?,
        Some(false) | None => append(config, record, bytes, now)?,
    }
    write(&inputs.settled_file, bytes)
}

fn append(
    config: &Config,
    record: SettledRecord,
    bytes: &[u8],
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut evidence = open_evidence(config, now)?;
    let at = evidence.read_clock(now);
    let record = SettledRecord { at, ..record };
    let failed = |error: crate::ports::EvidenceError| told(error.what, error.help);
    evidence.put_blob(bytes).map_err(failed)?;
    let entry = record.encode()?.entry;
    evidence.append(vec![entry], at).map_err(failed)?;
    Ok(())
}

/// Leaves it to the engine that holds the log, and waits until it is recorded.
fn hand_over(
    config: &Config,
    record: SettledRecord,
    bytes: &[u8],
    now: Timestamp,
) -> anyhow::Result<()> {
    let request = SettledRequest { settled: record };
    let digits: String = request
        .settled
        .sha256
        .to_string()
        .chars()
        .take(16)
        .collect();
    let name = format!("settled-{digits}-{}", now.as_nanosecond());
    leave_with(config, &name, &serde_json::to_vec(&request)?, Some(bytes))?;
    let recorded = judge(request, bytes, &ledger(&newest_dir(config)?)?, now);
    match recorded.map_err(|Refused { what, help }| told(what, Some(help)))? {
        None => Ok(()),
        Some(_) => Err(told(
            "the running engine refused it".to_owned(),
            Some("its log says why".to_owned()),
        )),
    }
}

/// What is in it is as private as a state.
fn write(path: &Path, text: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("cannot make folder `{}`", folder.display()))?;
    }
    write_atomically(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))
        .with_context(|| format!("cannot make `{}` private", path.display()))
}

/// The file as it is named in records: below the configuration's folder, where it lies there.
pub fn name(config: &Config, inputs: &Inputs) -> String {
    let file = &inputs.settled_file;
    let base = config.resolve("");
    let own = file.strip_prefix(&base).unwrap_or(file);
    own.display().to_string()
}

pub fn workspace(inputs: &Inputs) -> WorkspaceName {
    WorkspaceName::from(inputs.workspace.as_str())
}
