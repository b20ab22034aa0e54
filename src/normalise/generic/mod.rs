//! Types without a reviewed table, matched by the names of their attributes alone.
//!
//! `aws.tsv` lists them; `README.md` beside it says from which published facts it is derived. What
//! is matched so may be found equal or be worth a look, and never leads to a fix.

#[cfg(test)]
mod corpus_tests;
mod doubt;

use std::collections::BTreeMap;

pub(super) use doubt::{UNCLEAR, certain};

use super::form::Form;
use super::path::Path;
use super::table::{
    Absent, AttributeRow, ConfigTable, Gate, GateTest, KeyPair, Member, ResourceTable, TableError,
    Tier,
};
use crate::model::TypeName;

/// What stands for the review of such a type.
pub(super) const REVIEW: &str = "matched by name only";

const TYPES: &str = include_str!("aws.tsv");

/// How Terraform and Config may call one resource; the surest first. The live side of the first is
/// what an item that nobody approved is called.
const KEYS: [(&str, &str); 6] = [
    ("id", "resourceId"),
    ("arn", "ARN"),
    ("arn", "resourceId"),
    ("id", "ARN"),
    ("id", "resourceName"),
    ("name", "resourceName"),
];

/// What AWS says of a resource that it still shows and that is no more.
const GONE: [&str; 2] = ["deleted", "deleting"];

/// The tables of all types that have no reviewed one.
///
/// # Errors
/// A line of the list that is wrong; a test reads them all.
pub(super) fn tables(
    is_reviewed: impl Fn(&str, &str) -> bool,
) -> Result<Vec<ConfigTable>, TableError> {
    let lines = TYPES.lines().filter(|line| !line.starts_with('#'));
    let tables = lines.filter_map(|line| {
        let mut columns = line.split('\t');
        let (type_name, config_type) = (columns.next()?, columns.next()?);
        if is_reviewed(type_name, config_type) {
            return None;
        }
        let table = table(type_name, config_type, columns);
        Some(table.ok_or_else(|| TableError {
            table: type_name.to_owned(),
            what:
                "a line of the generic types is not in the form that `derive.py` writes".to_owned(),
        }))
    });
    tables.collect()
}

fn table<'t>(
    type_name: &str,
    config_type: &str,
    mut columns: impl Iterator<Item = &'t str>,
) -> Option<ConfigTable> {
    let reports_unmanaged = match columns.next()? {
        "info" => true,
        "no" => false,
        _ => return None,
    };
    let attributes = columns.map(|column| {
        let (name, kind) = column.split_once(':')?;
        Some(row(name, form(kind)?))
    });
    let pair = |(approved, live): (&str, &str)| KeyPair {
        approved: Path::parse(approved),
        live: Path::parse(live),
    };
    let resource = ResourceTable {
        type_name: TypeName::from(type_name),
        tier: Tier::Generic,
        member: Member::Whole,
        keys: KEYS.into_iter().map(|key| vec![pair(key)]).collect(),
        attributes: attributes.collect::<Option<Vec<_>>>()?,
        not_comparable: BTreeMap::new(),
        reports_unmanaged,
        only_beside_others: false,
        made_by_provider: Vec::new(),
        only_where: Vec::new(),
        when: Vec::new(),
        also: Vec::new(),
    };
    Some(ConfigTable {
        name: type_name.into(),
        review: REVIEW.into(),
        config_type: config_type.into(),
        resources: vec![resource],
        made_by_provider: Vec::new(),
        whole: Vec::new(),
        gone: GONE.into_iter().map(|state| vec![gone(state)]).collect(),
    })
}

fn gone(state: &str) -> Gate {
    Gate {
        path: Path::parse("configuration.state"),
        test: GateTest::Equals(state.into()),
    }
}

fn form(kind: &str) -> Option<Form> {
    Some(match kind {
        "string" | "number" | "bool" => Form::Scalar,
        "set" => Form::Set,
        "list" => Form::List,
        "tags" => Form::Tags,
        _ => return None,
    })
}

fn row(name: &str, form: Form) -> AttributeRow {
    let approved = Path::parse(name);
    let live = match form {
        Form::Tags => Path::parse("tags"),
        _ => Path {
            captured: vec!["configuration".into(), name.into()],
            each: None,
        },
    };
    AttributeRow {
        pointer: approved.pointer(),
        approved,
        live: vec![live],
        form,
        values: BTreeMap::new(),
        absent: Absent::Unseen,
        null_is_any: false,
        zero_is_any: false,
        default: None,
        aside: Vec::new(),
        separate: Vec::new(),
        by_name: true,
        folds_keys: false,
        unless: None,
        moved: None,
        moved_within: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_a_table_and_no_type_stands_twice() {
        let tables = tables(|_, _| false).unwrap();
        let lines = TYPES.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(tables.len(), lines);
        let configs: BTreeSet<_> = tables.iter().map(|table| &table.config_type).collect();
        assert_eq!(
            configs.len(),
            lines,
            "one Terraform type for each Config type"
        );
        for table in &tables {
            let resource = table.resources.first().unwrap();
            assert_eq!(resource.tier, Tier::Generic);
            assert!(resource.attributes.iter().all(|row| row.by_name));
        }
    }

    #[test]
    fn what_hides_is_not_matched_by_name() {
        for line in TYPES.lines().filter(|line| !line.starts_with('#')) {
            for column in line.split('\t').skip(3) {
                let hides = ["password", "secret", "token", "private_key", "credential"];
                assert!(!hides.iter().any(|word| column.contains(word)), "{line}");
            }
        }
    }

    #[test]
    fn a_reviewed_table_takes_the_place_of_a_line() {
        let all = tables(|_, _| false).unwrap().len();
        let rest = tables(|name, _| name == "aws_sfn_activity").unwrap().len();
        assert_eq!(rest, all - 1);
    }
}
