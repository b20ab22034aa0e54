//! A deviation that one live item shows, before it is said what deviates.

use std::collections::BTreeMap;

use super::Comparer;
use super::by_name::trust;
use super::live::Live;
use crate::decide::baseline::{ApprovedResource, text_at};
use crate::model::{
    AccountId, Address, Deviation, DeviationKind, ProviderId, Region, TypeName, Value,
};
use crate::normalise::catalogue::Resource;
use crate::normalise::form::Form;
use crate::normalise::path::Path;

impl Comparer<'_> {
    /// A deviation of this item, without what makes it one.
    pub(super) fn deviation(
        &self,
        kind: DeviationKind,
        type_name: &TypeName,
        live: &Live<'_>,
    ) -> Deviation {
        let own = live.config.resources.first();
        let (fidelity, notes) = trust(own.and_then(|at| self.catalogue.resource(*at)));
        let hidden = self.hidden(live);
        let mut subjects = live.subjects();
        subjects.retain(|name| !hidden.hides(name));
        let mut tags = match hidden.tags {
            true => BTreeMap::new(),
            false => self.tags(live),
        };
        tags.retain(|key, _| !hidden.single_tags.contains(key));
        Deviation {
            kind,
            workspace: None,
            address: None,
            type_name: type_name.clone(),
            provider_id: Some(ProviderId::from(hidden.shown(&live.item.resource_id))),
            account: (!live.account.is_empty()).then(|| AccountId::from(live.account)),
            region: (!live.region.is_empty()).then(|| Region::from(live.region)),
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity,
            observed_at: live.item.captured_at,
            tags,
            subjects,
            source: None,
            within: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            notes,
        }
    }

    /// A deviation of an approved resource.
    pub(super) fn deviation_of(
        &self,
        kind: DeviationKind,
        approved: &ApprovedResource,
        table: &Resource,
        live: &Live<'_>,
    ) -> Deviation {
        let base = self.deviation(kind, &table.table.type_name, live);
        let id = text_at(&approved.stored, table.id_slot)
            .or_else(|| text_at(&approved.stored, table.arn_slot))
            .map(ProviderId::from);
        Deviation {
            workspace: self.approved.workspace(approved.workspace).cloned(),
            address: Some(Address::from(&*approved.address)),
            provider_id: id.or(base.provider_id),
            ..base
        }
    }

    fn tags(&self, live: &Live<'_>) -> BTreeMap<String, String> {
        let whole = Path {
            captured: Vec::new(),
            each: None,
        };
        let own = live
            .config
            .resources
            .first()
            .and_then(|at| self.catalogue.resource(*at));
        let slot = own.and_then(|own| {
            let row = own
                .table
                .attributes
                .iter()
                .position(|row| row.form == Form::Tags)?;
            own.live_slots
                .get(row)?
                .iter()
                .copied()
                .find(|slot| live.raw(*slot).is_some())
        });
        let raw = slot.and_then(|slot| live.raw(slot));
        let tags = raw.and_then(|raw| Form::Tags.value(raw, &whole, live.side()).ok());
        let tags = tags.as_ref().and_then(Value::as_map);
        tags.into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}
