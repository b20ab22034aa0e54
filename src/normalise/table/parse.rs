//! TOML to validated rows. Every word must be known; a row that could never count is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    Absent, AbsentPart, AttributeRow, ConfigTable, Gate, GateTest, KeyPair, Member, ResourceTable,
    TableError,
};
use crate::model::TypeName;
use crate::normalise::form::Form;
use crate::normalise::path::{Path, folded};

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
            name: name.into(),
            config_type: raw.config.into(),
            review: raw.review.trim().into(),
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
    AnyOrZero,
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
        let attributes: Vec<AttributeRow> = self
            .attributes
            .into_iter()
            .map(|(name, raw)| raw.row(&name))
            .collect();
        check_names(&attributes, &self.not_comparable)?;
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
            null_is_any: full.null != NullMeaning::Unset,
            zero_is_any: full.null == NullMeaning::AnyOrZero,
            separate: full.separate.into_iter().map(TypeName::from).collect(),
        }
    }
}

/// Names are compared folded, so that two rows that fold alike would answer for one another.
fn check_names(
    attributes: &[AttributeRow],
    not_comparable: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mapped = attributes.iter().map(|row| row.pointer.clone());
    let set_aside = not_comparable
        .keys()
        .map(|name| Path::parse(name).pointer());
    let mut known = BTreeSet::new();
    for pointer in mapped.chain(set_aside) {
        let name: Vec<u8> = folded(pointer.as_str()).collect();
        if !known.insert(name) {
            return Err(format!("{pointer} stands twice"));
        }
    }
    for row in attributes {
        let mut paths = BTreeSet::new();
        if row
            .live
            .iter()
            .any(|path| !paths.insert(format!("{path:?}")))
        {
            return Err(format!("{} names a live path twice", row.pointer));
        }
        if row.approved.each.is_some() {
            return Err(format!("{}: no `*` in an attribute's name", row.pointer));
        }
    }
    let without_reason = not_comparable.iter().find(|(_, why)| why.trim().is_empty());
    without_reason.map_or(Ok(()), |(name, _)| Err(format!("`{name}` needs a reason")))
}

fn pairs(raw: BTreeMap<String, String>) -> Vec<KeyPair> {
    raw.into_iter()
        .map(|(approved, live)| KeyPair {
            approved: Path::parse(&approved),
            live: Path::parse(&live),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(resource: &str) -> String {
        let text = format!(
            "config = \"AWS::X::Y\"\nreview = \"by hand\"\n[resource.aws_x]\n\
             keys = [{{ id = \"resourceId\" }}]\n{resource}"
        );
        ConfigTable::parse("x", &text).unwrap_err().what
    }

    #[test]
    fn says_what_is_wrong_with_a_table() {
        for (resource, what) in [
            (
                "[resource.aws_x.attributes]\na_b = \"c\"\naB = \"d\"",
                "`aws_x`: /a_b stands twice",
            ),
            (
                "[resource.aws_x.attributes]\na = \"c\"\n[resource.aws_x.not_comparable]\na = \"w\"",
                "`aws_x`: /a stands twice",
            ),
            (
                "[resource.aws_x.attributes]\na = \"c | c\"",
                "`aws_x`: /a names a live path twice",
            ),
            (
                "[resource.aws_x.attributes]\n\"a.*.b\" = \"c\"",
                "`aws_x`: /a: no `*` in an attribute's name",
            ),
            (
                "[resource.aws_x.not_comparable]\na = \"\"",
                "`aws_x`: `a` needs a reason",
            ),
            (
                "part = \"a\"",
                "`aws_x`: `part` needs `absent`, `missing` or `unseen`",
            ),
            (
                "each = \"a\"",
                "`aws_x`: `each` needs `element`, the key within the list",
            ),
            (
                "part = \"a\"\nabsent = \"unseen\"",
                "no resource is the item itself",
            ),
        ] {
            assert_eq!(refused(resource), what, "{resource}");
        }
        assert!(refused("colour = \"red\"").contains("unknown field `colour`"));
        refused("[resource.aws_x.attributes]\na = { live = \"a\", as = \"sett\" }");
    }

    #[test]
    fn a_value_owned_apart_needs_a_table_in_the_same_item() {
        let text = "config = \"AWS::X::Y\"\nreview = \"by hand\"\n[resource.aws_x]\n\
            keys = [{ id = \"resourceId\" }]\n[resource.aws_x.attributes]\n\
            a = { live = \"a\", separate = [\"aws_x_a\"] }";
        let table = ConfigTable::parse("x", text).unwrap();
        let refused = crate::normalise::Catalogue::new(vec![table]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "mapping table `aws_x`: `separate` of /a: no part `aws_x_a`"
        );
    }

    #[test]
    fn the_built_in_tables_are_read() {
        let catalogue = crate::normalise::Catalogue::builtin().unwrap();
        assert!(catalogue.resources().count() >= 28);
    }
}
