//! The Terraform modules: they parse, say what each input and output is, and their README names them all.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends on the first surprise"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::{Body, Expression};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("terraform")
}

/// Module by module: its folder below `terraform`, and all its files as one body.
fn modules() -> BTreeMap<String, Body> {
    let read = |module: &str| {
        let mut blocks = Vec::new();
        for file in fs::read_dir(folder().join(module)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "tf") {
                let text = fs::read_to_string(&path).unwrap();
                let body: Body = hcl::from_str(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                blocks.extend(body);
            }
        }
        (module.to_owned(), blocks.into_iter().collect())
    };
    ["aws", "aws/account", "aws/events"].map(read).into()
}

/// The blocks of a kind: first label, and attributes.
fn blocks<'b>(body: &'b Body, kind: &'b str) -> impl Iterator<Item = (&'b str, &'b Body)> {
    body.blocks()
        .filter(move |block| block.identifier() == kind)
        .filter_map(|block| Some((block.labels().first()?.as_str(), block.body())))
}

fn attribute<'b>(body: &'b Body, name: &str) -> Option<&'b Expression> {
    let found = body.attributes().find(|found| found.key() == name);
    found.map(|found| found.expr())
}

/// The part of the README about a module.
fn told(readme: &str, module: &str) -> String {
    let heading = format!("\n## `{module}`\n");
    let (_, rest) = readme
        .split_once(&heading)
        .unwrap_or_else(|| panic!("the README has no part about `{module}`"));
    let part = rest.split("\n## ").next();
    part.unwrap_or(rest).to_owned()
}

#[test]
fn every_input_and_output_is_described_and_in_the_readme() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    for (module, body) in modules() {
        let told = told(&readme, &module);
        let mut named = 0;
        for kind in ["variable", "output"] {
            for (name, inside) in blocks(&body, kind) {
                let described = attribute(inside, "description");
                assert!(
                    described.is_some(),
                    "{module}: {kind} `{name}` says nothing"
                );
                assert!(
                    told.contains(&format!("`{name}`")),
                    "{module}: the README lacks {kind} `{name}`"
                );
                if kind == "variable" && attribute(inside, "default").is_none() {
                    assert!(
                        told.contains(&format!("| `{name}` | required |")),
                        "{module}: the README does not say that `{name}` is required"
                    );
                }
                named += 1;
            }
        }
        let rows = told
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once(" | "))
            .map(|(names, _)| names.split(", ").count())
            .sum::<usize>();
        assert!(named > 0, "{module}");
        assert_eq!(rows, named, "{module}: the README names what is not there");
    }
}

/// All statements of the module's policy documents: document and statement.
fn statements(body: &Body) -> Vec<(&str, &Body)> {
    let documents = body.blocks().filter_map(|block| match block.labels() {
        [kind, name]
            if block.identifier() == "data" && kind.as_str() == "aws_iam_policy_document" =>
        {
            Some((name.as_str(), block))
        }
        _ => None,
    });
    documents
        .flat_map(|(name, document)| {
            document
                .body()
                .blocks()
                .filter(|block| block.identifier() == "statement")
                .map(move |statement| (name, statement.body()))
        })
        .collect()
}

fn words(expression: Option<&Expression>) -> Vec<String> {
    match expression {
        Some(Expression::Array(items)) => items
            .iter()
            .filter_map(|item| match item {
                Expression::String(word) => Some(word.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_role_that_reads_can_do_nothing_else() {
    let modules = modules();
    let mut seen = 0;
    for (document, statement) in statements(&modules["aws/account"]) {
        if document != "read" {
            continue;
        }
        for action in words(attribute(statement, "actions")) {
            let (_, verb) = action.split_once(':').unwrap();
            let reads = ["BatchGet", "Describe", "Get", "List", "Lookup", "Select"];
            assert!(
                reads.iter().any(|read| verb.starts_with(read)),
                "`{action}` does more than read"
            );
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} actions were found");
}

#[test]
fn nothing_is_allowed_by_a_star() {
    let mut seen = 0;
    for (module, body) in modules() {
        for (document, statement) in statements(&body) {
            if attribute(statement, "effect").is_some() {
                continue;
            }
            for action in words(attribute(statement, "actions")) {
                assert!(
                    !action.contains('*'),
                    "{module}: {document} allows `{action}`"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_evidence_bucket_keeps_every_version() {
    let modules = modules();
    let bucket = statements(&modules["aws"])
        .into_iter()
        .filter(|(document, _)| *document == "evidence");
    let denied: Vec<String> = bucket
        .filter(|(_, statement)| {
            attribute(statement, "effect") == Some(&Expression::String("Deny".to_owned()))
                && statement
                    .blocks()
                    .all(|block| block.identifier() != "condition")
        })
        .flat_map(|(_, statement)| words(attribute(statement, "actions")))
        .collect();
    for action in ["s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"] {
        assert!(denied.iter().any(|found| found == action), "{denied:?}");
    }
}
