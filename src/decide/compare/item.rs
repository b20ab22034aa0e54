//! One live item: which approved resources it tells about, and what differs.

use std::cell::OnceCell;

use super::claims::holds_on_to;
use super::live::{Live, place};
use super::made::is_gone;
use super::recorder::RECORDER;
use super::{Comparer, Findings, Found, Presence, ShownIn, millis};
use crate::decide::baseline::{ApprovedResource, Pending};
use crate::ingest::config_item::{Item, Status};
use crate::model::{AccountId, Gap, GapReason, Region, TypeName};
use crate::normalise::catalogue::{Config, ConfigIx, Resource, ResourceIx};
use crate::normalise::table::Member;

impl Comparer<'_> {
    /// Compares one item.
    pub fn observe(&self, item: &Item<'_>, findings: &mut Findings) {
        findings.items += 1;
        let (account, region) = place(item);
        if !self.scope.covers_account(account) || !self.scope.covers_region(region) {
            return;
        }
        let known = self.catalogue.config_type(&item.resource_type);
        let known = known.filter(|(_, config)| !self.is_beside_the_point(config));
        let Some((at, config)) = known else {
            findings.note_place(account, region, None);
            if item.resource_type == RECORDER {
                findings.note_recorder(item, account, region);
                return;
            }
            findings.count_unmapped(&item.resource_type);
            return;
        };
        if item.status == Status::NotRecorded {
            findings.note_place(account, region, None);
            let gap = not_recorded(item, account, region);
            findings.note_unread(at, item, gap);
            return;
        }
        findings.note_place(account, region, Some(at));
        let read = self.project(item, config, account, region);
        let compared = read.and_then(|live| self.compare_item(&live, findings));
        if let Err(what) = compared {
            // One item that cannot be read costs its resource the observation, never the scan.
            let gap = unreadable(item, account, region, what);
            findings.note_unread(at, item, gap);
        }
    }

    pub(super) fn project<'i>(
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
            owners: OnceCell::new(),
        })
    }

    fn compare_item(&self, live: &Live<'_>, findings: &mut Findings) -> Result<(), String> {
        let (own, rest) = live.config.resources.split_at(live.config.own);
        let found = live.owners.get_or_init(|| {
            let mut found: Vec<u32> = Vec::new();
            for at in own {
                if let Some(table) = self.catalogue.resource(*at) {
                    found.extend(self.find_approved(*at, table, live));
                }
            }
            found
        });
        let is_gone = is_gone(live);
        if !is_gone {
            self.note_match(found, live, findings);
        }
        let expected = |number: &&u32| self.resource(**number).is_some_and(holds_on_to);
        if !is_gone && found.iter().filter(expected).count() > 1 {
            for number in found {
                self.note(*number, Presence::Ambiguous, live, findings);
            }
            // What lies within is as it is, whoever owns the item.
            return match self.are_one(found) {
                true => self.compare_parts(rest, found, live, findings),
                false => Ok(()),
            };
        }
        for number in found {
            let Some(approved) = self.resource(*number) else {
                continue;
            };
            if let Some(own) = approved.resource.and_then(|at| self.catalogue.resource(at)) {
                let is_alone = found.len() == 1;
                self.compare_whole(*number, approved, own, is_alone, live, findings);
            }
        }
        if found.is_empty() || live.config.is_asked {
            self.unapproved_item(found.is_empty(), live, is_gone, findings);
        }
        if is_gone {
            return Ok(());
        }
        self.compare_parts(rest, found, live, findings)
    }

    /// The approved resource that is this item, or one of several that claim it.
    fn compare_whole(
        &self,
        number: u32,
        approved: &ApprovedResource,
        own: &Resource,
        is_alone: bool,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        let is_gone = is_gone(live);
        let presence = if is_gone {
            Presence::Absent
        } else {
            Presence::Present
        };
        self.note(number, presence, live, findings);
        if is_gone || approved.unapproved().is_some() {
            return;
        }
        let mut pending = approved.rare.iter().flat_map(|rare| &rare.pending);
        if pending.any(Pending::deletes) {
            findings.differences.push(Found {
                resource: number,
                time: live.time,
                deviation: self.still_there(approved, own, live),
            });
        } else if is_alone || holds_on_to(approved) {
            // Otherwise another workspace takes it over, and says what it is to be.
            self.compare_rows(number, approved, own, live, findings);
        }
    }

    /// Notes what the item says of an approved resource, and where that is so if a deviation of the
    /// whole resource may follow.
    pub(super) fn note(
        &self,
        number: u32,
        presence: Presence,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        findings.seen.push((number, live.time, presence));
        let is_judged = match presence {
            Presence::Absent => true,
            Presence::Present => {
                let rare = self.resource(number).and_then(|own| own.rare.as_ref());
                rare.is_some_and(|rare| rare.is_new || rare.unapproved.is_some())
            }
            Presence::Ambiguous | Presence::Secret | Presence::Unnamed | Presence::NotRecorded => {
                false
            }
        };
        if is_judged {
            findings.shown_in.push(ShownIn {
                resource: number,
                time: live.time,
                account: live.account.into(),
                region: live.region.into(),
            });
        }
    }

    fn compare_parts(
        &self,
        parts: &[ResourceIx],
        owners: &[u32],
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Result<(), String> {
        // What nobody approves says nothing about what lies within it.
        let stands = |number: &u32| {
            let resource = self.resource(*number);
            resource.is_some_and(|resource| resource.unapproved().is_none())
        };
        let owners = match owners.iter().any(stands) {
            true => owners,
            false => &[],
        };
        for part in parts {
            let Some(table) = self.catalogue.resource(*part) else {
                continue;
            };
            self.compare_part(*part, table, owners, live, findings)?;
        }
        if parts.iter().any(|part| self.is_security_group_rule(*part)) {
            self.compare_security_group_rules(parts, owners, live, findings)?;
        }
        Ok(())
    }

    fn is_security_group_rule(&self, part: ResourceIx) -> bool {
        self.catalogue
            .resource(part)
            .is_some_and(|table| matches!(table.table.member, Member::SecurityGroupRule))
    }
}

impl Findings {
    /// What such an item is of was not seen, and is not missing either.
    fn note_unread(&mut self, config: ConfigIx, item: &Item<'_>, gap: Gap) {
        let names = [
            Some(&item.resource_id),
            item.arn.as_ref(),
            item.resource_name.as_ref(),
        ];
        for name in names.into_iter().flatten() {
            self.add_unread((config, name.as_ref().into()), gap.reason);
        }
        self.gaps.push(gap);
    }

    /// Of two reasons the same one counts, whichever item was read first.
    pub(super) fn add_unread(&mut self, key: (ConfigIx, Box<str>), reason: GapReason) {
        let known = self.unread.entry(key).or_insert(reason);
        *known = reason.min(*known);
    }
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
        attribute: None,
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
