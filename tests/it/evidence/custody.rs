//! Shards, expiry, holds, lost keys and erased people, as a user meets them.
#![expect(
    clippy::disallowed_methods,
    reason = "a test writes and damages its own copy"
)]

use std::fs;
use std::process::Command;

use driftwarden::adapters::signing::FileKeys;
use driftwarden::adapters::store::Beginning;
use driftwarden::ports::EvidenceSink;

use super::support::*;
use super::yearly::*;

#[test]
fn a_new_shard_goes_on_from_the_old_one_and_stands_without_it() {
    let yearly = Yearly::new();
    drop(yearly.open(at("2019-12-31T23:59:59Z")));
    let log = yearly.open(at("2020-01-01T00:00:00Z"));
    assert!(yearly.dir("evidence/2020/checkpoint").is_file());
    let open: Vec<_> = log.ledger().open_findings().collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].first_seen, at("2019-06-01T00:00:00Z"));
    assert_eq!(log.ledger().scans(), 1);
    drop(log);
    // The clock went back: a log that another goes on from takes no more.
    let again = yearly.open(at("2019-12-31T00:00:00Z"));
    assert!(again.dir().ends_with("2020"));
    drop(again);
    fs::remove_dir_all(yearly.dir("evidence/2019")).unwrap();
    let output = yearly.run(&["findings"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let (whole, text) = yearly.verify("evidence/2020", &[]);
    assert!(
        whole && text.contains("goes on     from bank.example/log/2019 at 2 entries"),
        "{text}"
    );
    let (whole, text) = yearly.verify("evidence", &[]);
    assert!(
        !whole && text.contains("`bank.example/log/2019`, which is not here"),
        "{text}"
    );
}

#[test]
fn commands_work_across_shards_and_one_key_vouches_for_all() {
    let yearly = Yearly::new();
    drop(yearly.open(at("2020-01-01T00:00:00Z")));
    let all = yearly.good(&["evidence", "show"]);
    assert!(
        all.contains("shard 2019\n") && all.contains("shard 2020\n"),
        "{all}"
    );
    assert!(
        all.contains("continues") && all.contains("carried"),
        "{all}"
    );
    let life = yearly.good(&[
        "evidence",
        "show",
        "--finding",
        yearly.finding.get(..8).unwrap(),
    ]);
    assert!(life.contains("2019/1"), "{life}");
    let old = yearly.good(&["evidence", "prove", "1", "--shard", "2019"]);
    assert!(old.contains("bank.example/log/2019"));
    let raw = yearly.good(&["evidence", "show", "0", "--raw"]);
    assert!(raw.contains("log_continued/v1"), "{raw}");
    let none = yearly.run(&["evidence", "prove", "1", "--shard", "2018"]);
    assert!(stderr(&none).contains("the shard `2018` is not there"));
    let key = fs::read_to_string(yearly.dir("evidence/2019/log.vkey")).unwrap();
    let (whole, text) = yearly.verify("evidence", &["--vkey", key.trim_end()]);
    assert!(
        whole && text.ends_with("WHOLE: 2 logs, each and together\n"),
        "{text}"
    );
    let stranger = Place::new();
    drop(stranger.open());
    let key = fs::read_to_string(stranger.log().join("log.vkey")).unwrap();
    let (whole, text) = yearly.verify("evidence", &["--vkey", key.trim_end()]);
    assert!(
        !whole && text.contains("nor one that it vouches for"),
        "{text}"
    );
}

#[test]
fn a_shard_that_begins_again_after_a_crash_is_taken_over_once() {
    let yearly = Yearly::new();
    let keys = FileKeys::new(&yearly.dir("evidence.keys"), NAME);
    let origin = format!("{NAME}/2020");
    // The process ended between beginning the log and its first batch.
    let begun = driftwarden::adapters::store::EvidenceLog::open_with(
        &yearly.dir("evidence/2020"),
        &keys,
        &origin,
        Beginning::Anytime,
    );
    drop(begun.unwrap());
    for _ in 0..2 {
        let log = yearly.open(at("2020-02-01T00:00:00Z"));
        assert_eq!(log.ledger().scans(), 1);
        assert_eq!(log.ledger().open_findings().count(), 1);
    }
    assert!(yearly.verify("evidence", &[]).0);
}

#[test]
fn what_has_expired_is_destroyed_and_a_record_vouches_for_it() {
    let yearly = Yearly::new();
    let config = fs::read_to_string(yearly.dir("driftwarden.hcl")).unwrap();
    let retain = |time: &str| {
        let text = config.replace("shard =", &format!("retention = \"{time}\"\n  shard ="));
        fs::write(yearly.dir("driftwarden.hcl"), text).unwrap();
    };
    retain("900y");
    // The clock here is years ahead of the only record.
    let refused = yearly.run(&["evidence", "expire", "--dry-run"]);
    assert!(
        stderr(&refused).contains("does not bear out"),
        "{}",
        stderr(&refused)
    );
    yearly.each_year_until(wall_clock());
    let before = yearly.good(&["evidence", "expire", "--dry-run"]);
    assert!(
        before.contains("2019  is kept until 2920-01-01T00:00:00Z"),
        "{before}"
    );
    retain("1y");

    let dry = yearly.good(&["evidence", "expire", "--dry-run"]);
    assert!(
        dry.contains("2019  has expired: 2 entries and 1 blob would be destroyed"),
        "{dry}"
    );
    assert!(yearly.dir("evidence/2019/tile/entries").is_dir());

    let on_finding = ["--finding", yearly.finding.as_str()];
    for on in [&["--shard", "2019"][..], &on_finding, &[]] {
        let mut set = vec![
            "evidence",
            "hold",
            "set",
            "--reason",
            "asked by eva@court.example",
        ];
        set.extend(["--by", "cleo@bank.example"]);
        set.extend(on);
        let said = yearly.good(&set);
        let held = yearly.good(&["evidence", "expire"]);
        let hold = said.split(' ').nth(1).unwrap();
        assert!(
            held.contains(&format!("2019  has expired and is held by {hold}")),
            "{held}"
        );
        let list = yearly.good(&["evidence", "hold", "list"]);
        assert!(list.contains(" by p1: asked by person:"), "{list}");
        let clear = [
            "evidence", "hold", "clear", hold, "--reason", "over", "--by", "p1",
        ];
        yearly.good(&clear);
    }
    let done = yearly.good(&["evidence", "expire"]);
    assert!(
        done.contains("2019  has expired: 2 entries and 1 blob were destroyed"),
        "{done}"
    );
    assert!(!yearly.dir("evidence/2019/tile/entries").exists());
    assert!(!yearly.dir("evidence/2019/blobs").exists());
    let again = yearly.good(&["evidence", "expire"]);
    assert!(again.contains("2019  was destroyed before"), "{again}");

    let (whole, text) = yearly.verify("evidence", &[]);
    assert!(
        whole && text.contains("2 entries expired by the record of "),
        "{text}"
    );
    let (whole, text) = yearly.verify("evidence/2019", &[]);
    assert!(
        !whole && text.contains("the entries are gone; a destruction record must vouch"),
        "{text}"
    );
    // The finding lives on, blobs too.
    assert_eq!(yearly.run(&["findings"]).status.code(), Some(2));
    assert!(
        yearly
            .good(&["evidence", "show"])
            .contains("its entries were destroyed")
    );

    // Hashes that are not whole are damage, whatever a record says.
    let tile = yearly.dir("evidence/2019/tile/0/000.p/2");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[3] ^= 1;
    fs::write(&tile, bytes).unwrap();
    assert!(!yearly.verify("evidence", &[]).0);
}

#[test]
fn a_shard_that_lost_its_entries_is_not_taken_for_an_expired_one() {
    let yearly = Yearly::new();
    yearly.each_year_until(wall_clock());
    fs::remove_dir_all(yearly.dir("evidence/2019/tile/entries")).unwrap();
    let (whole, text) = yearly.verify("evidence", &[]);
    assert!(
        !whole && text.contains("FAIL tile/entries/000.p/2: it is missing"),
        "{text}"
    );
    fs::remove_dir_all(yearly.dir("evidence/2019/blobs")).unwrap();
    let (whole, text) = yearly.verify("evidence", &[]);
    assert!(
        !whole && text.contains("a destruction record must vouch"),
        "{text}"
    );
    let config = fs::read_to_string(yearly.dir("driftwarden.hcl")).unwrap();
    let shorter = config.replace("shard =", "retention = \"1y\"\n  shard =");
    fs::write(yearly.dir("driftwarden.hcl"), shorter).unwrap();
    let refused = yearly.run(&["evidence", "expire"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("is not whole"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn a_log_whose_key_is_lost_goes_on_under_another_origin() {
    let yearly = Yearly::new();
    fs::remove_file(yearly.dir("evidence.keys/signing.key")).unwrap();
    let lost = yearly.run(&["evidence", "hold", "set", "--reason", "x", "--by", "p1"]);
    assert!(
        stderr(&lost).contains("evidence key lost --help"),
        "{}",
        stderr(&lost)
    );
    let go_on = [
        "evidence",
        "key",
        "lost",
        "--to",
        "next",
        "--origin",
        "bank.example/next",
    ];
    let said = yearly.good(&go_on);
    assert!(said.contains("the old log is frozen"), "{said}");
    assert_eq!(yearly.good(&go_on), said);
    let (whole, text) = yearly.verify("next", &[]);
    assert!(
        whole && text.contains("outside     goes on from bank.example/log/2019"),
        "{text}"
    );
    let config = fs::read_to_string(yearly.dir("driftwarden.hcl")).unwrap();
    let moved = config
        .replace("\"evidence\"", "\"next\"")
        .replace(NAME, "bank.example/next");
    fs::write(yearly.dir("driftwarden.hcl"), moved).unwrap();
    assert_eq!(yearly.run(&["findings"]).status.code(), Some(2));
    let same = [
        "evidence",
        "key",
        "lost",
        "--to",
        "third",
        "--origin",
        "bank.example/next",
    ];
    assert!(stderr(&yearly.run(&same)).contains("look like a fork"));
}

#[test]
fn a_key_that_others_had_is_revoked_in_the_log_that_goes_on() {
    let place = Place::new();
    let config = format!(
        "evidence {{\n  dir = \"evidence\"\n  keys = \"keys\"\n  origin = \"{ORIGIN}\"\n}}\n"
    );
    fs::write(place.root().join("driftwarden.hcl"), config).unwrap();
    place.open().append(vec![tiny(0)], now()).unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        command
            .args(args)
            .current_dir(place.root())
            .output()
            .unwrap()
    };
    let revoke = |since| {
        let home = ["--to", "next", "--origin", "bank.example/next"];
        let command = ["evidence", "key", "compromised", "--since", since];
        run(&[&command[..], &home].concat())
    };
    assert!(stderr(&revoke("2999-01-01T00:00:00Z")).contains("lies in the future"));
    let output = revoke("2026-11-01T00:00:00Z");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let refused = run(&["scan"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("is frozen; `bank.example/next` goes on from it"));
    let (whole, text) = verify_in(place.root(), ".", &[]);
    assert!(
        whole && text.contains("REVOKED     the key of driftwarden.example.org"),
        "{text}"
    );
    // Whoever has the key goes on with the old log: it then ends elsewhere than the new one says.
    fs::remove_file(place.log().join(".state/frozen")).unwrap();
    place.open().append(vec![tiny(1)], now()).unwrap();
    let (whole, text) = verify_in(place.root(), ".", &[]);
    assert!(
        !whole && text.contains("is not where that log ends"),
        "{text}"
    );
}

#[test]
fn an_erased_person_cannot_be_named_and_the_log_verifies() {
    let yearly = Yearly::new();
    let set = ["evidence", "hold", "set", "--reason", "case", "--by"];
    yearly.good(&[&set[..], &["cleo@bank.example"]].concat());
    let unmapped = [&set[..], &["eva@bank.example"]].concat();
    yearly.good(&unmapped);
    let before = fs::read(yearly.dir("evidence.keys/people.key")).unwrap();
    let nobody = yearly.run(&["evidence", "people", "erase", "p9"]);
    assert!(stderr(&nobody).contains("nobody in the identity map has the id `p9`"));
    assert_eq!(
        fs::read(yearly.dir("evidence.keys/people.key")).unwrap(),
        before
    );
    yearly.good(&["evidence", "people", "erase", "p1"]);
    assert!(
        !fs::read_to_string(yearly.dir("people.json"))
            .unwrap()
            .contains("cleo")
    );
    assert!(!yearly.dir("evidence.keys/people.key").exists());
    assert!(yearly.verify("evidence", &[]).0);
    // The same name gets another pseudonym: what the log has can no longer be tried out.
    yearly.good(&unmapped);
    let list = yearly.good(&["evidence", "hold", "list"]);
    let mut by: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split(" by ").nth(1))
        .collect();
    by.sort_unstable();
    by.dedup();
    assert_eq!(by.len(), 3, "{list}");
    assert!(!list.contains("cleo") && !list.contains("eva"));
}
