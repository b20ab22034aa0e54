//! Which attributes hold secrets: whole attributes of the top level, so that rather more is hidden.

use std::collections::BTreeSet;

use super::state::marked;
use crate::provider::schema::{Attribute, AttributeKind, Block};

/// Top-level names that the schema marks sensitive, or in which it marks something.
pub fn sensitive_names(block: &Block) -> BTreeSet<String> {
    let attributes = block.attributes.iter();
    let attributes = attributes.filter(|(_, own)| is_sensitive(own));
    let blocks = block.blocks.iter();
    let blocks = blocks.filter(|(_, own)| has_sensitive(&own.block));
    let names = attributes
        .map(|(name, _)| name)
        .chain(blocks.map(|(name, _)| name));
    names.map(ToString::to_string).collect()
}

fn has_sensitive(block: &Block) -> bool {
    block.attributes.values().any(is_sensitive)
        || block.blocks.values().any(|own| has_sensitive(&own.block))
}

fn is_sensitive(own: &Attribute) -> bool {
    let within = match &own.kind {
        AttributeKind::Plain(_) => false,
        AttributeKind::Nested { attributes, .. } => attributes.values().any(is_sensitive),
    };
    own.sensitive || own.write_only || within
}

/// Names of attributes in which a plan's `after_sensitive` marks something.
pub fn marked_names(after_sensitive: &str) -> Vec<String> {
    let marks: serde_json::Value = serde_json::from_str(after_sensitive).unwrap_or_default();
    marked(&marks)
}
