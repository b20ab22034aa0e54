use super::*;
use crate::normalise::Catalogue;

fn schema(type_name: &str, block: &str) -> ProviderSchemas {
    let text = format!(
        r#"{{"format_version":"1.0","provider_schemas":{{"registry.terraform.io/hashicorp/aws":
        {{"resource_schemas":{{"{type_name}":{{"version":0,"block":{block}}}}}}}}}}}"#
    );
    ProviderSchemas::parse(text.as_bytes()).unwrap()
}

fn found(uploaded: &[&ProviderSchemas]) -> Contradictions {
    contradictions(&Catalogue::builtin().unwrap(), uploaded)
}

#[test]
fn what_fits_is_not_mentioned() {
    let own = schema(
        "aws_lb",
        r#"{"attributes":{"subnets":{"type":["set","string"],"optional":true,"computed":true}}}"#,
    );
    let found = found(&[&own]);
    assert_eq!(found.found, Vec::<String>::new());
    assert!(found.changes.is_empty());
}

#[test]
fn an_uploaded_schema_wins_and_is_named() {
    let own = schema(
        "aws_lb",
        r#"{"attributes":{"subnets":{"type":["list","string"],"optional":true}}}"#,
    );
    let found = found(&[&own]);
    insta::assert_snapshot!(found.found.join("\n"), @"the uploaded schema declares aws_lb /subnets a list, and is believed; what driftwarden knows of it by itself is `set`");
    let catalogue = Catalogue::changed(&found.changes).unwrap();
    let form = |catalogue: &Catalogue| {
        let table = catalogue
            .resource(catalogue.find("aws_lb").unwrap())
            .unwrap();
        let mut rows = table.table.attributes.iter();
        rows.find(|row| row.pointer.as_str() == "/subnets")
            .unwrap()
            .form
    };
    assert_eq!(form(&Catalogue::builtin().unwrap()), Form::Set);
    assert_eq!(form(&catalogue), Form::List);
}

#[test]
fn schemas_that_disagree_change_nothing_and_are_named() {
    let of = |kind: &str| {
        schema(
            "aws_lb",
            &format!(
                r#"{{"attributes":{{"subnets":{{"type":["{kind}","string"],"optional":true}}}}}}"#
            ),
        )
    };
    let (set, list) = (of("set"), of("list"));
    let found = found(&[&set, &list]);
    assert!(found.changes.is_empty());
    insta::assert_snapshot!(found.found.join("\n"), @"the uploaded schemas do not agree on aws_lb /subnets: it is compared as `set`, as driftwarden knows it by itself");
}

#[test]
fn what_only_the_provider_sets_is_not_compared_where_a_type_is_matched_by_name() {
    let own = schema(
        "aws_glue_job",
        r#"{"attributes":{"role_arn":{"type":"string","computed":true},
            "timeout":{"type":["list","string"],"optional":true}}}"#,
    );
    let catalogue = Catalogue::builtin().unwrap();
    let table = catalogue
        .resource(catalogue.find("aws_glue_job").unwrap())
        .unwrap();
    assert_eq!(table.table.tier, Tier::Generic);
    let mapped: Vec<&str> = table
        .table
        .attributes
        .iter()
        .map(|row| row.pointer.as_str())
        .collect();
    assert!(mapped.contains(&"/timeout"), "{mapped:?}");
    let found = found(&[&own]);
    insta::assert_snapshot!(found.found.join("\n"), @"the uploaded schema declares aws_glue_job /timeout a list, and it was to be compared as `scalar`: it is not compared");
    let changed = Catalogue::changed(&found.changes).unwrap();
    let table = changed
        .resource(changed.find("aws_glue_job").unwrap())
        .unwrap();
    let mut rows = table.table.attributes.iter();
    assert!(!rows.any(|row| row.pointer.as_str() == "/timeout"));
}
