use super::*;
use crate::ingest::schema::Collection;

fn all() -> ProviderSchemas {
    read(&|_| true).unwrap()
}

fn facts(schemas: &ProviderSchemas, type_name: &str, path: &str) -> (Collection, Flags) {
    let tokens: Vec<&str> = path.split('.').collect();
    let found = schemas.attribute(type_name, &tokens);
    let found = found.unwrap_or_else(|| panic!("{type_name}.{path}"));
    (found.collection, found.flags)
}

#[test]
fn every_line_is_read_and_few_kilobytes_hold_them() {
    let schemas = all();
    let count = |start: &str| {
        let mut types = schemas.types();
        let own = types
            .by_ref()
            .filter(|name| name.as_str().starts_with(start));
        own.count()
    };
    assert!(count("aws_") > 1500, "{}", count("aws_"));
    assert!(count("azurerm_") > 1100, "{}", count("azurerm_"));
    let size: usize = PACKED.iter().map(|packed| packed.len()).sum();
    assert!(size < 300_000, "{size}");
    for name in schemas.types() {
        let resource = schemas.resource(name.as_str()).unwrap();
        assert!(!resource.fields().is_empty(), "{name}");
        assert!(
            resource.fields().is_sorted_by(|a, b| a.name() < b.name()),
            "{name}"
        );
    }
}

#[test]
fn what_is_known_of_an_attribute_is_told() {
    let schemas = all();
    for (type_name, path, collection) in [
        ("aws_security_group", "ingress", Collection::Set),
        (
            "aws_security_group",
            "ingress.0.cidr_blocks",
            Collection::List,
        ),
        ("aws_lb", "subnets", Collection::Set),
        ("aws_instance", "tags", Collection::Map),
        ("aws_instance", "ami", Collection::Scalar),
        ("aws_codepipeline", "stage", Collection::List),
        (
            "azurerm_network_security_group",
            "security_rule",
            Collection::Set,
        ),
        ("azurerm_virtual_network", "address_space", Collection::Set),
        (
            "azurerm_kubernetes_cluster",
            "default_node_pool.0.zones",
            Collection::Set,
        ),
    ] {
        assert_eq!(
            facts(&schemas, type_name, path).0,
            collection,
            "{type_name}.{path}"
        );
    }
    let is_computed_only = |type_name: &str, path: &str| {
        let tokens: Vec<&str> = path.split('.').collect();
        schemas
            .attribute(type_name, &tokens)
            .unwrap()
            .is_computed_only()
    };
    assert!(is_computed_only("aws_db_instance", "arn"));
    assert!(is_computed_only(
        "azurerm_storage_account",
        "primary_blob_endpoint"
    ));
    assert!(!is_computed_only("aws_db_instance", "engine_version"));
    assert!(
        facts(&schemas, "aws_db_instance", "engine_version")
            .1
            .computed
    );
    assert!(
        facts(&schemas, "aws_instance", "root_block_device")
            .1
            .at_most_one
    );
}

#[test]
fn secrets_are_known_by_schema_or_by_name_and_others_are_not() {
    let schemas = all();
    for (type_name, path, is_secret) in [
        ("aws_db_instance", "password", true),
        ("aws_db_instance", "username", false),
        ("aws_secretsmanager_secret_version", "secret_string", true),
        ("azurerm_storage_account", "primary_access_key", true),
        ("azurerm_storage_account", "name", false),
        ("azurerm_mssql_server", "administrator_login_password", true),
        ("aws_db_instance", "master_user_secret.0.secret_arn", false),
    ] {
        let flags = facts(&schemas, type_name, path).1;
        assert_eq!(flags.sensitive, is_secret, "{type_name}.{path}");
    }
}

#[test]
fn only_wanted_types_are_read() {
    let some = read(&|name| name == "aws_lb").unwrap();
    let names: Vec<&str> = some.types().map(TypeName::as_str).collect();
    assert_eq!(names, ["aws_lb"]);
}

#[test]
fn a_line_that_is_cut_off_or_has_an_unknown_letter_is_refused() {
    for text in ["a", "a=", "a=o", "a=oL", "a=qT", "a=oQ", "a=oL{b=oT,c"] {
        let mut names = Names::default();
        let mut line = Line {
            rest: text,
            names: &mut names,
        };
        assert!(line.fields(Flags::default()).is_none(), "{text}");
    }
}
