//! Stored values of one row in canonical form, and whether two of them are the same. A value that is
//! a secret on either side is compared by its digest alone.

use std::borrow::Cow;

use crate::ingest::redact::{Redactor, canonical_scalar, canonical_text};
use crate::ingest::stored::StoredValue;
use crate::model::{Sha256Digest, Value};
use crate::normalise::equal::{Difference, Outcome};
use crate::normalise::form::{Form, FormError, Side};
use crate::normalise::path::Path;
use crate::normalise::table::AttributeRow;

/// Why two values cannot be told equal or different, in words; never a secret.
pub(super) type Why = Cow<'static, str>;

pub(super) const WHOLE: Path = Path {
    captured: Vec::new(),
    each: None,
};

const OTHER_WRITING: &str = "it is a secret, of which only digests are compared: they differ, and the \
    same value can be written in several ways";
const ONE_SECRET: &str = "only one of the two sides is marked as a secret";

/// A stored value in the row's canonical form.
pub(super) fn stored_value(
    row: &AttributeRow,
    value: StoredValue<'_>,
    is_secret: bool,
    redactor: &Redactor,
) -> Result<Value, FormError> {
    if value.sensitive {
        let digest = Sha256Digest::parse(value.text).map(Value::Sensitive);
        return digest.ok_or(FormError::Shape("a digest"));
    }
    if is_secret {
        return digest(Some(row), value.text, redactor).map(Value::Sensitive);
    }
    row.form.value(value.text, &WHOLE, Side::Approved)
}

/// The digest under which a secret of the row, or of a key without a row, is stored.
pub(super) fn digest(
    row: Option<&AttributeRow>,
    raw: &str,
    redactor: &Redactor,
) -> Result<Sha256Digest, FormError> {
    Ok(match row {
        Some(row) => redactor.digest(&canonical_text(row.form, raw, &WHOLE, Side::Approved)?),
        None => redactor.digest(&canonical_scalar(raw)?),
    })
}

/// Where two values of a row differ; nothing if they are the same.
///
/// # Errors
/// Why that cannot be told.
pub(super) fn differences(
    row: &AttributeRow,
    approved: &Value,
    other: &Value,
    redactor: &Redactor,
) -> Result<Vec<Difference>, Why> {
    match (approved, other) {
        (Value::Sensitive(one), Value::Sensitive(two)) => {
            let is_open = row.null_is_any && *one == redactor.digest("null");
            if one == two || is_open {
                Ok(Vec::new())
            } else if has_one_writing(row) {
                Ok(vec![Difference {
                    pointer: row.pointer.clone(),
                    approved: approved.clone(),
                    live: other.clone(),
                }])
            } else {
                Err(OTHER_WRITING.into())
            }
        }
        (Value::Sensitive(_), _) | (_, Value::Sensitive(_)) => Err(ONE_SECRET.into()),
        _ => match row.compare(approved, other) {
            Outcome::Differs(found) => Ok(found),
            Outcome::Equal(_) => Ok(Vec::new()),
            Outcome::NotComparable(why) => Err(why.into()),
        },
    }
}

/// Whether values that are the same have one canonical text, so that another digest is another value.
fn has_one_writing(row: &AttributeRow) -> bool {
    if row.by_name {
        return false;
    }
    match row.form {
        Form::Folded
        | Form::ArnName
        | Form::KmsKey
        | Form::Cidr
        | Form::VersionPrefix
        | Form::Routes
        | Form::Subset
        | Form::Blocks
        | Form::BlockSet => false,
        Form::Scalar
        | Form::Set
        | Form::List
        | Form::Map
        | Form::Tags
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::Json
        | Form::IngressRules
        | Form::EgressRules
        | Form::EncryptionRules
        | Form::LifecycleRules
        | Form::InlinePolicies
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::ContainerDefinitions => row.values.is_empty(),
    }
}

/// Says of which side the value cannot be read.
pub(super) fn unreadable(side: &str, error: &FormError) -> Why {
    Cow::Owned(format!("the {side} value cannot be read: {error}"))
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
