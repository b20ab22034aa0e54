//! Secrets stop here: a value that is marked sensitive goes on only as a keyed digest.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::json::{self, JsonError};
use crate::model::{AttributePath, Number, Sha256Digest, TypeName, Value};
use crate::normalise::form::{Form, FormError, Side};
use crate::normalise::path::Path;

/// Attributes that the provider's schema marks sensitive, whatever plan and state mark. Pointers
/// without indexes; `*` stands for every element or key.
pub type SensitiveByType = BTreeMap<TypeName, BTreeSet<AttributePath>>;

/// Makes digests under the installation's key. The key lies outside the evidence log; without it a
/// digest of a short secret cannot be guessed.
#[derive(Clone)]
pub struct Redactor {
    mac: Hmac<Sha256>,
    by_schema: Arc<SensitiveByType>,
}

impl Redactor {
    pub fn new(key: &[u8; 32]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::new_from_slice(key).expect("a key of any length");
        Self {
            mac,
            by_schema: Arc::default(),
        }
    }

    /// The same key, for a workspace with a provider schema.
    pub fn with_schema(&self, by_schema: Arc<SensitiveByType>) -> Self {
        Self {
            mac: self.mac.clone(),
            by_schema,
        }
    }

    /// The digest of a canonical text: that of [`canonical_text`] or [`canonical_scalar`].
    pub fn digest(&self, canonical: &str) -> Sha256Digest {
        let mut mac = self.mac.clone();
        mac.update(canonical.as_bytes());
        Sha256Digest(mac.finalize().into_bytes().into())
    }

    /// What the schema marks in a type; `None` if it marks nothing.
    pub(super) fn marked_by_schema(
        &self,
        type_name: &TypeName,
    ) -> Option<&BTreeSet<AttributePath>> {
        self.by_schema
            .get(type_name)
            .filter(|paths| !paths.is_empty())
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

/// Whether a mark of the schema makes the attribute sensitive: it covers the attribute, or lies
/// within it.
pub(super) fn covers(marked: &AttributePath, attribute: &AttributePath) -> bool {
    let names = |path: &AttributePath| -> Vec<String> {
        let is_name = |token: &String| token != "*" && token.parse::<usize>().is_err();
        path.tokens().filter(is_name).collect()
    };
    names(marked)
        .iter()
        .zip(&names(attribute))
        .all(|(one, other)| one == other)
}

/// The text whose digest stands for a secret of this form, on either side of a comparison: the
/// same for the same value, however it is written.
pub fn canonical_text(
    form: Form,
    raw: &str,
    path: &Path,
    side: Side<'_>,
) -> Result<String, FormError> {
    match form {
        Form::Scalar
        | Form::Folded
        | Form::ArnName
        | Form::KmsKey
        | Form::Cidr
        | Form::VersionPrefix
            if path.each.is_none() =>
        {
            Ok(canonical_scalar(raw)?.into_owned())
        }
        _ => form.text(raw, path, side),
    }
}

/// One text for one scalar: `"\u0041"` is `"A"`, `5.0` and `"5"` are 5, `"true"` is true, and
/// nothing else is the same. Anything that is no scalar comes back in the canonical order of keys.
pub fn canonical_scalar(raw: &str) -> Result<Cow<'_, str>, JsonError> {
    let value = match json::parse(raw)? {
        Value::String(text) => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "" => Value::Null,
            text => match Number::parse(text) {
                // `007` and `5.0` are texts of their own.
                Some(number) if number.to_string() == text => Value::Number(number),
                _ => Value::String(text.to_owned()),
            },
        },
        other => other,
    };
    serde_json::to_string(&value)
        .map(Cow::Owned)
        .map_err(|_| JsonError::new(0, "malformed JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_text() {
        for (one, other) in [
            (r#""\u0041""#, r#""A""#),
            ("5", "5.0"),
            ("5", r#""5""#),
            ("50e-1", "5"),
            ("true", r#""true""#),
            ("null", r#""""#),
            (r#""a\/b""#, r#""a/b""#),
        ] {
            assert_eq!(
                canonical_scalar(one).unwrap(),
                canonical_scalar(other).unwrap()
            );
        }
    }

    #[test]
    fn two_values_have_two_texts() {
        for (one, other) in [
            ("5", "6"),
            (r#""007""#, r#""7""#),
            (r#""5.0""#, r#""5""#),
            (r#""A""#, r#""a""#),
            (r#""TRUE""#, r#""true""#),
            (r#""a ""#, r#""a""#),
            ("18446744073709551615", "18446744073709551614"),
            (r#""null""#, "null"),
        ] {
            assert_ne!(
                canonical_scalar(one).unwrap(),
                canonical_scalar(other).unwrap(),
                "{one}"
            );
        }
    }

    #[test]
    fn a_mark_covers_what_lies_within_and_around_it() {
        let covers = |marked: &str, attribute: &str| {
            covers(
                &AttributePath::from(marked),
                &AttributePath::from(attribute),
            )
        };
        assert!(covers("/password", "/password"));
        assert!(covers("/login/*/password", "/login"));
        assert!(covers("/login", "/login/0/user"));
        assert!(covers("/login/*/password", "/login/0/password"));
        assert!(!covers("/login/*/password", "/login/0/user"));
        assert!(!covers("/password", "/password_version"));
    }

    #[test]
    fn debug_output_holds_no_key() {
        let text = format!("{:?}", Redactor::new(&[7; 32]));
        assert_eq!(text, "Redactor");
    }
}
