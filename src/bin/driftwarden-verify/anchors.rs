//! What ties checkpoints to the world outside, for a person to read.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use driftwarden::evidence::verify::{SeenCosignature, SeenTimestamp, Verification};
use driftwarden::report::escape::{escape, shell_word};

/// Anchors that are printed; of the others only the number.
const SHOWN: usize = 5;

/// Where the files lie, for the commands that check what is not checked here.
pub struct Places<'p> {
    pub dir: &'p Path,
    pub tsa_ca: Option<&'p Path>,
    /// The file that a token is about.
    pub checkpoint: &'p dyn Fn(&SeenTimestamp) -> String,
}

/// The newest anchors.
pub fn report(found: &Verification, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    for seen in found.timestamps.iter().rev().take(SHOWN) {
        timestamp(seen, places, out)?;
    }
    older(found.timestamps.len(), "timestamp   ", out)?;
    cosignatures(found, out)
}

pub fn cosignatures(found: &Verification, out: &mut dyn Write) -> io::Result<()> {
    for seen in found.cosignatures.iter().rev().take(SHOWN) {
        cosignature(seen, out)?;
    }
    older(found.cosignatures.len(), "cosigned    ", out)
}

fn older(all: usize, label: &str, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(SHOWN) {
        0 => Ok(()),
        older => writeln!(out, "{label}{older} older ones"),
    }
}

fn timestamp(seen: &SeenTimestamp, places: &Places<'_>, out: &mut dyn Write) -> io::Result<()> {
    let token = &seen.token;
    let size = seen.anchor.size;
    writeln!(
        out,
        "timestamp   at {size} entries: {}, policy {}, serial {}",
        token.time, token.policy, token.serial
    )?;
    let file = |relative: &str| word(&places.dir.join(relative));
    let bare = if token.is_answer { "" } else { " -token_in" };
    let ca = places
        .tsa_ca
        .map_or_else(|| PathBuf::from("CA.pem"), Path::to_owned);
    writeln!(
        out,
        "            it is about this checkpoint; who signed it is NOT checked here, but by\n            \
         openssl ts -verify -in {}{bare} -data {} -CAfile {}",
        file(&seen.anchor.path()),
        file(&(places.checkpoint)(seen)),
        word(&ca)
    )
}

fn cosignature(seen: &SeenCosignature, out: &mut dyn Write) -> io::Result<()> {
    let SeenCosignature {
        size,
        witness,
        verified,
    } = seen;
    let witness = escape(witness);
    match verified {
        Some(time) => writeln!(out, "cosigned    at {size} entries: by {witness} at {time}"),
        None => writeln!(
            out,
            "cosigned    at {size} entries: by {witness}, NOT checked: pass its key with --witness"
        ),
    }
}

fn word(path: &Path) -> String {
    let text = path.display().to_string();
    shell_word(&escape(&text)).into_owned()
}
