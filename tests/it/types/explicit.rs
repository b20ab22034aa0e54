//! Mutations that a folder spells out in `mutations.toml`.

use std::collections::BTreeSet;

use driftwarden::normalise::catalogue::Resource;

use super::Mutation;
use super::compare::Found;
use super::fixture::{self, Fixture};
use super::rows::dotted;

/// All of them; what cannot be understood is wrong.
pub fn mutations(
    fixture: &Fixture,
    tables: &[&Resource],
    wrong: &mut Vec<String>,
) -> Vec<Mutation> {
    let known: BTreeSet<String> = tables
        .iter()
        .flat_map(|table| {
            let rows = table.table.attributes.iter();
            rows.map(|row| format!("{}.{}", table.table.type_name, dotted(row)))
        })
        .collect();
    let special = &fixture.special;
    let named = special.mutation.iter().flat_map(|explicit| &explicit.rows);
    for row in named.chain(special.not_alone.keys()) {
        if !known.contains(row) {
            wrong.push(format!("mutations.toml: no row `{row}`"));
        }
    }
    let reasons = special.not_alone.values();
    let reasons = reasons.chain(special.mutation.iter().map(|explicit| &explicit.why));
    if reasons.into_iter().any(|why| why.trim().is_empty()) {
        wrong.push("mutations.toml: a reason is wanted".to_owned());
    }
    let mutations = special.mutation.iter().filter_map(|explicit| {
        let what = explicit.why.clone();
        let items = fixture.mutated(explicit);
        let items = items.map_err(|error| wrong.push(format!("mutations.toml, {what}: {error}")));
        let expected: Vec<Found> = explicit.gives.iter().map(|text| deviation(text)).collect();
        // The row of a type, at the address that the deviation names.
        let changes = explicit.rows.iter().find_map(|row| {
            let (type_name, attribute) = row.split_once('.')?;
            let mut named = expected.iter().filter(|found| found.kind != "unmanaged");
            let owner = named.find(|found| fixture::type_of(&found.resource) == type_name)?;
            let attribute = attribute.split('.').next()?;
            Some((owner.resource.clone(), attribute.to_owned()))
        });
        Some(Mutation {
            what,
            approved: None,
            items: items.ok()?,
            expected,
            changes,
        })
    });
    mutations.collect()
}

fn deviation(text: &str) -> Found {
    let mut words = text.split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (kind, resource, attribute) = (word(), word(), word());
    let kinds = ["changed", "missing", "unmanaged"];
    Found {
        kind: kinds
            .into_iter()
            .find(|known| *known == kind)
            .unwrap_or("?"),
        resource,
        attribute,
    }
}
