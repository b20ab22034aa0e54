//! For people: the whole first, then each type with what is not watched and why.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::Style;
use super::super::paint::{Label, Paint, Painter};
use super::super::units::{count, counted};
use super::{CoverageReport, parts, words};
use crate::model::{Tally, TypeCoverage, TypeName, Watching};

const COLUMNS: usize = 10;
const WITHIN: usize = 15;

/// Writes the counts.
///
/// # Errors
/// Only those of `out`.
pub fn text(report: &CoverageReport<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Painter::new(out, style);
    let tally = report.coverage.tally();
    heading(&mut page, "WATCHED", &share(&tally))?;
    if tally.approved() > 0 {
        heading(&mut page, "", &sum(&tally))?;
    }
    let all = report.resources();
    heading(
        &mut page,
        "RESOURCES",
        &format!(
            "{} approved = {} observed + {} unknown + {} excluded",
            count(all.approved),
            count(all.observed),
            count(all.unknown),
            count(all.excluded)
        ),
    )?;
    heading(&mut page, "SCHEMA", &schema(report))?;
    without_table(report, &mut page)?;
    if all.uncounted > 0 {
        let text = format!(
            "the attributes of {} are not counted: their baseline plan has them under an earlier \
             address",
            counted(all.uncounted, "resource")
        );
        heading(&mut page, "NOTE", &text)?;
    }
    for warning in report.warnings {
        heading(&mut page, "WARNING", warning)?;
    }
    for (name, own) in &report.coverage.types {
        page.blank()?;
        one_type(name, own, &mut page)?;
    }
    Ok(())
}

fn heading(page: &mut Painter<'_>, text: &str, body: &str) -> io::Result<()> {
    let label = Label {
        indent: 0,
        text,
        columns: COLUMNS,
        paint: Paint::Bold,
        body: Paint::Plain,
    };
    page.labelled(label, body)
}

fn within(page: &mut Painter<'_>, text: &str, paint: Paint, body: &str) -> io::Result<()> {
    let label = Label {
        indent: 2,
        text,
        columns: WITHIN,
        paint,
        body: Paint::Plain,
    };
    page.labelled(label, body)
}

fn share(tally: &Tally) -> String {
    match tally.share() {
        None => "no attribute is approved".to_owned(),
        Some(share) => format!(
            "{}.{} %: {} of {}",
            share / 10,
            share % 10,
            count(tally.watched()),
            counted(tally.approved(), "approved attribute")
        ),
    }
}

/// `12 = 9 compared + 1 key + 2 set aside`.
fn sum(tally: &Tally) -> String {
    let parts = parts(tally).filter(|(_, number)| *number > 0);
    let parts = parts.map(|(watching, number)| format!("{} {}", count(number), words(watching)));
    let parts: Vec<String> = parts.collect();
    let computed = match tally.of(Watching::Computed) {
        0 => String::new(),
        number => format!("; {} computed beside them", count(number)),
    };
    format!(
        "{} = {}{computed}",
        count(tally.approved()),
        parts.join(" + ")
    )
}

fn schema(report: &CoverageReport<'_>) -> String {
    let coverage = report.coverage;
    let missing = coverage.workspaces - coverage.workspaces_with_schema;
    if missing == 0 {
        return "every workspace has a provider schema".to_owned();
    }
    let of = counted(coverage.workspaces, "workspace");
    format!(
        "{} of {of} without a provider schema: there, attributes that only the provider sets count \
         as approved, and the share is too low rather than too high",
        count(missing)
    )
}

fn without_table(report: &CoverageReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let types = report.coverage.types.iter();
    let without = types.filter(|(_, own)| own.table.is_none());
    let without: Vec<String> = without
        .map(|(name, own)| format!("{name} ({})", counted(own.resources, "resource")))
        .collect();
    match without.is_empty() {
        true => Ok(()),
        false => heading(page, "NO TABLE", &without.join(", ")),
    }
}

fn one_type(name: &TypeName, own: &TypeCoverage, page: &mut Painter<'_>) -> io::Result<()> {
    let tally = own.tally();
    let place = match &own.table {
        Some((config, file)) => format!("{name}: {config}, {file}"),
        None => format!("{name}: no mapping table"),
    };
    page.line(0, Paint::Bold, &place)?;
    let mut resources = format!("{} approved", count(own.resources));
    for (number, word) in [(own.unknown, "unknown"), (own.excluded, "excluded")] {
        if number > 0 {
            resources.push_str(&format!(", {} of them {word}", count(number)));
        }
    }
    within(page, "resources", Paint::Dim, &resources)?;
    within(page, "watched", Paint::Dim, &share(&tally))?;
    if tally.approved() > 0 {
        within(page, "", Paint::Dim, &sum(&tally))?;
    }
    for watching in Watching::ALL {
        let paint = match watching.is_watched() || watching == Watching::Computed {
            true => Paint::Dim,
            false => Paint::Yellow,
        };
        for line in lines(own, watching) {
            within(page, words(watching), paint, &line)?;
        }
    }
    Ok(())
}

/// Attributes of one outcome, those with the same reason together.
fn lines(own: &TypeCoverage, watching: Watching) -> Vec<String> {
    let mut by_why: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((attribute, outcome, why), number) in &own.attributes {
        if *outcome == watching {
            let name = attribute.as_str().trim_start_matches('/');
            let of_all = match *number == own.resources {
                true => name.to_owned(),
                false => format!("{name} ({})", count(*number)),
            };
            by_why.entry(why).or_default().push(of_all);
        }
    }
    let lines = by_why.into_iter().map(|(why, names)| {
        // Of a resource that was not compared every attribute would stand here.
        let names = match watching == Watching::Resource {
            true => counted(names.len(), "attribute"),
            false => names.join(", "),
        };
        match why.is_empty() {
            true => names,
            false => format!("{names}: {why}"),
        }
    });
    lines.collect()
}
