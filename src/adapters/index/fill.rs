//! From the log into tables. The same log gives the same bytes: one transaction, rows in the order of
//! the log, and no page that keeps what was deleted.

use std::collections::BTreeMap;

use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, Statement, ToSql, params_from_iter};

use super::{APPLICATION_ID, IndexError};
use crate::adapters::store::EvidenceReader;
use crate::evidence::index::{Cell, FORM, Index, Row, log_row};

/// What an index holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    pub entries: u64,
    pub findings: u64,
}

pub fn fill(tables: &Connection, reader: &EvidenceReader) -> Result<Filled, IndexError> {
    begin(tables).map_err(IndexError::Tables)?;
    let mut filled = Filled {
        entries: 0,
        findings: 0,
    };
    let mut index = Index::default();
    let mut rows = Rows::of(tables);
    let head = reader.checkpoint().head();
    rows.put(&log_row(reader.key().origin(), head))?;
    for entry in reader.entries() {
        let entry = entry?;
        for row in index.take(entry.index, &entry.bytes)? {
            rows.put(&row)?;
        }
        filled.entries += 1;
    }
    for row in index.findings() {
        rows.put(&row)?;
        filled.findings += 1;
    }
    end(tables).map_err(IndexError::Tables)?;
    Ok(filled)
}

/// No journal and no sync: a file that is not whole is never given its name.
fn begin(tables: &Connection) -> rusqlite::Result<()> {
    tables.execute_batch(&format!(
        "PRAGMA page_size = 4096;
         PRAGMA encoding = 'UTF-8';
         PRAGMA auto_vacuum = NONE;
         PRAGMA journal_mode = OFF;
         PRAGMA synchronous = OFF;
         PRAGMA secure_delete = ON;
         PRAGMA application_id = {APPLICATION_ID};
         PRAGMA user_version = {FORM};
         BEGIN;"
    ))?;
    tables.execute_batch(include_str!("schema.sql"))
}

fn end(tables: &Connection) -> rusqlite::Result<()> {
    tables.execute_batch(include_str!("keys.sql"))?;
    tables.execute_batch("COMMIT;")
}

/// Puts rows in; each form of a row, of which there are few, is prepared once.
struct Rows<'t> {
    tables: &'t Connection,
    inserts: BTreeMap<String, Statement<'t>>,
}

impl<'t> Rows<'t> {
    fn of(tables: &'t Connection) -> Self {
        let inserts = BTreeMap::new();
        Self { tables, inserts }
    }

    fn put(&mut self, row: &Row) -> Result<(), IndexError> {
        self.insert(row).map_err(IndexError::Tables)
    }

    fn insert(&mut self, row: &Row) -> rusqlite::Result<()> {
        let sql = sql(row);
        let cells = params_from_iter(row.cells.iter().map(|(_, cell)| cell));
        if let Some(insert) = self.inserts.get_mut(&sql) {
            return insert.execute(cells).map(drop);
        }
        let mut insert = self.tables.prepare(&sql)?;
        insert.execute(cells)?;
        self.inserts.insert(sql, insert);
        Ok(())
    }
}

fn sql(row: &Row) -> String {
    let names: Vec<_> = row.cells.iter().map(|(name, _)| *name).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        row.table.as_str(),
        names.join(", "),
        vec!["?"; names.len()].join(", ")
    )
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::from(*number),
            Self::Text(text) => ToSqlOutput::from(text.as_ref()),
        })
    }
}
