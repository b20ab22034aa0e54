//! Picks the wanted paths out of raw JSON in one pass, without parsing the rest.

use std::borrow::Cow;

use super::children::Children;
use super::path::{folded_eq, keyed};
use crate::ingest::json::{JsonError, decode_string, elements, members};

/// The wanted paths as a tree. Names are compared without case and underscores.
#[derive(Clone, Debug)]
pub struct Projection {
    nodes: Vec<Node>,
    slots: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    slot: Option<usize>,
    children: Children,
    /// The children that are positions in a list.
    positions: Vec<(usize, usize)>,
    /// The children that are values of keys in a list of keys and values.
    keyed: Vec<(Box<str>, usize)>,
}

impl Node {
    /// The child of a token of a path: a name, a position, or a key in brackets.
    fn of_token(&self, token: &str) -> Option<usize> {
        match keyed(token) {
            Some(key) => {
                let known = self.keyed.iter().find(|(known, _)| **known == *key);
                known.map(|(_, node)| *node)
            }
            None => self.children.get(token),
        }
    }

    fn add(&mut self, token: &str, node: usize) {
        if let Some(key) = keyed(token) {
            self.keyed.push((key.into(), node));
            return;
        }
        self.children.add(token, node);
        if let Ok(position) = token.parse() {
            self.positions.push((position, node));
        }
    }
}

/// Raw JSON text by slot; `None` where the input has no such path.
pub type Slots<'a> = Vec<Option<Cow<'a, str>>>;

impl Projection {
    /// Builds the tree; the slot of each path is returned in the order of the paths. A path given
    /// twice has one slot.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p [Box<str>]>) -> (Self, Vec<usize>) {
        let mut projection = Self {
            nodes: vec![Node::default()],
            slots: 0,
        };
        let slots = paths
            .into_iter()
            .map(|path| projection.insert(path))
            .collect();
        (projection, slots)
    }

    fn insert(&mut self, path: &[Box<str>]) -> usize {
        let mut here = 0;
        for token in path {
            let new = self.nodes.len();
            let Some(node) = self.nodes.get_mut(here) else {
                break;
            };
            here = match node.of_token(token) {
                Some(child) => child,
                None => {
                    node.add(token, new);
                    self.nodes.push(Node::default());
                    new
                }
            };
        }
        let next = self.slots;
        match self.nodes.get_mut(here) {
            Some(Node {
                slot: Some(slot), ..
            }) => *slot,
            Some(node) => {
                node.slot = Some(next);
                self.slots += 1;
                next
            }
            None => next,
        }
    }

    pub fn empty_slots<'a>(&self) -> Slots<'a> {
        vec![None; self.slots]
    }

    /// Reads a whole value.
    pub fn read<'a>(&self, raw: &'a str) -> Result<Slots<'a>, JsonError> {
        let mut slots = self.empty_slots();
        self.descend(0, raw, &mut slots)?;
        Ok(slots)
    }

    /// Reads one member of the root, given by name.
    pub fn read_member<'a>(
        &self,
        name: &str,
        raw: &'a str,
        slots: &mut Slots<'a>,
    ) -> Result<(), JsonError> {
        match self.nodes.first().and_then(|root| root.children.get(name)) {
            Some(child) => self.descend(child, raw, slots),
            None => Ok(()),
        }
    }

    // The recursion follows the tables, not the input, so its depth is theirs.
    fn descend<'a>(&self, at: usize, raw: &'a str, slots: &mut Slots<'a>) -> Result<(), JsonError> {
        let Some(node) = self.nodes.get(at) else {
            return Ok(());
        };
        if let Some(place) = node.slot.and_then(|slot| slots.get_mut(slot)) {
            fill(place, Cow::Borrowed(raw))?;
        }
        if node.children.is_empty() && node.keyed.is_empty() {
            return Ok(());
        }
        self.descend_below(node, raw, slots)
    }

    fn descend_below<'a>(
        &self,
        node: &Node,
        raw: &'a str,
        slots: &mut Slots<'a>,
    ) -> Result<(), JsonError> {
        match raw.as_bytes().first() {
            Some(b'{') => {
                for member in members(raw)? {
                    let (key, value) = member?;
                    if let Some(child) = node.children.get(&key) {
                        self.descend(child, value, slots)?;
                    }
                }
            }
            Some(b'[') => self.descend_into_list(node, raw, slots)?,
            Some(b'"') => self.descend_into_text(node, raw, slots)?,
            // A null parent makes null children; a bare `true` in Terraform's marks of unknown and
            // sensitive values covers everything below it.
            Some(b'n' | b't') => self.fill_below(node, raw, slots),
            _ => {}
        }
        Ok(())
    }

    fn descend_into_list<'a>(
        &self,
        node: &Node,
        raw: &'a str,
        slots: &mut Slots<'a>,
    ) -> Result<(), JsonError> {
        if !node.keyed.is_empty() {
            self.descend_into_pairs(node, raw, slots)?;
        }
        if node.positions.is_empty() {
            return Ok(());
        }
        let mut length = 0;
        for (index, element) in elements(raw)?.enumerate() {
            let element = element?;
            length = index + 1;
            for (_, child) in node.positions.iter().filter(|(at, _)| *at == index) {
                self.descend(*child, element, slots)?;
            }
        }
        // A block that is not there: the list says so, unlike an object that lacks a key.
        for (_, child) in node.positions.iter().filter(|(at, _)| *at >= length) {
            self.fill_from(*child, "null", slots);
        }
        Ok(())
    }

    /// A list of keys and values. A key that it lacks is not known.
    fn descend_into_pairs<'a>(
        &self,
        node: &Node,
        raw: &'a str,
        slots: &mut Slots<'a>,
    ) -> Result<(), JsonError> {
        for element in elements(raw)? {
            let element = element?;
            if !element.starts_with('{') {
                continue;
            }
            let (mut name, mut value) = (None, "null");
            for member in members(element)? {
                let (field, raw) = member?;
                if folded_eq(&field, "key") {
                    name = decode_string(raw).ok();
                } else if folded_eq(&field, "value") {
                    value = raw;
                }
            }
            let is_named = |(key, _): &&(Box<str>, usize)| name.as_deref() == Some(key);
            for (_, child) in node.keyed.iter().filter(is_named) {
                self.descend(*child, value, slots)?;
            }
        }
        Ok(())
    }

    /// Some parts are given as text that holds JSON.
    fn descend_into_text(
        &self,
        node: &Node,
        raw: &str,
        slots: &mut Slots<'_>,
    ) -> Result<(), JsonError> {
        let text = decode_string(raw)?;
        if !text.trim_start().starts_with(['{', '[', '"']) {
            return Ok(());
        }
        let mut inner = self.empty_slots();
        self.descend_below(node, text.trim(), &mut inner)?;
        for (place, found) in slots.iter_mut().zip(inner) {
            if let Some(found) = found {
                fill(place, Cow::Owned(found.into_owned()))?;
            }
        }
        Ok(())
    }

    fn fill_below<'a>(&self, node: &Node, raw: &'a str, slots: &mut Slots<'a>) {
        let keyed = node.keyed.iter().map(|(_, child)| *child);
        for child in node.children.nodes().chain(keyed) {
            self.fill_from(child, raw, slots);
        }
    }

    fn fill_from<'a>(&self, at: usize, raw: &'a str, slots: &mut Slots<'a>) {
        let Some(node) = self.nodes.get(at) else {
            return;
        };
        if let Some(place) = node.slot.and_then(|slot| slots.get_mut(slot)) {
            *place = Some(Cow::Borrowed(raw));
        }
        self.fill_below(node, raw, slots);
    }
}

fn fill<'a>(place: &mut Option<Cow<'a, str>>, raw: Cow<'a, str>) -> Result<(), JsonError> {
    if place.is_some() {
        let what = Cow::Borrowed("one of the keys that matter stands twice");
        return Err(JsonError { at: 0, what });
    }
    *place = Some(raw);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::path::{Path, folded_eq};
    use super::*;

    fn project(paths: &[&str], raw: &str) -> Vec<Option<String>> {
        let paths: Vec<Path> = paths.iter().map(|path| Path::parse(path)).collect();
        let (projection, slots) = Projection::new(paths.iter().map(|path| &path.captured[..]));
        let found = projection.read(raw).unwrap();
        slots
            .iter()
            .map(|slot| found[*slot].as_ref().map(|raw| raw.to_string()))
            .collect()
    }

    #[test]
    fn finds_paths_whatever_the_case() {
        let raw = r#"{"KMSKeyId":"k","x":{"a_b":[{"c":1},{"c":2}]},"y":7}"#;
        let found = project(&["kms_key_id", "x.ab.1.c", "x.ab", "z"], raw);
        let found: Vec<_> = found.iter().map(Option::as_deref).collect();
        assert_eq!(
            found,
            [Some("\"k\""), Some("2"), Some(r#"[{"c":1},{"c":2}]"#), None]
        );
    }

    #[test]
    fn a_null_parent_makes_null_children_and_text_is_opened() {
        assert_eq!(
            project(&["a.b"], r#"{"a":null}"#),
            [Some("null".to_owned())]
        );
        assert_eq!(
            project(&["a.b"], r#"{"a":true}"#),
            [Some("true".to_owned())]
        );
        assert_eq!(
            project(&["a.b"], r#"{"a":"{\"b\":5}"}"#),
            [Some("5".to_owned())]
        );
        assert_eq!(project(&["a.b"], r#"{"a":"plain"}"#), [None]);
        assert_eq!(
            project(&["a.b"], r#"{"a":"[{\"b\":5}]"}"#),
            [None],
            "a list has no names"
        );
        assert_eq!(
            project(&["a.0.b"], r#"{"a":"\"[{\\\"b\\\":5}]\""}"#),
            [Some("5".to_owned())],
            "text within text"
        );
        assert_eq!(project(&["a.b"], r#"{"a":[]}"#), [None]);
    }

    #[test]
    fn an_absent_block_is_null_and_an_absent_key_is_not_known() {
        assert_eq!(
            project(&["a.0.b"], r#"{"a":[]}"#),
            [Some("null".to_owned())]
        );
        assert_eq!(
            project(&["a.1.b"], r#"{"a":[{"b":1}]}"#),
            [Some("null".to_owned())]
        );
        assert_eq!(project(&["a.0.b"], r#"{"a":[{}]}"#), [None]);
    }

    #[test]
    fn finds_values_by_their_key_in_a_list() {
        let raw = r#"{"a":[{"key":"x.y","value":"1"},{"Value":"2","Key":"x_y"},{"key":"z"},7]}"#;
        let found = project(&["a[x.y]", "a[x_y]", "a[z]", "a[xy]"], raw);
        let found: Vec<_> = found.iter().map(Option::as_deref).collect();
        assert_eq!(found, [Some("\"1\""), Some("\"2\""), Some("null"), None]);
        let text = r#"{"a":"[{\"key\":\"x.y\",\"value\":\"1\"}]"}"#;
        assert_eq!(project(&["a[x.y]"], text), [Some("\"1\"".to_owned())]);
    }

    #[test]
    fn refuses_a_key_that_stands_twice() {
        let path = Path::parse("a");
        let (projection, _) = Projection::new([&path.captured[..]]);
        assert!(projection.read(r#"{"a":1,"A":2}"#).is_err());
    }

    proptest! {
        /// Against the plain definition: the first member whose folded name is the wanted one.
        #[test]
        fn finds_what_a_search_by_hand_finds(
            paths in prop::collection::btree_set("[aAbBzZ_0ék]{1,4}", 0..8),
            keys in prop::collection::btree_set("[aAbBzZ_0ék]{0,4}", 0..8),
        ) {
            let paths: Vec<Path> = paths.iter().map(|path| Path::parse(path)).collect();
            let (projection, slots) = Projection::new(paths.iter().map(|path| &path.captured[..]));
            let twice = |keys: &std::collections::BTreeSet<String>| {
                let folded: std::collections::BTreeSet<String> = keys
                    .iter()
                    .map(|key| key.replace('_', "").to_ascii_lowercase())
                    .collect();
                folded.len() < keys.len()
            };
            prop_assume!(!twice(&keys));
            let raw: std::collections::BTreeMap<&String, usize> = keys.iter().zip(0..).collect();
            let raw = serde_json::to_string(&raw).unwrap();
            let found = projection.read(&raw).unwrap();
            for (path, slot) in paths.iter().zip(slots) {
                let wanted = &path.captured[0];
                let by_hand = keys.iter().position(|key| folded_eq(key, wanted));
                prop_assert_eq!(
                    found[slot].as_deref().map(str::to_owned),
                    by_hand.map(|at| at.to_string()),
                    "{} in {}", wanted, raw
                );
            }
        }
    }
}
