//! An index that is not what the log gives is named and made anew.

use std::fs;

use driftwarden::evidence::record::*;
use rusqlite::Connection;

use super::super::commands::evidence;
use super::super::support::*;
use super::*;

#[test]
fn a_stale_index_is_named_and_made_anew() {
    let place = place();
    rebuild(&place);
    let finding = event(&by_maria("d.new"), FindingEvent::Opened, later(9));
    append(&mut place.open(), vec![finding.encode().unwrap()]);
    let said = check(&place).unwrap_err();
    let said = said.split(", root ").next().unwrap();
    insta::assert_snapshot!(said, @"the index `LOG/index.db` is of size 13");
    rebuild(&place);
    check(&place).unwrap();
    let other = self::place();
    fs::copy(index(&place), index(&other)).unwrap();
    assert!(check(&other).unwrap_err().contains("is of size 14, root "));
}

#[test]
fn a_file_that_was_cut_off_is_named_and_made_anew() {
    let place = place();
    let whole = rebuild(&place);
    for length in (0..whole.len()).step_by(1021).chain([1, 99, 100, 4096]) {
        fs::write(index(&place), &whole[..length]).unwrap();
        let said = check(&place).unwrap_err();
        assert!(said.contains("LOG/index.db"), "{length}: {said}");
        assert_eq!(rebuild(&place), whole, "{length}");
    }
}

#[test]
fn a_changed_byte_is_named_or_changes_nothing_that_is_read() {
    let place = place();
    let whole = rebuild(&place);
    let content = dump(&index(&place));
    let mut named = 0;
    for at in (0..whole.len()).step_by(149) {
        let mut changed = whole.clone();
        changed[at] ^= 0x04;
        fs::write(index(&place), changed).unwrap();
        match check(&place) {
            Err(_) => named += 1,
            Ok(_) => assert_eq!(dump(&index(&place)), content, "{at}"),
        }
    }
    assert!(named > 20, "{named}");
    assert_eq!(rebuild(&place), whole);
}

#[test]
fn what_somebody_wrote_into_it_is_named() {
    let place = place();
    let whole = rebuild(&place);
    let mut said = Vec::new();
    for change in [
        "UPDATE findings SET state = 'resolved' WHERE address = 'b.back'",
        "DELETE FROM entries WHERE entry = 12",
        "INSERT INTO controls VALUES ('CIS 9.9', 'x', 3)",
        "UPDATE log SET origin = 'other.example/log'",
        "DROP INDEX entries_by_time",
        "CREATE TRIGGER t AFTER INSERT ON log BEGIN SELECT 1; END",
        "PRAGMA user_version = 9",
        "PRAGMA application_id = 9",
    ] {
        fs::write(index(&place), &whole).unwrap();
        let tables = Connection::open(index(&place)).unwrap();
        tables
            .execute_batch(&format!("PRAGMA foreign_keys = OFF; {change}"))
            .unwrap();
        tables.close().unwrap();
        said.push(check(&place).unwrap_err());
    }
    insta::assert_snapshot!(said.join("\n"), @"
    the index `LOG/index.db` is not what the log gives: it differs in `findings`, at the row of entry 8
    the index `LOG/index.db` is not what the log gives: it differs in `entries`, at the row of entry 12
    the index `LOG/index.db` is not what the log gives: it differs in `controls`, at the row of entry 2
    the index `LOG/index.db` is of the log `other.example/log`, not of `driftwarden.example.org/evidence/2026`
    the index `LOG/index.db` is not what the log gives: it differs in `sqlite_schema`
    the index `LOG/index.db` is not what the log gives: it differs in `sqlite_schema`
    the index `LOG/index.db` has the form 9, which this version does not make
    `LOG/index.db` is no index of a log
    ");
}

#[test]
fn what_sqlite_would_read_beside_it_is_named_and_goes() {
    let place = place();
    let whole = rebuild(&place);
    let tables = Connection::open(index(&place)).unwrap();
    let wal = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; DELETE FROM controls;";
    tables.execute_batch(wal).unwrap();
    assert!(
        check(&place)
            .unwrap_err()
            .contains("LOG/index.db-wal` lies beside it")
    );
    assert_eq!(rebuild(&place), whole);
    assert_eq!(names(&place.log()), ["index.db"]);
    drop(tables);
    check(&place).unwrap();
}

#[test]
fn a_foreign_database_is_replaced_in_the_log_and_nowhere_else() {
    let place = place();
    let whole = rebuild(&place);
    let foreign = place.root().join("payroll.db");
    let tables = Connection::open(&foreign).unwrap();
    tables.execute_batch("CREATE TABLE pay (sum)").unwrap();
    tables.close().unwrap();
    let before = fs::read(&foreign).unwrap();
    let said = rebuild_to(&place, &foreign).unwrap_err().to_string();
    insta::assert_snapshot!(said.replace(place.root().to_str().unwrap(), "ROOT"), @"
    `ROOT/payroll.db` is there and is no index of a log
      help: name another file, or move this one away
    ");
    assert_eq!(fs::read(&foreign).unwrap(), before);
    fs::copy(&foreign, index(&place)).unwrap();
    insta::assert_snapshot!(check(&place).unwrap_err(), @"`LOG/index.db` is no index of a log");
    assert_eq!(rebuild(&place), whole);
}

#[test]
fn a_damaged_log_gives_no_index_and_the_old_one_stays() {
    let place = place();
    let whole = rebuild(&place);
    let bundle = place.log().join("tile/entries/000.p/13");
    let mut bytes = fs::read(&bundle).unwrap();
    let at = bytes.windows(6).position(|six| six == b"b.back").unwrap();
    bytes[at] = b'x';
    fs::write(&bundle, bytes).unwrap();
    let said = evidence(&place.log(), &["index", "rebuild"]).unwrap_err();
    assert!(said.to_string().contains("is damaged"), "{said}");
    assert_eq!(fs::read(index(&place)).unwrap(), whole);
    assert_eq!(names(&place.log()), ["index.db"]);
    assert!(check(&place).unwrap_err().contains("is damaged"));
}

#[test]
fn what_a_killed_rebuild_left_goes_and_what_another_makes_stays() {
    let place = place();
    let left = place.log().join("index.db-unfinished-1");
    let made = place.log().join("index.db-unfinished-2");
    fs::write(&left, b"half").unwrap();
    let making = fs::File::create(&made).unwrap();
    making.lock().unwrap();
    rebuild(&place);
    assert_eq!(names(&place.log()), ["index.db", "index.db-unfinished-2"]);
    assert_whole(&place.verify());
}
