//! Access lists of buckets: canned words, grants, and what S3 gives a new bucket.

use super::collection::{elements, only_on_one_side};
use super::scalar::is_unset;
use super::{Equivalence, Outcome, unless, whole};
use crate::model::{AttributePath, Value};
use crate::normalise::reshape::one_grant;

const UNKNOWN_WORD: &str = "what this canned access list grants is not known";
const NO_LIST: &str = "the item does not list the grants";
const EMAIL: &str =
    "the grantee is named by e-mail address, and S3 names accounts by their canonical id";

/// What the words of S3 grant besides the owner's full control.
const CANNED: [(&str, &[(&str, &str)]); 5] = [
    ("private", &[]),
    ("public-read", &[("AllUsers", "READ")]),
    (
        "public-read-write",
        &[("AllUsers", "READ"), ("AllUsers", "WRITE")],
    ),
    ("authenticated-read", &[("AuthenticatedUsers", "READ")]),
    (
        "log-delivery-write",
        &[("LogDelivery", "READ_ACP"), ("LogDelivery", "WRITE")],
    ),
];

pub(super) fn compare(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    let grants = grants_of(live);
    if is_unset(approved) {
        return match (is_unset(live) || is_silent(live), word_of(live)) {
            (true, _) => Outcome::Equal(Equivalence::Unset),
            (false, Some("private")) => Outcome::Equal(Equivalence::ProvidersChoice),
            _ => whole(pointer, Value::List(Vec::new()), shown(live)),
        };
    }
    if is_silent(live) {
        return Outcome::NotComparable(NO_LIST);
    }
    if let Some(word) = approved.as_str() {
        return match word_of(live) {
            Some(seen) if seen == word => Outcome::Equal(Equivalence::Shape),
            _ if !CANNED.iter().any(|(known, _)| *known == word) => {
                Outcome::NotComparable(UNKNOWN_WORD)
            }
            _ => whole(pointer, approved.clone(), shown(live)),
        };
    }
    let wanted = elements(approved);
    let found = only_on_one_side(pointer, wanted, grants, |one, other| one == other);
    let has_email = |grant: &Value| grantee(grant).contains('@');
    if !found.is_empty() && wanted.iter().any(has_email) {
        return Outcome::NotComparable(EMAIL);
    }
    unless(found, Equivalence::Shape)
}

/// Whether the item does not list the grants.
fn is_silent(live: &Value) -> bool {
    live.at(["grants"]) == Some(&Value::Null)
}

/// The live grants; an approved list stands for itself.
fn grants_of(value: &Value) -> &[Value] {
    value.at(["grants"]).map_or(elements(value), elements)
}

fn grantee(grant: &Value) -> &str {
    let grantee = grant.at(["grantee"]).and_then(Value::as_str);
    grantee.unwrap_or_default()
}

/// The canned word that grants what is live.
fn word_of(live: &Value) -> Option<&'static str> {
    let owner = live.at(["owner"]).and_then(Value::as_str)?;
    let mut words = CANNED.iter();
    let found = words.find(|(_, more)| {
        let more = more.iter().map(|(group, permission)| (*group, *permission));
        let mut wanted: Vec<Value> = [(owner, "FULL_CONTROL")]
            .into_iter()
            .chain(more)
            .map(|(grantee, permission)| one_grant(grantee.into(), permission))
            .collect();
        wanted.sort();
        wanted == grants_of(live)
    });
    found.map(|(word, _)| *word)
}

fn shown(live: &Value) -> Value {
    match word_of(live) {
        Some(word) => Value::from(word),
        None => Value::List(grants_of(live).to_vec()),
    }
}

/// What says in Terraform what is live.
pub(super) fn writings(live: &Value) -> Vec<Value> {
    let word = word_of(live).map(Value::from);
    let grants = Value::List(grants_of(live).to_vec());
    word.into_iter().chain([grants]).collect()
}

/// Whether Terraform can say what is live in ways that cannot be listed: an account other than the
/// owner's can also be named by e-mail, and without a list anything may be live.
pub(super) fn is_open(live: &Value) -> bool {
    if is_silent(live) {
        return true;
    }
    let owner = live.at(["owner"]).and_then(Value::as_str);
    let groups = ["AllUsers", "AuthenticatedUsers", "LogDelivery"];
    let mut grants = grants_of(live).iter();
    grants.any(|grant| !groups.contains(&grantee(grant)) && Some(grantee(grant)) != owner)
}
