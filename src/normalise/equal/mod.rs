//! When two values are the same, and by which equivalence.
//!
//! Each equivalence looks at the values themselves: none is granted because of a name alone. For
//! each there are equal pairs and near misses in the tests beside it.

mod access_list;
mod arn;
mod collection;
mod encryption;
mod lifecycle;
mod nested;
mod policy;
mod principals;
mod scalar;
mod trail;
mod writings;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use self::policy::UNKNOWN_PRINCIPAL;
pub use self::principals::Principals;
pub use self::trail::{Considered, trail};
pub use self::writings::{Writings, nothing, secret_text, writings};

use self::nested::Blocks;
use self::scalar::Scalar;
pub(in crate::normalise) use self::scalar::is_unset;
use super::form::Form;
use crate::model::{AttributePath, Value};

/// Why two values that need not be written alike count as equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Equivalence {
    /// They are written alike.
    Same,
    /// `"5432"` is 5432, `"true"` is true.
    ScalarType,
    /// Null, absent, `""`, `[]`, `{}`, and a zero or false that stands for "not set".
    Unset,
    /// The table says that the live word means the approved one.
    Word,
    /// They differ in case only, and the provider does not care.
    Case,
    /// The approved name is the last part of the live ARN.
    ArnName,
    /// One names a KMS key by id or alias, the other by the ARN of the same.
    KmsKey,
    /// One range of addresses, host bits and the writing of IPv6 aside.
    Cidr,
    /// One point in time, in another zone or with another fraction of a second written.
    Time,
    /// The approved version is a prefix of the live one, part by part.
    VersionPrefix,
    /// Nothing was approved, and what is there is what the provider chooses then.
    ProvidersChoice,
    /// A list whose order, and whose repetitions, mean nothing.
    Order,
    /// One JSON document, whatever its spacing and the order of its keys.
    Json,
    /// Two IAM policies that grant and deny the same.
    Policy,
    /// The same tags as list or map, those that AWS makes itself set aside.
    Tags,
    /// Rules that admit the same traffic, merged or split, host bits and protocol names aside.
    RuleSplit,
    /// The same blocks in the cloud's shape and in Terraform's.
    Shape,
}

impl Equivalence {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::ScalarType => "scalar-type",
            Self::Unset => "unset",
            Self::Word => "word",
            Self::Case => "case",
            Self::ArnName => "arn-name",
            Self::KmsKey => "kms-key",
            Self::Cidr => "cidr",
            Self::Time => "time",
            Self::VersionPrefix => "version-prefix",
            Self::ProvidersChoice => "providers-choice",
            Self::Order => "order",
            Self::Json => "json",
            Self::Policy => "policy",
            Self::Tags => "tags",
            Self::RuleSplit => "rule-split",
            Self::Shape => "shape",
        }
    }
}

/// The outcome of comparing one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Equal(Equivalence),
    /// Where, below the attribute itself, and what on each side.
    Differs(Vec<Difference>),
    /// Neither: what would have to be known to tell.
    NotComparable(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub pointer: AttributePath,
    pub approved: Value,
    pub live: Value,
}

/// Compares two values, each in the form's canonical form. Values that are one in canonical form
/// are equal by the freedom that the form gives.
pub fn compare(
    form: Form,
    words: &BTreeMap<String, String>,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> Outcome {
    if approved == live {
        return Outcome::Equal(match scalar::is_unset(approved) {
            true => Equivalence::Unset,
            false => freedom(form),
        });
    }
    let scalars = |kind| scalar::compare(kind, words, pointer, approved, live);
    match form {
        Form::Map | Form::Tags => collection::by_key(pointer, approved, live),
        Form::Set => collection::sets(pointer, approved, live),
        Form::Subset => collection::subsets(pointer, approved, live),
        Form::Blocks => nested::compare(Blocks::List, words, pointer, approved, live),
        Form::BlockSet => nested::compare(Blocks::Set, words, pointer, approved, live),
        Form::ContainerDefinitions => collection::containers(pointer, approved, live),
        Form::IngressRules | Form::EgressRules => collection::rules(pointer, approved, live),
        Form::EncryptionRules => encryption::compare(pointer, approved, live),
        Form::AccessList => access_list::compare(pointer, approved, live),
        Form::LifecycleRules => lifecycle::compare(pointer, approved, live),
        Form::InlinePolicies => collection::inline_policies(pointer, approved, live),
        Form::Policy | Form::DefaultPolicyVersion => policy::compare(pointer, approved, live),
        Form::Json => collection::json(pointer, approved, live),
        Form::List => collection::lists(pointer, approved, live),
        Form::IngressEntries
        | Form::EgressEntries
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications => {
            collection::elements_of(pointer, approved, live, |one, other| one == other)
        }
        Form::Routes => collection::routes(pointer, approved, live),
        Form::Scalar | Form::AnyBlock => scalars(Scalar::Plain),
        Form::Folded => scalars(Scalar::Folded),
        Form::ArnName => scalars(Scalar::ArnName),
        Form::KmsKey => scalars(Scalar::KmsKey),
        Form::Cidr => scalars(Scalar::Cidr),
        Form::VersionPrefix => scalars(Scalar::Version),
    }
}

fn freedom(form: Form) -> Equivalence {
    match form {
        Form::Scalar
        | Form::Folded
        | Form::ArnName
        | Form::KmsKey
        | Form::Cidr
        | Form::VersionPrefix
        | Form::AnyBlock
        | Form::List
        | Form::Map => Equivalence::Same,
        Form::Set | Form::Subset => Equivalence::Order,
        Form::Tags => Equivalence::Tags,
        Form::Policy | Form::DefaultPolicyVersion => Equivalence::Policy,
        Form::Json => Equivalence::Json,
        Form::IngressRules | Form::EgressRules => Equivalence::RuleSplit,
        Form::EncryptionRules
        | Form::AccessList
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::LifecycleRules
        | Form::InlinePolicies
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::Routes
        | Form::Blocks
        | Form::BlockSet
        | Form::ContainerDefinitions => Equivalence::Shape,
    }
}

fn whole(pointer: &AttributePath, approved: Value, live: Value) -> Outcome {
    Outcome::Differs(vec![Difference {
        pointer: pointer.clone(),
        approved,
        live,
    }])
}

/// Equal by this equivalence where no difference was found.
fn unless(found: Vec<Difference>, equivalence: Equivalence) -> Outcome {
    if found.is_empty() {
        Outcome::Equal(equivalence)
    } else {
        Outcome::Differs(found)
    }
}
