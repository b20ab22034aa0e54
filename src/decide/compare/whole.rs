//! Deviations and gaps about a whole approved resource.

use jiff::Timestamp;

use super::Comparer;
use super::index::keys;
use super::live::{Live, arn_place};
use super::seen::Newest;
use crate::decide::baseline::{ApprovedResource, Pending, text_at};
use crate::ingest::plan::PlannedAction;
use crate::model::{
    AccountId, Address, Deviation, DeviationKind, Fidelity, Gap, GapReason, PendingView,
    ProviderId, Region, Relation, TypeName, Value,
};
use crate::normalise::catalogue::Resource;

impl Comparer<'_> {
    pub(super) fn missing(&self, number: u32, resource: &ApprovedResource) -> Option<Deviation> {
        let pending = resource.rare.as_ref().map_or(&[][..], |rare| &rare.pending);
        let is_first = |plan: &Pending| plan.is_baseline && plan.deletes();
        if pending.iter().any(is_first) {
            // The only plan deletes it, and it is gone.
            return None;
        }
        let views = pending.iter().filter_map(|plan| {
            let relation = match plan.action {
                PlannedAction::Create => Relation::EqualsBefore,
                PlannedAction::Delete => Relation::EqualsAfter,
                PlannedAction::NoOp
                | PlannedAction::Update
                | PlannedAction::Replace
                | PlannedAction::Forget => return None,
            };
            let plan = plan.plan;
            Some(PendingView { plan, relation })
        });
        self.whole(DeviationKind::Missing, number, resource, views.collect())
    }

    /// A resource that is there, and of which that is to be judged.
    pub(super) fn is_there(
        &self,
        number: u32,
        resource: &ApprovedResource,
        newest: Option<Newest>,
    ) -> Option<Deviation> {
        let table = self.catalogue.resource(resource.resource?)?;
        let approved = resource.unapproved().is_none();
        let reported =
            table.table.reports_unmanaged && self.scope.covers_type(table.table.type_name.as_str());
        if !approved && !reported {
            return None;
        }
        let rare = resource.rare.as_ref()?;
        let creates = |plan: &&Pending| !approved || plan.action == PlannedAction::Create;
        let views = rare.pending.iter().filter(creates).map(|plan| PendingView {
            plan: plan.plan,
            relation: Relation::EqualsAfter,
        });
        let found = self.whole(DeviationKind::Unmanaged, number, resource, views.collect())?;
        let time = newest.map(|newest| newest.time).filter(|time| *time > 0);
        Some(Deviation {
            observed_at: time.and_then(|time| Timestamp::from_millisecond(time).ok()),
            ..found
        })
    }

    /// An approved plan deletes the resource, and it is still there.
    pub(super) fn still_there(
        &self,
        approved: &ApprovedResource,
        table: &Resource,
        live: &Live<'_>,
    ) -> Deviation {
        let pending = approved.rare.iter().flat_map(|rare| &rare.pending);
        let pending = pending
            .filter(|pending| pending.deletes())
            .map(|pending| PendingView {
                plan: pending.plan,
                relation: Relation::EqualsBefore,
            });
        Deviation {
            pending: pending.collect(),
            ..self.deviation_of(DeviationKind::Unmanaged, approved, table, live)
        }
    }

    /// A deviation about a whole resource.
    fn whole(
        &self,
        kind: DeviationKind,
        number: u32,
        resource: &ApprovedResource,
        pending: Vec<PendingView>,
    ) -> Option<Deviation> {
        let table = self.catalogue.resource(resource.resource?)?;
        let (account, region) = self.place(number, resource);
        let id = text_at(&resource.stored, table.id_slot).or_else(|| {
            keys(table, resource)
                .next()
                .map(|(_, parts)| parts.join("/"))
        });
        let arn = text_at(&resource.stored, table.arn_slot);
        Some(Deviation {
            kind,
            workspace: self.approved.workspace(resource.workspace).cloned(),
            address: Some(Address::from(&*resource.address)),
            type_name: table.table.type_name.clone(),
            provider_id: id.clone().map(ProviderId::from),
            account: (!account.is_empty()).then(|| AccountId::from(account)),
            region: (!region.is_empty()).then(|| Region::from(region)),
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity: Fidelity::Mapped,
            observed_at: None,
            tags: std::collections::BTreeMap::new(),
            subjects: id.into_iter().chain(arn).collect(),
            source: None,
            pending,
            earlier: Vec::new(),
            notes: Vec::new(),
        })
    }

    pub(super) fn gap(
        &self,
        resource: &ApprovedResource,
        place: &(String, String),
        reason: GapReason,
        detail: String,
    ) -> Gap {
        let table = resource.resource.and_then(|at| self.catalogue.resource(at));
        let unmapped = resource
            .rare
            .as_ref()
            .and_then(|rare| rare.unmapped_type.as_deref());
        Gap {
            workspace: self.approved.workspace(resource.workspace).cloned(),
            address: Some(Address::from(&*resource.address)),
            attribute: None,
            type_name: table
                .map(|table| table.table.type_name.clone())
                .or_else(|| unmapped.map(TypeName::from)),
            account: (!place.0.is_empty()).then(|| AccountId::from(place.0.as_str())),
            region: (!place.1.is_empty()).then(|| Region::from(place.1.as_str())),
            reason,
            detail,
        }
    }

    /// Account and Region, where the resource or the one it lies within tells them.
    pub(super) fn place(&self, number: u32, resource: &ApprovedResource) -> (String, String) {
        let own = |resource: &ApprovedResource| {
            let table = self.catalogue.resource(resource.resource?)?;
            let arn = text_at(&resource.stored, table.arn_slot)?;
            let (account, region) = arn_place(&arn);
            Some((account.to_owned(), region.to_owned()))
        };
        let parent = || own(self.resource(self.index.parent(number)?)?);
        own(resource).or_else(parent).unwrap_or_default()
    }
}
