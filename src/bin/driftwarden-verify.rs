//! The auditor's verifier: checks an evidence folder offline, with no trust in whoever wrote it.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use driftwarden::adapters::store::Folder;
use driftwarden::evidence::key::LogKey;
use driftwarden::evidence::ring::KeyRing;
use driftwarden::evidence::verify::{Trust, Verification, verify};
use driftwarden::report::escape::escape;

const USAGE: &str = "\
Verifies a driftwarden evidence folder, offline.

Usage: driftwarden-verify DIR [--vkey KEY] [--since CHECKPOINT]

  DIR                 the folder that holds `checkpoint` and `log.vkey`
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
    let verification = verify(&Folder::new(&arguments.dir), &arguments.trust);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = report(&arguments, &verification, &mut out).and_then(|()| out.flush());
    match (written, verification.is_whole()) {
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
