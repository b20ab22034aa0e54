//! Provider schemas from the command line: the uploaded one is believed, else what is shipped.
#![cfg(test)]

use serde_json::{Value, json};

use crate::scan::{Place, stderr, stdout};

/// A set that is live in another order.
const CASE: &str = "set-in-another-order";
const ADDRESS: &str = "aws_db_subnet_group.ledger";

/// The case with an uploaded schema that declares these attributes of the type.
fn with_schema(attributes: &Value) -> Place {
    let place = Place::of(CASE);
    let schema = json!({
        "format_version": "1.0",
        "provider_schemas": { "registry.terraform.io/hashicorp/aws": { "resource_schemas": {
            "aws_db_subnet_group": {
                "version": 0, "block": { "attributes": attributes } } } } } });
    place.write("schema.json", schema.to_string());
    let config = place.read("driftwarden.hcl");
    let with = config.replacen("plan ", "schema = \"schema.json\"\n  plan ", 1);
    assert_ne!(config, with);
    place.write("driftwarden.hcl", with);
    place
}

fn explained(place: &Place) -> String {
    let output = place.driftwarden(&["explain", ADDRESS, "/subnet_ids"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn explain_names_who_says_that_it_is_a_set() {
    let shipped = explained(&Place::of(CASE));
    let set = "declares it a set";
    assert!(
        shipped.contains(&format!("the schema as driftwarden ships it {set}")),
        "{shipped}"
    );
    let own = json!({ "subnet_ids": { "type": ["set", "string"], "required": true } });
    let uploaded = explained(&with_schema(&own));
    assert!(
        uploaded.contains(&format!("the uploaded schema {set}")),
        "{uploaded}"
    );
    let other = json!({ "name": { "type": "string", "optional": true } });
    let silent = explained(&with_schema(&other));
    assert!(
        silent.contains("no provider schema is known to declare it"),
        "{silent}"
    );
}

#[test]
fn an_uploaded_schema_that_contradicts_the_table_is_believed_and_named() {
    let place = Place::of(CASE);
    assert_eq!(place.scan().status.code(), Some(0));
    let list = json!({ "subnet_ids": { "type": ["list", "string"], "required": true } });
    let place = with_schema(&list);
    let output = place.scan();
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    let said = stderr(&output)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let wanted = "the uploaded schema declares aws_db_subnet_group /subnet_ids a list, and is \
                  believed; what driftwarden knows of it by itself is `set`";
    assert!(said.contains(wanted), "{said}");
    let explained = explained(&place);
    assert!(
        explained.contains("the uploaded schema declares it a list"),
        "{explained}"
    );
}

#[test]
fn a_schema_that_agrees_is_not_mentioned() {
    let own = json!({ "subnet_ids": { "type": ["set", "string"], "required": true } });
    let output = with_schema(&own).scan();
    assert_eq!(output.status.code(), Some(0));
    assert!(!stderr(&output).contains("schema"), "{}", stderr(&output));
}
