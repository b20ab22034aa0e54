//! Every pair again, with attributes marked sensitive: what is equal is no deviation, what is changed
//! is one wherever that can be told, and nothing of the live value can be read anywhere.

use std::collections::BTreeSet;

use driftwarden::normalise::Catalogue;
use driftwarden::normalise::Member;
use driftwarden::normalise::catalogue::Resource;
use driftwarden::normalise::form::Form;
use serde_json::{Value, json};

use super::compare::{Compared, Estate};
use super::fixture::{Fixture, type_of};
use super::{Mutation, edit, explicit, names, root, rows, shown, tables_of};

fn folders() -> Vec<(String, Fixture)> {
    let names = names("fixtures/types", None).into_iter();
    names
        .map(|name| {
            let fixture = Fixture::read(&root("fixtures/types").join(&name)).unwrap();
            (name, fixture)
        })
        .collect()
}

/// A variable that is sensitive marks every attribute that it flows into.
#[test]
fn what_is_equal_is_no_deviation_if_it_is_a_secret() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut wrong = Vec::new();
    for (_, fixture) in folders() {
        for (address, _, attributes) in fixture.resources(&catalogue) {
            for attribute in attributes.as_object().unwrap().keys() {
                for action in ["create", "no-op"] {
                    let secrets = [(address, attribute.as_str())];
                    let estate =
                        Estate::with_secrets(&fixture.approved, action, &secrets, &catalogue);
                    let compared = estate.compare(&fixture.items, &catalogue);
                    if !compared.found.is_empty() {
                        let found = shown(&compared.found);
                        wrong.push(format!("{address}.{attribute} ({action}) gives {found}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_changed_secret_is_seen_and_not_shown() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut wrong = Vec::new();
    let (mut seen, mut unknown) = (0, 0);
    for (name, fixture) in folders() {
        let tables = tables_of(&name, &catalogue).unwrap();
        let mut mutations = explicit::mutations(&fixture, &tables, &mut wrong);
        for table in &tables {
            mutations.extend(rows::mutations(&fixture, table, &catalogue, &mut wrong));
        }
        for mutation in &mutations {
            // Where an item lies is no secret: it is how an account is looked at.
            let Some((address, attribute)) =
                mutation.changes.as_ref().filter(|it| it.1 != "region")
            else {
                continue;
            };
            let at = catalogue.find(type_of(address)).unwrap();
            let table = catalogue.resource(at).unwrap();
            let secrets = [(address.as_str(), attribute.as_str())];
            let approved = mutation.approved.as_ref().unwrap_or(&fixture.approved);
            for action in ["create", "no-op"] {
                let estate = Estate::with_secrets(approved, action, &secrets, &catalogue);
                let compared = estate.compare(&mutation.items, &catalogue);
                for text in new_texts(&fixture, mutation) {
                    if compared.whole.contains(&text) {
                        wrong.push(format!("{}: shows {text}", mutation.what));
                    }
                }
                match told(mutation, address, table, &compared) {
                    Ok(true) => seen += 1,
                    Ok(false) => unknown += 1,
                    Err(what) => wrong.push(format!(
                        "{} ({action}) {what}: {} {:?}",
                        mutation.what,
                        shown(&compared.found),
                        compared.gaps
                    )),
                }
            }
        }
    }
    println!("{seen} changes seen, {unknown} not comparable");
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// A rule of which the source is a secret could be any of its ports, and no other.
#[test]
fn a_secret_source_hides_no_rule_of_other_ports() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut fixture = Fixture::read(&root("fixtures/types/security_group")).unwrap();
    let bastion = "aws_vpc_security_group_ingress_rule.bastion";
    let secrets = [(bastion, "cidr_ipv4")];
    let estate = Estate::with_secrets(&fixture.approved, "no-op", &secrets, &catalogue);
    let mut add = |port: u16, cidr: &str| {
        let rule = json!({ "ipProtocol": "tcp", "fromPort": port, "toPort": 23,
            "ipv4Ranges": [{ "cidrIp": cidr }] });
        let rules = &mut fixture.items[1]["configuration"]["ipPermissions"];
        rules.as_array_mut().unwrap().push(rule);
        estate.compare(&fixture.items, &catalogue)
    };
    let alike = add(22, "192.0.2.0/24");
    assert!(alike.found.is_empty(), "{}", shown(&alike.found));
    assert!(!alike.whole.contains("192.0.2.0"));
    assert!(
        alike.gaps.iter().any(|gap| gap.starts_with(bastion)),
        "{:?}",
        alike.gaps
    );
    let other = add(21, "198.51.100.0/24");
    assert_eq!(
        shown(&other.found),
        "[unmanaged aws_vpc_security_group_ingress_rule ]"
    );
}

/// Where a group's own rules are a secret, nobody can say which live rules are strangers.
#[test]
fn secret_rules_of_a_group_make_no_rule_unmanaged() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut fixture = Fixture::read(&root("fixtures/types/security_group")).unwrap();
    let core = "aws_security_group.core";
    fixture.approved.get_mut(core).unwrap()["ingress"] = json!([]);
    let rule = json!({ "ipProtocol": "tcp", "fromPort": 21, "toPort": 21,
        "ipv4Ranges": [{ "cidrIp": "192.0.2.0/24" }] });
    let rules = &mut fixture.items[1]["configuration"]["ipPermissions"];
    rules.as_array_mut().unwrap().push(rule);
    let estate = Estate::with_secrets(&fixture.approved, "no-op", &[(core, "ingress")], &catalogue);
    let compared = estate.compare(&fixture.items, &catalogue);
    assert!(compared.found.is_empty(), "{}", shown(&compared.found));
    let has_gap = compared.gaps.iter().any(|gap| gap.starts_with(core));
    assert!(has_gap, "{:?}", compared.gaps);
    assert!(!compared.whole.contains("192.0.2.0"));
    let open = Estate::new(&fixture.approved, "no-op", &catalogue);
    assert_eq!(
        shown(&open.compare(&fixture.items, &catalogue).found),
        "[unmanaged aws_vpc_security_group_ingress_rule ]"
    );
}

/// What finds a resource may be a secret as well: it is found by digest, and not named.
#[test]
fn a_secret_name_is_found_and_not_shown() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut fixture = Fixture::read(&root("fixtures/types/iam_role")).unwrap();
    let address = "aws_iam_role.posting";
    let role = fixture
        .approved
        .get_mut(address)
        .unwrap()
        .as_object_mut()
        .unwrap();
    role.remove("id");
    role.remove("arn");
    let secrets = [(address, "name"), (address, "tags")];
    let estate = Estate::with_secrets(&fixture.approved, "no-op", &secrets, &catalogue);
    fixture.items[0]["configuration"]["description"] = json!("Other");
    let compared = estate.compare(&fixture.items, &catalogue);
    assert_eq!(
        shown(&compared.found),
        format!("[changed {address} /description]")
    );
    assert!(
        !compared.whole.contains("\"posting\""),
        "{}",
        compared.whole
    );
    assert!(compared.whole.contains("tags: {}"), "{}", compared.whole);
}

/// An old and a new name of one attribute, of which states of provider 5 hold both.
#[test]
fn one_change_of_what_two_attributes_say_is_one_deviation() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut fixture = Fixture::read(&root("fixtures/types/instance")).unwrap();
    let address = "aws_instance.api";
    let live = |fixture: &mut Fixture, options: Value| {
        let instance = fixture.approved.get_mut(address).unwrap();
        instance["cpu_core_count"] = json!(2);
        instance["cpu_threads_per_core"] = json!(1);
        instance["cpu_options"] = options;
        let estate = Estate::new(&fixture.approved, "no-op", &catalogue);
        let items = &mut fixture.items;
        items[0]["configuration"]["cpuOptions"] = json!({ "coreCount": 4, "threadsPerCore": 2 });
        shown(&estate.compare(items, &catalogue).found)
    };
    let both = live(
        &mut fixture,
        json!([{ "core_count": 2, "threads_per_core": 1 }]),
    );
    assert_eq!(
        both,
        format!(
            "[changed {address} /cpu_options/0/core_count, \
             changed {address} /cpu_options/0/threads_per_core]"
        )
    );
    let old = live(&mut fixture, json!([]));
    assert_eq!(
        old,
        format!("[changed {address} /cpu_core_count, changed {address} /cpu_threads_per_core]")
    );
}

/// A rule that cannot be read leaves a gap.
#[test]
fn an_unreadable_rule_is_not_passed_over() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut fixture = Fixture::read(&root("fixtures/types/security_group")).unwrap();
    let bastion = "aws_vpc_security_group_ingress_rule.bastion";
    fixture.approved.get_mut(bastion).unwrap()["from_port"] = json!("ssh");
    let estate = Estate::new(&fixture.approved, "no-op", &catalogue);
    let compared = estate.compare(&fixture.items, &catalogue);
    let wanted = format!("AWS::EC2::SecurityGroup: `{bastion}`: a port number is wanted here");
    assert!(compared.gaps.contains(&wanted), "{:?}", compared.gaps);
}

/// Whether the change was seen; if not, it must be one that no digest can tell, and a gap.
fn told(
    mutation: &Mutation,
    address: &str,
    table: &Resource,
    compared: &Compared,
) -> Result<bool, &'static str> {
    let Some(expected) = mutation.expected.first() else {
        return match compared.found.is_empty() {
            true => Ok(true),
            false => Err("is no change"),
        };
    };
    let is_rule = matches!(table.table.member, Member::SecurityGroupRule);
    let is_whole = |kind: &str| matches!(kind, "missing" | "unmanaged");
    if compared.found.iter().any(|found| is_whole(found.kind)) {
        return Err("is no change of a whole resource");
    }
    let is_there = compared
        .found
        .iter()
        .any(|found| found.kind == "changed" && found.resource == address);
    if is_there {
        return Ok(true);
    }
    let mut rows = table.table.attributes.iter();
    let row = rows.find(|row| expected.attribute.starts_with(row.pointer.as_str()));
    let has_pairs = row.is_some_and(|row| {
        let form = row.form;
        matches!(
            form,
            Form::KmsKey | Form::EncryptionRules | Form::AccessList | Form::Routes | Form::Subset
        ) || form.is_blocks()
    });
    let has_gap = compared.gaps.iter().any(|gap| gap.starts_with(address));
    match (is_rule || has_pairs, has_gap) {
        (true, true) => Ok(false),
        (false, _) => Err("is not seen"),
        (_, false) => Err("has no gap"),
    }
}

/// What is to be read in the new items and nowhere before, as debug output writes it.
fn new_texts(fixture: &Fixture, mutation: &Mutation) -> BTreeSet<String> {
    let mut new = BTreeSet::new();
    mutation
        .items
        .iter()
        .for_each(|item| leaves_of(item, &mut new));
    // Names of attributes are no secrets.
    let old = format!("{:?} {:?}", fixture.items, fixture.approved.values());
    let new = new.into_iter();
    let new = new.filter(|text| !old.contains(text.trim_matches('"')));
    // Within documents quotes are written in another way; a short text needs them to be told.
    new.map(|text| match text.len() > 6 {
        true => text.trim_matches('"').to_owned(),
        false => text,
    })
    .collect()
}

fn leaves_of(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| leaves_of(one, found)),
        Value::Object(map) => {
            for (key, value) in map {
                found.insert(format!("{key:?}"));
                leaves_of(value, found);
            }
        }
        Value::String(text) => {
            if let Some(inner) = edit::opened(text) {
                leaves_of(&inner, found);
            }
            found.insert(format!("{text:?}"));
        }
        Value::Number(number) => drop(found.insert(format!("Int({number})"))),
        Value::Null | Value::Bool(_) => {}
    }
}
