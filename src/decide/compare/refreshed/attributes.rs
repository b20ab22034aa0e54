//! The attributes of one resource that is there, against its approved values: row by row where a
//! reviewed table knows its type.

use std::collections::BTreeSet;

use super::moved::Handled;
use super::{Looking, Told, Unclear};
use crate::decide::baseline::ApprovedResource;
use crate::decide::compare::against::Against;
use crate::decide::compare::secrets::{hidden_tags, is_secret};
use crate::decide::compare::{Fate, Found, arn_place, millis};
use crate::decide::value::{Other, Why, stands_back, unreadable};
use crate::ingest::attributes::Attributes;
use crate::ingest::plan::{RefreshedResource, Values};
use crate::ingest::stored::StoredValue;
use crate::model::{
    AccountId, Address, AttributePath, Deviation, DeviationKind, Fidelity, ProviderId, Region,
    TypeName, Value,
};
use crate::normalise::catalogue::Resource;
use crate::normalise::table::AttributeRow;

/// A resource as it is approved, by number, and as it is there, by address.
pub(super) type Own<'o> = (u32, &'o ApprovedResource);
pub(super) type There<'o> = (&'o str, &'o RefreshedResource);

impl Looking<'_> {
    pub(super) fn attributes(&self, own: Own<'_>, there: There<'_>, told: &mut Told) {
        let (_, resource) = own;
        let mapped = there.1.mapped.as_ref();
        let mapped = mapped.filter(|(at, _)| Some(*at) == resource.resource);
        let table = mapped.and_then(|(at, _)| self.comparer.catalogue.resource(*at));
        let mut handled = Handled::default();
        if let (Some((_, attributes)), Some(table)) = (mapped, table) {
            self.rows(own, there, (table, attributes), &mut handled, told);
        }
        let approved = self.seen.approved.get(&resource.address);
        self.drifted(own, there, (table, &handled), approved, told);
        if let (None, Some(approved)) = (mapped, approved) {
            self.against_plan(own, there, approved, told);
            self.note_named(own.0, approved, told);
        }
    }

    /// Row by row. Notes which rows need no other judgement.
    fn rows(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (table, attributes): (&Resource, &Attributes),
        handled: &mut Handled,
        told: &mut Told,
    ) {
        let (number, resource) = own;
        for value in resource.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let Some(live) = attributes.stored.get(value.slot) else {
                continue;
            };
            handled.rows.insert(value.slot);
            let redactor = self.comparer.redactor;
            if self.is_owned_apart(number, row) {
                handled.apart.extend(row.pointer.tokens().next());
                self.added_beside(own, there, (table, row), (value, live), told);
                continue;
            }
            if stands_back(table, value.slot, &resource.stored, redactor) {
                continue;
            }
            match self.row(resource, (table, row), value, live) {
                Ok(found) => {
                    told.compared.insert((number, value.slot));
                    let found = found.into_iter().map(|placed| Found {
                        resource: number,
                        time: millis(Some(self.seen.now)),
                        deviation: placed.deviation(self.base(own, there), Vec::new()),
                    });
                    told.differences.extend(found);
                }
                Err(why) => {
                    self.note_fate(number, value.slot, Fate::NotComparable, told);
                    told.unclear.push(Unclear {
                        resource: number,
                        attribute: row.pointer.clone(),
                        why: why.into_owned(),
                    });
                }
            }
        }
    }

    pub(super) fn note_fate(&self, number: u32, slot: usize, fate: Fate, told: &mut Told) {
        if self.watches {
            told.fates.push((number, slot, fate));
        }
    }

    /// What is approved of a type that no reviewed table knows was compared, but for what is unclear.
    fn note_named(&self, number: u32, approved: &Values, told: &mut Told) {
        if !self.watches {
            return;
        }
        for name in approved.keys() {
            let attribute = AttributePath::root().child(name);
            let unclear = told.unclear.iter().rev();
            let mut unclear = unclear.take_while(|own| own.resource == number);
            let is_unclear = unclear.any(|own| own.attribute == attribute);
            let fate = match is_unclear {
                true => Fate::NotComparable,
                false => Fate::Equal,
            };
            told.named.push((number, name.clone(), fate));
        }
    }

    fn row(
        &self,
        approved: &ApprovedResource,
        (table, row): (&Resource, &AttributeRow),
        value: StoredValue<'_>,
        live: StoredValue<'_>,
    ) -> Result<Vec<crate::decide::compare::against::Placed>, Why> {
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
