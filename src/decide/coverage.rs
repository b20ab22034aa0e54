//! Counts what became of each attribute that a baseline sets: compared, or why not.

mod leaves;

use std::collections::{BTreeMap, BTreeSet};

use self::leaves::{collect, names, whole};
use super::baseline::{Approved, ApprovedResource, Pending};
use super::compare::{Fate, Standing, Watched};
use super::ignoring::{Authors, Ignoring, place};
use crate::ingest::json::{self, JsonError};
use crate::model::{
    Address, AttributeCoverage, AttributePath, Gap, TypeCoverage, TypeName, Value, Watching,
    WorkspaceName,
};
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::path::{Path, find, folded_eq};
use crate::normalise::table::{AttributeRow, KeyPair, Member};

/// Whether the provider's schema says that only the provider sets the attribute of that type at
/// those tokens.
pub type IsComputed<'a> = &'a dyn Fn(&TypeName, &[&str]) -> bool;

/// Counts one resource at a time.
pub struct Counter<'a> {
    catalogue: &'a Catalogue,
    approved: &'a Approved,
    watched: &'a Watched,
    authors: &'a dyn Authors,
    /// Why an attribute could not be compared.
    whys: BTreeMap<(&'a WorkspaceName, &'a Address, &'a AttributePath), &'a str>,
    coverage: AttributeCoverage,
    counted: BTreeSet<u32>,
}

/// What became of one value, and why.
type Told = (Watching, String);

impl<'a> Counter<'a> {
    pub fn new(
        catalogue: &'a Catalogue,
        approved: &'a Approved,
        watched: &'a Watched,
        gaps: &'a [Gap],
        authors: &'a dyn Authors,
    ) -> Self {
        let whys = gaps.iter().filter_map(|gap| {
            let key = (
                gap.workspace.as_ref()?,
                gap.address.as_ref()?,
                gap.attribute.as_ref()?,
            );
            Some((key, gap.detail.as_str()))
        });
        Self {
            catalogue,
            approved,
            watched,
            authors,
            whys: whys.collect(),
            coverage: AttributeCoverage::default(),
            counted: BTreeSet::new(),
        }
    }

    /// Counts the attributes of one approved resource, given by number; `values` are those that its
    /// baseline plan sets, raw.
    ///
    /// # Errors
    /// Values that are no JSON object.
    pub fn add(
        &mut self,
        number: u32,
        values: &str,
        is_computed: IsComputed<'_>,
    ) -> Result<(), JsonError> {
        let Some((resource, standing)) = self.approved_one(number) else {
            return Ok(());
        };
        let Value::Map(values) = json::parse(values)? else {
            return Err(JsonError::new(0, "an object is wanted here"));
        };
        let type_name = self.type_name(resource);
        let one = One {
            counter: self,
            number,
            resource,
            standing,
            table: resource.resource.and_then(|at| self.catalogue.resource(at)),
            type_name: &type_name,
            values: &values,
            is_computed,
        };
        let told: Vec<(AttributePath, Told)> = values
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| {
                let pointer = AttributePath::root().child(name);
                let told = one.attribute(name, &pointer, value);
                (pointer, told)
            })
            .collect();
        self.counted.insert(number);
        let types = self.coverage.types.entry(type_name).or_default();
        for (pointer, (watching, why)) in told {
            *types
                .attributes
                .entry((pointer, watching, why))
                .or_default() += 1;
        }
        Ok(())
    }

    /// The counts, with those of resources.
    pub fn finish(mut self) -> AttributeCoverage {
        for (number, _) in (0u32..).zip(&self.approved.resources) {
            let Some((resource, standing)) = self.approved_one(number) else {
                continue;
            };
            let name = self.type_name(resource);
            let table = resource.resource.and_then(|at| self.catalogue.resource(at));
            let config = table.and_then(|table| self.catalogue.config(table.config));
            let own = self.coverage.types.entry(name).or_default();
            own.table = config.map(|config| (config.config_type.to_string(), config.file()));
            add_resource(own, standing);
            own.uncounted += u64::from(!self.counted.contains(&number));
        }
        self.coverage
    }

    fn approved_one(&self, number: u32) -> Option<(&'a ApprovedResource, Standing)> {
        let at = usize::try_from(number).ok()?;
        let resource = self.approved.resources.get(at)?;
        Some((resource, self.watched.standing(number)?))
    }

    fn type_name(&self, resource: &ApprovedResource) -> TypeName {
        let table = resource.resource.and_then(|at| self.catalogue.resource(at));
        let unmapped = || {
            let rare = resource.rare.as_ref()?;
            rare.unmapped_type.as_deref().map(TypeName::from)
        };
        let mapped = table.map(|table| table.table.type_name.clone());
        mapped
            .or_else(unmapped)
            .unwrap_or_else(|| TypeName::from(""))
    }
}

fn add_resource(own: &mut TypeCoverage, standing: Standing) {
    own.resources += 1;
    match standing {
        Standing::Seen | Standing::Missing => own.observed += 1,
        Standing::Unknown(_) => own.unknown += 1,
        Standing::Excluded => own.excluded += 1,
    }
}

/// One approved resource with its values.
struct One<'c> {
    counter: &'c Counter<'c>,
    number: u32,
    resource: &'c ApprovedResource,
    standing: Standing,
    table: Option<&'c Resource>,
    type_name: &'c TypeName,
    values: &'c BTreeMap<String, Value>,
    is_computed: IsComputed<'c>,
}

impl One<'_> {
    fn attribute(&self, name: &str, pointer: &AttributePath, value: &Value) -> Told {
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
    /// key whose parts are all there is the one that counts.
    fn is_key(&self, table: &Resource, name: &str) -> bool {
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
