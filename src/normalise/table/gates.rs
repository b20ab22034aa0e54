//! What must hold of live values, as the tables write it.

use std::collections::BTreeMap;

use super::raw::{RawGates, RawTest, RawTests};
use super::{Gate, GateTest};
use crate::model::Value;
use crate::normalise::form::{Form, Side};
use crate::normalise::path::Path;

pub(super) fn gates(raw: Vec<RawGates>) -> Result<Vec<Vec<Gate>>, String> {
    raw.into_iter().map(block).collect()
}

pub(super) fn block(gates: RawGates) -> Result<Vec<Gate>, String> {
    let tests = gates.into_iter().flat_map(|(path, tests)| {
        let path = Path::parse(&path);
        let tests = match tests {
            RawTests::One(test) => vec![test],
            RawTests::All(tests) => tests,
        };
        tests.into_iter().map(move |test| gate(path.clone(), test))
    });
    tests.collect()
}

fn gate(path: Path, test: RawTest) -> Result<Gate, String> {
    let test = match test {
        RawTest::Text(text) => match text.strip_suffix('*') {
            Some(prefix) => GateTest::StartsWith(prefix.into()),
            None => GateTest::Equals(text.into()),
        },
        RawTest::Is { form, is } => {
            let value = approved_value(form, &is)?;
            GateTest::Is { form, value }
        }
        RawTest::OfMade { made } => GateTest::OfMade(made.into()),
        RawTest::Not { not } => GateTest::Not(not.into()),
        RawTest::SameAs { same_as } => GateTest::SameAs(Path::parse(&same_as)),
    };
    Ok(Gate { path, test })
}

/// A value that a table gives in Terraform's terms.
pub(super) fn approved_value(form: Form, value: &toml::Value) -> Result<Value, String> {
    let raw = serde_json::to_string(value).map_err(|error| error.to_string())?;
    let value = form.value(&raw, &Path::parse("."), Side::Approved);
    value.map_err(|error| format!("{raw}: {error}"))
}

pub(super) type Conditions = Vec<(Path, Vec<Gate>)>;

pub(super) fn conditions(raw: BTreeMap<String, RawGates>) -> Result<Conditions, String> {
    let condition = |(path, gates): (String, RawGates)| Ok((Path::parse(&path), block(gates)?));
    raw.into_iter().map(condition).collect()
}
