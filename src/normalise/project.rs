//! Picks the wanted paths out of raw JSON in one pass, without parsing the rest.

use std::borrow::Cow;

use super::path::folded_eq;
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
    children: Vec<(Box<str>, usize)>,
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
            let known = self.nodes.get(here).and_then(|node| {
                node.children
                    .iter()
                    .find(|(name, _)| folded_eq(name, token))
                    .map(|(_, ix)| *ix)
            });
            here = match known {
                Some(child) => child,
                None => {
                    let child = self.nodes.len();
                    self.nodes.push(Node::default());
                    if let Some(node) = self.nodes.get_mut(here) {
                        node.children.push((token.clone(), child));
                    }
                    child
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
        match self.child(0, name) {
            Some(child) => self.descend(child, raw, slots),
            None => Ok(()),
        }
    }

    fn child(&self, node: usize, name: &str) -> Option<usize> {
        let children = &self.nodes.get(node)?.children;
        let first = name
            .bytes()
            .find(|byte| *byte != b'_')?
            .to_ascii_lowercase();
        children
            .iter()
            .find(|(child, _)| {
                child
                    .bytes()
                    .next()
                    .is_some_and(|byte| byte.to_ascii_lowercase() == first)
                    && folded_eq(child, name)
            })
            .map(|(_, index)| *index)
    }

    // The recursion follows the tables, not the input, so its depth is theirs.
    fn descend<'a>(&self, at: usize, raw: &'a str, slots: &mut Slots<'a>) -> Result<(), JsonError> {
        let Some(node) = self.nodes.get(at) else {
            return Ok(());
        };
        if let Some(place) = node.slot.and_then(|slot| slots.get_mut(slot)) {
            if place.is_some() {
                let what = Cow::Borrowed("one of the keys that matter stands twice");
                return Err(JsonError { at: 0, what });
            }
            *place = Some(Cow::Borrowed(raw));
        }
        if node.children.is_empty() {
            return Ok(());
        }
        match raw.as_bytes().first() {
            Some(b'{') => {
                for member in members(raw)? {
                    let (key, value) = member?;
                    if let Some(child) = self.child(at, &key) {
                        self.descend(child, value, slots)?;
                    }
                }
            }
            Some(b'[') => {
                for (index, element) in elements(raw)?.enumerate() {
                    let element = element?;
                    let found = node.children.iter().find(|(name, _)| {
                        name.parse::<usize>().is_ok_and(|wanted| wanted == index)
                    });
                    if let Some((_, child)) = found {
                        self.descend(*child, element, slots)?;
                    }
                }
            }
            Some(b'"') => self.descend_into_text(node, raw, slots)?,
            // A null parent makes null children; a bare `true` in Terraform's marks of unknown and
            // sensitive values covers everything below it.
            Some(b'n' | b't') => self.fill_below(node, raw, slots),
            _ => {}
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
        if !text.trim_start().starts_with(['{', '[']) {
            return Ok(());
        }
        let mut inner = self.empty_slots();
        for member in members(text.trim())? {
            let (key, value) = member?;
            let child = node.children.iter().find(|(name, _)| folded_eq(name, &key));
            if let Some((_, child)) = child {
                self.descend(*child, value, &mut inner)?;
            }
        }
        for (place, found) in slots.iter_mut().zip(inner) {
            if let Some(found) = found {
                *place = Some(Cow::Owned(found.into_owned()));
            }
        }
        Ok(())
    }

    fn fill_below<'a>(&self, node: &Node, raw: &'a str, slots: &mut Slots<'a>) {
        for (_, child) in &node.children {
            let Some(child) = self.nodes.get(*child) else {
                continue;
            };
            if let Some(place) = child.slot.and_then(|slot| slots.get_mut(slot)) {
                *place = Some(Cow::Borrowed(raw));
            }
            self.fill_below(child, raw, slots);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::Path;
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
        assert_eq!(project(&["a.b"], r#"{"a":[]}"#), [None]);
    }

    #[test]
    fn refuses_a_key_that_stands_twice() {
        let path = Path::parse("a");
        let (projection, _) = Projection::new([&path.captured[..]]);
        assert!(projection.read(r#"{"a":1,"A":2}"#).is_err());
    }
}
