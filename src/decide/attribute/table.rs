//! The tables of calls and services, read from the text files beside this one.

use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Changed,
    Missing,
    Unmanaged,
}

/// One line of `calls.txt`.
pub(super) struct Row {
    pub types: Vec<&'static str>,
    pub attributes: Vec<&'static str>,
    pub kinds: Vec<Kind>,
    pub both: bool,
}

#[derive(Default)]
pub(super) struct Table {
    pub rows: BTreeMap<&'static str, Vec<Row>>,
    /// By prefix of a type's name.
    pub services: BTreeMap<&'static str, Vec<&'static str>>,
    /// Lines that mean nothing; a test holds this empty.
    pub misread: Vec<&'static str>,
}

impl Table {
    pub(super) fn read(calls: &'static str, services: &'static str) -> Self {
        let mut table = Self::default();
        for line in written(calls) {
            match Row::read(line) {
                Some((call, row)) => table.rows.entry(call).or_default().push(row),
                None => table.misread.push(line),
            }
        }
        for line in written(services) {
            let mut words = line.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some(prefix), Some(names), None) => {
                    table.services.insert(prefix, names.split(',').collect());
                }
                _ => table.misread.push(line),
            }
        }
        table
    }
}

fn written(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

impl Row {
    fn read(line: &'static str) -> Option<(&'static str, Self)> {
        let mut words = line.split_whitespace();
        let (call, types) = (words.next()?, words.next()?);
        let (attributes, kinds) = (words.next()?, words.next()?);
        let both = match (words.next(), words.next()) {
            (None, _) => false,
            (Some("both"), None) => true,
            _ => return None,
        };
        let row = Self {
            types: types.split(',').collect(),
            attributes: attributes.split(',').collect(),
            kinds: kinds.split(',').map(Kind::parse).collect::<Option<_>>()?,
            both,
        };
        Some((call, row))
    }
}

impl Kind {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "changed" => Some(Self::Changed),
            "missing" => Some(Self::Missing),
            "unmanaged" => Some(Self::Unmanaged),
            _ => None,
        }
    }
}
