//! The attributes of one resource that is there: against its approved values, row by row where a
//! reviewed table knows its type, else by name.

use std::collections::BTreeSet;

use super::moved::Handled;
use super::{Looking, Told, Unclear};
use crate::decide::baseline::ApprovedResource;
use crate::decide::compare::against::{Against, Placed};
use crate::decide::compare::secrets::{hidden_tags, is_secret};
use crate::decide::compare::{Fate, Found, arn_place, millis};
use crate::decide::value::{Other, Why, stands_back, unreadable};
use crate::ingest::attributes::Attributes;
use crate::ingest::plan::RefreshedResource;
use crate::ingest::stored::StoredValue;
use crate::model::{
    AccountId, Address, Deviation, DeviationKind, Fidelity, ProviderId, Region, TypeName, Value,
};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::Difference;
use crate::normalise::table::AttributeRow;

const BESIDE: &str = "what is approved there is approved by resources of their own; what was added \
    beside them a refresh shows here alone";

/// A resource as it is approved, by number, and as it is there, by address.
pub(super) type Own<'o> = (u32, &'o ApprovedResource);
pub(super) type There<'o> = (&'o str, &'o RefreshedResource);

/// What came of one row.
pub(super) enum Says {
    /// Resources of their own own it: what is there beside them.
    Beside(Option<Difference>),
    /// The same, and nothing tells what is beside them.
    NotTold,
    /// Another attribute that says the same is approved.
    StandsBack,
    Held(Vec<Placed>),
    NotComparable(Why),
}

impl Looking<'_> {
    pub(super) fn attributes(&self, own: Own<'_>, there: There<'_>, told: &mut Told) {
        let (_, resource) = own;
        let mapped = there.1.mapped.as_ref();
        let mapped = mapped.filter(|(at, _)| Some(*at) == resource.resource);
        let table = mapped.and_then(|(at, _)| self.comparer.catalogue.resource(*at));
        let mut handled = Handled::default();
        if let (Some((_, attributes)), Some(table)) = (mapped, table) {
            handled = self.handled(own, (table, attributes));
            self.rows(own, there, (table, attributes), told);
        }
        let named = self.named(own, there, (table, &handled));
        self.by_name(own, there, named, told);
        if let (None, Some(approved)) = (mapped, self.seen.approved.get(&resource.address)) {
            self.note_named(own.0, approved, told);
        }
    }

    /// Which rows need no other judgement.
    pub(super) fn handled(
        &self,
        (number, resource): Own<'_>,
        (table, attributes): (&Resource, &Attributes),
    ) -> Handled {
        let mut handled = Handled::default();
        for (value, _) in both(resource, attributes) {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            handled.rows.insert(value.slot);
            if self.is_owned_apart(number, row) {
                handled.apart.extend(row.pointer.tokens().next());
            }
        }
        handled
    }

    fn rows(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (table, attributes): (&Resource, &Attributes),
        told: &mut Told,
    ) {
        let (number, resource) = own;
        for (value, live) in both(resource, attributes) {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let slot = (number, value.slot);
            let found: Vec<Deviation> = match self.says(own, (table, row), value, live) {
                Says::StandsBack => continue,
                Says::NotTold => {
                    self.note_fate(number, value.slot, Fate::OwnedApart, told);
                    continue;
                }
                Says::NotComparable(why) => {
                    self.note_fate(number, value.slot, Fate::NotComparable, told);
                    told.unclear.push(Unclear {
                        resource: number,
                        attribute: row.pointer.clone(),
                        why: why.into_owned(),
                    });
                    continue;
                }
                Says::Beside(added) => {
                    let added = added.into_iter().map(|added| {
                        let mut base = self.base(own, there);
                        base.notes.push(BESIDE.to_owned());
                        Deviation {
                            attribute: Some(added.pointer),
                            approved: added.approved,
                            live: added.live,
                            ..base
                        }
                    });
                    added.collect()
                }
                Says::Held(placed) => {
                    let placed = placed.into_iter();
                    let placed = placed.map(|one| one.deviation(self.base(own, there), Vec::new()));
                    placed.collect()
                }
            };
            told.compared.insert(slot);
            told.differences
                .extend(found.into_iter().map(|deviation| Found {
                    resource: number,
                    time: millis(Some(self.seen.now)),
                    deviation,
                }));
        }
    }

    /// What comes of one row. A scan and `explain` ask the same.
    pub(super) fn says(
        &self,
        (number, resource): Own<'_>,
        (table, row): (&Resource, &AttributeRow),
        value: StoredValue<'_>,
        live: StoredValue<'_>,
    ) -> Says {
        if self.is_owned_apart(number, row) {
            return match self.added_beside((number, resource), (table, row), (value, live)) {
                Some(added) => Says::Beside(added),
                None => Says::NotTold,
            };
        }
        let redactor = self.comparer.redactor;
        if stands_back(table, value.slot, &resource.stored, redactor) {
            return Says::StandsBack;
        }
        match self.row(resource, (table, row), value, live) {
            Ok(placed) => Says::Held(placed),
            Err(why) => Says::NotComparable(why),
        }
    }

    pub(super) fn note_fate(&self, number: u32, slot: usize, fate: Fate, told: &mut Told) {
        if self.watches {
            told.fates.push((number, slot, fate));
        }
    }

    fn row(
        &self,
        approved: &ApprovedResource,
        (table, row): (&Resource, &AttributeRow),
        value: StoredValue<'_>,
        live: StoredValue<'_>,
    ) -> Result<Vec<Placed>, Why> {
        let redactor = self.comparer.redactor;
        let is_secret = is_secret(table, approved, value.slot) || live.sensitive;
        let hidden = hidden_tags(table, approved, value.slot);
        let live = Other::stored(row, live, is_secret, redactor);
        let live = live.map_err(|error| unreadable("live", &error))?;
        let against = Against {
            approved,
            row,
            live: &live.hiding(&hidden, redactor),
            is_secret,
            hidden: &hidden,
            redactor,
            principals: &self.comparer.principals,
        };
        against.placed(value)
    }

    /// A deviation of the resource, without what makes it one.
    pub(super) fn base(&self, (_, resource): Own<'_>, (_, there): There<'_>) -> Deviation {
        let text = |name: &str| there.values.get(name).and_then(Value::as_str);
        let arn = text("arn").unwrap_or_default();
        let (account, region) = match arn_place(arn) {
            (account, "") => (account, text("region").unwrap_or_default()),
            place => place,
        };
        let names = ["id", "arn", "name"];
        let subjects: BTreeSet<&str> = names.into_iter().filter_map(text).collect();
        let tags = there.values.get("tags_all").or(there.values.get("tags"));
        let tags = tags.and_then(Value::as_map).into_iter().flatten();
        let tags = tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        Deviation {
            kind: DeviationKind::Changed,
            workspace: Some(self.seen.workspace.clone()),
            address: Some(Address::from(&*resource.address)),
            type_name: TypeName::from(&*there.type_name),
            provider_id: text("id").map(ProviderId::from),
            account: (!account.is_empty()).then(|| AccountId::from(account)),
            region: (!region.is_empty()).then(|| Region::from(region)),
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity: Fidelity::Exact,
            observed_at: Some(self.seen.now),
            tags: tags.collect(),
            subjects: subjects.into_iter().map(str::to_owned).collect(),
            source: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            within: None,
            notes: Vec::new(),
        }
    }
}

/// Values of rows that are approved, each with the one that is there.
pub(super) fn both<'v>(
    resource: &'v ApprovedResource,
    there: &'v Attributes,
) -> impl Iterator<Item = (StoredValue<'v>, StoredValue<'v>)> {
    let approved = resource.stored.iter();
    approved.filter_map(|value| Some((value, there.stored.get(value.slot)?)))
}
