//! The next step of a fix in writing, for the person who takes it. It follows from the intent and the
//! finding alone: the same of them gives the same bytes.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::escape::{escape, escape_lines, shell_word};
use super::json;
use crate::model::{Address, Fix, FixSubject, FixWay, Value};

/// The whole file.
pub fn text(fix: &Fix, subject: &FixSubject) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut out, fix, subject);
    out
}

fn write_all(out: &mut String, fix: &Fix, subject: &FixSubject) -> std::fmt::Result {
    writeln!(out, "Fix {}", fix.id)?;
    writeln!(out, "Handed over at {}", fix.begun)?;
    writeln!(out, "\nWhat deviates\n")?;
    for (name, value) in facts(subject) {
        writeln!(out, "  {name:<12} {}", escape(&value))?;
    }
    side(out, "approved", &subject.approved)?;
    side(out, "live", &subject.live)?;
    if matches!(subject.approved, Value::List(_)) {
        writeln!(out, "  (of a set, only the elements that differ)")?;
    }
    writeln!(out, "\nWhat to do: {}\n", fix.way.words())?;
    match (fix.way, &subject.address) {
        (FixWay::SetBack | FixWay::PutBack, Some(address)) => {
            terraform(out, fix, subject, address)?;
        }
        (FixWay::SetBack | FixWay::PutBack, None) | (FixWay::TakeAway, _) => by_hand(out, subject)?,
    }
    ticket(out, fix, subject)
}

fn facts(subject: &FixSubject) -> Vec<(&'static str, String)> {
    let plan = subject.plan.as_ref();
    let source = subject.source.as_ref();
    let facts = [
        (
            "workspace",
            subject.workspace.as_ref().map(ToString::to_string),
        ),
        ("address", subject.address.as_ref().map(ToString::to_string)),
        (
            "lies within",
            subject
                .within
                .as_ref()
                .map(|own| format!("{} of the workspace {}", own.address, own.workspace)),
        ),
        ("type", Some(subject.type_name.to_string())),
        ("id", subject.provider_id.as_ref().map(ToString::to_string)),
        ("account", subject.account.as_ref().map(ToString::to_string)),
        ("region", subject.region.as_ref().map(ToString::to_string)),
        (
            "attribute",
            subject.attribute.as_ref().map(ToString::to_string),
        ),
        ("kind", Some(subject.kind.as_str().to_owned())),
        ("severity", Some(subject.severity.to_string())),
        ("rule", subject.rule.as_ref().map(ToString::to_string)),
        ("owner", subject.owner.clone()),
        ("runbook", subject.runbook.clone()),
        (
            "plan",
            plan.map(|(name, sha256)| format!("{name}, SHA-256 {sha256}")),
        ),
        (
            "declared at",
            source.map(|at| format!("{}:{}:{}", at.file, at.line, at.column)),
        ),
        (
            "finding",
            Some(format!(
                "{}, version {}",
                subject.finding, subject.deviation
            )),
        ),
    ];
    let known = facts.into_iter();
    known
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// A value as JSON; what is sensitive stays out of it.
fn side(out: &mut String, name: &str, value: &Value) -> std::fmt::Result {
    if value.is_null() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = json::indented(value, &mut bytes);
    writeln!(out, "  {name}")?;
    for line in String::from_utf8_lossy(&bytes).lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

fn terraform(
    out: &mut String,
    fix: &Fix,
    subject: &FixSubject,
    address: &Address,
) -> std::fmt::Result {
    let workspace = subject.workspace.as_ref().map(ToString::to_string);
    let workspace = workspace.unwrap_or_default();
    let plan = format!("fix-{}.tfplan", fix.id);
    let word = shell_word(address.as_str());
    let address = escape(&word);
    let lines = match fix.way {
        FixWay::PutBack => "creates this one resource as approved",
        FixWay::SetBack | FixWay::TakeAway => {
            "changes this one attribute to its approved value, in place"
        }
    };
    writeln!(
        out,
        "  In the root module of the workspace {}, at the commit that was approved, with the\n  \
         variables it was approved with:\n",
        escape(&workspace)
    )?;
    writeln!(out, "    terraform plan -target={address} -out={plan}")?;
    writeln!(out, "    terraform show {plan}")?;
    writeln!(out, "    terraform apply {plan}")?;
    writeln!(
        out,
        "\n  Apply it only if the plan {lines},\n  and does nothing else: it \
         follows what the resource depends on, too."
    )
}

/// What no approved configuration holds, no `terraform apply` of it takes away.
fn by_hand(out: &mut String, subject: &FixSubject) -> std::fmt::Result {
    let id = subject.provider_id.as_ref().map(ToString::to_string);
    let id = id.unwrap_or_else(|| "of unknown id".to_owned());
    writeln!(
        out,
        "  Nobody approved {} {}, so no command of the approved configuration removes it.\n  \
         Remove it where it lies; or, if it is to stay, add it to the configuration, have that\n  \
         approved, and bring it in with `terraform import`.",
        subject.type_name,
        escape(&id)
    )
}

fn ticket(out: &mut String, fix: &Fix, subject: &FixSubject) -> std::fmt::Result {
    let name = match (&subject.address, &subject.provider_id) {
        (Some(address), _) => address.to_string(),
        (None, Some(id)) => format!("{} {id}", subject.type_name),
        (None, None) => subject.type_name.to_string(),
    };
    let attribute = subject.attribute.as_ref();
    let attribute = attribute.map_or_else(String::new, |own| format!(" {own}"));
    let kind = subject.kind.as_str();
    let title = format!("{}: {name}{attribute}", capital(fix.way.words()));
    let mut text = format!(
        "{name}{attribute} is {kind} without an approved change (finding {}). The approved state \
         is to be restored: {}.",
        subject.finding,
        fix.way.words()
    );
    if let Some((plan, sha256)) = &subject.plan {
        text.push_str(&format!("\nApproved plan: {plan}, SHA-256 {sha256}."));
    }
    if let Some(by) = &fix.approved_by {
        text.push_str(&format!("\nThe fix was approved by {by}."));
    }
    text.push_str(&format!("\nFix {} of driftwarden.", fix.id));
    writeln!(out, "\nText for the change record\n")?;
    writeln!(out, "  {}", escape(&title))?;
    for line in escape_lines(&text).lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
