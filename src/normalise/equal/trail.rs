//! Tells what `compare` considered: each equivalence that the form knows, in order, with whether it
//! held and why.

use std::collections::BTreeMap;

use super::scalar::{self, Scalar};
use super::{Equivalence, Outcome, compare};
use crate::model::{AttributePath, Value};
use crate::normalise::form::Form;

/// One equivalence that was considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    pub equivalence: Equivalence,
    pub held: bool,
    /// In words, without the values.
    pub why: &'static str,
}

/// What [`compare`] considers of two values in canonical form, up to the first equivalence that
/// holds, and what comes of it.
pub fn trail(
    form: Form,
    words: &BTreeMap<String, String>,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> (Vec<Considered>, Outcome) {
    let outcome = compare(form, words, pointer, approved, live);
    let mut considered = Vec::new();
    for equivalence in known(form) {
        if *equivalence == Equivalence::Time && !scalar::name_instants(approved, live) {
            continue;
        }
        let held = match scalar_kind(form) {
            Some(kind) => scalar::holds(*equivalence, kind, words, approved, live),
            None => outcome == Outcome::Equal(*equivalence),
        };
        let why = match held {
            true => reason(*equivalence),
            false => missing(*equivalence),
        };
        considered.push(Considered {
            equivalence: *equivalence,
            held,
            why,
        });
        if held {
            break;
        }
    }
    (considered, outcome)
}

fn scalar_kind(form: Form) -> Option<Scalar> {
    match form {
        Form::Scalar | Form::AnyBlock => Some(Scalar::Plain),
        Form::Folded => Some(Scalar::Folded),
        Form::ArnName => Some(Scalar::ArnName),
        Form::KmsKey => Some(Scalar::KmsKey),
        Form::Cidr => Some(Scalar::Cidr),
        Form::VersionPrefix => Some(Scalar::Version),
        Form::Set
        | Form::List
        | Form::Map
        | Form::Tags
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::Json
        | Form::IngressRules
        | Form::EgressRules
        | Form::EncryptionRules
        | Form::AccessList
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::LifecycleRules
        | Form::InlinePolicies
        | Form::Subset
        | Form::Blocks
        | Form::BlockSet
        | Form::ContainerDefinitions
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::Routes => None,
    }
}

/// The equivalences that a form knows, in the order in which they are asked.
fn known(form: Form) -> &'static [Equivalence] {
    use Equivalence as E;
    match form {
        Form::Scalar | Form::AnyBlock => &[E::Unset, E::Same, E::ScalarType, E::Word, E::Time],
        Form::Folded => &[E::Unset, E::Same, E::ScalarType, E::Word, E::Time, E::Case],
        Form::ArnName => &[
            E::Unset,
            E::Same,
            E::ScalarType,
            E::Word,
            E::Time,
            E::ArnName,
        ],
        Form::KmsKey => &[
            E::Unset,
            E::Same,
            E::ScalarType,
            E::Word,
            E::Time,
            E::KmsKey,
        ],
        Form::Cidr => &[E::Unset, E::Same, E::ScalarType, E::Word, E::Time, E::Cidr],
        Form::VersionPrefix => &[E::Unset, E::Same, E::ScalarType, E::VersionPrefix, E::Word],
        Form::Set => &[E::Unset, E::Order, E::ScalarType],
        Form::Subset => &[E::Unset, E::ScalarType, E::Order],
        Form::Blocks | Form::BlockSet => &[E::Unset, E::Shape],
        Form::ContainerDefinitions => &[E::Unset, E::Shape, E::ScalarType],
        Form::List | Form::Map => &[E::Unset, E::Same, E::ScalarType],
        Form::Tags => &[E::Unset, E::Tags, E::ScalarType],
        Form::Policy | Form::DefaultPolicyVersion => &[E::Unset, E::Policy],
        Form::Json => &[E::Unset, E::Json, E::ScalarType],
        Form::IngressRules | Form::EgressRules => &[E::Unset, E::RuleSplit],
        Form::EncryptionRules => &[E::Unset, E::Shape, E::ProvidersChoice, E::KmsKey],
        Form::AccessList => &[E::Unset, E::Shape, E::ProvidersChoice],
        Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::LifecycleRules
        | Form::InlinePolicies
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::Routes => &[E::Unset, E::Shape, E::Order],
    }
}

fn reason(equivalence: Equivalence) -> &'static str {
    match equivalence {
        Equivalence::Same => "both are written alike",
        Equivalence::ScalarType => "the text on one side is the number or flag on the other",
        Equivalence::Unset => "neither side sets anything",
        Equivalence::Word => "the table says that the live word means the approved one",
        Equivalence::Case => "they differ in case only",
        Equivalence::ArnName => {
            "the approved name stands for the live ARN: its last part, or a role's path and name"
        }
        Equivalence::KmsKey => "both name the same key",
        Equivalence::Cidr => "both are one range of addresses",
        Equivalence::Time => "both are one point in time",
        Equivalence::VersionPrefix => "the live version begins with the approved one",
        Equivalence::ProvidersChoice => {
            "nothing was approved, and what is live is what the provider chooses then"
        }
        Equivalence::Order => "both hold the same elements",
        Equivalence::Json => "both are one JSON document",
        Equivalence::Policy => "both policies grant and deny the same",
        Equivalence::Tags => "both hold the same tags, those of AWS aside",
        Equivalence::RuleSplit => "both admit the same traffic",
        Equivalence::Shape => "in Terraform's shape both are the same blocks",
    }
}

fn missing(equivalence: Equivalence) -> &'static str {
    match equivalence {
        Equivalence::Same => "they are not written alike",
        Equivalence::ScalarType => "no text on one side is a number or flag on the other",
        Equivalence::Unset => "at least one side sets something",
        Equivalence::Word => "the table gives the live value no such meaning",
        Equivalence::Case => "they differ in more than case",
        Equivalence::ArnName => "the live value is no ARN for which the approved name stands",
        Equivalence::KmsKey => "they are not id and ARN, or alias and ARN, of one key",
        Equivalence::Cidr => "they are not one range of addresses",
        Equivalence::Time => "they are not one point in time",
        Equivalence::VersionPrefix => "the live version does not begin with the approved parts",
        Equivalence::ProvidersChoice => {
            "something was approved, or what is live is not what the provider chooses by itself"
        }
        Equivalence::Order => "one side has an element that the other lacks",
        Equivalence::Json => "they are not one document",
        Equivalence::Policy => "a statement of one side is not in the other",
        Equivalence::Tags => "a tag of one side is not so on the other",
        Equivalence::RuleSplit => "one side admits traffic that the other does not",
        Equivalence::Shape => "a block of one side is not so on the other",
    }
}
