//! One live item: which approved resources it tells about, and what differs.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::claims::holds_on_to;
use super::index::has_key;
use super::made::{self, Made};
use super::{Comparer, Findings, Found, Presence, Unmanaged, millis};
use crate::decide::baseline::{ApprovedResource, Pending, text_at};
use crate::ingest::config_item::{Item, Status};
use crate::ingest::json::{self, decode_string};
use crate::model::{
    AccountId, Address, Deviation, DeviationKind, Fidelity, Gap, GapReason, ProviderId, Region,
    TypeName, Value,
};
use crate::normalise::catalogue::{Config, Resource, ResourceIx};
use crate::normalise::form::Form;
use crate::normalise::form::Side;
use crate::normalise::path::Path;
use crate::normalise::project::Slots;
use crate::normalise::table::Member;

/// A live item with what the tables want of it.
pub(super) struct Live<'a> {
    pub(super) config: &'a Config,
    pub(super) item: &'a Item<'a>,
    pub(super) slots: Slots<'a>,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) time: i64,
}

impl Live<'_> {
    pub(super) fn raw(&self, slot: usize) -> Option<&str> {
        self.slots.get(slot)?.as_deref()
    }

    pub(super) fn text(&self, slot: usize) -> Option<String> {
        let text = decode_string(self.raw(slot)?).ok()?;
        (!text.is_empty()).then(|| text.into_owned())
    }

    pub(super) fn side(&self) -> Side<'_> {
        Side::Live {
            own_id: &self.item.resource_id,
            own_account: self.account,
        }
    }

    pub(super) fn subjects(&self) -> Vec<String> {
        let item = self.item;
        let names = [
            Some(&item.resource_id),
            item.arn.as_ref(),
            item.resource_name.as_ref(),
        ];
        names
            .into_iter()
            .flatten()
            .map(|name| name.to_string())
            .collect()
    }
}

impl Comparer<'_> {
    /// Compares one item.
    pub fn observe(&self, item: &Item<'_>, findings: &mut Findings) {
        findings.items += 1;
        let (account, region) = place(item);
        if !self.scope.covers_account(account) || !self.scope.covers_region(region) {
            return;
        }
        let Some((at, config)) = self.catalogue.config_type(&item.resource_type) else {
            findings.note_place(account, region, None);
            *findings
                .unmapped
                .entry(item.resource_type.as_ref().into())
                .or_default() += 1;
            return;
        };
        if item.status == Status::NotRecorded {
            findings.note_place(account, region, None);
            findings.gaps.push(not_recorded(item, account, region));
            return;
        }
        findings.note_place(account, region, Some(at));
        let read = self.project(item, config, account, region);
        let compared = read.and_then(|live| self.compare_item(&live, findings));
        if let Err(what) = compared {
            // One item that cannot be read costs its resource the observation, never the scan.
            findings.gaps.push(unreadable(item, account, region, what));
        }
    }

    fn project<'i>(
        &self,
        item: &'i Item<'_>,
        config: &'i Config,
        account: &'i str,
        region: &'i str,
    ) -> Result<Live<'i>, String> {
        let mut slots = config.projection.empty_slots();
        for (name, raw) in &item.members {
            let read = config.projection.read_member(name, raw, &mut slots);
            read.map_err(|error| format!("`{}`: {error}", item.resource_id))?;
        }
        let time = millis(item.captured_at);
        Ok(Live {
            config,
            item,
            slots,
            account,
            region,
            time,
        })
    }

    fn compare_item(&self, live: &Live<'_>, findings: &mut Findings) -> Result<(), String> {
        let (own, rest) = live.config.resources.split_at(live.config.own);
        let tables = own
            .iter()
            .filter_map(|at| Some((*at, self.catalogue.resource(*at)?)));
        let found: Vec<u32> = tables
            .flat_map(|(at, table)| self.find_approved(at, table, live))
            .collect();
        let is_gone = live.item.status == Status::Deleted;
        let expected = |number: &&u32| self.resource(**number).is_some_and(holds_on_to);
        if !is_gone && found.iter().filter(expected).count() > 1 {
            let ambiguous = |number| (number, live.time, Presence::Ambiguous);
            findings.seen.extend(found.into_iter().map(ambiguous));
            return Ok(());
        }
        for number in &found {
            let Some(approved) = self.resource(*number) else {
                continue;
            };
            let Some(own) = approved.resource.and_then(|at| self.catalogue.resource(at)) else {
                continue;
            };
            let presence = if is_gone {
                Presence::Absent
            } else {
                Presence::Present
            };
            findings.seen.push((*number, live.time, presence));
            if is_gone || approved.unapproved().is_some() {
                continue;
            }
            let pending = approved.rare.iter().flat_map(|rare| &rare.pending);
            if pending.clone().any(Pending::deletes) {
                let deviation = self.still_there(approved, own, live);
                findings.differences.push(Found {
                    resource: *number,
                    time: live.time,
                    deviation,
                });
                continue;
            }
            if found.len() > 1 && !holds_on_to(approved) {
                // Another workspace takes it over, and says what it is to be.
                continue;
            }
            self.compare_rows(*number, approved, own, live, findings)?;
        }
        if found.is_empty() || live.config.is_asked {
            self.unapproved_item(found.is_empty(), live, is_gone, findings);
        }
        // What nobody approves says nothing about what lies within it.
        let stands = |number: &u32| {
            let resource = self.resource(*number);
            resource.is_some_and(|resource| resource.unapproved().is_none())
        };
        let found = if found.iter().any(stands) {
            found
        } else {
            Vec::new()
        };
        if !is_gone {
            for part in rest {
                let Some(table) = self.catalogue.resource(*part) else {
                    continue;
                };
                self.compare_part(*part, table, &found, live, findings)?;
            }
            if rest.iter().any(|part| self.is_security_group_rule(*part)) {
                self.compare_security_group_rules(rest, &found, live, findings)?;
            }
        }
        Ok(())
    }

    fn is_security_group_rule(&self, part: ResourceIx) -> bool {
        self.catalogue
            .resource(part)
            .is_some_and(|table| matches!(table.table.member, Member::SecurityGroupRule))
    }

    /// The approved resources that are this item: mostly one.
    fn find_approved(&self, at: ResourceIx, own: &Resource, live: &Live<'_>) -> Vec<u32> {
        for (kind, pairs) in own.key_slots.iter().enumerate() {
            let parts = pairs
                .iter()
                .map(|(_, slot)| live.text(*slot))
                .collect::<Option<Vec<_>>>();
            let Some(parts) = parts else { continue };
            let found: Vec<u32> = self
                .index
                .whole(at, kind, &parts)
                .iter()
                .copied()
                .filter(|number| {
                    self.resource(*number).is_some_and(|approved| {
                        has_key(own, approved, kind, &parts) && is_in_place(own, approved, live)
                    })
                })
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// Resources within this item that are approved, of one type.
    pub(super) fn approved_within(
        &self,
        part: ResourceIx,
        table: &Resource,
        owners: &[u32],
        live: &Live<'_>,
    ) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for pairs in &table.key_slots {
            let parts = pairs
                .iter()
                .map(|(_, slot)| live.text(*slot))
                .collect::<Option<Vec<_>>>();
            let Some(parts) = parts else { continue };
            for number in self.index.within(part, &parts) {
                // A name can be the same in two accounts: the resource goes with the item of its
                // own workspace.
                let is_ours = match self.index.parent(*number) {
                    Some(parent) => owners.contains(&parent) || owners.is_empty(),
                    None => true,
                };
                let same_key = self.resource(*number).is_some_and(|approved| {
                    (0..table.key_slots.len()).any(|kind| has_key(table, approved, kind, &parts))
                });
                if is_ours && same_key && !found.contains(number) {
                    found.push(*number);
                }
            }
        }
        found
    }

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

    fn unapproved_item(
        &self,
        is_unmanaged: bool,
        live: &Live<'_>,
        is_gone: bool,
        findings: &mut Findings,
    ) {
        let id = &live.item.resource_id;
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
        if let Made::IfMade(others) = made {
            let others = others
                .into_iter()
                .map(|other| (other, shown.as_str().into()));
            findings.unless_made.extend(others);
        }
        self.note_unmanaged(&own.table.type_name, &shown, live, is_gone, findings);
    }

    pub(super) fn note_unmanaged(
        &self,
        type_name: &TypeName,
        id: &str,
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
                provider_id: Some(ProviderId::from(id)),
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

    /// A deviation of this item, without what makes it one.
    pub(super) fn deviation(
        &self,
        kind: DeviationKind,
        type_name: &TypeName,
        live: &Live<'_>,
    ) -> Deviation {
        Deviation {
            kind,
            workspace: None,
            address: None,
            type_name: type_name.clone(),
            provider_id: Some(ProviderId::from(&*live.item.resource_id)),
            account: (!live.account.is_empty()).then(|| AccountId::from(live.account)),
            region: (!live.region.is_empty()).then(|| Region::from(live.region)),
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity: Fidelity::Mapped,
            observed_at: live.item.captured_at,
            tags: self.tags(live),
            subjects: live.subjects(),
            source: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            notes: Vec::new(),
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

/// Whether the account and Region of an approved resource, where its ARN tells them, are the item's.
fn is_in_place(own: &Resource, approved: &ApprovedResource, live: &Live<'_>) -> bool {
    let Some(arn) = text_at(&approved.stored, own.arn_slot) else {
        return true;
    };
    let (account, region) = arn_place(&arn);
    let agrees = |approved: &str, live: &str| {
        approved.is_empty() || live.is_empty() || live == "global" || approved == live
    };
    agrees(account, live.account) && agrees(region, live.region)
}

/// Account and Region in an ARN: `arn:partition:service:region:account:resource`.
pub(super) fn arn_place(arn: &str) -> (&str, &str) {
    let mut parts = arn.split(':').skip(3);
    let region = parts.next().unwrap_or_default();
    (parts.next().unwrap_or_default(), region)
}

fn place<'i>(item: &'i Item<'_>) -> (&'i str, &'i str) {
    let (account, region) = item.arn.as_deref().map(arn_place).unwrap_or_default();
    let named = |name: &'i Option<Cow<'_, str>>| name.as_deref().filter(|name| !name.is_empty());
    (
        named(&item.account).unwrap_or(account),
        named(&item.region).unwrap_or(region),
    )
}

fn unreadable(item: &Item<'_>, account: &str, region: &str, detail: String) -> Gap {
    let reason = GapReason::SourceUnreadable;
    Gap {
        reason,
        detail,
        ..not_recorded(item, account, region)
    }
}

fn not_recorded(item: &Item<'_>, account: &str, region: &str) -> Gap {
    Gap {
        workspace: None,
        address: None,
        type_name: Some(TypeName::from(&*item.resource_type)),
        account: Some(AccountId::from(account)),
        region: Some(Region::from(region)),
        reason: GapReason::SourceRefused,
        detail: format!(
            "AWS Config knows `{}` and does not record it",
            item.resource_id
        ),
    }
}

/// The parsed elements of a list, or nothing.
pub(super) fn parsed_list(raw: Option<&str>) -> Result<Vec<Value>, String> {
    match raw
        .map(json::parse)
        .transpose()
        .map_err(|error| error.to_string())?
    {
        Some(Value::List(list)) => Ok(list),
        Some(Value::String(text)) => parsed_list(Some(&text)),
        _ => Ok(Vec::new()),
    }
}
