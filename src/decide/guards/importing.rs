//! How a provider finds what nobody approved: from the id of the finding to the id by which the
//! provider imports it. As data beside the reviewed lists.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One row of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Importing {
    /// The type as which it is imported, where that is another one.
    #[serde(rename = "as")]
    as_type: Option<String>,
    /// How the finding's id is put together; each part is as short as it can be, and the last the rest.
    from: String,
    /// How the provider wants the same parts.
    id: String,
    /// The part that names what it lies within.
    within: String,
    /// Of some parts, all that they may be.
    #[serde(default)]
    only: BTreeMap<String, Vec<String>>,
}

/// What to ask a provider for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import<'i> {
    pub type_name: &'i str,
    pub id: String,
    /// The name of what it lies within.
    pub within: String,
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'p> {
    Text(&'p str),
    Part(&'p str),
}

impl Importing {
    /// Nothing where a part of the id is not known for certain.
    pub fn of<'i>(&'i self, type_name: &'i str, finding_id: &str) -> Option<Import<'i>> {
        let parts = parts(&self.from, finding_id)?;
        let allowed = self.only.iter().all(|(name, all)| {
            let own = parts.get(&**name);
            own.is_some_and(|own| all.iter().any(|one| one == own))
        });
        Some(Import {
            type_name: self.as_type.as_deref().unwrap_or(type_name),
            id: put_together(&self.id, &parts)?,
            within: (*parts.get(&*self.within)?).to_owned(),
        })
        .filter(|_| allowed)
    }

    /// What is wrong with how it is written.
    pub(super) fn fault(&self) -> Option<String> {
        let Some(from) = pieces(&self.from) else {
            return Some(format!("`{}` is no pattern", self.from));
        };
        let Some(id) = pieces(&self.id) else {
            return Some(format!("`{}` is no pattern", self.id));
        };
        let is_known = |name: &str| from.contains(&Piece::Part(name));
        let in_id = id.iter().filter_map(|piece| match piece {
            Piece::Part(name) => Some(*name),
            Piece::Text(_) => None,
        });
        let others = self.only.keys().map(|name| &**name);
        let mut all = in_id.chain(others).chain([&*self.within]);
        let unknown = all.find(|name| !is_known(name))?;
        Some(format!("`{}` has no part `{unknown}`", self.from))
    }
}

fn pieces(pattern: &str) -> Option<Vec<Piece<'_>>> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        // Between two parts nothing would say where one ends.
        if text.is_empty() && !found.is_empty() || name.is_empty() {
            return None;
        }
        if !text.is_empty() {
            found.push(Piece::Text(text));
        }
        found.push(Piece::Part(name));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    Some(found)
}

fn parts<'p>(pattern: &'p str, text: &'p str) -> Option<BTreeMap<&'p str, &'p str>> {
    let mut found = BTreeMap::new();
    let mut rest = text;
    let mut open: Option<&str> = None;
    for piece in pieces(pattern)? {
        match (piece, open.take()) {
            (Piece::Part(name), _) => open = Some(name),
            (Piece::Text(text), None) => rest = rest.strip_prefix(text)?,
            (Piece::Text(text), Some(name)) => {
                // No part is empty: `-1--1` are two ports.
                let first = rest.chars().next()?.len_utf8();
                let at = first + rest.get(first..)?.find(text)?;
                found.insert(name, rest.get(..at)?);
                rest = rest.get(at + text.len()..)?;
            }
        }
    }
    match (open, rest.is_empty()) {
        (Some(name), false) => drop(found.insert(name, rest)),
        (None, true) => {}
        (Some(_), true) | (None, false) => return None,
    }
    Some(found)
}

fn put_together(pattern: &str, parts: &BTreeMap<&str, &str>) -> Option<String> {
    let pieces = pieces(pattern)?.into_iter();
    let texts = pieces.map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Part(name) => parts.get(name).copied(),
    });
    texts.collect()
}
