//! Echoes: what an exact look shows at a resource although another one owns it. A bucket shows its policy,
//! a role what is attached to it; where resources of their own are approved for that, or such a one was
//! added by hand, the change is theirs, and the owner tells it a second time.
//!
//! A difference stands back only where somebody else tells just that change in the same look. Whoever was
//! not looked at, could not be, or has something else to tell, leaves it where it is.

mod around;
mod held;
mod row;
mod shared;
mod visible;

use std::collections::{BTreeMap, BTreeSet};

use super::Key;
use crate::model::{
    AsideReason, AttributePath, Deviation, DeviationKind, ExactLook, ExactLooks, Fidelity,
    SetAside, Value, WorkspaceName,
};
use crate::normalise::catalogue::{Catalogue, ConfigIx, Resource};
use crate::normalise::table::{AttributeRow, Member};

pub use held::{Held, approved};
pub(in crate::decide) use visible::is_nothing;

use around::Around;
use row::{Says, Teller, told};

/// A top-level attribute of a resource.
type Place = (Key, AttributePath);

/// As approved, and as live.
type Sides = (Value, Value);

/// What is wanted of approved resources, to find out who tells what.
pub struct Wanted {
    pub workspaces: BTreeSet<WorkspaceName>,
    pub configs: BTreeSet<ConfigIx>,
}

/// Takes out what others tell.
pub fn stand_back(
    catalogue: &Catalogue,
    looks: &ExactLooks,
    held: impl FnOnce(&Wanted) -> Vec<Held>,
    deviations: &mut Vec<Deviation>,
) -> Vec<SetAside> {
    let shown = shown(catalogue, looks, deviations);
    if shown.is_empty() {
        return Vec::new();
    }
    let held = held(&wanted(catalogue, &shown, deviations));
    let around = Around::new(catalogue, &held, deviations);
    let mut aside: BTreeMap<usize, SetAside> = BTreeMap::new();
    for ((key, top), (sides, own)) in &shown {
        let echo = Echo {
            around: &around,
            key,
            top,
        };
        let Some(by) = echo.told(sides) else {
            continue;
        };
        for at in own {
            let own = deviations.get(*at);
            aside.extend(own.map(|own| (*at, set_aside(key, own, &by))));
        }
    }
    let mut at = 0..;
    deviations.retain(|_| at.next().is_none_or(|at| !aside.contains_key(&at)));
    aside.into_values().collect()
}

fn set_aside((workspace, address): &Key, own: &Deviation, by: &BTreeSet<String>) -> SetAside {
    SetAside {
        workspace: workspace.clone(),
        address: address.clone(),
        kind: own.kind,
        attribute: own.attribute.clone(),
        reason: AsideReason::ToldBySeparate,
        by: by.iter().cloned().collect(),
    }
}

/// Attributes that may echo, with both of their sides, and the deviations that show them.
fn shown(
    catalogue: &Catalogue,
    looks: &ExactLooks,
    deviations: &[Deviation],
) -> BTreeMap<Place, (Sides, Vec<usize>)> {
    let mut shown: BTreeMap<Place, (Sides, Vec<usize>)> = BTreeMap::new();
    for (at, own) in deviations.iter().enumerate() {
        let is_exact = own.kind == DeviationKind::Changed && own.fidelity == Fidelity::Exact;
        let place = is_exact.then(|| place(own)).flatten();
        let Some(place) = place.filter(|place| has_rows(catalogue, own, &place.1)) else {
            continue;
        };
        if let Some(sides) = sides(looks, &place, own) {
            shown.entry(place).or_insert((sides, Vec::new())).1.push(at);
        }
    }
    shown
}

fn place(own: &Deviation) -> Option<Place> {
    let top = own.attribute.as_ref()?.tokens().next()?;
    Some((super::key(own)?, AttributePath::root().child(&top)))
}

fn has_rows(catalogue: &Catalogue, own: &Deviation, top: &AttributePath) -> bool {
    let table = catalogue.find(own.type_name.as_str());
    let table = table.and_then(|at| catalogue.resource(at));
    table.is_some_and(|table| rows(table, top).next().is_some())
}

/// The rows below an attribute that others may own.
fn rows<'c>(
    table: &'c Resource,
    top: &'c AttributePath,
) -> impl Iterator<Item = &'c AttributeRow> + 'c {
    let is_whole = matches!(table.table.member, Member::Whole);
    let rows = table.table.attributes.iter().filter(move |_| is_whole);
    rows.filter(|row| !row.separate.is_empty() && top.holds(&row.pointer))
}

/// The attribute whole: as the look read it, or, where no provider was asked, as it is told.
fn sides(looks: &ExactLooks, (key, top): &Place, own: &Deviation) -> Option<Sides> {
    match looks.get(key) {
        Some(ExactLook::Seen { wholes, .. }) => wholes.get(top).cloned(),
        Some(ExactLook::Missing | ExactLook::Gap(_)) => None,
        None => {
            (own.attribute.as_ref() == Some(top)).then(|| (own.approved.clone(), own.live.clone()))
        }
    }
}

fn wanted(
    catalogue: &Catalogue,
    shown: &BTreeMap<Place, (Sides, Vec<usize>)>,
    deviations: &[Deviation],
) -> Wanted {
    let workspaces = shown.keys().map(|((workspace, _), _)| workspace.clone());
    let own = shown.values().flat_map(|(_, own)| own);
    let own = own.filter_map(|at| deviations.get(*at));
    let tables = own.filter_map(|own| catalogue.resource(catalogue.find(own.type_name.as_str())?));
    Wanted {
        workspaces: workspaces.collect(),
        configs: tables.map(|table| table.config).collect(),
    }
}

/// One attribute that may be an echo.
struct Echo<'a> {
    around: &'a Around<'a>,
    key: &'a Key,
    top: &'a AttributePath,
}

impl<'a> Echo<'a> {
    /// Who tells all that differs in it, if that is all told.
    fn told(&self, (approved, live): &Sides) -> Option<BTreeSet<String>> {
        let (owner, table) = self.around.held.get(self.key)?;
        let names = self.names(owner, table)?;
        let rows: Vec<&AttributeRow> = rows(table, self.top).collect();
        if !visible::is_all_in_rows(&rows, approved, live) {
            return None;
        }
        let mut by = BTreeSet::new();
        for row in rows {
            let below: Vec<String> = row.pointer.tokens().skip(1).collect();
            let at = |value: &Value| value.at(&below).cloned().unwrap_or_default();
            let (approved, live) = (at(approved), at(live));
            if visible::is_same(&approved, &live) {
                continue;
            }
            if !visible::is_seen_by(row, &approved, &live) {
                return None;
            }
            let tellers = self.tellers(row, table.config, &names);
            by.extend(told(row, (&approved, &live), &tellers, &names)?);
        }
        (!by.is_empty()).then_some(by)
    }

    /// What the owner is called by what lies within it; nothing if another one is called so.
    fn names(&self, owner: &Held, table: &Resource) -> Option<BTreeSet<Vec<String>>> {
        let names: BTreeSet<Vec<String>> = held::names(table, &owner.values).collect();
        let is_alone = names.iter().all(|name| {
            let [whole, _] = self.called(table.config, name);
            whole.iter().all(|key| *key == self.key)
        });
        (!names.is_empty() && is_alone).then_some(names)
    }

    fn called(&self, config: ConfigIx, name: &[String]) -> [Vec<&'a Key>; 2] {
        let name = (config, &self.key.0, name.to_vec());
        self.around.named.get(&name).cloned().unwrap_or_default()
    }

    /// Those of the owner that may own what the row shows, and have something to tell.
    fn tellers(
        &self,
        row: &AttributeRow,
        config: ConfigIx,
        names: &BTreeSet<Vec<String>>,
    ) -> Vec<Teller<'a>> {
        let within = names.iter().flat_map(|name| {
            let [_, within] = self.called(config, name);
            within
        });
        let within: BTreeSet<&Key> = within.collect();
        let within = within.into_iter().filter_map(|key| {
            let (held, table) = self.around.held.get(key)?;
            let is_owner = row.separate.contains(&held.type_name);
            Some(Teller {
                name: key.1.to_string(),
                table,
                values: &held.values,
                says: is_owner.then(|| self.around.says(key)).flatten()?,
            })
        });
        let added = self.around.added.get(self.key).into_iter().flatten();
        let added = added.filter_map(|own| self.added(row, own));
        within.chain(added).collect()
    }

    /// What nobody approved within the owner.
    fn added(&self, row: &AttributeRow, own: &'a Deviation) -> Option<Teller<'a>> {
        if own.kind != DeviationKind::Unmanaged || !row.separate.contains(&own.type_name) {
            return None;
        }
        let catalogue = self.around.catalogue;
        let id = own.provider_id.as_ref().map_or("", |id| id.as_str());
        Some(Teller {
            name: format!("{} {id}", own.type_name),
            table: catalogue.resource(catalogue.find(own.type_name.as_str())?)?,
            values: &Value::Null,
            says: Says::Unmanaged(own),
        })
    }
}

#[cfg(test)]
mod tests;
