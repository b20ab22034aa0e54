//! The mapping tables as the comparison uses them. How they are written: `aws/README.md`.

mod parse;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::form::Form;
use super::path::Path;
use crate::model::{AttributePath, Number, TypeName, Value};

/// One AWS Config type, and every Terraform type that its items tell about.
#[derive(Clone, Debug)]
pub struct ConfigTable {
    /// Of the file, without its ending.
    pub name: Box<str>,
    pub config_type: Box<str>,
    /// At which real, recorded or published items the rows were checked.
    pub review: Box<str>,
    /// The item's own Terraform type first, then those that live inside it.
    pub resources: Vec<ResourceTable>,
    /// Items that the provider makes by itself and nobody approves; each gate must hold wholly.
    pub made_by_provider: Vec<Vec<Gate>>,
}

/// A live value that must be exactly this.
#[derive(Clone, Debug)]
pub struct Gate {
    pub path: Path,
    pub test: GateTest,
}

#[derive(Clone, Debug)]
pub enum GateTest {
    Equals(Box<str>),
    StartsWith(Box<str>),
}

#[derive(Clone, Debug)]
pub struct ResourceTable {
    pub type_name: TypeName,
    pub member: Member,
    /// Alternatives, best first; within one all pairs of approved attribute and live path agree.
    pub keys: Vec<Vec<KeyPair>>,
    pub attributes: Vec<AttributeRow>,
    /// Attributes that the item does not carry, with the reason.
    pub not_comparable: BTreeMap<AttributePath, String>,
    /// Whether a live one that nobody approved is a deviation.
    pub reports_unmanaged: bool,
}

/// How a Terraform resource lies in the live item.
#[derive(Clone, Debug)]
pub enum Member {
    /// It is the item.
    Whole,
    /// It is one part of the item.
    Part { at: Path, absent: AbsentPart },
    /// It is one element of a list in the item; `element` pairs approved attributes with paths
    /// within the element.
    Each { at: Path, element: Vec<KeyPair> },
    /// It is a rule of a security group, in this direction where the type says so.
    SecurityGroupRule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsentPart {
    /// Config always records the part: its absence is the resource's absence.
    Missing,
    /// Config does not always record it: its absence says nothing.
    Unseen,
}

#[derive(Clone, Debug)]
pub struct KeyPair {
    pub approved: Path,
    pub live: Path,
}

#[derive(Clone, Debug)]
pub struct AttributeRow {
    pub pointer: AttributePath,
    pub approved: Path,
    /// Alternatives; the first that the item has counts.
    pub live: Vec<Path>,
    pub form: Form,
    /// Live words and the approved words that they mean: `enabled` is `true`.
    pub values: BTreeMap<String, String>,
    pub absent: Absent,
    /// Whether an approved null means "whatever the provider chooses".
    pub null_is_any: bool,
    /// Whether an approved zero does too: no such value exists, and providers plan it for "not set".
    pub zero_is_any: bool,
    /// Terraform types that manage the same thing in resources of their own; where one of them is
    /// approved for this item, it owns the value and this row stands back.
    pub separate: Vec<TypeName>,
}

/// What it means if the live item has no such path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// It was not recorded: not comparable.
    #[default]
    Unseen,
    /// The provider leaves the path out where nothing is set.
    Unset,
}

#[derive(Debug, thiserror::Error)]
#[error("mapping table `{table}`: {what}")]
pub struct TableError {
    pub table: String,
    pub what: String,
}

impl AttributeRow {
    /// Whether the approved value leaves the choice to the provider.
    pub fn leaves_open(&self, approved: &Value) -> bool {
        match approved {
            Value::Null => self.null_is_any,
            Value::Number(number) => self.zero_is_any && *number == Number::Int(0),
            _ => false,
        }
    }
}
