//! The auditor's verifier: checks an evidence folder offline, with no trust in whoever wrote it.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use driftwarden::adapters::store::Folder;
use driftwarden::evidence::key::LogKey;
use driftwarden::evidence::ring::KeyRing;
use driftwarden::evidence::source::Source;
use driftwarden::evidence::verify::{Logs, Trust, Verification, verify, verify_logs};
use driftwarden::report::escape::escape;

const USAGE: &str = "\
Verifies a driftwarden evidence folder, offline.

Usage: driftwarden-verify DIR [--vkey KEY] [--since CHECKPOINT]

  DIR                 the folder that holds `checkpoint` and `log.vkey`, or one that holds such
                      folders: yearly shards, or a log beside the one that it goes on from
  --vkey KEY          the log's verifier key, or a file that holds it, got from elsewhere than DIR
  --since CHECKPOINT  a checkpoint file kept from earlier: proves that the log only grew since

Exit status: 0 the log is whole, 1 it is not, 2 the command line is wrong.
";

struct Arguments {
    dir: PathBuf,
    trust: Trust,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args_os().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            return match io::stdout().write_all(USAGE.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::from(2),
            };
        }
        Err(message) => {
            // Where even stderr is gone there is nobody left to tell.
            let _ = write!(io::stderr(), "error: {}\n\n{USAGE}", escape(&message));
            return ExitCode::from(2);
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let (written, whole) = match logs_in(&arguments.dir) {
        Some(names) => verify_all(&arguments, &names, &mut out),
        None => {
            let verification = verify(&Folder::new(&arguments.dir), &arguments.trust);
            let written = report(&arguments, &verification, &mut out);
            (written, verification.is_whole())
        }
    };
    match (written.and_then(|()| out.flush()), whole) {
        (Ok(()), true) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Nothing where only help is asked for.
fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Option<Arguments>, String> {
    let mut arguments = arguments.peekable();
    let mut dir = None;
    let mut trust = Trust::default();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(OsString::from(value))),
            _ => (text.as_str(), None),
        };
        let mut value = || {
            let value = inline.clone().or_else(|| arguments.next());
            value.ok_or_else(|| format!("`{name}` needs a value"))
        };
        match name {
            "-h" | "--help" => return Ok(None),
            "--vkey" if trust.key.is_none() => trust.key = Some(read_key(value()?)?),
            "--since" if trust.since.is_none() => trust.since = Some(read_file(value()?.into())?),
            "--vkey" | "--since" => return Err(format!("`{name}` is given twice")),
            option if option.starts_with('-') => return Err(format!("unknown option `{option}`")),
            _ if dir.is_some() => return Err(format!("unexpected argument `{text}`")),
            _ => dir = Some(PathBuf::from(argument)),
        }
    }
    let dir = dir.ok_or("no folder is named")?;
    if !dir.is_dir() {
        return Err(format!("`{}` is no folder", dir.display()));
    }
    Ok(Some(Arguments { dir, trust }))
}

/// A key on the command line, or in a file.
fn read_key(value: OsString) -> Result<LogKey, String> {
    let text = value.to_string_lossy().into_owned();
    if let Ok(key) = LogKey::parse(&text) {
        return Ok(key);
    }
    let bytes = read_file(value.into())
        .map_err(|error| format!("`{text}` is no verifier key, and no file: {error}"))?;
    let content = String::from_utf8_lossy(&bytes);
    let key = LogKey::parse(content.trim_end());
    key.map_err(|error| format!("`{text}` holds no verifier key: {error}"))
}

fn read_file(path: PathBuf) -> Result<Vec<u8>, String> {
    std::fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}

/// The folders of logs in a folder that is none itself, by name.
fn logs_in(dir: &Path) -> Option<Vec<String>> {
    let is_log = |dir: &Path| dir.join("checkpoint").is_file() || dir.join("log.vkey").is_file();
    if is_log(dir) {
        return None;
    }
    let items = std::fs::read_dir(dir).ok()?.flatten();
    let logs = items.filter(|item| is_log(&item.path()));
    let mut names: Vec<String> = logs
        .filter_map(|log| log.file_name().into_string().ok())
        .collect();
    names.sort();
    (!names.is_empty()).then_some(names)
}

fn verify_all(
    arguments: &Arguments,
    names: &[String],
    out: &mut dyn Write,
) -> (io::Result<()>, bool) {
    let folders: Vec<Folder> = names
        .iter()
        .map(|name| Folder::new(&arguments.dir.join(name)))
        .collect();
    let sources = names.iter().zip(&folders);
    let sources: Vec<(String, &dyn Source)> = sources
        .map(|(name, folder)| (name.clone(), folder as &dyn Source))
        .collect();
    let all = verify_logs(&sources, arguments.trust.key.as_ref());
    if arguments.trust.since.is_some() {
        let said = writeln!(out, "--since is about one log: name its folder");
        return (said, false);
    }
    (report_all(arguments, &all, out), all.is_whole())
}

fn report_all(arguments: &Arguments, all: &Logs, out: &mut dyn Write) -> io::Result<()> {
    for (name, log) in &all.logs {
        let dir = arguments.dir.join(name);
        let trust = Trust::default();
        report(&Arguments { dir, trust }, log, out)?;
        writeln!(out)?;
    }
    for revocation in &all.revocations {
        let log = escape(&revocation.log.origin);
        writeln!(
            out,
            "REVOKED     the key of {log} since {}: of that log, trust only checkpoints that\n            \
             were witnessed or anchored before then",
            revocation.compromised_at
        )?;
    }
    for continued in &all.outside {
        let log = &continued.log;
        writeln!(
            out,
            "outside     goes on from {} at {} entries, root {}, which is not here",
            escape(&log.origin),
            log.tree_size,
            escape(&log.root)
        )?;
    }
    for failure in &all.failures {
        let what = failure.to_string();
        writeln!(
            out,
            "FAIL {}\n     {}",
            escape(&what),
            failure.remedy.as_str()
        )?;
    }
    match all.is_whole() {
        true => writeln!(out, "WHOLE: {} logs, each and together", all.logs.len()),
        false => writeln!(out, "BROKEN: see above"),
    }
}

fn report(arguments: &Arguments, found: &Verification, out: &mut dyn Write) -> io::Result<()> {
    let folder = arguments.dir.display().to_string();
    writeln!(out, "folder      {}", escape(&folder))?;
    if let Some(keys) = &found.keys {
        report_keys(keys, found.pinned.as_ref(), out)?;
    }
    if let Some(head) = &found.head {
        writeln!(out, "checkpoint  {} entries, root {}", head.size, head.root)?;
    }
    for (predicate_type, count) in &found.entries {
        writeln!(out, "entries     {count} of {}", escape(predicate_type))?;
    }
    writeln!(
        out,
        "checked     {} tiles, {} checkpoints, {} blobs",
        found.tiles, found.checkpoints, found.blobs
    )?;
    report_custody(found, out)?;
    match (found.since, &arguments.trust.since) {
        (Some(size), _) => writeln!(out, "growth      only grew since {size} entries")?,
        (None, Some(_)) => writeln!(out, "growth      NOT shown")?,
        (None, None) => writeln!(
            out,
            "growth      not checked: pass --since to see that nothing was cut off or put back"
        )?,
    }
    if found.is_whole() {
        return writeln!(
            out,
            "\nWHOLE: every file is covered by the signed checkpoint"
        );
    }
    writeln!(out)?;
    for failure in &found.failures {
        let what = failure.to_string();
        writeln!(
            out,
            "FAIL {}\n     {}",
            escape(&what),
            failure.remedy.as_str()
        )?;
    }
    let count = found.failures.len() as u64 + found.more_failures;
    if found.more_failures > 0 {
        writeln!(out, "... and {} more", found.more_failures)?;
    }
    if is_interrupted(arguments) {
        writeln!(
            out,
            "\nA batch lies in `.state/staging`: a process is writing, or was interrupted. \
             Let the next scan complete the log, then verify again."
        )?;
    }
    writeln!(
        out,
        "\nBROKEN: {count} {}",
        if count == 1 { "failure" } else { "failures" }
    )
}

/// Where the log came from, and what is gone of it.
fn report_custody(found: &Verification, out: &mut dyn Write) -> io::Result<()> {
    if let Some(continued) = &found.custody.continued {
        let log = &continued.log;
        let (origin, root) = (escape(&log.origin), escape(&log.root));
        writeln!(
            out,
            "goes on     from {origin} at {} entries, root {root}",
            log.tree_size
        )?;
    }
    if found.gone > 0 {
        let by = match &found.destroyed {
            Some(record) => format!("expired by the record of {}; hashes whole", record.at),
            None => "gone; nothing here vouches for that".to_owned(),
        };
        writeln!(out, "destroyed   {} entries {by}", found.gone)?;
    }
    Ok(())
}

/// Every key on a line of its own, oldest first.
fn report_keys(keys: &KeyRing, pinned: Option<&LogKey>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "origin      {}", escape(keys.origin()))?;
    for (number, key) in keys.keys().enumerate() {
        let word = if number == 0 { "key" } else { "then key" };
        writeln!(out, "{word:<11} {}", escape(key.as_str()))?;
        if pinned == Some(key) {
            writeln!(out, "            given with --vkey")?;
        }
    }
    if pinned.is_none() {
        let unpinned = "UNPINNED: taken from the folder itself; pass --vkey to trust it";
        writeln!(out, "            {unpinned}")?;
    }
    Ok(())
}

fn is_interrupted(arguments: &Arguments) -> bool {
    let staging = arguments.dir.join(".state/staging");
    std::fs::read_dir(staging).is_ok_and(|mut items| items.next().is_some())
}
