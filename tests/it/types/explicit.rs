//! Mutations that a folder spells out in `mutations.toml`.

use std::collections::BTreeSet;

use driftwarden::normalise::catalogue::Resource;

use super::Mutation;
use super::compare::Found;
use super::fixture::Fixture;
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
        let expected = explicit.gives.iter().map(|text| deviation(text)).collect();
        Some(Mutation {
            what,
            approved: None,
            items: items.ok()?,
            expected,
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
