//! A provider's own configuration, from the plan as far as that tells, and from the operator.

use std::collections::BTreeMap;

use super::plan::{ExactPlan, fields};
use super::proposed::none_of;
use crate::ingest::json::{decode_string, elements};
use crate::provider::cty::{Name, Value};
use crate::provider::json::{self, Objects};
use crate::provider::schema::{Attribute, Block, NestedBlock, Nesting, Schema};

/// Why a provider cannot be configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    #[error(
        "the plan does not tell {} of provider configuration `{key}`: {} made of other things than \
         constants and variables",
        listed(.names),
        if .names.len() == 1 { "it is" } else { "they are" }
    )]
    NotTold { key: String, names: Vec<String> },
    #[error("`{name}`, given for provider configuration `{key}`, does not fit its schema")]
    Unfit { key: String, name: String },
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The configuration of a provider under a key of the plan. `given` has attributes that the operator
/// gives, raw; they count before what the plan says.
///
/// A lone variable counts as its value, though the plan does not tell it from a text around it.
///
/// # Errors
/// Something that was written and is not told.
pub fn provider_config(
    schema: &Schema,
    plan: &ExactPlan,
    key: &str,
    given: &BTreeMap<String, Box<str>>,
) -> Result<Value, SetupError> {
    let written = plan.providers.get(key);
    let written = written.map_or("{}", |configured| &*configured.expressions);
    let mut setup = Setup {
        key,
        // Variables of modules are not the root's.
        variables: (!key.contains(':')).then_some(&plan.variables),
        not_told: Vec::new(),
    };
    let value = setup.block(&schema.block, written, Some(given), "")?;
    match setup.not_told.is_empty() {
        true => Ok(value),
        false => Err(SetupError::NotTold {
            key: key.to_owned(),
            names: setup.not_told,
        }),
    }
}

struct Setup<'a> {
    key: &'a str,
    variables: Option<&'a BTreeMap<String, Box<str>>>,
    not_told: Vec<String>,
}

impl Setup<'_> {
    fn block(
        &mut self,
        block: &Block,
        written: &str,
        given: Option<&BTreeMap<String, Box<str>>>,
        above: &str,
    ) -> Result<Value, SetupError> {
        let written = fields(written).unwrap_or_default();
        let given = |name: &str| given.and_then(|given| given.get(name));
        let mut all = BTreeMap::new();
        for (name, own) in &block.attributes {
            let value = match (given(name), written.get(&**name)) {
                (Some(raw), _) => json::read(raw, &own.value_type(), Objects::Lenient)
                    .map_err(|_| self.unfit(name))?,
                (None, Some(written)) => self.attribute(own, written, &format!("{above}{name}")),
                (None, None) => Value::Null,
            };
            all.insert(Name::clone(name), value);
        }
        for (name, own) in &block.blocks {
            let value = match (given(name), written.get(&**name)) {
                (Some(raw), _) => self.given_blocks(own, raw, name)?,
                (None, Some(written)) => self.blocks(own, written, &format!("{above}{name}."))?,
                (None, None) => none_of(own),
            };
            all.insert(Name::clone(name), value);
        }
        Ok(Value::Object(all))
    }

    fn unfit(&self, name: &str) -> SetupError {
        SetupError::Unfit {
            key: self.key.to_owned(),
            name: name.to_owned(),
        }
    }

    /// What the operator gave has blocks without all that is not set in them.
    fn given_blocks(&self, own: &NestedBlock, raw: &str, name: &str) -> Result<Value, SetupError> {
        let value = json::read(raw, &own.value_type(), Objects::Lenient);
        let value = value.map_err(|_| self.unfit(name))?;
        Ok(filled(own, &value))
    }

    fn blocks(
        &mut self,
        own: &NestedBlock,
        written: &str,
        name: &str,
    ) -> Result<Value, SetupError> {
        let each: Vec<&str> = match elements(written) {
            Ok(all) => all.flatten().collect(),
            Err(_) => vec![written],
        };
        let mut values = Vec::new();
        for one in each {
            values.push(self.block(&own.block, one, None, name)?);
        }
        Ok(match own.nesting {
            Nesting::Single | Nesting::Group => values.pop().unwrap_or_else(|| none_of(own)),
            Nesting::List => Value::List(values),
            Nesting::Set => Value::set(values),
            Nesting::Map => {
                self.not_told.push(name.trim_end_matches('.').to_owned());
                none_of(own)
            }
        })
    }

    fn attribute(&mut self, own: &Attribute, written: &str, name: &str) -> Value {
        let expression = fields(written).unwrap_or_default();
        let raw = match expression.get("constant_value") {
            Some(raw) => Some(*raw),
            None => self.variable(expression.get("references").copied()),
        };
        let value = raw.and_then(|raw| json::read(raw, &own.value_type(), Objects::Lenient).ok());
        value.unwrap_or_else(|| {
            self.not_told.push(name.to_owned());
            Value::Null
        })
    }

    fn variable(&self, references: Option<&str>) -> Option<&str> {
        let mut references = elements(references?).ok()?;
        let only = decode_string(references.next()?.ok()?).ok()?;
        let name = only.strip_prefix("var.")?;
        match references.next() {
            None => self.variables?.get(name).map(|raw| &**raw),
            Some(_) => None,
        }
    }
}

/// Blocks that were left out within a block are none, and not null.
fn filled(own: &NestedBlock, value: &Value) -> Value {
    let one = |value: &Value| filled_body(&own.block, value);
    match value {
        Value::Null => none_of(own),
        Value::Object(_) => one(value),
        Value::List(all) => Value::List(all.iter().map(one).collect()),
        Value::Set(all) => Value::set(all.iter().map(one).collect()),
        Value::Map(all) => {
            let all = all.iter();
            Value::Map(
                all.map(|(key, value)| (Name::clone(key), one(value)))
                    .collect(),
            )
        }
        Value::Unknown(_)
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Tuple(_)
        | Value::Dynamic(_) => value.clone(),
    }
}

fn filled_body(block: &Block, value: &Value) -> Value {
    let Value::Object(all) = value else {
        return value.clone();
    };
    let mut all = all.clone();
    for (name, own) in &block.blocks {
        let new = filled(own, all.get(name).unwrap_or(&Value::Null));
        all.insert(Name::clone(name), new);
    }
    Value::Object(all)
}
