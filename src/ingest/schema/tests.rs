use proptest::prelude::*;

use super::*;

const SMALL: &str = r#"{"format_version": "1.0", "provider_schemas": {
  "registry.terraform.io/acme/preview": {"resource_schemas": {
    "acme_box": {"version": 0, "block": {"attributes": {"preview": {"type": "string", "optional": true}}}}}},
  "registry.terraform.io/hashicorp/acme": {"provider": {"block": {}}, "resource_schemas": {
    "acme_box": {"version": 1, "block": {
      "attributes": {
        "id": {"type": "string", "computed": true, "optional": true, "description": "a \"long\" text"},
        "arn": {"type": "string", "computed": true},
        "name": {"type": "string", "required": true},
        "token": {"type": "string", "optional": true, "sensitive": true},
        "tags": {"type": ["map", "string"], "optional": true},
        "rules": {"type": ["set", ["object", {"port": "number", "cidrs": ["list", "string"]}]], "optional": true, "computed": true},
        "pair": {"type": ["tuple", ["string", "bool"]], "optional": true},
        "logins": {"nested_type": {"nesting_mode": "map", "attributes": {
           "user": {"type": "string", "required": true},
           "password": {"type": "string", "required": true, "sensitive": true}}}, "optional": true}
      },
      "block_types": {
        "timeouts": {"nesting_mode": "single", "block": {"attributes": {"create": {"type": "string", "optional": true}}}},
        "disk": {"nesting_mode": "list", "max_items": 1, "block": {
          "attributes": {"size": {"type": "number", "required": true}},
          "block_types": {"key": {"nesting_mode": "set", "min_items": 1, "block": {"attributes": {
             "secret": {"type": "string", "required": true, "sensitive": true}}}}}}}
      }}},
    "acme_other": {"block": {}}}}}}"#;

fn small() -> ProviderSchemas {
    ProviderSchemas::parse(SMALL.as_bytes()).unwrap()
}

fn kind(tokens: &[&str]) -> Option<Collection> {
    small()
        .attribute("acme_box", tokens)
        .map(|facts| facts.collection)
}

#[test]
fn collections_are_told_apart_at_every_depth() {
    assert_eq!(kind(&["name"]), Some(Collection::Scalar));
    assert_eq!(kind(&["tags"]), Some(Collection::Map));
    assert_eq!(kind(&["tags", "any-key"]), Some(Collection::Scalar));
    assert_eq!(kind(&["rules"]), Some(Collection::Set));
    assert_eq!(kind(&["rules", "cidrs"]), Some(Collection::List));
    assert_eq!(
        kind(&["rules", "0", "cidrs", "1"]),
        Some(Collection::Scalar)
    );
    assert_eq!(kind(&["disk"]), Some(Collection::List));
    assert_eq!(kind(&["disk", "key"]), Some(Collection::Set));
    assert_eq!(kind(&["timeouts"]), Some(Collection::Single));
    assert_eq!(kind(&["logins", "k", "password"]), Some(Collection::Scalar));
    assert_eq!(kind(&["pair", "1"]), Some(Collection::Scalar));
    assert_eq!(kind(&["name", "deeper"]), None);
    assert_eq!(kind(&["absent"]), None);
    assert_eq!(kind(&[]), None);
}

#[test]
fn flags_and_types_come_with_the_attribute() {
    let schemas = small();
    let facts = |tokens: &[&str]| schemas.attribute("acme_box", tokens).unwrap();
    assert!(facts(&["arn"]).is_computed_only());
    assert!(!facts(&["id"]).is_computed_only());
    assert!(facts(&["name"]).flags.required);
    assert!(facts(&["disk", "key"]).flags.required);
    assert!(facts(&["disk"]).flags.at_most_one && facts(&["disk"]).flags.block);
    assert!(!facts(&["disk", "key"]).flags.at_most_one);
    assert_eq!(facts(&["rules", "port"]).scalar(), Some(ScalarType::Number));
    assert_eq!(
        facts(&["rules", "cidrs"]).scalar(),
        Some(ScalarType::String)
    );
    assert!(
        facts(&["rules", "port"]).flags.computed,
        "an object's field has its attribute's flags"
    );
    assert!(facts(&["logins", "k", "password"]).flags.sensitive);
    assert!(!facts(&["logins", "k", "user"]).flags.sensitive);
}

#[test]
fn sensitive_paths_reach_into_blocks_and_maps() {
    let schemas = small();
    let paths = schemas.sensitive_paths("acme_box");
    let paths: Vec<&str> = paths.iter().map(AttributePath::as_str).collect();
    assert_eq!(paths, ["/disk/key/secret", "/logins/*/password", "/token"]);
    assert!(schemas.sensitive_paths("acme_none").is_empty());
}

#[test]
fn the_providers_own_type_wins_over_a_namesake() {
    assert_eq!(kind(&["preview"]), None);
    let swapped = SMALL
        .replace("acme/preview", "zzz/acme")
        .replace("hashicorp/acme", "hashicorp/zzz");
    let schemas = ProviderSchemas::parse(swapped.as_bytes()).unwrap();
    assert!(schemas.attribute("acme_box", &["preview"]).is_some());
}

#[test]
fn only_wanted_types_are_kept() {
    let schemas = ProviderSchemas::parse_only(SMALL.as_bytes(), &|name| name == "acme_other");
    let schemas = schemas.unwrap();
    assert_eq!(schemas.types().count(), 1);
    assert!(schemas.resource("acme_other").is_some());
}

#[test]
fn refusals_say_what_to_do() {
    let refuse = |text: &str| {
        let error = ProviderSchemas::parse(text.as_bytes()).unwrap_err();
        format!("{error}; {}", error.help())
    };
    insta::assert_snapshot!(refuse(r#"{"format_version": "2.0", "provider_schemas": []}"#), @"the provider schema has format version `2.0`, but only 0 and 1 are known; use a version of driftwarden that knows this form, or leave `schema` out");
    insta::assert_snapshot!(refuse("{}"), @"the provider schema has no `format_version`; write the file anew with `terraform providers schema -json`");
    insta::assert_snapshot!(refuse(SMALL.rsplit_once("acme_other").unwrap().0), @"the provider schema ends in the middle of a value (line 25, column 5); write the file anew with `terraform providers schema -json`");
    insta::assert_snapshot!(refuse(&SMALL.replace(r#"["map", "string"]"#, r#"["bag", "hunter2"]"#)), @"the provider schema has a value of an unexpected type (line 11, column 32); write the file anew with `terraform providers schema -json`");
    insta::assert_snapshot!(refuse(&"[".repeat(5000)), @"the provider schema nests deeper than 200 levels (line 1, column 201); write the file anew with `terraform providers schema -json`");
    assert!(
        ProviderSchemas::parse(br#"{"format_version":"1.0"}"#)
            .unwrap()
            .types()
            .next()
            .is_none()
    );
}

#[test]
fn the_deepest_nesting_that_is_let_in_fits_the_stack() {
    let open = r#"{"block_types":{"b":{"nesting_mode":"list","block":"#;
    let (head, tail) = (
        r#"{"format_version":"1.0","provider_schemas":{"p":{"resource_schemas":{"acme_box":{"block":"#,
        "}}}}}",
    );
    let nested = |levels: usize| {
        format!(
            "{head}{}{{}}{}{tail}",
            open.repeat(levels),
            "}}}".repeat(levels)
        )
    };
    let schemas = ProviderSchemas::parse(nested(64).as_bytes()).unwrap();
    assert!(schemas.attribute("acme_box", &["b"; 64]).is_some());
    assert!(ProviderSchemas::parse(nested(70).as_bytes()).is_err());
    let list = r#"["list","#;
    let deep = format!(
        "{head}{{\"attributes\":{{\"a\":{{\"type\":{}\"string\"{}}}}}}}{tail}",
        list.repeat(190),
        "]".repeat(190)
    );
    assert!(
        ProviderSchemas::parse(deep.as_bytes())
            .unwrap()
            .resource("acme_box")
            .is_some()
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ProviderSchemas::parse(&bytes);
    }

    #[test]
    fn a_damaged_file_never_panics(at in 0..SMALL.len(), byte in any::<u8>(), cut in 0..SMALL.len()) {
        let mut bytes = SMALL.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = ProviderSchemas::parse(&bytes);
        let _ = ProviderSchemas::parse(&bytes[..cut]);
    }
}
