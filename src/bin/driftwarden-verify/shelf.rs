//! Several logs that go on from one another: yearly shards, or a log after one whose key was given up.

use std::io::{self, Write};
use std::path::Path;

use driftwarden::adapters::store::{Folder, Threads};
use driftwarden::evidence::source::Source;
use driftwarden::evidence::verify::{Logs, Untouched, Verification, newest_record, verify_logs};
use driftwarden::report::escape::escape;
use jiff::Timestamp;

use super::args::LogsArguments;
use super::log::{self, Beside};

/// The folders of logs in a folder that is none itself, by name.
pub fn logs_in(dir: &Path) -> Option<Vec<String>> {
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

/// Prints what was checked of each log, and of all together; whether all of it is good.
pub fn run(arguments: &LogsArguments, out: &mut dyn Write) -> io::Result<bool> {
    let names = &arguments.names;
    let folders: Vec<Folder> = names
        .iter()
        .map(|name| Folder::new(&arguments.dir.join(name)))
        .collect();
    let sources = names.iter().zip(&folders);
    let sources: Vec<(String, &dyn Source)> = sources
        .map(|(name, folder)| (name.clone(), folder as &dyn Source))
        .collect();
    let all = verify_logs(&sources, &arguments.trust, &Threads::all());
    let newest: Vec<_> = folders
        .iter()
        .zip(&all.logs)
        .map(|(folder, (_, log))| newest_of(folder, log))
        .collect();
    report_all(arguments, &all, &newest, out)?;
    let newest = newest.into_iter().flatten().max();
    Ok(log::is_fresh(arguments.max_age, newest, out)? && all.is_whole())
}

fn newest_of(folder: &Folder, found: &Verification) -> Option<Timestamp> {
    let size = found.head.map_or(0, |head| head.size);
    newest_record(folder, size).unwrap_or_default()
}

fn report_all(
    arguments: &LogsArguments,
    all: &Logs,
    newest: &[Option<Timestamp>],
    out: &mut dyn Write,
) -> io::Result<()> {
    for ((name, found), newest) in all.logs.iter().zip(newest) {
        let beside = Beside {
            dir: &arguments.dir.join(name),
            newest: *newest,
            since_given: false,
            mirror: None,
            worm: None,
            tsa_ca: arguments.tsa_ca.as_deref(),
            pinned_together: arguments.trust.key.is_some(),
        };
        log::report(found, &beside, out)?;
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
        untouched(&all.untouched(revocation), out)?;
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

/// What of a log whose key others had still stands.
fn untouched(found: &Untouched, out: &mut dyn Write) -> io::Result<()> {
    if let Some((size, witness, at)) = &found.cosigned {
        let witness = escape(witness);
        writeln!(
            out,
            "            stands at {size} entries: cosigned by {witness} at {at}"
        )?;
    }
    if let Some((size, at)) = &found.stamped {
        writeln!(
            out,
            "            stands at {size} entries if the time stamp of {at} does: see above"
        )?;
    }
    if *found == Untouched::default() {
        writeln!(
            out,
            "            nothing here shows any from before; pass the keys of witnesses with --witness"
        )?;
    }
    Ok(())
}
