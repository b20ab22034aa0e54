//! The mapping tables: TOML to validated rows.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::form::Form;
use super::path::Path;
use crate::model::{AttributePath, TypeName};

/// One AWS Config type, and every Terraform type that its items tell about.
#[derive(Clone, Debug)]
pub struct ConfigTable {
    pub config_type: Box<str>,
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

impl ConfigTable {
    /// Parses one table; every word in it must be known.
    pub fn parse(name: &str, text: &str) -> Result<Self, TableError> {
        let fail = |what: String| TableError {
            table: name.to_owned(),
            what,
        };
        let raw: RawTable = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        if raw.review.trim().is_empty() {
            return Err(fail(
                "`review` must say at which items the rows were checked".to_owned(),
            ));
        }
        let mut resources = Vec::new();
        for (type_name, resource) in raw.resource {
            resources.push(
                resource
                    .validate(&type_name)
                    .map_err(|what| fail(format!("`{type_name}`: {what}")))?,
            );
        }
        resources.sort_by_key(|resource| !matches!(resource.member, Member::Whole));
        if !matches!(
            resources.first().map(|first| &first.member),
            Some(Member::Whole)
        ) {
            return Err(fail("no resource is the item itself".to_owned()));
        }
        let made_by_provider = raw
            .made_by_provider
            .into_iter()
            .map(|gates| gates.into_iter().map(gate).collect())
            .collect();
        Ok(Self {
            config_type: raw.config.into(),
            resources,
            made_by_provider,
        })
    }
}

fn gate((path, test): (String, String)) -> Gate {
    let test = match test.strip_suffix('*') {
        Some(prefix) => GateTest::StartsWith(prefix.into()),
        None => GateTest::Equals(test.into()),
    };
    Gate {
        path: Path::parse(&path),
        test,
    }
}

// === the tables as they are written ===

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    config: String,
    /// At which real, recorded or specified items the rows were checked.
    review: String,
    #[serde(default)]
    made_by_provider: Vec<BTreeMap<String, String>>,
    resource: BTreeMap<String, RawResource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResource {
    part: Option<String>,
    each: Option<String>,
    #[serde(default)]
    security_group_rule: bool,
    absent: Option<AbsentPart>,
    keys: Vec<BTreeMap<String, String>>,
    #[serde(default)]
    element: BTreeMap<String, String>,
    #[serde(default)]
    attributes: BTreeMap<String, RawAttribute>,
    #[serde(default)]
    not_comparable: BTreeMap<String, String>,
    unmanaged: Option<Unmanaged>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unmanaged {
    Report,
    Ignore,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawAttribute {
    Plain(String),
    Full(FullAttribute),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullAttribute {
    live: String,
    #[serde(default, rename = "as")]
    form: Form,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    absent: Absent,
    #[serde(default)]
    null: NullMeaning,
    #[serde(default)]
    separate: Vec<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NullMeaning {
    #[default]
    Unset,
    Any,
}

impl RawResource {
    fn validate(self, type_name: &str) -> Result<ResourceTable, String> {
        if self.keys.is_empty() || self.keys.iter().any(BTreeMap::is_empty) {
            return Err("`keys` must name at least one pair of attribute and live path".to_owned());
        }
        let member = match (self.part, self.each, self.security_group_rule) {
            (None, None, false) => Member::Whole,
            (Some(at), None, false) => {
                let absent = self
                    .absent
                    .ok_or("`part` needs `absent`, `missing` or `unseen`")?;
                Member::Part {
                    at: Path::parse(&at),
                    absent,
                }
            }
            (None, Some(at), false) => {
                if self.element.is_empty() {
                    return Err("`each` needs `element`, the key within the list".to_owned());
                }
                Member::Each {
                    at: Path::parse(&at),
                    element: pairs(self.element),
                }
            }
            (None, None, true) => Member::SecurityGroupRule,
            _ => {
                return Err(
                    "`part`, `each` and `security_group_rule` exclude one another".to_owned(),
                );
            }
        };
        let attributes = self
            .attributes
            .into_iter()
            .map(|(name, raw)| raw.row(&name))
            .collect();
        Ok(ResourceTable {
            type_name: TypeName::from(type_name),
            member,
            keys: self.keys.into_iter().map(pairs).collect(),
            attributes,
            not_comparable: self
                .not_comparable
                .into_iter()
                .map(|(name, why)| (Path::parse(&name).pointer(), why))
                .collect(),
            reports_unmanaged: self.unmanaged != Some(Unmanaged::Ignore),
        })
    }
}

impl RawAttribute {
    fn row(self, name: &str) -> AttributeRow {
        let full = match self {
            Self::Full(full) => full,
            Self::Plain(live) => FullAttribute {
                live,
                form: Form::default(),
                values: BTreeMap::new(),
                absent: Absent::default(),
                null: NullMeaning::default(),
                separate: Vec::new(),
            },
        };
        let approved = Path::parse(name);
        AttributeRow {
            pointer: approved.pointer(),
            approved,
            live: full
                .live
                .split('|')
                .map(|path| Path::parse(path.trim()))
                .collect(),
            form: full.form,
            values: full.values,
            absent: full.absent,
            null_is_any: full.null == NullMeaning::Any,
            separate: full.separate.into_iter().map(TypeName::from).collect(),
        }
    }
}

fn pairs(raw: BTreeMap<String, String>) -> Vec<KeyPair> {
    raw.into_iter()
        .map(|(approved, live)| KeyPair {
            approved: Path::parse(&approved),
            live: Path::parse(&live),
        })
        .collect()
}
