//! One entry with its proof: no folder, no log, nothing but the key.

use std::io::{self, Write};

use driftwarden::evidence::cosignature::{Cosignature, WitnessError};
use driftwarden::evidence::path;
use driftwarden::evidence::ring::KeyRing;
use driftwarden::evidence::statement::{self, Head};
use driftwarden::evidence::tlog_proof::{Proven, TlogProof};
use driftwarden::evidence::verify::{SeenCosignature, Verification};
use driftwarden::report::escape::escape;

use super::anchors;
use super::args::ProofArguments;

/// Prints what the proof proves; whether it does.
pub fn run(arguments: &ProofArguments, out: &mut dyn Write) -> io::Result<bool> {
    match check(arguments) {
        Ok((proven, head, found)) => {
            report(arguments, &proven, &head, &found, out)?;
            Ok(true)
        }
        Err(what) => {
            writeln!(out, "FAIL {}\n\nNOT PROVEN", escape(&what))?;
            Ok(false)
        }
    }
}

fn check(arguments: &ProofArguments) -> Result<(Proven, Head, Verification), String> {
    let ProofArguments {
        proof,
        entry,
        key,
        trust,
    } = arguments;
    let proof = TlogProof::parse(proof).map_err(|error| format!("the proof: {error}"))?;
    let proven = proof
        .verify(entry, &KeyRing::from(key.clone()))
        .map_err(|error| format!("the proof: {error}"))?;
    let head = statement::read_head(entry, proven.index);
    let head = head.map_err(|error| format!("the entry is in the log, but {error}"))?;
    let mut found = Verification::default();
    let lines = match proven.other_lines.as_slice() {
        [] => Vec::new(),
        lines => Cosignature::parse_lines(lines).map_err(unreadable)?,
    };
    for line in lines {
        let key = trust.witnesses.iter().find(|key| line.is_by(key));
        let verified = key.map(|key| line.verify(proven.checkpoint.note(), key));
        found.cosignatures.push(SeenCosignature {
            size: proven.checkpoint.head().size,
            witness: line.name().to_owned(),
            verified: verified.transpose().map_err(unreadable)?,
        });
    }
    for witness in &trust.witnesses {
        let mut seen = found.cosignatures.iter();
        if !seen.any(|seen| seen.verified.is_some() && seen.witness == witness.name()) {
            return Err(format!(
                "the proof's checkpoint is not cosigned by `{}`",
                witness.name()
            ));
        }
    }
    Ok((proven, head, found))
}

fn unreadable(error: WitnessError) -> String {
    format!("the proof's checkpoint: {error}")
}

fn report(
    arguments: &ProofArguments,
    proven: &Proven,
    head: &Head,
    found: &Verification,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tree = proven.checkpoint.head();
    writeln!(out, "origin      {}", escape(arguments.key.origin()))?;
    writeln!(out, "checkpoint  {} entries, root {}", tree.size, tree.root)?;
    writeln!(
        out,
        "entry       {}, {}",
        proven.index,
        escape(&head.predicate_type)
    )?;
    for blob in &head.blobs {
        writeln!(out, "blob        {} (compare: sha256sum)", path::blob(blob))?;
    }
    anchors::cosignatures(found, out)?;
    writeln!(
        out,
        "\nPROVEN: this entry, byte for byte, is entry {} of the log",
        proven.index
    )
}
