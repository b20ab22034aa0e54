//! Takes the comparison of one approved resource apart: which row, which values, which equivalences.

mod aside;
mod exact;
mod named;
mod remarks;
mod sides;
mod told;
mod words;

use self::told::Told;
use self::words::{DIFFERS, kind_note, notes, outcome};
use super::baseline::{Approved, ApprovedResource};
use super::compare::{Cell, RefreshSight, Sight};
use super::ignoring::Authors;
use crate::ingest::json::decode_string;
use crate::ingest::redact::Redactor;
use crate::model::{
    Address, AttributePath, ExactLook, Explanation, ItemUsed, PlanUsed, RowUsed, Sha256Digest,
    SourceLocation, TableUsed, ToldBy, TypeName, Value, WorkspaceName,
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
    /// What a refresh of the workspace shows of it.
    pub refreshed: Option<&'a RefreshSight>,
    /// What its provider said of it.
    pub exact: Option<&'a ExactLook>,
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
        let mut rows = Vec::new();
        for slot in slots {
            let Some(row) = table.and_then(|table| table.table.attributes.get(slot)) else {
                continue;
            };
            let told = self.told(slot).into_iter();
            rows.extend(told.map(|told| asked_of(self.row(row, slot, told), attribute)));
        }
        rows.extend(attribute.iter().flat_map(|own| self.named(own)));
        rows.extend(attribute.iter().flat_map(|own| self.exact_rows(own)));
        let remarks = self.remarks(attribute, &rows);
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
                None => match (unmapped, self.refreshed) {
                    (None, Some(refreshed)) => refreshed.type_name.clone(),
                    (own, _) => TypeName::from(own.unwrap_or_default()),
                },
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
        let items = items.map(|(at, (file, sight))| {
            let told = Told {
                by: ToldBy::AwsConfig,
                file,
                sight,
                cell: None,
            };
            told.item(at == 0)
        });
        let refreshed = self.refreshed.map(|refreshed| {
            let told = Told {
                by: ToldBy::TerraformRefresh,
                file: &refreshed.source,
                sight: &refreshed.sight,
                cell: None,
            };
            told.item(true)
        });
        items.chain(refreshed).collect()
    }

    fn row(&self, row: &AttributeRow, slot: usize, told: Option<Told<'_>>) -> RowUsed {
        let cell = told.and_then(|told| told.cell);
        let by = told.map_or(ToldBy::AwsConfig, |told| told.by);
        let mut notes = notes(row, by);
        if let Some(table) = self.table() {
            let declared = (self.declared)(&table.table.type_name, &row.pointer);
            notes.insert(0, kind_note(declared, true));
        }
        let live_paths = match by {
            ToldBy::AwsConfig => row.live.iter().map(ToString::to_string).collect(),
            ToldBy::TerraformRefresh | ToldBy::Provider => Vec::new(),
        };
        let used = RowUsed {
            attribute: row.pointer.clone(),
            told_by: by,
            is_row: true,
            live_paths,
            form: row.form.word(),
            words: row.values.clone(),
            notes,
            live: told.and_then(|told| told.live()),
            approved: self.sides(row, slot, cell),
            outcome: outcome(by, cell).to_owned(),
        };
        self.with_asides(used, row, cell)
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
