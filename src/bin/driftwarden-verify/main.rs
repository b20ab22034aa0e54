//! The auditor's verifier: checks an evidence folder offline, with no trust in whoever wrote it.

mod anchors;
mod args;
mod pack;
mod proof;
mod verdict;
mod worm;

use std::io::{self, Write};
use std::process::ExitCode;

use driftwarden::adapters::store::{Folder, Threads};
use driftwarden::evidence::verify::{
    Failure, Verification, against_mirror, newest_record, verify_on,
};
use driftwarden::evidence::worm::WormReport;
use driftwarden::report::escape::escape;
use jiff::Timestamp;

use args::{Command, LogArguments, USAGE};

fn main() -> ExitCode {
    let command = match args::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            // Where even stderr is gone there is nobody left to tell.
            let _ = write!(io::stderr(), "error: {}\n\n{USAGE}", escape(&message));
            return ExitCode::from(2);
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let done = match &command {
        Command::Help => out.write_all(USAGE.as_bytes()).map(|()| true),
        Command::Log(arguments) => log(arguments, &mut out),
        Command::Pack(arguments) => pack::run(arguments, &mut out),
        Command::Proof(arguments) => proof::run(arguments, &mut out),
    };
    match done.and_then(|is_good| out.flush().map(|()| is_good)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// A whole log, and what it is held against.
fn log(arguments: &LogArguments, out: &mut dyn Write) -> io::Result<bool> {
    let folder = Folder::new(&arguments.dir);
    let mut found = verify_on(&folder, &arguments.trust, &Threads::all());
    let mirror = arguments.mirror.as_deref().map(Folder::new);
    let mirrored = mirror.and_then(|mirror| against_mirror(&folder, &mirror, &mut found));
    let listing = arguments.worm.as_ref();
    let worm = match listing.and_then(|listing| listing.check(&arguments.dir, &found)) {
        Some(Err(error)) => {
            writeln!(out, "FAIL the listing: {}", escape(&error.to_string()))?;
            return Ok(false);
        }
        Some(Ok(report)) => Some(report),
        None => None,
    };
    let size = found.head.map_or(0, |head| head.size);
    let newest = newest_record(&folder, size).unwrap_or_default();
    let whole = report(arguments, &found, newest, mirrored, worm.as_ref(), out)?;
    let is_fresh = arguments.max_age.is_none_or(|age| {
        let earliest = now().checked_sub(age).unwrap_or(Timestamp::MIN);
        newest.is_some_and(|newest| newest >= earliest)
    });
    if !is_fresh {
        writeln!(
            out,
            "TOO OLD: the newest record is older than --max-age: either nobody scanned since, or \
             this is not the newest state of the log"
        )?;
    }
    Ok(whole && is_fresh)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how old a log is can be told by the clock alone"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Origin, key and checkpoint.
fn head_lines(found: &Verification, out: &mut dyn Write) -> io::Result<()> {
    if let Some(key) = &found.key {
        writeln!(out, "origin      {}", escape(key.origin()))?;
        let pinned = match found.pinned {
            true => "given with --vkey",
            false => "UNPINNED: taken from the folder itself; pass --vkey to trust it",
        };
        writeln!(
            out,
            "key         {}\n            {pinned}",
            escape(key.as_str())
        )?;
    }
    if let Some(head) = &found.head {
        writeln!(out, "checkpoint  {} entries, root {}", head.size, head.root)?;
    }
    Ok(())
}

fn report(
    arguments: &LogArguments,
    found: &Verification,
    newest: Option<Timestamp>,
    mirrored: Option<u64>,
    worm: Option<&WormReport>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let folder = arguments.dir.display().to_string();
    writeln!(out, "folder      {}", escape(&folder))?;
    head_lines(found, out)?;
    match newest {
        Some(newest) => writeln!(out, "newest      record of {newest}")?,
        None => writeln!(out, "newest      no record has a time")?,
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
    if arguments.mirror.is_some() {
        match mirrored {
            Some(size) => writeln!(
                out,
                "mirror      it goes on from the mirror's {size} entries"
            )?,
            None => writeln!(out, "mirror      NOT shown to go on from it")?,
        }
    }
    let places = anchors::Places {
        dir: &arguments.dir,
        tsa_ca: arguments.tsa_ca.as_deref(),
        checkpoint: &|seen| seen.anchor.checkpoint(),
    };
    anchors::report(found, &places, out)?;
    if let Some((listing, worm)) = arguments.worm.as_ref().zip(worm) {
        listing.report(worm, out)?;
    }
    let of_worm = worm.map_or(&[][..], |worm| worm.failures.as_slice());
    let failures: Vec<&Failure> = found.failures.iter().chain(of_worm).collect();
    let more = found.more_failures + worm.map_or(0, |worm| worm.more_failures);
    if failures.is_empty() {
        let whole = "WHOLE: every file is covered by the signed checkpoint";
        writeln!(out, "\n{whole}")?;
        return Ok(true);
    }
    let count = failures.len() as u64 + more;
    verdict::failures(failures.into_iter(), more, out)?;
    if is_interrupted(arguments) {
        writeln!(
            out,
            "\n`.state/lock` is ahead of `checkpoint`: a process is writing, or was interrupted. \
             Let the next scan complete the log, then verify again."
        )?;
    }
    verdict::broken(count, out)?;
    Ok(false)
}

/// Whether something was recorded that is not public yet.
fn is_interrupted(arguments: &LogArguments) -> bool {
    let read = |name| std::fs::read(arguments.dir.join(name)).ok();
    read(".state/lock").is_some_and(|lock| read("checkpoint") != Some(lock))
}
