//! COVERAGE.md: what the mapping tables compare, for people who read no tables.

use std::fmt::Write;

use crate::normalise::Catalogue;
use crate::normalise::catalogue::{Config, Resource};
use crate::normalise::table::{Absent, AbsentPart, AttributeRow, Gate, GateTest, Member};

const INTRODUCTION: &str = "\
# What is compared

Made from the mapping tables in [src/normalise/aws](src/normalise/aws) by `driftwarden coverage --tables`; a test fails
where this page and the tables differ. For each type that AWS Config records: which attributes of the Terraform types
are compared with which place in Config's item, and which are not, with the reason.

All types below are of **tier A**: a table, written by hand and reviewed at the items that each section names, says
where each attribute stands. An approved resource of a type that has no table is a gap in every report.

How much of an estate this covers depends on the estate: `driftwarden coverage` counts it, attribute by attribute, and
also tells what the items of that estate did not carry.

*Form* says which ways of writing a value count as equal; the [page on tables](src/normalise/aws/README.md) defines each.
Without a form it is a string, number or boolean.
";

/// The page.
///
/// # Errors
/// A table that is wrong; a test reads them all.
pub fn tables() -> anyhow::Result<String> {
    let catalogue = Catalogue::reviewed()?;
    let mut page = INTRODUCTION.to_owned();
    let resources: Vec<&Resource> = catalogue.resources().map(|(_, own)| own).collect();
    let rows: usize = resources.iter().map(|own| own.table.attributes.len()).sum();
    let aside: usize = resources
        .iter()
        .map(|own| own.table.not_comparable.len())
        .sum();
    let configs: Vec<&Config> = catalogue.configs().collect();
    writeln!(
        page,
        "\n{} Config types, {} Terraform types, {rows} attributes compared, {aside} not compared.",
        configs.len(),
        resources.len()
    )?;
    writeln!(
        page,
        "\n| Config type | Terraform type | compared | not compared |"
    )?;
    writeln!(page, "|---|---|---|---|")?;
    for own in &resources {
        let config = catalogue.config(own.config);
        let config = config.map_or("", |config| &config.config_type);
        let (rows, aside) = (&own.table.attributes, &own.table.not_comparable);
        writeln!(
            page,
            "| {config} | {} | {} | {} |",
            own.table.type_name,
            rows.len(),
            aside.len()
        )?;
    }
    for config in configs {
        section(&mut page, config, &resources, &catalogue)?;
    }
    Ok(page)
}

fn section(
    page: &mut String,
    config: &Config,
    resources: &[&Resource],
    catalogue: &Catalogue,
) -> std::fmt::Result {
    let file = config.file();
    writeln!(page, "\n## {}\n", config.config_type)?;
    writeln!(
        page,
        "Tier A, [{}.toml]({file}). Reviewed at: {}.",
        config.name, config.review
    )?;
    if !config.whole.is_empty() {
        let gates: Vec<String> = config.whole.iter().map(|own| gate(&own.gate)).collect();
        writeln!(page, "\nAn item is whole where {}.", gates.join(" and "))?;
    }
    let is_own = |own: &&&Resource| {
        let of = catalogue.config(own.config);
        of.is_some_and(|of| of.config_type == config.config_type)
    };
    for own in resources.iter().filter(is_own) {
        resource(page, own)?;
    }
    Ok(())
}

fn resource(page: &mut String, own: &Resource) -> std::fmt::Result {
    let table = &own.table;
    writeln!(page, "\n### {}\n", table.type_name)?;
    let keys: Vec<String> = table
        .keys
        .iter()
        .map(|pairs| {
            let pairs = pairs
                .iter()
                .map(|pair| format!("`{}` = `{}`", pair.approved, pair.live));
            pairs.collect::<Vec<_>>().join(" and ")
        })
        .collect();
    let lies = match &table.member {
        Member::Whole => "The item itself".to_owned(),
        Member::Part { at, .. } => format!("The part `{at}` of the item"),
        Member::Each { at, .. } => format!("An element of `{at}` of the item"),
        Member::SecurityGroupRule => "A rule of the group; rules are compared as sets".to_owned(),
    };
    writeln!(page, "{lies}, found by {}.", keys.join(" or "))?;
    if let Member::Part { absent, .. } = &table.member {
        writeln!(page, "{}", without_part(*absent))?;
    }
    if !table.reports_unmanaged {
        writeln!(page, "One that nobody approved is not reported.")?;
    }
    for (path, gates) in &table.only_where {
        let gates: Vec<String> = gates.iter().map(gate).collect();
        writeln!(
            page,
            "What lies in `{path}` only where {}.",
            gates.join(" and ")
        )?;
    }
    if !table.attributes.is_empty() {
        writeln!(page, "\n| compared | in the item | form |")?;
        writeln!(page, "|---|---|---|")?;
        for row in &table.attributes {
            let live: Vec<String> = row.live.iter().map(|path| format!("`{path}`")).collect();
            writeln!(
                page,
                "| {} | {} | {} |",
                row.approved,
                live.join(" or "),
                form(row)
            )?;
        }
    }
    if !table.not_comparable.is_empty() {
        writeln!(page, "\n| not compared | why |")?;
        writeln!(page, "|---|---|")?;
        for (pointer, why) in &table.not_comparable {
            let name: Vec<String> = pointer.tokens().collect();
            writeln!(page, "| {} | {} |", name.join("."), cell(why))?;
        }
    }
    Ok(())
}

fn without_part(absent: AbsentPart) -> &'static str {
    match absent {
        AbsentPart::Missing => "Where an item lacks the part, it is missing.",
        AbsentPart::MissingInWhole => "Where a whole item lacks the part, it is missing.",
        AbsentPart::Unseen => "Where an item lacks the part, that is a gap.",
    }
}

fn form(row: &AttributeRow) -> String {
    let mut words = Vec::new();
    if row.form != crate::normalise::Form::Scalar {
        words.push(row.form.word());
    }
    if !row.values.is_empty() {
        let pairs = row.values.iter();
        let pairs: Vec<String> = pairs
            .map(|(live, approved)| match approved.strip_suffix("[]") {
                Some(name) => format!("`{live}` is `{name}`, in this order"),
                None => format!("`{live}` is `{approved}`"),
            })
            .collect();
        words.push(pairs.join(", "));
    }
    if row.folds_keys {
        words.push("the case of keys is no difference".to_owned());
    }
    match row.absent {
        Absent::Unset => words.push("absent is unset".to_owned()),
        Absent::UnsetInWhole => words.push("absent from a whole item is unset".to_owned()),
        Absent::Unseen => {}
    }
    match (row.null_is_any, row.zero_is_any) {
        (_, true) => words.push("unset or zero is any".to_owned()),
        (true, false) => words.push("unset is any".to_owned()),
        (false, false) => {}
    }
    if let Some(default) = &row.default {
        let default = serde_json::to_string(default).unwrap_or_default();
        words.push(format!("by default `{default}`"));
    }
    if !row.aside.is_empty() {
        let fields: Vec<String> = row.aside.iter().map(ToString::to_string).collect();
        words.push(format!("without {}", fields.join(", ")));
    }
    if !row.separate.is_empty() {
        let types: Vec<&str> = row.separate.iter().map(|own| own.as_str()).collect();
        words.push(format!("unless there is {}", types.join(" or ")));
    }
    cell(&words.join("; "))
}

fn gate(gate: &Gate) -> String {
    let path = &gate.path;
    match &gate.test {
        GateTest::Equals(text) if text.is_empty() => format!("`{path}` holds nothing"),
        GateTest::Equals(text) => format!("`{path}` is `{text}`"),
        GateTest::StartsWith(text) if text.is_empty() => format!("`{path}` holds something"),
        GateTest::StartsWith(text) => format!("`{path}` begins with `{text}`"),
        GateTest::Is { value, .. } => {
            let value = serde_json::to_string(value).unwrap_or_default();
            format!("`{path}` is `{value}`")
        }
        GateTest::OfMade(config) => format!("`{path}` is a {config} that AWS made by itself"),
        GateTest::Not(other) => format!("`{path}` is not `{other}`"),
        GateTest::SameAs(other) => format!("`{path}` is the same as `{other}`"),
    }
}

/// A text within a table of Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
