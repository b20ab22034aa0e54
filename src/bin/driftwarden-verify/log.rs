//! One whole log, and what it is held against.

use std::io::{self, Write};
use std::path::Path;

use driftwarden::adapters::store::{Folder, Threads};
use driftwarden::evidence::verify::{
    Failure, Verification, against_mirror, newest_record, verify_on,
};
use driftwarden::evidence::worm::WormReport;
use driftwarden::report::escape::escape;
use jiff::{SignedDuration, Timestamp};

use super::args::LogArguments;
use super::keys::{head_lines, report_custody};
use super::worm::Listing;
use super::{anchors, verdict};

/// Prints what was checked of a whole log, and of what it is held against; whether all of it is good.
pub fn run(arguments: &LogArguments, out: &mut dyn Write) -> io::Result<bool> {
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
    let beside = Beside {
        dir: &arguments.dir,
        newest,
        since_given: arguments.trust.since.is_some(),
        mirror: arguments.mirror.is_some().then_some(mirrored),
        worm: listing.zip(worm.as_ref()),
        tsa_ca: arguments.tsa_ca.as_deref(),
        pinned_together: false,
    };
    let whole = report(&found, &beside, out)?;
    Ok(is_fresh(arguments.max_age, newest, out)? && whole)
}

/// Whether the newest record is young enough; says so if not.
pub fn is_fresh(
    max_age: Option<SignedDuration>,
    newest: Option<Timestamp>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let is_fresh = max_age.is_none_or(|age| {
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
    Ok(is_fresh)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how old a log is can be told by the clock alone"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// What is reported of a log beside what was found in it.
pub struct Beside<'b> {
    pub dir: &'b Path,
    pub newest: Option<Timestamp>,
    pub since_given: bool,
    /// Where a mirror is given, how much of it the log was shown to go on from.
    pub mirror: Option<Option<u64>>,
    pub worm: Option<(&'b Listing, &'b WormReport)>,
    pub tsa_ca: Option<&'b Path>,
    /// A key was given for several logs together.
    pub pinned_together: bool,
}

pub fn report(found: &Verification, beside: &Beside<'_>, out: &mut dyn Write) -> io::Result<bool> {
    let folder = beside.dir.display().to_string();
    writeln!(out, "folder      {}", escape(&folder))?;
    head_lines(found, beside.pinned_together, out)?;
    match beside.newest {
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
    report_custody(found, out)?;
    match (found.since, beside.since_given) {
        (Some(size), _) => writeln!(out, "growth      only grew since {size} entries")?,
        (None, true) => writeln!(out, "growth      NOT shown")?,
        (None, false) => writeln!(
            out,
            "growth      not checked: pass --since to see that nothing was cut off or put back"
        )?,
    }
    match beside.mirror {
        Some(Some(size)) => writeln!(
            out,
            "mirror      it goes on from the mirror's {size} entries"
        )?,
        Some(None) => writeln!(out, "mirror      NOT shown to go on from it")?,
        None => {}
    }
    let places = anchors::Places {
        dir: beside.dir,
        tsa_ca: beside.tsa_ca,
        checkpoint: &|seen| seen.anchor.checkpoint(),
    };
    anchors::report(found, &places, out)?;
    let worm = beside.worm.map(|(_, worm)| worm);
    if let Some((listing, worm)) = beside.worm {
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
    if is_interrupted(beside.dir) {
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
fn is_interrupted(dir: &Path) -> bool {
    let read = |name| std::fs::read(dir.join(name)).ok();
    read(".state/lock").is_some_and(|lock| read("checkpoint") != Some(lock))
}
