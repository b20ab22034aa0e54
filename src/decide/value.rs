//! Stored values of one row in canonical form, and whether two of them are the same. A value that is
//! a secret on either side is compared by its digest alone.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::ingest::redact::Redactor;
use crate::ingest::secret_tags;
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{Number, Sha256Digest, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::{
    Difference, Outcome, Principals, UNKNOWN_PRINCIPAL, nothing, writings,
};
use crate::normalise::form::{Form, FormError, Side};
use crate::normalise::path::{Path, WHOLE};
use crate::normalise::table::AttributeRow;

/// Why two values cannot be told equal or different, in words; never a secret.
pub(super) type Why = Cow<'static, str>;

const OTHER_WRITING: &str = "it is a secret, of which only digests are compared: they differ, and the \
    same value can be written in several ways";
const ONE_SECRET: &str = "only one of the two sides is marked as a secret";

/// What stands against an approved value: live, or in the state.
#[derive(Clone, Debug)]
pub(super) enum Other {
    Open(Value),
    Secret(Secret),
}

/// A secret, of which no more is known from here on than whether an approved one is the same.
#[derive(Clone, Debug)]
pub(super) struct Secret {
    digest: Sha256Digest,
    same: Vec<Sha256Digest>,
    /// Whether nothing else is the same.
    is_all: bool,
}

impl Other {
    /// Reads raw JSON in the row's form; under a redactor it goes on as a digest.
    pub(super) fn read(
        row: &AttributeRow,
        raw: &str,
        path: &Path,
        side: Side<'_>,
        secret_under: Option<&Redactor>,
    ) -> Result<Self, FormError> {
        let value = row.form.value(raw, path, side)?;
        Ok(Self::of(row, value, secret_under))
    }

    /// A value in the row's canonical form.
    pub(super) fn of(row: &AttributeRow, value: Value, secret_under: Option<&Redactor>) -> Self {
        match secret_under {
            Some(redactor) => Self::Secret(Secret::of(row, &value, redactor)),
            None => Self::Open(value),
        }
    }

    /// A stored value.
    pub(super) fn stored(
        row: &AttributeRow,
        value: StoredValue<'_>,
        is_secret: bool,
        redactor: &Redactor,
    ) -> Result<Self, FormError> {
        if value.sensitive {
            let digest = stored_digest(value)?;
            return Ok(Self::Secret(Secret::known_by(digest, row, redactor)));
        }
        match (is_secret, secret_tags::all(row.form, value.text)) {
            (true, Some(digest)) => Ok(Self::Secret(Secret::known_by(digest, row, redactor))),
            (true, None) => Self::read(row, value.text, &WHOLE, Side::Approved, Some(redactor)),
            (false, _) => stored_value(row, value, false, redactor).map(Self::Open),
        }
    }

    /// The same, and of these tags no more than digests.
    pub(super) fn hiding(self, tags: &BTreeSet<String>, redactor: &Redactor) -> Self {
        match self {
            Self::Open(mut value) => {
                secret_tags::hide(&mut value, tags, redactor);
                Self::Open(value)
            }
            Self::Secret(secret) => Self::Secret(secret),
        }
    }

    /// What may be shown of it.
    pub(super) fn shown(&self) -> Value {
        match self {
            Self::Open(value) => value.clone(),
            Self::Secret(secret) => Value::Sensitive(secret.digest),
        }
    }
}

impl Secret {
    fn of(row: &AttributeRow, value: &Value, redactor: &Redactor) -> Self {
        let mut listed = writings(row.form, &row.values, value);
        if row.default.as_ref() == Some(value) {
            listed.values.extend(nothing());
        }
        let same = listed.values.iter();
        Self {
            digest: redactor.secret(row.form, value),
            same: same.map(|one| redactor.secret(row.form, one)).collect(),
            is_all: listed.is_all
                && row.aside.is_empty()
                && !row.by_name
                && !(row.folds_keys && is_folded(value)),
        }
    }

    /// Both sides are digests. What is set to nothing, false or zero is known by its digest.
    fn known_by(digest: Sha256Digest, row: &AttributeRow, redactor: &Redactor) -> Self {
        let zeros = [Value::Bool(false), Value::Number(Number::Int(0))];
        let mut known = nothing().into_iter().chain(zeros);
        let known = known.find(|value| redactor.secret(row.form, value) == digest);
        match known {
            Some(value) => Self::of(row, &value, redactor),
            None => Self {
                digest,
                same: vec![digest],
                is_all: !row.by_name && has_one_writing(row.form),
            },
        }
    }

    fn tells(&self, row: &AttributeRow, approved: Sha256Digest, redactor: &Redactor) -> Told {
        let is = |value: &Value| redactor.secret(row.form, value) == approved;
        let zero = Value::Number(Number::Int(0));
        let mut open = nothing().into_iter().chain([zero]);
        let is_open = open.any(|value| row.leaves_open(&value) && is(&value));
        if is_open || self.same.contains(&approved) {
            Told::Same
        } else if self.is_all || nothing().iter().any(is) {
            Told::Differs
        } else {
            Told::Unknown
        }
    }
}

/// Whether the keys may once have been written in capitals.
fn is_folded(value: &Value) -> bool {
    let keys = value.as_map().into_iter().flatten().map(|(key, _)| key);
    let mut keys = keys.peekable();
    keys.peek().is_some() && keys.all(|key| !key.chars().any(char::is_uppercase))
}

enum Told {
    Same,
    Differs,
    Unknown,
}

fn stored_digest(value: StoredValue<'_>) -> Result<Sha256Digest, FormError> {
    Sha256Digest::parse(value.text).ok_or(FormError::Shape("a digest"))
}

/// A stored value in the row's canonical form.
pub(super) fn stored_value(
    row: &AttributeRow,
    value: StoredValue<'_>,
    is_secret: bool,
    redactor: &Redactor,
) -> Result<Value, FormError> {
    if value.sensitive {
        return stored_digest(value).map(Value::Sensitive);
    }
    if is_secret {
        let digest = approved_digest(row.form, value.text, redactor);
        return digest.map(Value::Sensitive);
    }
    let read = row.form.value(value.text, &WHOLE, Side::Approved)?;
    Ok(secret_tags::opened(row.form, read))
}

/// The digest of a stored value that does not hide the whole of it.
pub(super) fn approved_digest(
    form: Form,
    text: &str,
    redactor: &Redactor,
) -> Result<Sha256Digest, FormError> {
    match secret_tags::all(form, text) {
        Some(digest) => Ok(digest),
        None => redactor.approved_secret(form, text),
    }
}

/// Where two values of a row differ; nothing if they are the same.
///
/// # Errors
/// Why that cannot be told.
pub(super) fn differences(
    row: &AttributeRow,
    approved: &Value,
    other: &Other,
    redactor: &Redactor,
) -> Result<Vec<Difference>, Why> {
    match (approved, other) {
        (Value::Sensitive(digest), Other::Secret(secret)) => {
            match secret.tells(row, *digest, redactor) {
                Told::Same => Ok(Vec::new()),
                Told::Differs => Ok(vec![Difference {
                    pointer: row.pointer.clone(),
                    approved: approved.clone(),
                    live: other.shown(),
                }]),
                Told::Unknown => Err(OTHER_WRITING.into()),
            }
        }
        (Value::Sensitive(_), Other::Open(_)) | (_, Other::Secret(_)) => Err(ONE_SECRET.into()),
        (_, Other::Open(other)) => match row.compare(
            &secret_tags::alike(other, approved, redactor),
            &secret_tags::alike(approved, other, redactor),
        ) {
            Outcome::Differs(found) => Ok(found),
            Outcome::Equal(_) => Ok(Vec::new()),
            Outcome::NotComparable(why) => Err(why.into()),
        },
    }
}

/// As [`differences`], with what the items of IAM tell of users and roles.
///
/// # Errors
/// As there.
pub(super) fn differences_with(
    row: &AttributeRow,
    approved: &Value,
    other: &Other,
    redactor: &Redactor,
    principals: &Principals,
) -> Result<Vec<Difference>, Why> {
    match (differences(row, approved, other, redactor), other) {
        (Err(why), Other::Open(live)) if why == UNKNOWN_PRINCIPAL && !principals.is_empty() => {
            match principals.compare(&row.pointer, approved, live) {
                Outcome::Differs(found) => Ok(found),
                Outcome::Equal(_) => Ok(Vec::new()),
                Outcome::NotComparable(why) => Err(why.into()),
            }
        }
        (told, _) => told,
    }
}

/// Whether another attribute that says the same is approved.
pub(super) fn stands_back(
    table: &Resource,
    slot: usize,
    approved: &Stored,
    redactor: &Redactor,
) -> bool {
    let unless = table.unless.get(slot).copied().flatten();
    unless.is_some_and(|slot| {
        let there = approved.get(slot);
        there.is_some_and(|value| !is_null(value, table.form_of(slot), redactor))
    })
}

/// Whether nothing is approved, in the open or as a secret.
pub(super) fn is_null(value: StoredValue<'_>, form: Form, redactor: &Redactor) -> bool {
    match value.sensitive {
        true => stored_digest(value).is_ok_and(|it| it == redactor.secret(form, &Value::Null)),
        false => value.text == "null" || form == Form::AnyBlock && value.text == "[]",
    }
}

/// Whether approved values that are the same have one text, so that another digest is another value.
fn has_one_writing(form: Form) -> bool {
    match form {
        Form::ArnName
        | Form::KmsKey
        | Form::VersionPrefix
        | Form::EncryptionRules
        | Form::AccessList
        | Form::Routes
        | Form::Subset
        | Form::Blocks
        | Form::BlockSet => false,
        Form::Scalar
        | Form::AnyBlock
        | Form::Folded
        | Form::Cidr
        | Form::Set
        | Form::List
        | Form::Map
        | Form::Tags
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::Json
        | Form::IngressRules
        | Form::EgressRules
        | Form::LifecycleRules
        | Form::InlinePolicies
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::ContainerDefinitions => true,
    }
}

/// Says of which side the value cannot be read.
pub(super) fn unreadable(side: &str, error: &FormError) -> Why {
    Cow::Owned(format!("the {side} value cannot be read: {error}"))
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
