//! Whether an index is what the log would give now.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row, types::ValueRef};
use tlog_tiles::Hash;

use super::fill::fill;
use super::place::{BESIDE, beside};
use super::{APPLICATION_ID, IndexError};
use crate::adapters::store::EvidenceReader;
use crate::evidence::index::{FORM, Table};

/// The first thing in which an index is not what the log would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    Missing,
    /// It is no database, or a damaged one.
    Unreadable(String),
    NotOurs,
    /// Made by another version, which had other tables.
    Form(i64),
    OtherLog(String),
    /// Of an earlier state of this log, or of another history of it.
    OtherState {
        size: i64,
        root: String,
    },
    /// Somebody wrote to it.
    Content(String),
}

enum Fault {
    Found(Difference),
    Own(IndexError),
}

/// Compares the index at `path` with what the log as `reader` sees it gives. Writes to neither.
///
/// # Errors
/// The log cannot be read, or tables to compare with cannot be made.
pub fn check(reader: &EvidenceReader, path: &Path) -> Result<Option<Difference>, IndexError> {
    match compare(reader, path) {
        Ok(()) => Ok(None),
        Err(Fault::Found(difference)) => Ok(Some(difference)),
        Err(Fault::Own(error)) => Err(error),
    }
}

fn compare(reader: &EvidenceReader, path: &Path) -> Result<(), Fault> {
    if !path.exists() {
        return Err(Fault::Found(Difference::Missing));
    }
    refuse_changes_beside(path)?;
    let found = open(path)?;
    if let Some(difference) = identity(&found, reader).map_err(unreadable)? {
        return Err(Fault::Found(difference));
    }
    let fresh = Connection::open("").map_err(own)?;
    fill(&fresh, reader).map_err(Fault::Own)?;
    same(
        &fresh,
        &found,
        "sqlite_schema",
        "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid",
    )?;
    for table in Table::ALL {
        let name = table.as_str();
        same(&fresh, &found, name, &all(table))?;
    }
    let whole: String = found
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(unreadable)?;
    match whole.as_str() {
        "ok" => Ok(()),
        _ => Err(Fault::Found(Difference::Unreadable(whole))),
    }
}

/// As a file that nobody writes to: neither a lock nor a journal of it is looked for, and nothing is
/// made beside it.
fn open(path: &Path) -> Result<Connection, Fault> {
    let real = fs::canonicalize(path).map_err(IndexError::io("read", path));
    let mut uri = "file:".to_owned();
    for byte in real.map_err(Fault::Own)?.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags).map_err(unreadable)
}

/// A reader that follows SQLite's rules would see the changes, and not the file.
fn refuse_changes_beside(path: &Path) -> Result<(), Fault> {
    for suffix in BESIDE {
        let changes = beside(path, suffix);
        if fs::metadata(&changes).is_ok_and(|found| found.len() > 0) {
            let what = format!("`{}` lies beside it", changes.display());
            return Err(Fault::Found(Difference::Content(what)));
        }
    }
    Ok(())
}

fn identity(found: &Connection, reader: &EvidenceReader) -> rusqlite::Result<Option<Difference>> {
    let number = |sql| found.query_row(sql, [], |row| row.get::<_, i64>(0));
    if number("PRAGMA application_id")? != i64::from(APPLICATION_ID) {
        return Ok(Some(Difference::NotOurs));
    }
    let form = number("PRAGMA user_version")?;
    if form != FORM {
        return Ok(Some(Difference::Form(form)));
    }
    let log = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let log = found.query_row("SELECT origin, size, root FROM log", [], log);
    let (origin, size, root): (String, i64, String) = log?;
    let head = reader.checkpoint().head();
    let is_now = i64::try_from(head.size) == Ok(size)
        && Hash::parse_hash(&root).is_ok_and(|root| root == head.root);
    Ok(match (origin == reader.key().origin(), is_now) {
        (false, _) => Some(Difference::OtherLog(origin)),
        (true, false) => Some(Difference::OtherState { size, root }),
        (true, true) => None,
    })
}

fn all(table: Table) -> String {
    let order = match table {
        Table::Log | Table::Entries | Table::Scans | Table::Plans | Table::Findings => "1",
        Table::Controls => "1, 2, 3",
    };
    format!("SELECT * FROM {} ORDER BY {order}", table.as_str())
}

/// Reads both row by row, until one is not the other's.
fn same(fresh: &Connection, found: &Connection, table: &str, sql: &str) -> Result<(), Fault> {
    let mut fresh = fresh.prepare(sql).map_err(own)?;
    let mut found = found.prepare(sql).map_err(unreadable)?;
    let columns = fresh.column_count();
    let entry = fresh.column_index("entry").ok();
    let mut fresh = fresh.query([]).map_err(own)?;
    let mut found = found.query([]).map_err(unreadable)?;
    loop {
        let own_row = fresh.next().map_err(own)?;
        let found_row = found.next().map_err(unreadable)?;
        let is_same = match (own_row, found_row) {
            (None, None) => return Ok(()),
            (Some(own), Some(found)) => {
                (0..columns).all(|column| own.get_ref(column).ok() == found.get_ref(column).ok())
            }
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !is_same {
            let row = own_row.or(found_row);
            let entry = entry.and_then(|entry| row?.get_ref(entry).ok());
            let what = match entry {
                Some(ValueRef::Integer(entry)) => format!("`{table}`, at the row of entry {entry}"),
                Some(_) | None => format!("`{table}`"),
            };
            let what = format!("it differs in {what}");
            return Err(Fault::Found(Difference::Content(what)));
        }
    }
}

fn own(error: rusqlite::Error) -> Fault {
    Fault::Own(IndexError::Tables(error))
}

fn unreadable(error: rusqlite::Error) -> Fault {
    Fault::Found(Difference::Unreadable(error.to_string()))
}
