//! Takes the comparison of one approved resource apart: which row, which values, which equivalences.

mod aside;
mod words;

use self::words::{DIFFERS, considered, kind_note, notes, outcome};
use super::baseline::{Approved, ApprovedResource};
use super::compare::{Cell, Fate, Sight};
use super::ignoring::Authors;
use super::value::{differences_with, stored_value};
use crate::ingest::json::decode_string;
use crate::ingest::redact::Redactor;
use crate::ingest::secret_tags;
use crate::ingest::stored::StoredValue;
use crate::model::{
    Address, ApprovedUsed, AttributePath, Explanation, ItemUsed, LiveUsed, PlanUsed, RowUsed,
    Sha256Digest, SourceLocation, TableUsed, TypeName, Value, WorkspaceName,
};
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::equal::Principals;
use crate::normalise::table::AttributeRow;

/// One approved resource, taken apart.
pub struct Explaining<'a> {
    pub catalogue: &'a Catalogue,
    pub approved: &'a Approved,
    pub redactor: &'a Redactor,
    pub principals: &'a Principals,
    pub resource: &'a ApprovedResource,
    /// What each live item shows of it, with the file, newest first.
    pub sights: &'a [(String, Sight)],
    /// The state file of the workspace.
    pub state: Option<&'a str>,
    pub source: Option<SourceLocation>,
    pub authors: &'a dyn Authors,
    /// What a schema declares of an attribute, and which schema.
    pub declared: &'a dyn Fn(&TypeName, &AttributePath) -> Option<Declared>,
    /// File and change record of a plan.
    pub plan: &'a dyn Fn(Sha256Digest) -> PlanUsed,
}

/// What a provider schema declares of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    pub kind: &'static str,
    /// Whether only the provider sets it.
    pub is_computed: bool,
    /// Who says so.
    pub by: &'static str,
}

/// The rows of the table that an attribute concerns: those that hold it or lie within it.
pub fn rows_of(table: &Resource, attribute: &AttributePath) -> Vec<usize> {
    let rows = table.table.attributes.iter().enumerate();
    let own = rows.filter(|(_, row)| row.pointer.holds(attribute) || attribute.holds(&row.pointer));
    own.map(|(slot, _)| slot).collect()
}

impl Explaining<'_> {
    /// How the attribute stands, or, without one, how the resource does.
    pub fn explain(&self, attribute: Option<&AttributePath>) -> Explanation {
        let table = self.table();
        let slots = match (table, attribute) {
            (Some(table), Some(attribute)) => rows_of(table, attribute),
            _ => Vec::new(),
        };
        let rows = slots.iter().filter_map(|slot| {
            let row = table?.table.attributes.get(*slot)?;
            Some(asked_of(self.row(row, *slot), attribute))
        });
        let rows: Vec<RowUsed> = rows.collect();
        let mut remarks = Vec::new();
        match (table, attribute) {
            (None, _) => remarks.push("no mapping table knows the type".to_owned()),
            (Some(table), Some(attribute)) if rows.is_empty() => {
                remarks.push(not_in_a_row(table, attribute));
            }
            _ => {}
        }
        if rows.iter().any(|row| row.outcome == DIFFERS) {
            remarks.extend(self.unknown_source());
        }
        if self.sights.is_empty() && table.is_some() {
            remarks.push("no live item tells about the resource".to_owned());
        }
        let unmapped = self.resource.rare.as_ref();
        let unmapped = unmapped.and_then(|rare| rare.unmapped_type.as_deref());
        Explanation {
            workspace: self
                .approved
                .workspace(self.resource.workspace)
                .cloned()
                .unwrap_or_else(|| WorkspaceName::from("")),
            address: Address::from(&*self.resource.address),
            type_name: match table {
                Some(table) => table.table.type_name.clone(),
                None => TypeName::from(unmapped.unwrap_or_default()),
            },
            source: self.source.clone(),
            table: table.and_then(|table| self.table_used(table)),
            items: self.items(),
            rows,
            remarks,
        }
    }

    fn table(&self) -> Option<&Resource> {
        self.catalogue.resource(self.resource.resource?)
    }

    fn table_used(&self, table: &Resource) -> Option<TableUsed> {
        let config = self.catalogue.config(table.config)?;
        let slots = table.key_slots.iter().zip(&table.table.keys);
        let keys = slots.map(|(slots, pairs)| {
            let parts = slots.iter().zip(pairs).map(|((slot, _), pair)| {
                let value = self.resource.stored.get(*slot);
                let value = match value {
                    Some(value) if value.sensitive => "a secret".to_owned(),
                    Some(value) => decode_string(value.text)
                        .map_or_else(|_| value.text.to_owned(), |text| format!("`{text}`")),
                    None => "not known".to_owned(),
                };
                format!("{} = {}: {value}", pair.approved, pair.live)
            });
            parts.collect::<Vec<_>>().join(", and ")
        });
        Some(TableUsed {
            file: config.file(),
            config_type: config.config_type.to_string(),
            keys: keys.collect(),
        })
    }

    fn items(&self) -> Vec<ItemUsed> {
        let items = self.sights.iter().enumerate();
        let items = items.map(|(at, (file, sight))| ItemUsed {
            file: file.clone(),
            id: sight.item_id.clone(),
            account: sight.account.clone(),
            region: sight.region.clone(),
            captured_at: sight.captured_at,
            says: sight.says.to_owned(),
            counts: at == 0,
        });
        items.collect()
    }

    fn row(&self, row: &AttributeRow, slot: usize) -> RowUsed {
        let newest = self.sights.first();
        let cell = newest.and_then(|(_, sight)| {
            let mut cells = sight.cells.iter();
            cells.find(|cell| cell.slot == slot)
        });
        let live = newest
            .zip(cell)
            .map(|((file, sight), cell)| live_used(file, sight, cell));
        let mut notes = notes(row);
        if let Some(table) = self.table() {
            let declared = (self.declared)(&table.table.type_name, &row.pointer);
            notes.insert(0, kind_note(declared));
        }
        let used = RowUsed {
            attribute: row.pointer.clone(),
            live_paths: row.live.iter().map(ToString::to_string).collect(),
            form: row.form.word(),
            words: row.values.clone(),
            notes,
            live,
            approved: self.sides(row, slot, cell),
            outcome: outcome(cell).to_owned(),
        };
        self.with_asides(used, row, cell)
    }

    /// The baseline, then the plans that touch the value.
    fn sides(&self, row: &AttributeRow, slot: usize, cell: Option<&Cell>) -> Vec<ApprovedUsed> {
        let side = |role, plan: Option<Sha256Digest>, value| {
            let against = Against { row, cell, value };
            self.side(role, plan, &against)
        };
        let mut sides = Vec::new();
        if let Some(value) = self.resource.stored.get(slot) {
            sides.push(side(
                "baseline",
                self.approved.plan_of(self.resource),
                value,
            ));
        }
        if let Some(rare) = &self.resource.rare {
            for pending in rare.pending.iter().filter(|pending| !pending.is_baseline) {
                let after = pending.after.get(slot);
                sides.extend(after.map(|value| side("pending", Some(pending.plan), value)));
            }
            // What was before matters where live may have gone back to it.
            let differs = cell.is_some_and(|cell| cell.fate == Some(Fate::Differs));
            for earlier in rare.earlier.iter().filter(|_| differs) {
                let stored = earlier.stored.get(slot);
                sides.extend(stored.map(|value| side("earlier", earlier.plan, value)));
            }
        }
        sides
    }

    fn side(
        &self,
        role: &'static str,
        plan: Option<Sha256Digest>,
        against: &Against<'_>,
    ) -> ApprovedUsed {
        let Against { row, cell, value } = against;
        let is_secret = value.sensitive || cell.is_some_and(|cell| cell.is_secret);
        let read = stored_value(row, *value, is_secret, self.redactor);
        let stored_hidden = secret_tags::hidden(row.form, value.text);
        let hides_tags =
            !stored_hidden.is_empty() || cell.is_some_and(|cell| !cell.hidden.is_empty());
        let mut side = ApprovedUsed {
            role,
            plan: plan.map(|digest| (self.plan)(digest)),
            state: value
                .from_state
                .then(|| self.state.unwrap_or("the state").to_owned()),
            raw: (!is_secret && !hides_tags).then(|| value.text.to_owned()),
            canonical: None,
            digest: None,
            considered: Vec::new(),
            outcome: String::new(),
            differs_at: Vec::new(),
        };
        let approved = match read {
            Ok(mut approved) => {
                let tags = cell.map(|cell| &cell.hidden);
                tags.inspect(|tags| secret_tags::hide(&mut approved, tags, self.redactor));
                approved
            }
            Err(error) => {
                side.outcome =
                    format!("not comparable: the approved value cannot be read: {error}");
                return side;
            }
        };
        side.digest = digest_of(&approved);
        if let Some(live) = cell.and_then(|cell| cell.other.as_ref()) {
            side.considered = considered(row, &approved, &live.shown());
            match differences_with(row, &approved, live, self.redactor, self.principals) {
                Ok(found) if found.is_empty() => side.outcome = "equal".to_owned(),
                Ok(mut found) => {
                    side.outcome = DIFFERS.to_owned();
                    let moved = self.take_moved_within(row, &mut found);
                    if let Some(said) = self.take_ignored_within(&mut found).or(moved) {
                        side.outcome = said;
                    }
                    let places = found.into_iter().map(|one| one.pointer);
                    side.differs_at = places.collect();
                }
                Err(why) => side.outcome = format!("not comparable: {why}"),
            }
        } else {
            side.outcome = "not compared: there is nothing live to compare it with".to_owned();
        }
        side.canonical = Some(approved);
        side
    }
}

/// The row for one who asks for an attribute within it: where it differs elsewhere alone, the one that
/// was asked for is equal.
fn asked_of(mut row: RowUsed, attribute: Option<&AttributePath>) -> RowUsed {
    let Some(attribute) = attribute else {
        return row;
    };
    let elsewhere = row.approved.first().filter(|baseline| {
        let concerns = |at: &AttributePath| at.holds(attribute) || attribute.holds(at);
        !baseline.differs_at.is_empty() && !baseline.differs_at.iter().any(concerns)
    });
    if let Some(baseline) = elsewhere.filter(|_| row.outcome == DIFFERS) {
        let places: Vec<&str> = baseline.differs_at.iter().map(|at| at.as_str()).collect();
        row.outcome = format!("equal at {attribute}; it differs at {}", places.join(", "));
    }
    row
}

/// A value of a row, and what is live there.
struct Against<'a> {
    row: &'a AttributeRow,
    cell: Option<&'a Cell>,
    value: StoredValue<'a>,
}

fn not_in_a_row(table: &Resource, attribute: &AttributePath) -> String {
    let mut aside = table.table.not_comparable.iter();
    let found = aside.find(|(own, _)| own.holds(attribute) || attribute.holds(own));
    match found {
        Some((own, why)) => format!("the table sets {own} aside: {why}"),
        None => format!("the table does not name {attribute}: it is not compared"),
    }
}

fn live_used(file: &str, sight: &Sight, cell: &Cell) -> LiveUsed {
    LiveUsed {
        file: file.to_owned(),
        item: sight.item_id.clone(),
        captured_at: sight.captured_at,
        path: cell.path.clone(),
        raw: cell.raw.clone(),
        canonical: cell.value.clone(),
        digest: cell.value.as_ref().and_then(digest_of),
        problem: cell.problem.clone(),
    }
}

fn digest_of(value: &Value) -> Option<Sha256Digest> {
    match value {
        Value::Sensitive(digest) => Some(*digest),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Map(_) => None,
    }
}
