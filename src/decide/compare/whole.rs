//! Deviations and gaps about a whole approved resource.

use jiff::Timestamp;

use super::Comparer;
use super::by_name::trust;
use super::index::keys;
use super::live::Live;
use super::place::{Place, arn_place};
use super::seen::{Accounts, Newest, Seen};
use crate::decide::baseline::{ApprovedResource, Pending, text_at};
use crate::ingest::plan::PlannedAction;
use crate::model::{
    AccountId, Address, Deviation, DeviationKind, Gap, GapReason, PendingView, ProviderId, Region,
    Relation, TypeName, Value,
};
use crate::normalise::catalogue::Resource;

impl Comparer<'_> {
    pub(super) fn missing(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
    ) -> Option<Deviation> {
        self.gone(number, resource, seen, &|plan| Some(plan.before()))
    }

    /// As `missing`; `created` says how its absence stands to a plan that creates it.
    pub(super) fn gone(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
        created: &dyn Fn(&Pending) -> Option<Relation>,
    ) -> Option<Deviation> {
        let pending = resource.rare.as_ref().map_or(&[][..], |rare| &rare.pending);
        let is_first = |plan: &Pending| plan.is_baseline && plan.deletes();
        if pending.iter().any(is_first) {
            // The only plan deletes it, and it is gone.
            return None;
        }
        let views = pending.iter().filter_map(|plan| {
            let relation = match plan.action {
                PlannedAction::Create => created(plan)?,
                PlannedAction::Delete => Relation::EqualsAfter,
                PlannedAction::NoOp
                | PlannedAction::Update
                | PlannedAction::Replace
                | PlannedAction::Forget => return None,
            };
            let plan = plan.plan;
            Some(PendingView { plan, relation })
        });
        let kind = DeviationKind::Missing;
        self.whole(kind, number, resource, views.collect(), seen)
    }

    /// A resource that is there, and of which that is to be judged.
    pub(super) fn is_there(
        &self,
        number: u32,
        resource: &ApprovedResource,
        newest: Option<Newest>,
        seen: &Seen<'_>,
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
        let kind = DeviationKind::Unmanaged;
        let found = self.whole(kind, number, resource, views.collect(), seen)?;
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
        seen: &Seen<'_>,
    ) -> Option<Deviation> {
        let table = resource.resource.and_then(|at| self.catalogue.resource(at));
        let (account, region, place_notes) = self.shown_place(number, resource, seen);
        let (fidelity, mut notes) = trust(table);
        notes.extend(place_notes);
        let id = table.and_then(|table| {
            let key = || keys(table, resource).next();
            text_at(&resource.stored, table.id_slot)
                .or_else(|| key().map(|(_, parts)| parts.join("/")))
        });
        let arn = table.and_then(|table| text_at(&resource.stored, table.arn_slot));
        Some(Deviation {
            kind,
            workspace: self.approved.workspace(resource.workspace).cloned(),
            address: Some(Address::from(&*resource.address)),
            type_name: self.type_of(resource)?,
            provider_id: id.clone().map(ProviderId::from),
            account: (!account.is_empty()).then(|| AccountId::from(account)),
            region: (!region.is_empty()).then(|| Region::from(region)),
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity,
            observed_at: None,
            tags: std::collections::BTreeMap::new(),
            subjects: id.into_iter().chain(arn).collect(),
            source: None,
            within: None,
            pending,
            earlier: Vec::new(),
            notes,
        })
    }

    pub(super) fn gap(
        &self,
        resource: &ApprovedResource,
        place: &(String, String),
        reason: GapReason,
        detail: String,
    ) -> Gap {
        Gap {
            workspace: self.approved.workspace(resource.workspace).cloned(),
            address: Some(Address::from(&*resource.address)),
            attribute: None,
            type_name: self.type_of(resource),
            account: (!place.0.is_empty()).then(|| AccountId::from(place.0.as_str())),
            region: (!place.1.is_empty()).then(|| Region::from(place.1.as_str())),
            reason,
            detail,
        }
    }

    pub(super) fn type_of(&self, resource: &ApprovedResource) -> Option<TypeName> {
        let table = resource.resource.and_then(|at| self.catalogue.resource(at));
        let rare = resource.rare.as_ref();
        let unmapped = rare.and_then(|rare| rare.unmapped_type.as_deref());
        table
            .map(|table| table.table.type_name.clone())
            .or_else(|| unmapped.map(TypeName::from))
    }

    /// Account and Region, where the resource or the one it lies within tells them.
    pub(super) fn place(&self, number: u32, resource: &ApprovedResource) -> (String, String) {
        let own = |resource: &ApprovedResource| {
            let table = self.catalogue.resource(resource.resource?)?;
            Some(Place::of(table, resource))
        };
        let mut place = own(resource).unwrap_or_default();
        if place.account.is_empty() {
            let parent = self.prepared.index.parent(number);
            let parent = parent.and_then(|parent| own(self.resource(parent)?));
            let parent = parent.unwrap_or_default();
            place.account = parent.account;
            if place.region.is_empty() {
                place.region = parent.region;
            }
        }
        (place.account, place.region)
    }

    /// As `place`, and what it does not tell from the item that showed the resource or its absence,
    /// then from the workspace, if all of it is in one account.
    pub(super) fn shown_place(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
    ) -> (String, String, Vec<String>) {
        let (mut account, mut region) = self.place(number, resource);
        if let Some(item) = seen.item_of(number) {
            if account.is_empty() {
                account = item.account.to_string();
            }
            if region.is_empty() && &*item.region != "global" {
                region = item.region.to_string();
            }
        }
        let mut notes = Vec::new();
        if account.is_empty() {
            let accounts = seen.accounts_of.get_or_init(|| self.accounts());
            let own = accounts.get(&resource.workspace);
            if let Some(Some(only)) = own {
                account = only.to_string();
                notes.push(
                    "the account is that of everything else in the workspace that tells its own"
                        .to_owned(),
                );
            }
        }
        (account, region, notes)
    }

    /// The account of each workspace; `None` if it has several.
    fn accounts(&self) -> Accounts {
        let mut accounts = Accounts::new();
        for resource in &self.approved.resources {
            let table = resource.resource.and_then(|at| self.catalogue.resource(at));
            let arn = table.and_then(|table| text_at(&resource.stored, table.arn_slot));
            let account = arn.as_deref().map_or("", |arn| arn_place(arn).0);
            if account.is_empty() {
                continue;
            }
            let known = accounts.entry(resource.workspace);
            let known = known.or_insert_with(|| Some(account.into()));
            if known.as_deref() != Some(account) {
                *known = None;
            }
        }
        accounts
    }
}
