//! Schemas as each version of the protocol encodes them.

use bytes::Bytes;
use prost::Message;

use crate::provider::cty::{Name, Type, TypeError};
use crate::provider::handshake::Protocol;
use crate::provider::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting, Schema};

/// What is wrong with a schema that a provider sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaFault {
    #[error("a schema cannot be decoded")]
    Encoding,
    #[error("attribute `{name}`: {source}")]
    Type { name: String, source: TypeError },
    #[error("`{name}` has a kind of nesting that is not known")]
    Nesting { name: String },
}

#[derive(Clone, PartialEq, Message)]
pub struct Schema5 {
    #[prost(int64, tag = "1")]
    pub version: i64,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block5>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Block5 {
    #[prost(message, repeated, tag = "2")]
    pub attributes: Vec<Attribute5>,
    #[prost(message, repeated, tag = "3")]
    pub block_types: Vec<NestedBlock5>,
}

#[derive(Clone, PartialEq, Message)]
pub struct NestedBlock5 {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block5>,
    #[prost(int32, tag = "3")]
    pub nesting: i32,
    #[prost(int64, tag = "4")]
    pub min_items: i64,
    #[prost(int64, tag = "5")]
    pub max_items: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Attribute5 {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub type_json: Bytes,
    #[prost(bool, tag = "4")]
    pub required: bool,
    #[prost(bool, tag = "5")]
    pub optional: bool,
    #[prost(bool, tag = "6")]
    pub computed: bool,
    #[prost(bool, tag = "7")]
    pub sensitive: bool,
    #[prost(bool, tag = "10")]
    pub write_only: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Schema6 {
    #[prost(int64, tag = "1")]
    pub version: i64,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block6>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Block6 {
    #[prost(message, repeated, tag = "2")]
    pub attributes: Vec<Attribute6>,
    #[prost(message, repeated, tag = "3")]
    pub block_types: Vec<NestedBlock6>,
}

#[derive(Clone, PartialEq, Message)]
pub struct NestedBlock6 {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub block: Option<Block6>,
    #[prost(int32, tag = "3")]
    pub nesting: i32,
    #[prost(int64, tag = "4")]
    pub min_items: i64,
    #[prost(int64, tag = "5")]
    pub max_items: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Attribute6 {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub type_json: Bytes,
    #[prost(bool, tag = "4")]
    pub required: bool,
    #[prost(bool, tag = "5")]
    pub optional: bool,
    #[prost(bool, tag = "6")]
    pub computed: bool,
    #[prost(bool, tag = "7")]
    pub sensitive: bool,
    #[prost(message, optional, tag = "10")]
    pub nested_type: Option<Object6>,
    #[prost(bool, tag = "11")]
    pub write_only: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Object6 {
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<Attribute6>,
    #[prost(int32, tag = "3")]
    pub nesting: i32,
}

/// Decodes one schema.
///
/// # Errors
/// Bytes that are none, types that nobody knows.
pub fn decode(bytes: &[u8], protocol: Protocol) -> Result<Schema, SchemaFault> {
    let (version, block) = match protocol {
        Protocol::V5 => {
            let schema = Schema5::decode(bytes).map_err(|_| SchemaFault::Encoding)?;
            (
                schema.version,
                schema.block.map_or(Ok(Block::default()), block5)?,
            )
        }
        Protocol::V6 => {
            let schema = Schema6::decode(bytes).map_err(|_| SchemaFault::Encoding)?;
            (
                schema.version,
                schema.block.map_or(Ok(Block::default()), block6)?,
            )
        }
    };
    Ok(Schema::new(version, block))
}

fn block5(given: Block5) -> Result<Block, SchemaFault> {
    let mut block = Block::default();
    for one in given.attributes {
        let attribute = Attribute {
            kind: plain(&one.name, &one.type_json)?,
            required: one.required,
            optional: one.optional,
            computed: one.computed,
            sensitive: one.sensitive,
            write_only: one.write_only,
        };
        block.attributes.insert(Name::from(one.name), attribute);
    }
    for one in given.block_types {
        let nested = NestedBlock {
            nesting: nesting(&one.type_name, one.nesting)?,
            block: block5(one.block.unwrap_or_default())?,
            min_items: one.min_items,
            max_items: one.max_items,
        };
        block.blocks.insert(Name::from(one.type_name), nested);
    }
    Ok(block)
}

fn block6(given: Block6) -> Result<Block, SchemaFault> {
    let mut block = Block::default();
    for one in given.attributes {
        let (name, attribute) = attribute6(one)?;
        block.attributes.insert(name, attribute);
    }
    for one in given.block_types {
        let nested = NestedBlock {
            nesting: nesting(&one.type_name, one.nesting)?,
            block: block6(one.block.unwrap_or_default())?,
            min_items: one.min_items,
            max_items: one.max_items,
        };
        block.blocks.insert(Name::from(one.type_name), nested);
    }
    Ok(block)
}

fn attribute6(one: Attribute6) -> Result<(Name, Attribute), SchemaFault> {
    let kind = match one.nested_type {
        None => plain(&one.name, &one.type_json)?,
        Some(object) => AttributeKind::Nested {
            nesting: nesting(&one.name, object.nesting)?,
            attributes: object
                .attributes
                .into_iter()
                .map(attribute6)
                .collect::<Result<_, _>>()?,
        },
    };
    let attribute = Attribute {
        kind,
        required: one.required,
        optional: one.optional,
        computed: one.computed,
        sensitive: one.sensitive,
        write_only: one.write_only,
    };
    Ok((Name::from(one.name), attribute))
}

fn plain(name: &str, type_json: &[u8]) -> Result<AttributeKind, SchemaFault> {
    let own = Type::parse(type_json).map_err(|source| SchemaFault::Type {
        name: name.to_owned(),
        source,
    })?;
    Ok(AttributeKind::Plain(own))
}

fn nesting(name: &str, code: i32) -> Result<Nesting, SchemaFault> {
    match code {
        1 => Ok(Nesting::Single),
        2 => Ok(Nesting::List),
        3 => Ok(Nesting::Set),
        4 => Ok(Nesting::Map),
        5 => Ok(Nesting::Group),
        _ => Err(SchemaFault::Nesting {
            name: name.to_owned(),
        }),
    }
}
