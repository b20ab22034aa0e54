//! TOML to validated rows. Every word must be known; a row that could never count is refused.

mod checks;
mod rows;

use std::collections::BTreeMap;

use super::gates::{block, conditions, gates};
use super::raw::{RawAlso, RawElement, RawResource, RawTable, Unmanaged};
use super::{Also, AttributeRow, ConfigTable, KeyPair, Member, ResourceTable, TableError, Tier};
use crate::model::TypeName;
use crate::normalise::path::Path;
use checks::{check_moved, check_names, check_whole};
use rows::{reasons, rows};

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
        let (alike, own): (Vec<_>, Vec<_>) =
            (raw.resource.into_iter()).partition(|(_, resource)| resource.like.is_some());
        for (type_name, resource) in own.into_iter().chain(alike) {
            let at = |what: String| fail(format!("`{type_name}`: {what}"));
            let validated = match &resource.like {
                Some(model) => {
                    let known = resources.iter().find(|known: &&ResourceTable| {
                        known.type_name.as_str() == model && known.type_name.as_str() != type_name
                    });
                    let model = known.ok_or_else(|| at(format!("`like` names no `{model}`")))?;
                    resource.like_another(&type_name, model.clone())
                }
                None => resource.validate(&type_name),
            };
            resources.push(validated.map_err(at)?);
        }
        // The type that any item may be comes first, so that it stands for the item.
        resources.sort_by_key(|resource| {
            let is_item = matches!(resource.member, Member::Whole);
            (!is_item, !resource.when.is_empty())
        });
        if !matches!(
            resources.first().map(|first| &first.member),
            Some(Member::Whole)
        ) {
            return Err(fail("no resource is the item itself".to_owned()));
        }
        let made_by_provider = gates(raw.made_by_provider).map_err(fail)?;
        let gone = gates(raw.gone).map_err(fail)?;
        let whole = block(raw.whole).map_err(fail)?;
        check_whole(&whole, &resources).map_err(fail)?;
        Ok(Self {
            name: name.into(),
            config_type: raw.config.into(),
            review: raw.review.trim().into(),
            resources,
            made_by_provider,
            gone,
            whole,
        })
    }
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
                    .ok_or("`part` needs `absent`, `missing`, `missing_in_whole` or `unseen`")?;
                Member::Part {
                    at: Path::parse(&at),
                    absent,
                }
            }
            (None, Some(at), false) => {
                let element = match self.element {
                    Some(RawElement::One(one)) => vec![one],
                    Some(RawElement::Alternatives(alternatives)) => alternatives,
                    None => Vec::new(),
                };
                if element.is_empty() || element.iter().any(BTreeMap::is_empty) {
                    return Err("`each` needs `element`, the key within the list".to_owned());
                }
                Member::Each {
                    at: Path::parse(&at),
                    element: element.into_iter().map(pairs).collect(),
                }
            }
            (None, None, true) => Member::SecurityGroupRule,
            _ => {
                return Err(
                    "`part`, `each` and `security_group_rule` exclude one another".to_owned(),
                );
            }
        };
        if !self.when.is_empty() && !matches!(member, Member::Whole) {
            return Err("`when` is for resources that are the item itself".to_owned());
        }
        let attributes = rows(self.attributes, &self.not_comparable)?;
        check_names(&attributes, &self.not_comparable)?;
        let keys: Vec<Vec<KeyPair>> = self.keys.into_iter().map(pairs).collect();
        check_moved(&attributes, &keys)?;
        let also = also(self.also, &member)?;
        Ok(ResourceTable {
            type_name: TypeName::from(type_name),
            tier: Tier::Reviewed,
            member,
            keys,
            attributes,
            not_comparable: reasons(self.not_comparable),
            reports_unmanaged: self.unmanaged != Some(Unmanaged::Ignore),
            only_beside_others: self.unmanaged == Some(Unmanaged::BesideOthers),
            made_by_provider: gates(self.made_by_provider)?,
            only_where: conditions(self.only_where)?,
            when: block(self.when)?,
            also,
        })
    }

    /// The table of another type under this name, with what this one says otherwise.
    fn like_another(
        self,
        type_name: &str,
        mut model: ResourceTable,
    ) -> Result<ResourceTable, String> {
        let is_plain = self.part.is_none() && self.each.is_none() && !self.security_group_rule;
        let has_gates = !self.made_by_provider.is_empty() || !self.only_where.is_empty();
        if !is_plain || self.element.is_some() || has_gates || !self.also.is_empty() {
            return Err("`like` takes over where the resource lies".to_owned());
        }
        for name in &self.without {
            let pointer = Path::parse(name).pointer();
            let known = model.attributes.len() + model.not_comparable.len();
            model.attributes.retain(|row| row.pointer != pointer);
            model.not_comparable.remove(&pointer);
            if known == model.attributes.len() + model.not_comparable.len() {
                return Err(format!("`without` names no `{name}`"));
            }
        }
        let mut attributes = rows(self.attributes, &self.not_comparable)?;
        check_names(&attributes, &self.not_comparable)?;
        let mut not_comparable = reasons(self.not_comparable);
        let inherited = std::mem::take(&mut model.attributes)
            .into_iter()
            .filter(|row| {
                let is_same = |own: &AttributeRow| own.pointer == row.pointer;
                !not_comparable.contains_key(&row.pointer) && !attributes.iter().any(is_same)
            });
        let inherited: Vec<AttributeRow> = inherited.collect();
        attributes.extend(inherited);
        attributes.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        for (pointer, why) in std::mem::take(&mut model.not_comparable) {
            if !attributes.iter().any(|row| row.pointer == pointer) {
                not_comparable.entry(pointer).or_insert(why);
            }
        }
        let keys: Vec<_> = self.keys.into_iter().map(pairs).collect();
        Ok(ResourceTable {
            type_name: TypeName::from(type_name),
            tier: Tier::Reviewed,
            keys: if keys.is_empty() { model.keys } else { keys },
            attributes,
            not_comparable,
            ..model
        })
    }
}

/// Elements that other types approve are told by one text.
fn also(raw: Vec<RawAlso>, member: &Member) -> Result<Vec<Also>, String> {
    let is_one = match member {
        Member::Each { element, .. } => {
            matches!(element.as_slice(), [pairs] if pairs.len() == 1)
        }
        Member::Whole | Member::Part { .. } | Member::SecurityGroupRule => false,
    };
    if !raw.is_empty() && !is_one {
        return Err("`also` is for elements of which one attribute is the key".to_owned());
    }
    let also = raw.into_iter().map(|raw| Also {
        by: TypeName::from(raw.by),
        owner: Path::parse(&raw.owner),
        element: Path::parse(&raw.element),
    });
    Ok(also.collect())
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
                "[resource.aws_x.attributes]\na = { live = \"c\", unless = \"b\" }",
                "`aws_x`: `unless` of /a: /b is no row of the type",
            ),
            (
                "[resource.aws_x.attributes]\na = { live = \"c\", unless = \"a\" }",
                "`aws_x`: `unless` of /a: /a is the row itself",
            ),
            (
                "[resource.aws_x.attributes]\na = { live = \"c\", unless = \"b\" }\n\
                 b = { live = \"c\", unless = \"a\" }",
                "`aws_x`: `unless` of /a: /b stands back itself",
            ),
            (
                "[resource.aws_x.attributes]\na = { live = \"c\", unless = \"b.0.e\" }\n\
                 \"b.0.e\" = \"d\"",
                "`aws_x`: `unless` of /a: /b/0/e is read from another live path",
            ),
            (
                "[resource.aws_x.attributes]\na = { live = \"c\", moved = { min = \"b\", max = \"a\" } }",
                "`aws_x`: `moved` of /a: `b` is no row and no key",
            ),
            (
                "[resource.aws_x.attributes]\na = { live = \"c\", moved = { by = \"aws_z\", min = \"b\", max = \"d\" } }",
                "`aws_x`: `moved`: `by` and `is` go together",
            ),
            (
                "[resource.aws_x.not_comparable]\na = \"\"",
                "`aws_x`: `a` needs a reason",
            ),
            (
                "part = \"a\"",
                "`aws_x`: `part` needs `absent`, `missing`, `missing_in_whole` or `unseen`",
            ),
            (
                "each = \"a\"",
                "`aws_x`: `each` needs `element`, the key within the list",
            ),
            (
                "part = \"a\"\nabsent = \"unseen\"",
                "no resource is the item itself",
            ),
            (
                "part = \"a\"\nabsent = \"unseen\"\nwhen = { a = \"b\" }",
                "`aws_x`: `when` is for resources that are the item itself",
            ),
            ("like = \"aws_y\"", "`aws_x`: `like` names no `aws_y`"),
            (
                "[resource.aws_y]\nlike = \"aws_x\"\nwithout = [\"a\"]",
                "`aws_y`: `without` names no `a`",
            ),
            (
                "[resource.aws_y]\nlike = \"aws_x\"\npart = \"a\"",
                "`aws_y`: `like` takes over where the resource lies",
            ),
            (
                "[resource.aws_x.attributes]\na = \"c\"\n[resource.aws_x.not_comparable]\n\"a.b\" = \"w\"",
                "`aws_x`: `a` is compared as a whole",
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
