//! What the state shows against what was approved.

use std::cell::OnceCell;

use super::resource::Workbench;
use super::{StateDifference, StateUnknown, text_at};
use crate::decide::ignoring::Ignoring;
use crate::decide::value::{Other, Why, differences, stands_back, stored_value, unreadable};
use crate::ingest::plan::{PlannedAction, PlannedResource, PlannedType};
use crate::ingest::redact::Redactor;
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{Address, AttributePath, Sha256Digest};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::Difference;
use crate::normalise::table::AttributeRow;

/// How the state stands to one version of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InState {
    AsPlanned,
    AsBefore,
    Otherwise,
    /// What the plan changes cannot be compared.
    Unknown,
    NoState,
}

/// The slot of an attribute that cannot be compared, and why.
pub(super) type Unknown = (usize, Why);

#[derive(Debug)]
pub(super) struct Standing {
    pub(super) in_state: InState,
    pub(super) unknown: Vec<Unknown>,
}

impl From<InState> for Standing {
    fn from(in_state: InState) -> Self {
        let unknown = Vec::new();
        Self { in_state, unknown }
    }
}

impl Workbench<'_> {
    pub(super) fn standing(
        &self,
        address: &str,
        version: &PlannedResource,
        exists: bool,
        state: Option<&Stored>,
    ) -> Standing {
        if !self.has_state {
            return InState::NoState.into();
        }
        let gone_after = matches!(
            version.action,
            PlannedAction::Delete | PlannedAction::Forget
        );
        let (PlannedType::Mapped(index), Some(state)) = (&version.kind, state) else {
            // Without values only existence tells.
            return match (exists, gone_after, version.action) {
                (true, false, _) | (false, true, _) => InState::AsPlanned,
                (true, true, _) | (false, false, PlannedAction::Create) => InState::AsBefore,
                (false, false, _) => InState::Otherwise,
            }
            .into();
        };
        if gone_after {
            return InState::AsBefore.into();
        }
        let Some(resource) = self.catalogue.resource(*index) else {
            return InState::Otherwise.into();
        };
        let against =
            |values: &Stored| Against::of(version, self.rows(address, resource, values, state));
        let after = against(&version.after.stored);
        let before = || {
            version
                .before
                .as_ref()
                .map(|before| against(&before.stored))
        };
        let in_state = match after.told {
            Told::Same => InState::AsPlanned,
            Told::Differs | Told::Unknown => match (after.told, before().map(|one| one.told)) {
                (_, Some(Told::Same)) => InState::AsBefore,
                (Told::Unknown, _) | (_, Some(Told::Unknown)) => InState::Unknown,
                (_, Some(Told::Differs) | None) => InState::Otherwise,
            },
        };
        Standing {
            in_state,
            unknown: after.unknown,
        }
    }

    /// The state shows something else than the approved plan: somebody applied something else.
    pub(super) fn state_differs(
        &mut self,
        plan: Option<Sha256Digest>,
        address: &str,
        table: &Resource,
        approved: &Stored,
        state: &Stored,
    ) {
        let provider_id = text_at(state, table.id_slot);
        let found = self.rows(address, table, approved, state);
        let found: Vec<Difference> = found
            .flat_map(|(_, told)| told.unwrap_or_default())
            .collect();
        for difference in found {
            self.approved.state_differences.push(StateDifference {
                workspace: self.workspace,
                plan,
                address: address.into(),
                type_name: table.table.type_name.clone(),
                attribute: Some(difference.pointer),
                approved: difference.approved,
                in_state: difference.live,
                provider_id: provider_id.clone(),
            });
        }
    }

    /// The rows that are not the same, but for what the author told Terraform to leave alone and what
    /// the cloud moves by itself; what only one side has says nothing.
    fn rows<'r>(
        &'r self,
        address: &'r str,
        resource: &'r Resource,
        approved: &'r Stored,
        other: &'r Stored,
    ) -> impl Iterator<Item = Row<'r>> {
        let lifecycle = OnceCell::new();
        approved.iter().filter_map(move |one| {
            let row = resource.table.attributes.get(one.slot)?;
            let other = other.get(one.slot)?;
            if one.text == other.text && one.sensitive == other.sensitive {
                return None;
            }
            if stands_back(resource, one.slot, approved, self.redactor) {
                return None;
            }
            let lifecycle = lifecycle.get_or_init(|| {
                let address = Address::from(address);
                self.authors.lifecycle(self.name, &address)
            });
            let is_ignored = |attribute: &AttributePath| {
                Ignoring::of(lifecycle.as_ref(), attribute)
                    .whole()
                    .is_some()
            };
            if is_ignored(&row.pointer) {
                return None;
            }
            let moved = row.moved.as_deref();
            let bounds = moved.and_then(|moved| {
                self.co_owners
                    .bounds(self.workspace, moved, resource, approved)
            });
            let told = row_differences(row, one, other, self.redactor).map(|found| {
                let mut found: Vec<Difference> = found
                    .into_iter()
                    .flat_map(|one| {
                        let row = (row, resource);
                        let left = self.co_owners.left_of(self.workspace, row, approved, &one);
                        left.unwrap_or_else(|| vec![one])
                    })
                    .collect();
                found.retain(|found| {
                    !is_ignored(&found.pointer) && !bounds.is_some_and(|own| own.hold(&found.live))
                });
                found
            });
            match told {
                Ok(found) if found.is_empty() => None,
                told => Some((one, told)),
            }
        })
    }

    /// Of which attributes the state does not tell whether they are as approved.
    pub(super) fn state_unknown(
        &mut self,
        address: &str,
        table: &Resource,
        mut unknown: Vec<Unknown>,
    ) {
        unknown.sort();
        unknown.dedup_by_key(|(slot, _)| *slot);
        for (slot, why) in unknown {
            let Some(row) = table.table.attributes.get(slot) else {
                continue;
            };
            self.approved.state_unknowns.push(StateUnknown {
                workspace: self.workspace,
                address: address.into(),
                type_name: table.table.type_name.clone(),
                attribute: row.pointer.clone(),
                why: why.into_owned(),
            });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Same,
    Differs,
    /// Nothing differs for certain, and something that the plan changes cannot be compared.
    Unknown,
}

/// The state against the values before or after a plan.
struct Against {
    told: Told,
    unknown: Vec<Unknown>,
}

impl Against {
    fn of<'a>(version: &PlannedResource, rows: impl Iterator<Item = Row<'a>>) -> Self {
        let (mut told, mut unknown) = (Told::Same, Vec::new());
        for (row, differs) in rows {
            match differs {
                Ok(_) => told = Told::Differs,
                Err(why) => {
                    // What the plan leaves alone says nothing of whether it was carried out.
                    if told == Told::Same && is_changed(version, row.slot) {
                        told = Told::Unknown;
                    }
                    unknown.push((row.slot, why));
                }
            }
        }
        Self { told, unknown }
    }
}

fn is_changed(version: &PlannedResource, slot: usize) -> bool {
    let text = |stored: &Stored| stored.get(slot).map(|value| value.text.to_owned());
    let before = version.before.as_ref();
    before.is_some_and(|before| text(&before.stored) != text(&version.after.stored))
}

/// An attribute in which two packed sets of values differ, or of which that cannot be told.
type Row<'a> = (StoredValue<'a>, Result<Vec<Difference>, Why>);

fn row_differences(
    row: &AttributeRow,
    approved: StoredValue<'_>,
    in_state: StoredValue<'_>,
    redactor: &Redactor,
) -> Result<Vec<Difference>, Why> {
    let is_secret = approved.sensitive || in_state.sensitive;
    let approved = stored_value(row, approved, is_secret, redactor);
    let approved = approved.map_err(|error| unreadable("approved", &error))?;
    let in_state = Other::stored(row, in_state, is_secret, redactor);
    let in_state = in_state.map_err(|error| unreadable("state's", &error))?;
    differences(row, &approved, &in_state, redactor)
}
