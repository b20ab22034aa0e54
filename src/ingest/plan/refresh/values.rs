//! Whole values of resources of any type, by attribute, with secrets as digests.

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::json::{Fault, JsonError, members, parse};
use crate::ingest::redact::Redactor;
use crate::model::{TypeName, Value};
use crate::normalise::form::Form;

/// Attributes of the top level. One that holds a secret anywhere is a digest as a whole.
pub type Values = BTreeMap<Box<str>, Value>;

/// The values of an object, but for those that are left out.
pub(super) fn read(
    raw: &str,
    hidden: &Hidden,
    leave_out: &dyn Fn(&str) -> bool,
    redactor: &Redactor,
) -> Result<Values, Fault> {
    let mut values = Values::new();
    for member in members(raw)? {
        let (name, text) = member?;
        if leave_out(&name) {
            continue;
        }
        let value = parse(text).map_err(|error| Fault::from(error).within(raw, text))?;
        let value = match hidden.hides(&name) && !value.is_null() {
            true => secret(&value, redactor),
            false => value,
        };
        values.insert(name.into(), value);
    }
    Ok(values)
}

/// What a plan approves of a resource that no table knows, as far as it is known in it. `marks`:
/// what is unknown, and what is a secret.
///
/// # Errors
/// Values that are not JSON.
pub fn approved_values(
    type_name: &str,
    raw: &str,
    unknown: &str,
    marks: &[&str],
    redactor: &Redactor,
) -> Result<Values, Fault> {
    let hidden = Hidden::of(type_name, marks, redactor)?;
    let unknown = marked(unknown)?;
    read(raw, &hidden, &|name| unknown.holds(name), redactor)
}

/// A secret as it goes on. No value is known to have been one that is nothing.
pub(super) fn secret(value: &Value, redactor: &Redactor) -> Value {
    Value::Sensitive(redactor.secret(Form::Json, value))
}

/// Attributes that hold a secret.
#[derive(Debug, Default)]
pub(super) struct Hidden(Marked);

#[derive(Debug, Default)]
struct Marked {
    all: bool,
    names: BTreeSet<Box<str>>,
}

impl Marked {
    fn holds(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }
}

impl Hidden {
    /// What any of the marks or the schema says.
    pub fn of(type_name: &str, marks: &[&str], redactor: &Redactor) -> Result<Self, JsonError> {
        let mut hidden = Marked::default();
        for marks in marks {
            let own = marked(marks)?;
            hidden.all |= own.all;
            hidden.names.extend(own.names);
        }
        let by_schema = redactor.marked_by_schema(&TypeName::from(type_name));
        let by_schema = by_schema.into_iter().flatten();
        let by_schema = by_schema.filter_map(|path| path.tokens().next());
        hidden.names.extend(by_schema.map(Into::into));
        Ok(Self(hidden))
    }

    fn hides(&self, name: &str) -> bool {
        self.0.holds(name)
    }
}

/// The attributes of an object of marks in which anything is marked.
fn marked(raw: &str) -> Result<Marked, JsonError> {
    let mut marked = Marked {
        all: raw == "true",
        names: BTreeSet::new(),
    };
    if !raw.starts_with('{') {
        return Ok(marked);
    }
    for member in members(raw)? {
        let (name, mark) = member?;
        if mark.contains("true") && any_true(&parse(mark)?) {
            marked.names.insert(name.into());
        }
    }
    Ok(marked)
}

fn any_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::List(list) => list.iter().any(any_true),
        Value::Map(map) => map.values().any(any_true),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Sensitive(_) => false,
    }
}

/// An address without the keys of instances: the same for all of one block.
pub(in crate::ingest::plan) fn without_keys(address: &str) -> Box<str> {
    let mut bare = String::with_capacity(address.len());
    let (mut is_in_key, mut is_in_text, mut is_escaped) = (false, false, false);
    for c in address.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_in_text => is_escaped = true,
            '"' if is_in_key => is_in_text = !is_in_text,
            '[' if !is_in_key => is_in_key = true,
            ']' if is_in_key && !is_in_text => is_in_key = false,
            _ if is_in_key => {}
            other => bare.push(other),
        }
    }
    bare.into()
}
