//! Live resources that nobody approved.

use super::by_name::{is_by_name, is_providers};
use super::live::Live;
use super::made::{self, Made};
use super::{Comparer, Findings, Unmanaged};
use crate::model::{Address, Deviation, DeviationKind, ProviderId, TypeName, Value, Within};
use crate::normalise::catalogue::Resource;

impl Comparer<'_> {
    /// The type by which to call an item that nobody approved.
    fn type_like(&self, live: &Live<'_>) -> Option<&Resource> {
        let own = live.config.resources.iter().take(live.config.own);
        let mut own = own.filter_map(|at| self.catalogue.resource(*at));
        let first = own.next();
        let is_like = |own: &&Resource| {
            !own.when.is_empty() && own.when.iter().all(|gate| made::holds(gate, live))
        };
        own.find(is_like).or(first)
    }

    /// An item that nobody approved, or of which others want to know whether the provider made it.
    pub(super) fn unapproved_item(
        &self,
        is_unmanaged: bool,
        live: &Live<'_>,
        is_gone: bool,
        findings: &mut Findings,
    ) {
        let id = &live.item.resource_id;
        let first = live.config.resources.first();
        let first = first.and_then(|at| self.catalogue.resource(*at));
        if let Some(own) = first.filter(|own| is_by_name(own))
            && (is_gone || !own.table.reports_unmanaged || is_providers(live))
        {
            findings.count_unmapped(&live.item.resource_type);
            return;
        }
        let made = made::of_item(live);
        if made == Made::Yes {
            if live.config.is_asked && !is_gone {
                findings.made.insert(id.as_ref().into());
            }
            return;
        }
        let own = self.type_like(live);
        let Some(own) = own.filter(|own| is_unmanaged && own.table.reports_unmanaged) else {
            return;
        };
        // Terraform's id of some types is the name; what Terraform would import is what is shown.
        let shown = match own.key_slots.first().map(Vec::as_slice) {
            Some([(_, slot)]) => live.text(*slot).unwrap_or_else(|| id.to_string()),
            _ => id.to_string(),
        };
        if let Made::OnlyIf(others) = made {
            let others = others.into_iter();
            let others = others.map(|other| (other, shown.as_str().into()));
            findings.unless_made.extend(others);
        }
        let type_name = &own.table.type_name;
        self.note_unmanaged(type_name, &shown, Value::Null, live, is_gone, findings);
    }

    /// `value` is what is live of a part. Of a whole item nothing is shown: much of it changes by itself.
    pub(super) fn note_unmanaged(
        &self,
        type_name: &TypeName,
        id: &str,
        value: Value,
        live: &Live<'_>,
        is_gone: bool,
        findings: &mut Findings,
    ) {
        if !self.scope.covers_type(type_name.as_str()) {
            return;
        }
        let deviation = (!is_gone).then(|| {
            let base = self.deviation(DeviationKind::Unmanaged, type_name, live);
            Deviation {
                provider_id: Some(ProviderId::from(self.hidden(live).shown(id))),
                live: value,
                within: self.within(live),
                ..base
            }
        });
        let key = (type_name.as_str().into(), live.account.into(), id.into());
        findings.note_unmanaged(
            key,
            Unmanaged {
                time: live.time,
                deviation,
            },
        );
    }

    /// The one approved resource that the item is.
    fn within(&self, live: &Live<'_>) -> Option<Within> {
        let owners = live.owners.get()?.iter();
        let mut owners = owners.filter_map(|number| self.resource(*number));
        match (owners.next(), owners.next()) {
            (Some(only), None) if only.unapproved().is_none() => Some(Within {
                workspace: self.approved.workspace(only.workspace)?.clone(),
                address: Address::from(&*only.address),
            }),
            (Some(_) | None, _) => None,
        }
    }
}
