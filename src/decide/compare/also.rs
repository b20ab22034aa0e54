//! Elements of lists that are approved by resources without an item of their own: an exclusive policy
//! attachment names roles, users and groups, and each of their items shows its part.

use std::collections::BTreeMap;

use super::live::Live;
use super::{Comparer, Findings, Found, Presence};
use crate::decide::baseline::{Approved, ApprovedResource};
use crate::ingest::json;
use crate::model::{Address, AttributePath, Deviation, DeviationKind, TypeName, Value};
use crate::normalise::catalogue::{Catalogue, Resource, ResourceIx};
use crate::normalise::path::Path;

/// By type of the element and name of the owner.
pub(super) type AlsoApproved = BTreeMap<(ResourceIx, String), Vec<Element>>;

/// Of one owner or of any, elements that neither plan nor state names: the type of the element, the
/// workspace, and the owner where it is known.
pub(super) type AlsoOpen = Vec<(ResourceIx, u32, Option<String>)>;

/// One element that a resource approves of one owner.
#[derive(Clone, Debug)]
pub(super) struct Element {
    number: u32,
    workspace: u32,
    type_name: TypeName,
    pub(super) key: String,
    owner: String,
    /// The attribute that lists the owners, or the elements.
    pointer: AttributePath,
    lists_owners: bool,
}

impl Element {
    /// The number of the resource that approves it.
    pub(super) fn by(&self) -> u32 {
        self.number
    }
}

/// Resource, owner and element.
pub(super) type AlsoKey = (u32, Box<str>, Box<str>);

/// What the newest item of the owner shows; nothing deviates where the element is there.
#[derive(Debug)]
pub(super) struct AlsoShown {
    time: i64,
    deviation: Option<Deviation>,
}

pub(super) fn also_approved(
    catalogue: &Catalogue,
    approved: &Approved,
) -> (AlsoApproved, AlsoOpen) {
    let mut found = AlsoApproved::new();
    let mut open = AlsoOpen::new();
    for (number, resource) in (0u32..).zip(&approved.resources) {
        let Some(type_name) = unmapped_type(resource) else {
            continue;
        };
        let Some(mover) = catalogue.mover(type_name) else {
            continue;
        };
        for (part, table) in catalogue.resources() {
            let own = table.table.also.iter();
            for also in own.filter(|also| also.by.as_str() == type_name) {
                let owners = texts(mover, resource, &also.owner);
                let keys = texts(mover, resource, &also.element);
                let is_null = |path| mover.slot_of(path).is_some_and(|at| is_null(resource, at));
                let (Some((owners, lists_owners)), Some((keys, _))) = (&owners, &keys) else {
                    let is_unknown = !is_null(&also.owner) && !is_null(&also.element);
                    let owners = owners.map(|(owners, _)| owners.into_iter().map(Some).collect());
                    let owners: Vec<_> = owners.unwrap_or_else(|| vec![None]);
                    let owners = owners.into_iter().filter(|_| is_unknown);
                    open.extend(owners.map(|owner| (part, resource.workspace, owner)));
                    continue;
                };
                let pointer = match *lists_owners {
                    true => also.owner.pointer(),
                    false => also.element.pointer(),
                };
                for owner in owners {
                    let known = found.entry((part, owner.clone())).or_default();
                    known.extend(keys.iter().map(|key| Element {
                        number,
                        workspace: resource.workspace,
                        type_name: also.by.clone(),
                        key: key.clone(),
                        owner: owner.clone(),
                        pointer: pointer.clone(),
                        lists_owners: *lists_owners,
                    }));
                }
            }
        }
    }
    (found, open)
}

/// Whether nothing is there by intent, as no owner of a kind is.
fn is_null(resource: &ApprovedResource, slot: usize) -> bool {
    let value = resource.stored.get(slot);
    value.is_some_and(|value| value.text == "null")
}

fn unmapped_type(resource: &ApprovedResource) -> Option<&str> {
    let rare = resource.rare.as_ref()?;
    let stands = resource.unapproved().is_none() && super::claims::holds_on_to(resource);
    rare.unmapped_type.as_deref().filter(|_| stands)
}

/// The texts of an attribute, and whether it is a list.
fn texts(
    table: &Resource,
    resource: &ApprovedResource,
    path: &Path,
) -> Option<(Vec<String>, bool)> {
    let value = resource.stored.get(table.slot_of(path)?);
    let value = value.filter(|value| !value.sensitive)?;
    match json::parse(value.text).ok()? {
        Value::String(text) => Some((vec![text], false)),
        Value::List(list) => {
            let texts = list.iter().filter_map(Value::as_str).map(str::to_owned);
            Some((texts.collect(), true))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) | Value::Sensitive(_) => {
            None
        }
    }
}

impl Comparer<'_> {
    /// The elements of one type that others approve in this item.
    pub(super) fn also_within(
        &self,
        part: ResourceIx,
        table: &Resource,
        owners: &[u32],
        live: &Live<'_>,
    ) -> Vec<&Element> {
        if table.table.also.is_empty() || self.prepared.also.is_empty() {
            return Vec::new();
        }
        let pairs = table.key_slots.first().and_then(|pairs| pairs.first());
        let Some(owner) = pairs.and_then(|(_, slot)| live.text(*slot)) else {
            return Vec::new();
        };
        // A name can be the same in two accounts: the element goes with the owner of its workspace.
        let is_ours = |element: &&Element| {
            let mut own = owners.iter().filter_map(|number| self.resource(*number));
            owners.is_empty() || own.any(|own| own.workspace == element.workspace)
        };
        let found = self.prepared.also.get(&(part, owner));
        found.into_iter().flatten().filter(is_ours).collect()
    }

    /// How many others approve elements in this item of which nothing tells what they are.
    pub(super) fn also_open(
        &self,
        part: ResourceIx,
        table: &Resource,
        owners: &[u32],
        live: &Live<'_>,
    ) -> u64 {
        let pairs = table.key_slots.first().and_then(|pairs| pairs.first());
        let name = pairs.and_then(|(_, slot)| live.text(*slot));
        let is_ours = |workspace: u32| {
            let mut own = owners.iter().filter_map(|number| self.resource(*number));
            own.any(|own| own.workspace == workspace)
        };
        let open = self.prepared.also_open.iter();
        let open = open.filter(|(of, workspace, owner)| {
            *of == part && is_ours(*workspace) && (owner.is_none() || *owner == name)
        });
        open.count() as u64
    }

    /// Notes whether the element is there.
    pub(super) fn note_also(
        &self,
        element: &Element,
        is_there: bool,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        let deviation = (!is_there).then(|| {
            let base = self.deviation(DeviationKind::Changed, &element.type_name, live);
            let resource = self.resource(element.number);
            let text = match element.lists_owners {
                true => &element.owner,
                false => &element.key,
            };
            Deviation {
                workspace: self.approved.workspace(element.workspace).cloned(),
                address: resource.map(|own| Address::from(&*own.address)),
                attribute: Some(element.pointer.clone()),
                approved: Value::List(vec![Value::string(text.clone())]),
                live: Value::List(Vec::new()),
                ..base
            }
        });
        let key = (
            element.number,
            element.owner.as_str().into(),
            element.key.as_str().into(),
        );
        let shown = AlsoShown {
            time: live.time,
            deviation,
        };
        findings.add_also(key, shown);
    }

    /// What is gone, as the newest items have it.
    pub(super) fn gone_elements(findings: &mut Findings) -> Vec<Found> {
        let shown = std::mem::take(&mut findings.also).into_iter();
        let mut gone = Vec::new();
        for ((number, ..), shown) in shown {
            // Several items tell about one resource: that it was seen at all is what they share.
            findings.seen.push((number, 0, Presence::Present));
            gone.extend(shown.deviation.map(|deviation| Found {
                resource: number,
                time: 0,
                deviation,
            }));
        }
        gone
    }

    /// The deviations of elements that are gone.
    pub(super) fn also_gone(&self, gone: Vec<Found>) -> Vec<Deviation> {
        let gone = gone.into_iter().filter_map(|found| {
            let resource = self.resource(found.resource)?;
            Some(self.not_set_aside(found, resource)?.deviation)
        });
        gone.collect()
    }
}

impl Findings {
    pub(super) fn add_also(&mut self, key: AlsoKey, shown: AlsoShown) {
        // Of items of one moment the one that shows the element counts.
        let rank = |shown: &AlsoShown| (shown.time, shown.deviation.is_none());
        match self.also.get(&key) {
            Some(known) if rank(known) >= rank(&shown) => {}
            Some(_) | None => drop(self.also.insert(key, shown)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> AlsoKey {
        (3, "api".into(), "p".into())
    }

    fn shown(time: i64, is_there: bool) -> AlsoShown {
        let deviation = (!is_there).then(|| Deviation {
            kind: DeviationKind::Changed,
            workspace: None,
            address: None,
            type_name: TypeName::from("aws_iam_policy_attachment"),
            provider_id: None,
            account: None,
            region: None,
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity: crate::model::Fidelity::Mapped,
            observed_at: None,
            tags: BTreeMap::new(),
            subjects: Vec::new(),
            source: None,
            within: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            notes: Vec::new(),
        });
        AlsoShown { time, deviation }
    }

    /// What is gone after items of these times, read in both orders.
    fn gone(one: (i64, bool), other: (i64, bool)) -> [usize; 2] {
        [[one, other], [other, one]].map(|items| {
            let mut findings = Findings::default();
            for (time, is_there) in items {
                findings.add_also(key(), shown(time, is_there));
            }
            Comparer::gone_elements(&mut findings).len()
        })
    }

    #[test]
    fn the_newest_item_says_whether_an_element_is_there() {
        assert_eq!(gone((1, true), (2, false)), [1, 1]);
        assert_eq!(gone((1, false), (2, true)), [0, 0]);
        // Of one moment the one that shows it counts.
        assert_eq!(gone((1, false), (1, true)), [0, 0]);
        assert_eq!(gone((1, false), (1, false)), [1, 1]);
    }

    #[test]
    fn whoever_approves_elements_was_seen_where_an_owner_was() {
        let mut findings = Findings::default();
        findings.add_also(key(), shown(1, true));
        assert!(Comparer::gone_elements(&mut findings).is_empty());
        assert_eq!(findings.seen, [(3, 0, Presence::Present)]);
    }

    #[test]
    fn readers_are_joined_in_any_order() {
        let reader = |time, is_there| {
            let mut findings = Findings::default();
            findings.add_also(key(), shown(time, is_there));
            findings
        };
        for (first, second) in [((1, false), (2, true)), ((2, true), (1, false))] {
            let mut all = reader(first.0, first.1);
            all.absorb(reader(second.0, second.1));
            assert!(Comparer::gone_elements(&mut all).is_empty());
        }
    }
}
