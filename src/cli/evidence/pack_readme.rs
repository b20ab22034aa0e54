//! What lies in a pack, for a person who has never seen driftwarden.

use crate::evidence::dsse::IN_TOTO;
use crate::evidence::export_key::ExportKey;
use crate::evidence::key::LogKey;
use crate::evidence::pack::PackRecord;
use crate::evidence::ring::KeyRing;
use crate::report::escape::escape;
use crate::report::units::counted;

pub fn text(record: &PackRecord, keys: &KeyRing, export_key: &ExportKey) -> String {
    let parts = [
        introduction(record, keys.newest(), export_key),
        check(keys, export_key),
        check_without_us(keys),
        contents(),
        limits(record),
    ];
    parts.join("\n")
}

fn introduction(record: &PackRecord, key: &LogKey, export_key: &ExportKey) -> String {
    let PackRecord {
        exported_at,
        origin,
        tree_size,
        root,
        from,
        until,
        control,
        entries,
        scans,
        findings,
        program: _,
    } = record;
    let from = from.map_or("the beginning of the log".to_owned(), |at| at.to_string());
    let until = match until {
        Some(at) => format!("up to, not including, {at}"),
        None => "to the end of the log".to_owned(),
    };
    let control = escape(control.as_deref().unwrap_or("all"));
    let held = [
        counted(*entries, "record"),
        counted(*scans, "scan"),
        counted(*findings, "finding"),
    ];
    let held = held.join(", ");
    let (key, fingerprint) = (key.as_str(), export_key.fingerprint());
    format!(
        "\
# Evidence of {origin}

This folder is an extract of an append-only log. The program driftwarden compares live cloud resources
with the Terraform plans that were approved for them, and records in the log every scan, also those that
found nothing, and every finding from when it was opened until it was resolved. Somebody asked for a part
of that log; this is the answer.

    asked for   from {from} {until}
    control     {control}
    holds       {held}; the other records are what these refer to
    exported    {exported_at}
    log         {tree_size} entries, root {root}
    log key     {key}
    export key  SHA-256 {fingerprint}

What it proves: each record here was in the log when its checkpoint was signed, byte for byte as it is
here; nobody can change one afterwards, not even who holds the log's key, without contradicting that
checkpoint. And it proves that who holds the export key chose these records as the answer.

Both keys are worth what you know of them. Do not take them from this folder: ask the operator of the log
for them by another way, such as a letter, a telephone call to a number you know, or the file that you got
in last year's audit. Ask for the program driftwarden-verify by another way too, or build it from source.
"
    )
}

fn check(keys: &KeyRing, export_key: &ExportKey) -> String {
    let (key, fingerprint) = (keys.newest().as_str(), export_key.fingerprint());
    format!(
        "\
## Check it

    driftwarden-verify . --vkey '{key}' --export-key {fingerprint}

with the keys that you were told. It needs no network. It reads every file, refuses one that does not
belong here, and ends with WHOLE (exit status 0) or BROKEN (exit status 1) and what is wrong.
{}",
        replaced(keys)
    )
}

/// What to know where the log's key was replaced.
fn replaced(keys: &KeyRing) -> String {
    let older: Vec<String> = keys
        .keys()
        .filter(|key| *key != keys.newest())
        .map(|key| format!("    {}\n", key.as_str()))
        .collect();
    if older.is_empty() {
        return String::new();
    }
    format!(
        "
The key of this log was replaced. If you were told one of the keys before it, oldest first,

{}
give that one with `--vkey`: each of them signed, together with the next one, a checkpoint over the record
that names the next one. `keys/` has these records with their proofs.
",
        older.concat()
    )
}

fn check_without_us(keys: &KeyRing) -> String {
    let length = IN_TOTO.len();
    let replaced = match keys.keys().count() {
        1 => "",
        _ => {
            "   That is the newest key of the log. With an older one check the proof of its rotation in `keys/`
   first, in the same way: its checkpoint is signed by the older key and by the one that the record
   beside it names as `new`. Go on from there until you have the newest.
"
        }
    };
    format!(
        "\
## Check it without our programs

1. No file was changed, once you trust the list of them:

       sha256sum -c SHA256SUMS

2. The export key signed that list. `pack.json` names the list's SHA-256; `pack.dsse.json` is an envelope
   by the public specification DSSE (https://github.com/secure-systems-lab/dsse) around `pack.json`:

       openssl pkey -pubin -in export.pub.pem -outform DER | sha256sum    # is it the key you were told?
       sha256sum SHA256SUMS                                # the digest below \"subject\" in pack.json
       file=pack
       {{ printf 'DSSEv1 {length} {IN_TOTO} %s ' \"$(wc -c < $file.json | tr -d ' ')\"
         cat $file.json; }} > /tmp/signed
       sed 's/.*\"sig\":\"//; s/\".*//' $file.dsse.json | base64 -d > /tmp/signature
       openssl pkeyutl -verify -pubin -inkey export.pub.pem -rawin -in /tmp/signed -sigfile /tmp/signature

   With `file=entries/7` the same commands check the envelope of entry 7. The Python packages
   securesystemslib and in-toto-attestation read these envelopes and the Statements in them; so does
   any other tool that knows DSSE and Ed25519.

3. Each entry is in the log. `entries/7.tlog-proof` is a proof of the public format
   https://c2sp.org/tlog-proof: the entry's index, hashes, and the signed checkpoint. Check the checkpoint
   with the log key by golang.org/x/mod/sumdb/note, and the hashes with golang.org/x/mod/sumdb/tlog
   (`CheckRecord` with `RecordHash` of the bytes of `entries/7.json`). The hashes are those of RFC 6962.
{replaced}
4. A blob is what its name says: `sha256sum blobs/sha256/*/*`.

5. If there is a file `anchors/N.tsr`, a time-stamp authority saw this checkpoint at the time in it:

       openssl ts -verify -in anchors/N.tsr -data checkpoint -CAfile CA.pem

   A file `anchors/N.cosig` holds cosignatures (https://c2sp.org/tlog-cosignature) of witnesses, who saw
   that the log had only grown: `driftwarden-verify . --witness KEY`.

The whole log can be checked by `fsck` of https://github.com/transparency-dev/tessera; ask for
`driftwarden evidence export` without a time and without a control.
"
    )
}

fn contents() -> String {
    "\
## What is where

    index.json             controls, their findings, and the entries of each; scans, plans
    entries/N.json         entry N as it was logged: an in-toto Statement (https://in-toto.io/Statement/v1)
    entries/N.tlog-proof   the proof that it is in the log
    entries/N.dsse.json    the same Statement in an envelope that the export key signed
    blobs/sha256/          what entries name and is too large for them: plans and change records,
                           without secrets and with pseudonyms, named by their SHA-256
    checkpoint, log.vkey   the log's size and root, signed; and the keys of the log, the newest last, which
                           signed this checkpoint
    keys/                  where a key took over from another: the record and its proof
    anchors/               what others said of this checkpoint, if they did
    export.pub.pem         the export key
    pack.json              what was asked for
    SHA256SUMS             every file but itself and pack.json, pack.dsse.json

`predicateType` says what a Statement records: `scan` a scan with its scope, inputs, coverage and gaps;
`plan` how an approved plan stood, and with which change record; `baseline` which resources of a plan were
seen applied; `finding` one event in the life of a finding: what differed, who made it, whether a change
record covered it, and the controls that its rule names.

To see that scans were complete, read the scans: each says what was to be seen, what was seen, and what was
not and why. A time in which nothing was found has scans and no finding.
"
    .to_owned()
}

fn limits(record: &PackRecord) -> String {
    let program = &record.program;
    format!(
        "\
## What it does not prove

- That nothing was left out. Every scan of the time and the whole life of every finding that stood in it
  should be here; but a proof that something is in the log is no proof that nothing else is. For that,
  verify the whole log, which has this same checkpoint or grew from it.
- That what was recorded is true. It is what driftwarden {} saw and decided at the time.
- When it happened, beyond the word of the machine that wrote it; only a time-stamp or a witness ties a
  checkpoint to a time.
- That the log was never put back to an earlier state. Keep `checkpoint`, and next time ask for the whole
  log and run `driftwarden-verify LOG --since CHECKPOINT`.

Input files are named by their SHA-256 and are not part of the log: compare the digests with the
originals. Secret values were replaced before anything was recorded. People appear under pseudonyms; who
they are is known to the operator of the log alone.
",
        program.version
    )
}
