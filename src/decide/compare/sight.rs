//! One live item and one approved resource, looked at closely: what the item shows of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::approved_rules::direction_of;
use super::elements::{element_key, live_key};
use super::live::{Live, parsed_list, place};
use super::parts::at_row;
use super::rows::{live_raw, path_of};
use super::secrets::{hidden_tags, is_secret};
use super::{Comparer, Fate, Findings, Presence};
use crate::decide::baseline::ApprovedResource;
use crate::decide::value::{Other, Why, unreadable};
use crate::ingest::config_item::Item;
use crate::model::{Address, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::Difference;
use crate::normalise::path::{Path, WHOLE};
use crate::normalise::security_group::Rules;
use crate::normalise::table::{AbsentPart, AttributeRow, Member};

/// What one live item tells about one approved resource.
#[derive(Clone, Debug)]
pub struct Sight {
    pub item_id: String,
    pub account: String,
    pub region: String,
    pub captured_at: Option<Timestamp>,
    /// Whether the resource is there, in words.
    pub says: &'static str,
    pub is_there: bool,
    pub cells: Vec<Cell>,
}

/// What the item shows for one row.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The row's place in the table.
    pub slot: usize,
    /// The path that was read; `None` where the item has none of the row's.
    pub path: Option<String>,
    /// Raw; `None` for a secret.
    pub raw: Option<String>,
    /// In the row's form; a digest of a secret.
    pub value: Option<Value>,
    /// As it is compared.
    pub(in crate::decide) other: Option<Other>,
    /// Whether any plan hides the value.
    pub is_secret: bool,
    /// Tags that any plan hides each by itself.
    pub hidden: BTreeSet<String>,
    pub fate: Option<Fate>,
    /// Why it cannot be read or compared.
    pub problem: Option<String>,
    /// Where resources of their own own the value.
    pub apart: Option<Apart>,
    /// Whether it is of a rule of a security group, which is compared as a whole.
    pub is_rule: bool,
}

/// A value that resources of their own own, and what is there beside what they approve.
#[derive(Clone, Debug)]
pub struct Apart {
    pub owners: Vec<Address>,
    pub added: Option<Difference>,
}

/// A raw live value and how it was found.
struct Found<'a> {
    path: String,
    raw: String,
    /// What is applied to the raw value before it takes its form.
    rest: &'a Path,
}

impl Comparer<'_> {
    /// `None` where the item does not tell about the resource, given by number.
    pub fn sight(&self, item: &Item<'_>, number: u32, slots: &[usize]) -> Option<Sight> {
        let approved = self.resource(number)?;
        let table = self.catalogue.resource(approved.resource?)?;
        let (at, config) = self.catalogue.config_type(&item.resource_type)?;
        if at != table.config {
            return None;
        }
        let mut findings = Findings::watching();
        self.observe(item, &mut findings);
        let mut seen = findings.seen.iter();
        let (_, _, presence) = *seen.find(|(own, ..)| *own == number)?;
        let (account, region) = place(item);
        let live = self.project(item, config, account, region).ok()?;
        let is_there = presence == Presence::Present;
        let cells = slots.iter().filter(|_| is_there).filter_map(|slot| {
            let row = table.table.attributes.get(*slot)?;
            let close = Close {
                comparer: self,
                number,
                approved,
                table,
                row,
                slot: *slot,
                live: &live,
                findings: &findings,
            };
            Some(close.cell())
        });
        Some(Sight {
            item_id: item.resource_id.to_string(),
            account: account.to_owned(),
            region: region.to_owned(),
            captured_at: item.captured_at,
            says: match presence {
                Presence::Present => "it is there",
                Presence::Ambiguous => "another approved resource answers to it as well",
                Presence::Absent if lacks_whole(table, &live) => {
                    "the item is whole, and this part is not in it"
                }
                Presence::Absent => "it is not there",
                Presence::Unnamed => "it is not known what it is called there",
                Presence::NotRecorded => "the item does not carry this part",
                Presence::Secret => "what tells it from others is a secret",
            },
            is_there,
            cells: cells.collect(),
        })
    }
}

/// Whether only what the item has besides tells that the part is gone.
fn lacks_whole(table: &Resource, live: &Live<'_>) -> bool {
    let is_asked = match table.table.member {
        Member::Part { absent, .. } => absent == AbsentPart::MissingInWhole,
        Member::Whole | Member::Each { .. } | Member::SecurityGroupRule => false,
    };
    is_asked
        && table
            .member_slot
            .is_some_and(|slot| live.raw(slot).is_none())
}

struct Close<'a> {
    comparer: &'a Comparer<'a>,
    number: u32,
    approved: &'a ApprovedResource,
    table: &'a Resource,
    row: &'a AttributeRow,
    slot: usize,
    live: &'a Live<'a>,
    findings: &'a Findings,
}

impl Close<'_> {
    fn cell(&self) -> Cell {
        let is_secret = is_secret(self.table, self.approved, self.slot);
        let found = self.find();
        let hidden = hidden_tags(self.table, self.approved, self.slot);
        let value = found.as_ref().map(|found| {
            let read = self.value(found, is_secret);
            read.map(|read| read.hiding(&hidden, self.comparer.redactor))
        });
        let watch = self.findings.watch.as_deref();
        let not_compared = self.findings.not_compared.iter();
        let mut not_compared =
            not_compared.filter(|one| one.resource == self.number && one.slot == self.slot);
        let problem = not_compared.next().map(|one| one.why.to_string());
        let (other, unread) = match value {
            Some(Ok(other)) => (Some(other), None),
            Some(Err(why)) => (None, Some(why.into_owned())),
            None => (None, None),
        };
        Cell {
            slot: self.slot,
            path: found.as_ref().map(|found| found.path.clone()),
            raw: found
                .filter(|_| !is_secret && hidden.is_empty())
                .map(|found| found.raw),
            value: other.as_ref().map(Other::shown),
            other,
            is_secret,
            hidden,
            fate: watch.and_then(|watch| watch.fate(self.number, self.slot)),
            problem: problem.or(unread),
            apart: None,
            is_rule: self.is_rule(),
        }
    }

    fn is_rule(&self) -> bool {
        matches!(self.table.table.member, Member::SecurityGroupRule)
    }

    /// Every rule of the group in the direction.
    fn rules(&self, found: &Found<'_>) -> Result<Other, Why> {
        let list = parsed_list(Some(&found.raw)).map(Value::List);
        let (group, account) = (&self.live.item.resource_id, self.live.account);
        let rules = list
            .map_err(|error| unreadable_rules(&error))
            .and_then(|list| {
                let rules = Rules::from_config(&list, group, account);
                rules.map_err(|error| unreadable("live", &error))
            });
        rules.map(|rules| Other::Open(rules.to_value()))
    }

    fn value(&self, found: &Found<'_>, is_secret: bool) -> Result<Other, Why> {
        if self.is_rule() && !is_secret {
            return self.rules(found);
        }
        let secret_under = is_secret.then_some(self.comparer.redactor);
        let side = self.live.side();
        let read = Other::read(self.row, &found.raw, found.rest, side, secret_under);
        read.map_err(|error| unreadable("live", &error))
    }

    fn find(&self) -> Option<Found<'_>> {
        match &self.table.table.member {
            Member::Whole | Member::Part { .. } => {
                let raw = live_raw(self.table, self.row, self.slot, self.live)?;
                let rest = path_of(self.table, self.row, self.slot, self.live)?;
                Some(Found {
                    path: rest.to_string(),
                    raw: raw.to_owned(),
                    rest,
                })
            }
            Member::Each { at, .. } => self.in_element(at),
            Member::SecurityGroupRule => {
                let read = self.comparer.attributes(self.approved, self.table);
                let (values, _) = read.ok()?;
                let direction = direction_of(self.table, &values)?;
                let raw = self.comparer.live_rules(direction, self.live)?;
                Some(Found {
                    path: format!("the {} rules of the group", direction.as_str()),
                    raw: raw.to_owned(),
                    rest: &WHOLE,
                })
            }
        }
    }

    fn in_element(&self, at: &Path) -> Option<Found<'_>> {
        let wanted = element_key(self.table, self.approved)?;
        let raw = self.table.member_slot.and_then(|slot| self.live.raw(slot));
        let elements = parsed_list(raw).ok()?;
        let element = elements
            .iter()
            .find(|element| live_key(self.table, element).as_ref() == Some(&wanted))?;
        let (path, value) = at_row(self.row, element)?;
        Some(Found {
            path: format!("{path} of the element of {at}"),
            raw: serde_json::to_string(value).ok()?,
            rest: path,
        })
    }
}

fn unreadable_rules(error: &str) -> Why {
    format!("the live rules cannot be read: {error}").into()
}
