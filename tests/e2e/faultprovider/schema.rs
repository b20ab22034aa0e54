//! What the provider declares, in the form of either protocol.

use std::collections::HashMap;

use driftwarden::adapters::provider::messages::SchemaResponse;
use driftwarden::adapters::provider::schema_messages::{
    Attribute5, Attribute6, Block5, Block6, NestedBlock5, NestedBlock6, Object6, Schema5, Schema6,
};
use driftwarden::provider::cty::Type;
use driftwarden::provider::handshake::Protocol;
use driftwarden::provider::schema::Schema;
use prost::Message;

/// Name, type, flags: r(equired), o(ptional), c(omputed), s(ensitive), w(rite-only).
type Declared = (&'static str, &'static str, &'static str);

const PROVIDER: [Declared; 2] = [
    ("store", r#""string""#, "r"),
    ("token", r#""string""#, "os"),
];
const THING: [Declared; 7] = [
    ("id", r#""string""#, "c"),
    ("name", r#""string""#, "r"),
    ("size", r#""number""#, "oc"),
    ("secret", r#""string""#, "os"),
    ("tags", r#"["map","string"]"#, "o"),
    ("zone", r#""string""#, "oc"),
    ("seen", r#""number""#, "c"),
];
/// A real type, so that what holds for it (tables, reviewed lists) holds here. Its id is the bucket.
pub const BLOCK_NAME: &str = "aws_s3_bucket_public_access_block";
const BLOCK: [Declared; 7] = [
    ("id", r#""string""#, "c"),
    ("bucket", r#""string""#, "r"),
    ("block_public_acls", r#""bool""#, "o"),
    ("block_public_policy", r#""bool""#, "o"),
    ("ignore_public_acls", r#""bool""#, "o"),
    ("restrict_public_buckets", r#""bool""#, "o"),
    ("seen", r#""number""#, "c"),
];
/// Two more real types: what a grant lies within, and the grant. A role's id is its name.
pub const ROLE_NAME: &str = "aws_iam_role";
const ROLE: [Declared; 4] = [
    ("id", r#""string""#, "c"),
    ("name", r#""string""#, "r"),
    ("arn", r#""string""#, "c"),
    ("managed_policy_arns", r#"["set","string"]"#, "oc"),
];
pub const GRANT_NAME: &str = "aws_iam_role_policy_attachment";
const GRANT: [Declared; 3] = [
    ("id", r#""string""#, "c"),
    ("role", r#""string""#, "r"),
    ("policy_arn", r#""string""#, "r"),
];
/// A real type that no reviewed table knows: what differs of it by name needs a look.
pub const APP_NAME: &str = "aws_appconfig_application";
const APP: [Declared; 7] = [
    ("id", r#""string""#, "c"),
    ("arn", r#""string""#, "c"),
    ("name", r#""string""#, "r"),
    ("description", r#""string""#, "o"),
    ("secret", r#""string""#, "os"),
    ("notes", r#""string""#, "oc"),
    ("seen", r#""number""#, "c"),
];
const RULE: [Declared; 3] = [
    ("port", r#""number""#, "r"),
    ("cidr", r#""string""#, "o"),
    ("rule_id", r#""string""#, "c"),
];
/// Nested attributes are in protocol 6 alone.
const LIMITS: [Declared; 2] = [("cpu", r#""number""#, "o"), ("burst", r#""number""#, "oc")];

pub fn protocol(word: &str) -> Protocol {
    match word {
        "5" => Protocol::V5,
        _ => Protocol::V6,
    }
}

/// The types of values by the names of resource types.
pub fn types(protocol: Protocol) -> [(&'static str, Type); 5] {
    let of = |encoded: Vec<u8>| schema(&encoded, protocol).value_type;
    [
        ("fault_thing", of(encoded_thing(protocol))),
        (BLOCK_NAME, of(encoded(&BLOCK, protocol))),
        (ROLE_NAME, of(encoded(&ROLE, protocol))),
        (GRANT_NAME, of(encoded(&GRANT, protocol))),
        (APP_NAME, of(encoded(&APP, protocol))),
    ]
}

fn schema(encoded: &[u8], protocol: Protocol) -> Schema {
    driftwarden::adapters::provider::schema_messages::decode(encoded, protocol).unwrap()
}

pub fn provider(protocol: Protocol) -> Schema {
    schema(&encoded_provider(protocol), protocol)
}

/// `many` types beside the thing, each with a long name.
pub fn response(protocol: Protocol, many: usize) -> SchemaResponse {
    let thing = encoded_thing(protocol);
    let mut resource_schemas = HashMap::from([
        ("fault_thing".to_owned(), thing.clone()),
        (BLOCK_NAME.to_owned(), encoded(&BLOCK, protocol)),
        (ROLE_NAME.to_owned(), encoded(&ROLE, protocol)),
        (GRANT_NAME.to_owned(), encoded(&GRANT, protocol)),
        (APP_NAME.to_owned(), encoded(&APP, protocol)),
    ]);
    for at in 0..many {
        resource_schemas.insert(format!("fault_{at:0>2000}"), thing.clone());
    }
    SchemaResponse {
        provider: encoded_provider(protocol).into(),
        resource_schemas,
        ..SchemaResponse::default()
    }
}

fn encoded_provider(protocol: Protocol) -> Vec<u8> {
    encoded(&PROVIDER, protocol)
}

fn encoded(declared: &[Declared], protocol: Protocol) -> Vec<u8> {
    match protocol {
        Protocol::V5 => schema5(block5(declared, Vec::new())),
        Protocol::V6 => schema6(block6(declared, Vec::new())),
    }
}

fn encoded_thing(protocol: Protocol) -> Vec<u8> {
    match protocol {
        Protocol::V5 => {
            let rule = NestedBlock5 {
                type_name: "rule".to_owned(),
                block: Some(block5(&RULE, Vec::new())),
                nesting: 3,
                ..NestedBlock5::default()
            };
            schema5(block5(&THING, vec![rule]))
        }
        Protocol::V6 => {
            let rule = NestedBlock6 {
                type_name: "rule".to_owned(),
                block: Some(block6(&RULE, Vec::new())),
                nesting: 3,
                ..NestedBlock6::default()
            };
            let mut block = block6(&THING, vec![rule]);
            block.attributes.push(Attribute6 {
                name: "limits".to_owned(),
                optional: true,
                nested_type: Some(Object6 {
                    attributes: LIMITS.iter().map(attribute6).collect(),
                    nesting: 1,
                }),
                ..Attribute6::default()
            });
            block
                .attributes
                .push(attribute6(&("once", r#""string""#, "ow")));
            schema6(block)
        }
    }
}

fn schema5(block: Block5) -> Vec<u8> {
    let schema = Schema5 {
        version: 1,
        block: Some(block),
    };
    schema.encode_to_vec()
}

fn schema6(block: Block6) -> Vec<u8> {
    let schema = Schema6 {
        version: 1,
        block: Some(block),
    };
    schema.encode_to_vec()
}

fn block5(declared: &[Declared], block_types: Vec<NestedBlock5>) -> Block5 {
    let attribute = |&(name, own, flags): &Declared| Attribute5 {
        name: name.to_owned(),
        type_json: own.as_bytes().to_vec().into(),
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: flags.contains('w'),
    };
    Block5 {
        attributes: declared.iter().map(attribute).collect(),
        block_types,
    }
}

fn attribute6(&(name, own, flags): &Declared) -> Attribute6 {
    Attribute6 {
        name: name.to_owned(),
        type_json: own.as_bytes().to_vec().into(),
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: flags.contains('w'),
        nested_type: None,
    }
}

fn block6(declared: &[Declared], block_types: Vec<NestedBlock6>) -> Block6 {
    Block6 {
        attributes: declared.iter().map(attribute6).collect(),
        block_types,
    }
}
