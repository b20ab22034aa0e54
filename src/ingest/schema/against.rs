//! The mapping tables against what a schema declares.

use std::collections::BTreeMap;

use super::{AttributeFacts, Collection, ProviderSchemas};
use crate::model::{AttributePath, TypeName};
use crate::normalise::catalogue::{Catalogue, Change, Changes, Resource};
use crate::normalise::form::Form;
use crate::normalise::table::{AttributeRow, Member, Tier};

/// Where uploaded schemas contradict the tables: what the tables are changed to, and in words what
/// was found.
#[derive(Debug, Default)]
pub struct Contradictions {
    pub changes: Changes,
    pub found: Vec<String>,
}

/// Holds every row against the uploaded schemas. They win where the form has a counterpart for what
/// they declare, and where they agree among themselves.
pub fn contradictions(catalogue: &Catalogue, uploaded: &[&ProviderSchemas]) -> Contradictions {
    let mut contradictions = Contradictions::default();
    for (_, resource) in catalogue.resources() {
        let type_name = &resource.table.type_name;
        let own = uploaded.iter();
        let own: Vec<_> = own
            .filter_map(|schemas| schemas.resource(type_name.as_str()))
            .collect();
        if own.is_empty() || is_rule(resource) {
            continue;
        }
        for row in &resource.table.attributes {
            let declared = own.iter().filter_map(|schema| schema.at(&row.pointer));
            let wanted: BTreeMap<Option<Change>, &str> = declared
                .map(|facts| (change(resource, row, &facts), word(facts.collection)))
                .collect();
            contradictions.note(type_name, row, wanted);
        }
    }
    contradictions
}

impl Contradictions {
    fn note(
        &mut self,
        type_name: &TypeName,
        row: &AttributeRow,
        mut wanted: BTreeMap<Option<Change>, &str>,
    ) {
        let attribute = format!("{type_name} {}", row.pointer);
        let own = row.form.word();
        let Some((first, word)) = wanted.pop_first() else {
            return;
        };
        match (first, wanted.is_empty()) {
            (None, true) => {}
            (Some(change), true) => {
                self.found.push(match change {
                    Change::Form(_) => format!(
                        "the uploaded schema declares {attribute} a {word}, and is believed; what \
                         driftwarden knows of it by itself is `{own}`"
                    ),
                    Change::Computed => format!(
                        "the uploaded schema says that only the provider sets {attribute}: it is \
                         not compared"
                    ),
                    Change::Unfit => format!(
                        "the uploaded schema declares {attribute} a {word}, and it was to be \
                         compared as `{own}`: it is not compared"
                    ),
                });
                let key = (type_name.clone(), row.pointer.clone());
                self.changes.insert(key, change);
            }
            (_, false) => self.found.push(format!(
                "the uploaded schemas do not agree on {attribute}: it is compared as `{own}`, as \
                 driftwarden knows it by itself"
            )),
        }
    }
}

/// How the row has to change to fit.
fn change(resource: &Resource, row: &AttributeRow, facts: &AttributeFacts<'_>) -> Option<Change> {
    let is_by_name = resource.table.tier == Tier::Generic;
    // What is in `tags_all` follows from `tags`, even where the provider alone sets it.
    if is_by_name && facts.is_computed_only() && row.form != Form::Tags {
        return Some(Change::Computed);
    }
    if fits(row.form, facts) {
        return None;
    }
    let form = match (row.form, facts.collection) {
        (Form::Set, Collection::List) => Form::List,
        (Form::List, Collection::Set) => Form::Set,
        (Form::BlockSet, Collection::List) => Form::Blocks,
        (Form::Blocks, Collection::Set) => Form::BlockSet,
        // A reviewed row was seen to fit an item: its form reads what is there, or says that it
        // cannot.
        _ => return is_by_name.then_some(Change::Unfit),
    };
    Some(Change::Form(form))
}

/// Whether values that are declared so can be compared in the form.
pub fn fits(form: Form, facts: &AttributeFacts<'_>) -> bool {
    let is = |collection: Collection| facts.collection == collection;
    let is_object = !facts.shape.fields().is_empty();
    match form {
        Form::Set | Form::Subset => is(Collection::Set),
        // A list or set of one block at most has no order.
        Form::BlockSet => is(Collection::Set) || (is_object && facts.flags.at_most_one),
        Form::Blocks => {
            is(Collection::List) || is(Collection::Single) || (is_object && facts.flags.at_most_one)
        }
        Form::List => is(Collection::List),
        Form::Map | Form::Tags => is(Collection::Map),
        Form::IngressRules | Form::EgressRules | Form::InlinePolicies => is(Collection::Set),
        Form::IngressEntries | Form::EgressEntries | Form::Routes => is(Collection::Set),
        Form::EncryptionRules | Form::LifecycleRules | Form::AnyBlock => is_object,
        Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications => is_object,
        // A canned word, or blocks.
        Form::AccessList => is_object || is(Collection::Scalar),
        Form::Scalar
        | Form::Folded
        | Form::ArnName
        | Form::KmsKey
        | Form::Cidr
        | Form::VersionPrefix
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::ContainerDefinitions
        | Form::Json => is(Collection::Scalar),
    }
}

/// The rows of rules name attributes; the rules are taken apart as a whole.
fn is_rule(resource: &Resource) -> bool {
    matches!(resource.table.member, Member::SecurityGroupRule)
}

/// What a declared shape is called.
pub fn word(collection: Collection) -> &'static str {
    match collection {
        Collection::Scalar => "single value",
        Collection::List => "list",
        Collection::Set => "set",
        Collection::Map => "map",
        Collection::Single => "single block",
    }
}

impl super::ResourceSchema {
    /// What is declared of the attribute at a pointer.
    pub fn at(&self, pointer: &AttributePath) -> Option<AttributeFacts<'_>> {
        let tokens: Vec<String> = pointer.tokens().collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        self.attribute(&tokens)
    }
}

#[cfg(test)]
mod tests;
