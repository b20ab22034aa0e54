//! What became of the values of one approved resource.

use std::collections::BTreeMap;

use super::leaves::{collect, names, whole};
use super::{Counter, IsComputed, Told};
use crate::decide::baseline::{ApprovedResource, Pending};
use crate::decide::compare::{Fate, Standing};
use crate::decide::ignoring::{Ignoring, place};
use crate::model::{Address, AttributePath, TypeName, Value, Watching};
use crate::normalise::catalogue::Resource;
use crate::normalise::path::{Path, find, folded_eq};
use crate::normalise::table::{AttributeRow, KeyPair, Member};

/// One approved resource with its values.
pub(super) struct One<'c> {
    pub(super) counter: &'c Counter<'c>,
    pub(super) number: u32,
    pub(super) resource: &'c ApprovedResource,
    pub(super) standing: Standing,
    pub(super) table: Option<&'c Resource>,
    pub(super) type_name: &'c TypeName,
    pub(super) values: &'c BTreeMap<String, Value>,
    pub(super) is_computed: IsComputed<'c>,
}

impl One<'_> {
    pub(super) fn attribute(&self, name: &str, pointer: &AttributePath, value: &Value) -> Told {
        if (self.is_computed)(self.type_name, &[name]) {
            return (Watching::Computed, String::new());
        }
        if let (Some(fate), None) = (self.by_name(name), self.not_compared()) {
            return match fate {
                Fate::NotComparable => (Watching::NotComparable, self.why(pointer)),
                Fate::Equal | Fate::Differs | Fate::OwnedApart | Fate::Silent => {
                    (Watching::Compared, String::new())
                }
            };
        }
        let table = match (self.table, self.not_compared()) {
            (Some(table), None) => table,
            (_, why) => return (Watching::Resource, why.unwrap_or_default()),
        };
        let workspace = self.counter.approved.workspace(self.resource.workspace);
        let lifecycle = workspace.and_then(|workspace| {
            let address = Address::from(&*self.resource.address);
            self.counter.authors.lifecycle(workspace, &address)
        });
        let mut leaves = Vec::new();
        collect(value, pointer, &mut leaves);
        leaves.retain(|leaf| !self.is_computed_leaf(leaf));
        let told: Vec<(Told, &AttributePath)> = leaves
            .iter()
            .map(|leaf| {
                let ignored = Ignoring::of(lifecycle.as_ref(), leaf);
                let told = match ignored.whole() {
                    Some(at) if !self.is_key(table, name) => (Watching::SetAside, place(at)),
                    Some(_) | None => self.leaf(table, name, leaf),
                };
                (told, leaf)
            })
            .collect();
        whole(&told)
    }

    /// What became of an attribute that was compared although no reviewed row names it.
    fn by_name(&self, name: &str) -> Option<Fate> {
        self.counter.watched.fate_of(self.number, name)
    }

    /// Why the resource as a whole was not compared.
    fn not_compared(&self) -> Option<String> {
        let deletes = |resource: &ApprovedResource| {
            let mut pending = resource.rare.iter().flat_map(|rare| &rare.pending);
            pending.any(Pending::deletes)
        };
        match self.standing {
            Standing::Seen if deletes(self.resource) => {
                Some("an approved plan deletes the resource".to_owned())
            }
            Standing::Seen => None,
            Standing::Missing => Some("the resource is missing, which is a finding".to_owned()),
            Standing::Unknown(reason) => Some(format!("a gap: {reason}")),
            Standing::Excluded => Some("the resource is outside the scope".to_owned()),
        }
    }

    fn is_computed_leaf(&self, leaf: &AttributePath) -> bool {
        let tokens: Vec<String> = leaf.tokens().collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        (self.is_computed)(self.type_name, &tokens)
    }

    fn leaf(&self, table: &Resource, name: &str, leaf: &AttributePath) -> Told {
        let rows = table.table.attributes.iter().enumerate();
        let own = rows.filter(|(_, row)| row.pointer.holds(leaf) || leaf.holds(&row.pointer));
        if let Some(why) = within_block(table, leaf) {
            return (Watching::SetAside, why.to_owned());
        }
        let mut own: Vec<Told> = own
            .map(|(slot, row)| self.row(slot, &row.pointer))
            .collect();
        // A block that is not there is told by any row within it.
        own.sort();
        if let Some(told) = own.into_iter().next() {
            return told;
        }
        let aside = table.table.not_comparable.iter();
        let mut aside = aside.filter(|(pointer, _)| pointer.holds(leaf) || leaf.holds(pointer));
        if self.is_key(table, name) {
            return (Watching::Key, String::new());
        }
        match aside.next() {
            Some((_, why)) => (Watching::SetAside, why.clone()),
            None => self
                .in_tags_all(table, leaf)
                .unwrap_or((Watching::NotMapped, String::new())),
        }
    }

    /// `tags` is what `tags_all` holds without the provider's defaults: a tag that is the same in
    /// both is compared there.
    fn in_tags_all(&self, table: &Resource, leaf: &AttributePath) -> Option<Told> {
        let tokens: Vec<String> = leaf.tokens().collect();
        let (first, rest) = tokens.split_first().filter(|(first, _)| *first == "tags")?;
        let at = |name: &str| self.values.get(name)?.at(rest);
        let is_same = rest.is_empty() || at(first) == at("tags_all");
        let mut rows = table.table.attributes.iter().enumerate();
        let (slot, row) = rows.find(|(_, row)| row.pointer.as_str() == "/tags_all")?;
        is_same.then(|| self.row(slot, &row.pointer))
    }

    fn row(&self, slot: usize, pointer: &AttributePath) -> Told {
        let watching = match self.counter.watched.fate(self.number, slot) {
            Some(Fate::Equal | Fate::Differs) => Watching::Compared,
            Some(Fate::OwnedApart) => Watching::Elsewhere,
            Some(Fate::Silent) => {
                let why = "the table's condition for comparing it does not hold for this item";
                return (Watching::SetAside, why.to_owned());
            }
            Some(Fate::NotComparable) => return (Watching::NotComparable, self.why(pointer)),
            None => Watching::NotCarried,
        };
        (watching, String::new())
    }

    fn why(&self, pointer: &AttributePath) -> String {
        let workspace = self.counter.approved.workspace(self.resource.workspace);
        let address = Address::from(&*self.resource.address);
        let why = workspace.and_then(|name| self.counter.whys.get(&(name, &address, pointer)));
        why.map_or_else(String::new, |why| (*why).to_owned())
    }

    /// Whether the live resource was found by the attribute, or by one of the same value: the first
    /// key whose parts are all there is the one that counts. Which of the same name in several Regions it
    /// is tells the Region.
    fn is_key(&self, table: &Resource, name: &str) -> bool {
        if name == "region" {
            return true;
        }
        let element: &[Vec<KeyPair>] = match &table.table.member {
            Member::Each { element, .. } => element,
            Member::Whole | Member::Part { .. } | Member::SecurityGroupRule => &[],
        };
        let is_there = |pair: &KeyPair| self.text(&pair.approved).is_some();
        let usable = |keys: &'_ [Vec<KeyPair>]| {
            let at = keys.iter().position(|pairs| pairs.iter().all(is_there));
            at.unwrap_or(keys.len())
        };
        let of_item = table
            .table
            .keys
            .iter()
            .skip(usable(&table.table.keys))
            .take(1);
        let of_element = element.iter().skip(usable(element)).take(1);
        let pairs: Vec<&KeyPair> = of_item.chain(of_element).flatten().collect();
        let named = |pair: &&KeyPair| match &pair.approved.captured[..] {
            [only] => folded_eq(only, name),
            _ => false,
        };
        // Terraform repeats the key of most types as `id`.
        let id = self.text(&Path::parse("id")).filter(|_| name == "id");
        pairs.iter().any(named)
            || id.is_some_and(|id| {
                pairs
                    .iter()
                    .any(|pair| self.text(&pair.approved).as_ref() == Some(&id))
            })
    }

    fn text(&self, path: &Path) -> Option<String> {
        let (first, rest) = path.captured.split_first()?;
        let (_, value) = self.values.iter().find(|(key, _)| folded_eq(key, first))?;
        match find(value, rest)? {
            Value::String(text) => (!text.is_empty()).then(|| text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
        }
    }
}

/// Why a field within a block that is compared is set aside.
fn within_block<'t>(table: &'t Resource, leaf: &AttributePath) -> Option<&'t str> {
    let is_row = |own: &&AttributeRow| !own.aside.is_empty() && own.pointer.holds(leaf);
    table.table.attributes.iter().find(is_row)?;
    let leaf = names(leaf);
    let mut aside = table.table.not_comparable.iter();
    let found = aside.find(|(own, _)| leaf.starts_with(&names(own)))?;
    Some(found.1)
}
