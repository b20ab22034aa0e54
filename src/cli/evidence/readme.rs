//! What lies beside an exported log, for a person who has never seen driftwarden.

use crate::evidence::key::LogKey;
use crate::evidence::tree::TreeHead;

pub fn text(key: &LogKey, head: TreeHead) -> String {
    let origin = key.origin();
    let key = key.as_str();
    let TreeHead { size, root } = head;
    format!(
        "\
# Evidence log of {origin}

This folder holds a copy of an append-only log. The log records what the program driftwarden found when
it compared live cloud resources with the Terraform plans that were approved for them: every scan, also
those that found nothing, and every finding from when it was opened until it was resolved.

Nobody who can write to this folder can change, remove or reorder an entry without it showing, unless
they also hold the log's private key.

    origin   {origin}
    entries  {size}
    root     {root}
    key      {key}

## Check it

    driftwarden-verify log --vkey '{key}'

Ask for the key, and for `driftwarden-verify`, by another way than the one this folder took. The command
needs no network. It reads everything, prints what it checked, and ends with WHOLE (exit status 0) or
BROKEN (exit status 1) with the file and the entry that are wrong.

Whoever holds the whole log could put it back to an earlier state. To see that this did not happen, keep
`log/checkpoint` after each audit, and add it the next time: `--since KEPT-CHECKPOINT`.

## Check it without our programs

The log has the public formats of C2SP: https://c2sp.org/tlog-tiles, https://c2sp.org/tlog-checkpoint
and https://c2sp.org/signed-note. Any tool that knows them can verify it, for example `fsck` of
https://github.com/transparency-dev/tessera (give it a time limit, and take every other exit status than
0 as a failure). `sha256sum` checks a blob: its file name is its digest. If there is a file
`log/anchors/N.tsr`, `openssl ts -verify -in log/anchors/N.tsr -data log/checkpoints/N -CAfile CA.pem`
checks that a time-stamp authority saw that checkpoint.

## What is where

    log/checkpoint           size and root of the log, signed
    log/log.vkey             the public key
    log/tile/entries/        the entries, 256 to a file, each after its length in two bytes
    log/tile/0/ 1/ ...       the hashes above them
    log/blobs/sha256/        what is too large for an entry, named by its SHA-256
    log/checkpoints/         every checkpoint that was ever signed, by size
    log/anchors/             what others said of a checkpoint, by size: time-stamps, cosignatures

Each entry is an in-toto Statement (https://in-toto.io/Statement/v1) in JSON. `predicateType` says what
it records: `scan` a scan with its scope, inputs, coverage and gaps; `finding` one event in the life of
a finding; `finding-state` what people made of it, or what it made of itself; `baseline` which resources
of an approved plan were seen applied; `settled` how they read right after, in a blob; `service` what a
running engine went by, and what it refused; `watch` what it saw wrong with itself.

## What is not here

Input files are named by their SHA-256 and are not part of the log: compare the digests with the
originals. Secret values were replaced before anything was recorded. People appear under pseudonyms; who
they are is known to the operator of the log alone.
"
    )
}
