//! Secrets stop here: a value that is marked sensitive goes on only as a keyed digest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::model::{AttributePath, Sha256Digest, TypeName, Value};
use crate::normalise::equal::secret_text;
use crate::normalise::form::{Form, FormError, Side};
use crate::normalise::path::WHOLE;

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

    /// The digest that stands for a secret, which is in the form's canonical form.
    pub fn secret(&self, form: Form, value: &Value) -> Sha256Digest {
        let mut mac = self.mac.clone();
        mac.update(secret_text(form, value).as_bytes());
        Sha256Digest(mac.finalize().into_bytes().into())
    }

    /// The digest that stands for an approved secret, from its raw JSON.
    ///
    /// # Errors
    /// Text that is not of the form.
    pub fn approved_secret(&self, form: Form, raw: &str) -> Result<Sha256Digest, FormError> {
        let value = form.value(raw, &WHOLE, Side::Approved)?;
        Ok(self.secret(form, &value))
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
    names(marked)
        .zip(names(attribute))
        .all(|(one, other)| one == other)
}

/// The tokens that are no indexes, as they are escaped: one name is escaped in one way.
fn names(path: &AttributePath) -> impl Iterator<Item = &str> {
    let is_name = |token: &&str| *token != "*" && token.parse::<usize>().is_err();
    path.as_str().split('/').skip(1).filter(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(raw: &str) -> Sha256Digest {
        let redactor = Redactor::new(&[7; 32]);
        redactor.approved_secret(Form::Scalar, raw).unwrap()
    }

    #[test]
    fn one_value_has_one_digest() {
        for (one, other) in [
            (r#""\u0041""#, r#""A""#),
            ("5", "5.0"),
            ("50e-1", "5"),
            (r#""a\/b""#, r#""a/b""#),
        ] {
            assert_eq!(digest(one), digest(other), "{one}");
        }
    }

    #[test]
    fn two_values_have_two_digests() {
        for (one, other) in [
            ("5", "6"),
            ("5", r#""5""#),
            (r#""007""#, r#""7""#),
            (r#""5.0""#, r#""5""#),
            (r#""A""#, r#""a""#),
            (r#""TRUE""#, r#""true""#),
            (r#""a ""#, r#""a""#),
            ("18446744073709551615", "18446744073709551614"),
            (r#""null""#, "null"),
        ] {
            assert_ne!(digest(one), digest(other), "{one}");
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
