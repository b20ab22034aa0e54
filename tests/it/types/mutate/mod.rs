//! Real changes of a live value, made from the form of its row.

mod bucket;
mod collection;
mod document;
mod encoded;
mod scalar;

use std::collections::BTreeMap;

use driftwarden::normalise::form::Form;
use driftwarden::normalise::path::Path;
use serde_json::Value;

pub use scalar::other;

/// What is put in the place of a live value.
pub struct Change {
    /// What was done, in words.
    pub what: String,
    pub new: Value,
    /// Whether it is a deviation. If not, it is a change that says nothing.
    pub counts: bool,
}

impl Change {
    fn of(what: impl Into<String>, new: Value) -> Self {
        Self {
            what: what.into(),
            new,
            counts: true,
        }
    }

    fn of_nothing(what: impl Into<String>, new: Value) -> Self {
        Self {
            counts: false,
            ..Self::of(what, new)
        }
    }
}

/// All changes of a live value that its form knows.
pub fn changes(
    form: Form,
    words: &BTreeMap<String, String>,
    path: &Path,
    live: &Value,
) -> Vec<Change> {
    let rest = path.each.as_deref().unwrap_or_default();
    let within = |make: &dyn Fn(&Value) -> Vec<Change>| encoded::within(live, make);
    match form {
        Form::Scalar if !words.is_empty() => scalar::words(words, live),
        Form::Scalar | Form::AnyBlock | Form::ArnName | Form::KmsKey | Form::Cidr => {
            scalar::plain(live)
        }
        Form::Folded => scalar::folded(live),
        Form::VersionPrefix => scalar::version(live),
        Form::Set => within(&|live| collection::elements(live, rest, false)),
        Form::Subset => within(&|live| collection::subset(live, rest)),
        Form::Blocks | Form::BlockSet => within(&collection::nested),
        Form::ContainerDefinitions => within(&collection::blocks),
        Form::List => within(&|live| collection::elements(live, rest, true)),
        Form::Map => within(&|live| collection::entries(live, false)),
        Form::Tags => within(&|live| collection::entries(live, true)),
        Form::Policy => within(&document::policy),
        Form::DefaultPolicyVersion => document::default_version(live),
        Form::Json => within(&document::json),
        Form::IngressRules | Form::EgressRules | Form::LifecycleRules => {
            within(&collection::blocks)
        }
        Form::IngressEntries => within(&|live| collection::entries_of(live, false)),
        Form::EgressEntries => within(&|live| collection::entries_of(live, true)),
        Form::Routes => within(&collection::routes),
        Form::EncryptionRules => within(&collection::leaves),
        Form::AccessList => within(&bucket::access_list),
        Form::ReplicationRules => within(&|live| bucket::by_name(live, None)),
        Form::LambdaNotifications => {
            within(&|live| bucket::by_name(live, Some("LambdaConfiguration")))
        }
        Form::QueueNotifications => {
            within(&|live| bucket::by_name(live, Some("QueueConfiguration")))
        }
        Form::TopicNotifications => {
            within(&|live| bucket::by_name(live, Some("TopicConfiguration")))
        }
        Form::InlinePolicies => document::inline_policies(live),
    }
}
