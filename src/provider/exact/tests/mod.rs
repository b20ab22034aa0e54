//! The traps of exact reading, each as a test. Numbers are those of docs/providers.md.

mod config;
mod inputs;
mod proposals;
mod repair;
mod sets;
mod settling;
mod signals;

use super::*;
use crate::ingest::terraform_source::Ignore;
use crate::model::AttributePath;
use crate::provider::cty::{Name, Type, Value};
use crate::provider::json::{self, Objects};
use crate::provider::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Schema};

/// Flags: r(equired), o(ptional), c(omputed), s(ensitive), w(rite-only).
fn attribute(own: &str, flags: &str) -> Attribute {
    Attribute {
        kind: AttributeKind::Plain(Type::parse(own.as_bytes()).unwrap()),
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: flags.contains('w'),
    }
}

fn block(attributes: &[(&str, &str, &str)], blocks: &[(&str, Nesting, Block)]) -> Block {
    let attributes = attributes.iter();
    let attributes =
        attributes.map(|(name, own, flags)| (Name::from(*name), attribute(own, flags)));
    let blocks = blocks.iter().map(|(name, nesting, inner)| {
        let nested = NestedBlock {
            nesting: *nesting,
            block: inner.clone(),
            min_items: 0,
            max_items: 0,
        };
        (Name::from(*name), nested)
    });
    Block {
        attributes: attributes.collect(),
        blocks: blocks.collect(),
    }
}

/// A machine: what a bucket, an instance and a security group have of each kind.
fn machine() -> Schema {
    let rule = block(
        &[
            ("port", r#""number""#, "r"),
            ("note", r#""string""#, "o"),
            ("rule_id", r#""string""#, "c"),
        ],
        &[],
    );
    let version = block(&[("enabled", r#""bool""#, "oc")], &[]);
    Schema::new(
        0,
        block(
            &[
                ("id", r#""string""#, "c"),
                ("name", r#""string""#, "r"),
                ("user_data", r#""string""#, "o"),
                ("zone", r#""string""#, "oc"),
                ("peers", r#"["list","string"]"#, "o"),
                ("policies", r#"["set","string"]"#, "oc"),
                ("password", r#""string""#, "os"),
                ("token", r#""string""#, "ow"),
            ],
            &[
                ("rule", Nesting::Set, rule),
                ("versioning", Nesting::List, version),
            ],
        ),
    )
}

fn value(schema: &Schema, text: &str) -> Value {
    let mut value = json::read(text, &schema.value_type, Objects::Lenient).unwrap();
    let Value::Object(all) = &mut value else {
        panic!("an object");
    };
    for (name, nested) in &schema.block.blocks {
        if all.get(name).unwrap().is_null() {
            all.insert(Name::clone(name), proposed::none_of(nested));
        }
    }
    value
}

fn paths(judged: &Judged) -> Vec<String> {
    let all = judged.differences.iter();
    all.map(|one| {
        let signals = match (one.by_plan, one.by_read) {
            (true, true) => "both",
            (true, false) => "plan",
            (false, _) => "read",
        };
        format!("{} {signals}", one.path)
    })
    .collect()
}

// Trap 11, an error that is not "gone", is in tests/it/provider.
