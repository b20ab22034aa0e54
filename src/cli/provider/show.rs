//! What was found, for people and for programs.

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Value as Json, json};

use crate::cli::wire::{Checked, SettledNow};
use crate::engine::exact::{Exact, Seen, Settling};
use crate::model::AttributePath;
use crate::provider::cty::Value;
use crate::provider::exact::ExactDifference;
use crate::provider::json;
use crate::report::escape::escape;

const MAX_SHOWN: usize = 160;

/// The top-level name that a path begins with.
fn is_secret(sensitive: &BTreeSet<String>, path: &AttributePath) -> bool {
    match path.tokens().next() {
        Some(name) => sensitive.contains(&name),
        // The whole resource, secrets and all.
        None => !sensitive.is_empty(),
    }
}

fn shown(value: &Value, secret: bool) -> String {
    if secret {
        return "(sensitive)".to_owned();
    }
    let text = json::write(value);
    let mut short: String = text.chars().take(MAX_SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    escape(&short).into_owned()
}

fn resources(count: usize) -> String {
    match count {
        1 => "1 resource".to_owned(),
        many => format!("{many} resources"),
    }
}

fn by(one: &ExactDifference) -> &'static str {
    match (one.by_plan, one.by_read) {
        (true, true) => "plan and read",
        (true, false) => "plan",
        (false, _) => "read",
    }
}

fn list(paths: &[AttributePath]) -> String {
    let all: Vec<String> = paths
        .iter()
        .map(|path| escape(path.as_str()).into_owned())
        .collect();
    all.join(", ")
}

pub fn check_text(
    checked: &Checked,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<()> {
    for (address, exact) in &checked.resources {
        let address = escape(address);
        match exact {
            Exact::Missing => writeln!(out, "MISSING  {address}")?,
            Exact::Gap(why) => writeln!(out, "NOT SEEN {address}\n         {}", escape(why))?,
            Exact::Seen(seen) if seen.judged.differences.is_empty() => {
                writeln!(out, "equal    {address}")?;
                beside(seen, out)?;
            }
            Exact::Seen(seen) => changed(&address, seen, out)?,
        }
    }
    let count = checked.count();
    writeln!(
        out,
        "{} of workspace {}: {} equal, {} changed, {} missing, {} not seen; fidelity exact",
        resources(checked.resources.len()),
        escape(&checked.workspace),
        count.equal,
        count.changed,
        count.missing,
        count.gaps
    )?;
    if let Some(note) = &checked.note {
        writeln!(
            err,
            "notice: {}\n  help: run `driftwarden provider settle` once the plan is applied",
            escape(note)
        )?;
    } else if count.unsettled > 0 {
        writeln!(
            err,
            "notice: {} without a settled baseline, so what was added by hand does not show\n  help: \
             run `driftwarden provider settle` after an approved apply",
            resources(count.unsettled)
        )?;
    }
    Ok(())
}

fn changed(address: &str, seen: &Seen, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "CHANGED  {address}")?;
    for one in &seen.judged.differences {
        let secret = is_secret(&seen.sensitive, &one.path);
        writeln!(
            out,
            "         {} (by {})",
            escape(one.path.as_str()),
            by(one)
        )?;
        writeln!(out, "         - {}", shown(&one.approved, secret))?;
        writeln!(out, "         + {}", shown(&one.live, secret))?;
    }
    if !seen.requires_replace.is_empty() {
        let paths = list(&seen.requires_replace);
        writeln!(out, "         to change it back would replace it: {paths}")?;
    }
    beside(seen, out)
}

fn beside(seen: &Seen, out: &mut dyn Write) -> std::io::Result<()> {
    let judged = &seen.judged;
    for (path, by) in &judged.elsewhere {
        let by: Vec<_> = by.iter().map(|by| escape(by)).collect();
        let path = escape(path.as_str());
        writeln!(out, "         {path}: told by {}", by.join(", "))?;
    }
    for (paths, why) in [
        (&judged.equivalent, "other text, the same to the provider"),
        (
            &judged.moved,
            "moved; the provider's alone, so there is nothing approved",
        ),
        (&judged.ignored, "left alone, as ignore_changes says"),
        (
            &judged.masked,
            "not judged by the plan: what was written there is not known",
        ),
    ] {
        if !paths.is_empty() {
            writeln!(out, "         {}: {why}", list(paths))?;
        }
    }
    Ok(())
}

pub fn check_json(checked: &Checked, out: &mut dyn Write) -> std::io::Result<()> {
    let resources = checked.resources.iter();
    let resources: Vec<Json> = resources
        .map(|(address, exact)| resource(address, exact))
        .collect();
    let report = json!({
        "schema": "driftwarden.provider/1",
        "workspace": checked.workspace,
        "plan_sha256": checked.plan_sha256,
        "providers": checked.providers,
        "note": checked.note,
        "resources": resources,
    });
    writeln!(out, "{report:#}")
}

fn resource(address: &str, exact: &Exact) -> Json {
    match exact {
        Exact::Missing => json!({"address": address, "outcome": "missing", "fidelity": "exact"}),
        Exact::Gap(why) => json!({"address": address, "outcome": "gap", "detail": why}),
        Exact::Seen(seen) => {
            let outcome = match seen.judged.differences.is_empty() {
                true => "equal",
                false => "changed",
            };
            let differences = seen.judged.differences.iter();
            let differences: Vec<Json> = differences.map(|one| difference(seen, one)).collect();
            let paths = |paths: &[AttributePath]| -> Vec<String> {
                paths.iter().map(|path| path.as_str().to_owned()).collect()
            };
            json!({
                "address": address,
                "outcome": outcome,
                "fidelity": "exact",
                "settled": seen.is_settled,
                "differences": differences,
                "equivalent": paths(&seen.judged.equivalent),
                "moved": paths(&seen.judged.moved),
                "ignored": paths(&seen.judged.ignored),
                "masked": paths(&seen.judged.masked),
                "told_elsewhere": seen.judged.elsewhere.iter().map(|(path, by)| {
                    json!({"attribute": path.as_str(), "by": by})
                }).collect::<Vec<Json>>(),
                "requires_replace": paths(&seen.requires_replace),
            })
        }
    }
}

fn difference(seen: &Seen, one: &ExactDifference) -> Json {
    let secret = is_secret(&seen.sensitive, &one.path);
    let value = |value: &Value| match secret {
        true => json!({"sensitive": true}),
        false => serde_json::from_str(&json::write(value)).unwrap_or_default(),
    };
    json!({
        "attribute": one.path.as_str(),
        "approved": value(&one.approved),
        "live": value(&one.live),
        "by_plan": one.by_plan,
        "by_read": one.by_read,
    })
}

pub fn settled_text(settled: &SettledNow, out: &mut dyn Write) -> std::io::Result<()> {
    for (address, settling) in &settled.resources {
        let address = escape(address);
        match settling {
            Settling::Settled { resource, .. } if resource.masks.is_empty() => {
                writeln!(out, "settled  {address}")?;
            }
            Settling::Settled { resource, .. } => {
                let masks: Vec<AttributePath> = resource.masks.iter().cloned().collect();
                writeln!(out, "settled  {address}")?;
                writeln!(out, "         by the read alone: {}", list(&masks))?;
            }
            Settling::Changed(changed, sensitive) => {
                writeln!(
                    out,
                    "CHANGED  {address}: not as it was applied, so not settled"
                )?;
                for one in changed {
                    let secret = is_secret(sensitive, &one.path);
                    writeln!(out, "         {}", escape(one.path.as_str()))?;
                    writeln!(out, "         - {}", shown(&one.after, secret))?;
                    writeln!(out, "         + {}", shown(&one.before, secret))?;
                }
            }
            Settling::Missing => writeln!(out, "MISSING  {address}")?,
            Settling::Gap(why) => writeln!(out, "NOT SEEN {address}\n         {}", escape(why))?,
        }
    }
    writeln!(
        out,
        "{} of {} settled in {}",
        settled.count(),
        resources(settled.resources.len()),
        settled.file.display()
    )
}
