//! Which keys signed a log, where it came from, and what is gone of it.

use std::io::{self, Write};

use driftwarden::evidence::key::LogKey;
use driftwarden::evidence::ring::KeyRing;
use driftwarden::evidence::verify::Verification;
use driftwarden::report::escape::escape;

/// Origin, keys and checkpoint. Where the key given was held against several logs together, what
/// became of it is said at the end.
pub fn head_lines(
    found: &Verification,
    pinned_together: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(keys) = &found.keys {
        report_keys(keys, found.pinned.as_ref(), pinned_together, out)?;
    }
    if let Some(head) = &found.head {
        writeln!(out, "checkpoint  {} entries, root {}", head.size, head.root)?;
    }
    Ok(())
}

/// Every key on a line of its own, oldest first.
fn report_keys(
    keys: &KeyRing,
    pinned: Option<&LogKey>,
    pinned_together: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "origin      {}", escape(keys.origin()))?;
    for (number, key) in keys.keys().enumerate() {
        let word = if number == 0 { "key" } else { "then key" };
        writeln!(out, "{word:<11} {}", escape(key.as_str()))?;
        if pinned == Some(key) {
            writeln!(out, "            given with --vkey")?;
        }
    }
    if pinned.is_none() && !pinned_together {
        let unpinned = "UNPINNED: taken from the folder itself; pass --vkey to trust it";
        writeln!(out, "            {unpinned}")?;
    }
    Ok(())
}

/// Where the log came from, and what is gone of it.
pub fn report_custody(found: &Verification, out: &mut dyn Write) -> io::Result<()> {
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
