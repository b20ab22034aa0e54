//! Fixes as `driftwarden fixes` lists them: what was done, what would be, what was refused and why.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::escape::escape;
use super::json_out::ObjectWriter;
use crate::model::{
    Address, AttributePath, DeviationId, FindingKey, Fix, FixDecision, FixWord, Severity, TypeName,
    WorkspaceName,
};

const SCHEMA: &str = "driftwarden.fixes/1";

/// What was last decided of one open finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionView {
    pub finding: FindingKey,
    /// The version that was judged.
    pub deviation: DeviationId,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    #[serde(rename = "type")]
    pub type_name: TypeName,
    pub attribute: Option<AttributePath>,
    pub severity: Severity,
    pub at: Timestamp,
    pub word: FixWord,
    #[serde(flatten)]
    pub decision: FixDecision,
    /// By whom, where somebody said yes, as a pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// One fix with the word for where it stands.
#[derive(Serialize)]
struct FixRow<'f> {
    state: &'static str,
    #[serde(flatten)]
    fix: &'f Fix,
}

/// # Errors
/// Only those of `out`.
pub fn json(decisions: &[DecisionView], fixes: &[Fix], out: &mut dyn Write) -> io::Result<()> {
    let mut object = ObjectWriter::begin(out)?;
    object.field("schema", &SCHEMA)?;
    object.rows("decisions", decisions.iter())?;
    let rows = fixes.iter().map(|fix| FixRow {
        state: fix.word(),
        fix,
    });
    object.rows("fixes", rows)?;
    object.end()
}

/// # Errors
/// Only those of `out`.
pub fn render(decisions: &[DecisionView], fixes: &[Fix], out: &mut dyn Write) -> io::Result<()> {
    for fix in fixes {
        let name = name(fix.address.as_ref(), &fix.type_name, fix.attribute.as_ref());
        let within = fix.within.as_ref();
        let within = within.map_or_else(String::new, |own| format!(" within {own}"));
        let line = format!("{:<15} {}  {name}{within}", fix.word(), fix.begun);
        writeln!(out, "{}", escape(&line))?;
        writeln!(out, "{:<15} {}", "", escape(&fix.line()))?;
        let approved = fix.approved_by.as_ref();
        let approved = approved.map_or_else(String::new, |by| format!(", approved by {by}"));
        let undoes = fix.undoes.as_ref();
        let undoes = undoes.map_or_else(String::new, |own| format!(", undoes {own}"));
        if let Some(why) = &fix.undo_refused {
            let why = format!("its undo was {why}");
            writeln!(out, "{:<15} {}", "", escape(&why))?;
        }
        if let Some(wanted) = &fix.undo_wanted {
            let wanted = format!("{} wants it undone since {}", wanted.by, wanted.at);
            writeln!(out, "{:<15} {}", "", escape(&wanted))?;
        }
        let ids = format!("fix {}, finding {}{approved}{undoes}", fix.id, fix.finding);
        writeln!(out, "{:<15} {}", "", escape(&ids))?;
    }
    for own in decisions {
        let name = name(own.address.as_ref(), &own.type_name, own.attribute.as_ref());
        let line = format!("{:<15} {}  {name}", own.word.as_str(), own.at);
        writeln!(out, "{}", escape(&line))?;
        let approved = own.approved_by.as_ref();
        let approved = approved.map_or_else(String::new, |by| format!(", approved by {by}"));
        writeln!(out, "{:<15} {}", "", escape(&own.decision.line()))?;
        let ids = format!("finding {}, {}{approved}", own.finding, own.severity);
        writeln!(out, "{:<15} {}", "", escape(&ids))?;
    }
    let of = |word: FixWord| decisions.iter().filter(|own| own.word == word).count();
    writeln!(
        out,
        "{}; of what is open, {} permitted, {} would be fixed, {} refused",
        match fixes.len() {
            1 => "1 fix".to_owned(),
            many => format!("{many} fixes"),
        },
        of(FixWord::Permitted),
        of(FixWord::WouldFix),
        of(FixWord::Refused)
    )
}

fn name(
    address: Option<&Address>,
    type_name: &TypeName,
    attribute: Option<&AttributePath>,
) -> String {
    let name = address.map_or_else(|| type_name.to_string(), ToString::to_string);
    match attribute {
        Some(attribute) => format!("{name} {attribute}"),
        None => name,
    }
}
