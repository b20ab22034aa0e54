//! Tags of which some are secrets: those become digests each by itself, and the others stay in the open.
//!
//! Such tags are stored as an object in which `{"sensitive": DIGEST}` stands for a secret, and
//! `{"sensitive": null}` for one that is marked and not there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::json::{self, JsonError};
use super::redact::Redactor;
use crate::model::{Sha256Digest, Value};
use crate::normalise::form::{Form, FormError, Side};
use crate::normalise::path::WHOLE;

const SENSITIVE: &str = "sensitive";

/// Where the digest of all the tags together is stored, for sides that hide them as a whole. AWS
/// knows no tag with an empty key.
const ALL: &str = "";

/// What Terraform marks among the tags of a resource.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Of `tags` and `tags_all`, those that are marked as a whole.
    pub(super) whole: BTreeSet<String>,
    /// Single tags that are marked in either of them: the provider copies `tags` into `tags_all`,
    /// where the marks do not follow.
    pub(super) keys: BTreeSet<String>,
}

impl Marks {
    pub(super) fn read(raws: [&str; 2]) -> Result<Self, JsonError> {
        let mut marks = Self::default();
        for raw in raws.into_iter().filter(|raw| raw.contains("true")) {
            if !raw.starts_with('{') {
                marks.whole.extend(["tags", "tags_all"].map(str::to_owned));
                continue;
            }
            for member in json::members(raw)? {
                let (name, mark) = member?;
                if matches!(&*name, "tags" | "tags_all") && mark.contains("true") {
                    marks.take(&name, json::parse(mark)?);
                }
            }
        }
        Ok(marks)
    }

    fn take(&mut self, name: &str, mark: Value) {
        let by_key = match mark {
            Value::Map(tags) => {
                let flags = tags.into_iter();
                flags
                    .map(|(key, mark)| match mark {
                        Value::Bool(is_marked) => Some((key, is_marked)),
                        _ => None,
                    })
                    .collect::<Option<Vec<_>>>()
            }
            _ => None,
        };
        match by_key {
            Some(flags) => {
                let marked = flags.into_iter().filter(|(_, is_marked)| *is_marked);
                self.keys.extend(marked.map(|(key, _)| key));
            }
            None => drop(self.whole.insert(name.to_owned())),
        }
    }
}

/// The text under which tags are stored of which these are secrets.
pub(super) fn text(
    raw: &str,
    keys: &BTreeSet<String>,
    redactor: &Redactor,
) -> Result<String, FormError> {
    let value = Form::Tags.value(raw, &WHOLE, Side::Approved)?;
    let all = redactor.secret(Form::Tags, &value);
    let mut tags = value.as_map().cloned().unwrap_or_default();
    for key in keys {
        let digest = tags.get(key).map(|tag| digest_of(tag, redactor));
        tags.insert(key.clone(), marker(digest));
    }
    tags.insert(ALL.to_owned(), marker(Some(all)));
    serde_json::to_string(&tags).map_err(|_| FormError::Shape("a plain JSON value"))
}

/// The tags that are stored as secrets.
pub fn hidden(form: Form, text: &str) -> BTreeSet<String> {
    let markers = markers(form, text);
    markers.into_keys().filter(|key| key != ALL).collect()
}

/// The digest of all the tags together; `None` where none of them is stored as a secret.
pub fn all(form: Form, text: &str) -> Option<Sha256Digest> {
    markers(form, text).remove(ALL).flatten()
}

/// Canonical tags as they were stored, with the digests of those that are secrets.
pub fn opened(form: Form, value: Value) -> Value {
    match (form, value) {
        (Form::Tags, Value::Map(tags)) => {
            let tags = tags.into_iter().filter_map(|(key, tag)| {
                let tag = match marked(&tag) {
                    None => tag,
                    Some(digest) => Value::Sensitive(digest.filter(|_| key != ALL)?),
                };
                Some((key, tag))
            });
            Value::Map(tags.collect())
        }
        (_, value) => value,
    }
}

/// Canonical tags in which these are digests.
pub fn hide(value: &mut Value, keys: &BTreeSet<String>, redactor: &Redactor) {
    let Value::Map(tags) = value else { return };
    for (key, tag) in tags {
        if keys.contains(key) && !matches!(tag, Value::Sensitive(_)) {
            *tag = Value::Sensitive(digest_of(tag, redactor));
        }
    }
}

/// The other side of tags, with digests wherever the first side has them.
pub fn alike<'v>(one: &Value, other: &'v Value, redactor: &Redactor) -> Cow<'v, Value> {
    let tags = one.as_map().into_iter().flatten();
    let secret = tags.filter(|(_, tag)| matches!(tag, Value::Sensitive(_)));
    let keys: BTreeSet<String> = secret.map(|(key, _)| key.clone()).collect();
    if keys.is_empty() {
        return Cow::Borrowed(other);
    }
    let mut other = other.clone();
    hide(&mut other, &keys, redactor);
    Cow::Owned(other)
}

fn digest_of(tag: &Value, redactor: &Redactor) -> Sha256Digest {
    redactor.secret(Form::Scalar, tag)
}

fn marker(digest: Option<Sha256Digest>) -> Value {
    let digest = digest.map_or(Value::Null, |digest| Value::String(digest.to_string()));
    Value::Map(BTreeMap::from([(SENSITIVE.to_owned(), digest)]))
}

/// What a marker holds; `None` for a tag in the open, which is never an object.
fn marked(tag: &Value) -> Option<Option<Sha256Digest>> {
    let digest = tag.as_map()?.get(SENSITIVE)?;
    Some(digest.as_str().and_then(Sha256Digest::parse))
}

fn markers(form: Form, text: &str) -> BTreeMap<String, Option<Sha256Digest>> {
    if form != Form::Tags || !text.contains(":{") {
        return BTreeMap::new();
    }
    match json::parse(text) {
        Ok(Value::Map(tags)) => {
            let tags = tags.into_iter();
            tags.filter_map(|(key, tag)| Some((key, marked(&tag)?)))
                .collect()
        }
        Ok(_) | Err(_) => BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(&[7; 32])
    }

    fn keys(of: &[&str]) -> BTreeSet<String> {
        of.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn marks_of_single_tags_are_told_from_those_of_all() {
        let marks = |raw| Marks::read([raw, "{}"]).unwrap();
        let some = marks(r#"{"tags":{"a":true,"b":false},"tags_all":{"c":true},"x":true}"#);
        assert_eq!((some.whole, some.keys), (keys(&[]), keys(&["a", "c"])));
        let all = marks(r#"{"tags":true,"tags_all":{"c":{"d":true}}}"#);
        assert_eq!(
            (all.whole, all.keys),
            (keys(&["tags", "tags_all"]), keys(&[]))
        );
        assert_eq!(marks("true").whole, keys(&["tags", "tags_all"]));
    }

    #[test]
    fn what_is_stored_shows_no_secret_and_keeps_the_rest() {
        let stored = text(
            r#"{"a":"s3cr3t","b":"x"}"#,
            &keys(&["a", "gone"]),
            &redactor(),
        );
        let stored = stored.unwrap();
        assert!(!stored.contains("s3cr3t"));
        assert_eq!(hidden(Form::Tags, &stored), keys(&["a", "gone"]));
        let whole = redactor().approved_secret(Form::Tags, r#"{"b":"x","a":"s3cr3t"}"#);
        assert_eq!(all(Form::Tags, &stored), Some(whole.unwrap()));
        let value = Form::Tags.value(&stored, &WHOLE, Side::Approved).unwrap();
        let opened = opened(Form::Tags, value);
        let mut live = Form::Tags
            .value(r#"{"a":"s3cr3t","b":"x"}"#, &WHOLE, Side::Approved)
            .unwrap();
        assert_eq!(*alike(&opened, &live, &redactor()), opened);
        hide(&mut live, &keys(&["a"]), &redactor());
        assert_eq!(live, opened);
    }
}
