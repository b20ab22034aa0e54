//! Seeing that two values are equal without parsing them. A quick "yes" is always right; everything
//! else goes the long way.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::ingest::json::{JsonError, members, parse_lying};
use crate::normalise::form::{Form, FormError, Side, rules};
use crate::normalise::table::AttributeRow;

/// Pairs of texts that the long way found equal. Estates repeat themselves: the same trust policy
/// stands in a thousand roles.
#[derive(Debug, Default)]
pub(super) struct Memo {
    equal: HashSet<[u8; 32]>,
}

/// Enough for the documents that an estate repeats, in at most half a megabyte.
const MEMO: usize = 8192;

impl Memo {
    pub(super) fn knows(&self, key: &[u8; 32]) -> bool {
        self.equal.contains(key)
    }

    pub(super) fn learn(&mut self, key: [u8; 32]) {
        if self.equal.len() < MEMO {
            self.equal.insert(key);
        }
    }
}

/// The key under which a pair may be remembered; `None` where its equality rests on more than the
/// two texts.
pub(super) fn memo_key(
    row: &AttributeRow,
    approved: &str,
    live: &str,
    own_account: &str,
) -> Option<[u8; 32]> {
    match row.form {
        Form::Policy
        | Form::DefaultPolicyVersion
        | Form::Json
        | Form::Set
        | Form::Subset
        | Form::List
        | Form::ContainerDefinitions
        | Form::IngressEntries
        | Form::EgressEntries
        | Form::AccessList
        | Form::Routes => {}
        Form::IngressRules
        | Form::EgressRules
        | Form::Scalar
        | Form::Folded
        | Form::ArnName
        | Form::KmsKey
        | Form::Cidr
        | Form::VersionPrefix
        | Form::AnyBlock
        | Form::Map
        | Form::Tags
        | Form::EncryptionRules
        | Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications
        | Form::LifecycleRules
        | Form::InlinePolicies
        | Form::Blocks
        | Form::BlockSet => return None,
    }
    let mut hash = Sha256::new();
    // Rows of two types may share a pointer and still read, or excuse, a value differently.
    hash.update([
        row.form as u8,
        u8::from(row.null_is_any),
        u8::from(row.zero_is_any),
    ]);
    let default = row.default.as_ref().map(|default| format!("{default:?}"));
    let default = default.unwrap_or_default();
    for part in [row.pointer.as_str(), own_account, approved, live, &default] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    Some(hash.finalize().into())
}

/// Whether the two texts are equal beyond doubt.
pub(super) fn certainly_equal(
    row: &AttributeRow,
    approved: &str,
    live: &str,
    side: Side<'_>,
) -> bool {
    if approved == "null" && row.null_is_any && !row.by_name {
        return true;
    }
    match row.form {
        Form::Scalar | Form::Folded | Form::KmsKey | Form::Cidr | Form::VersionPrefix => {
            approved == live
                || (is_blank(approved) && is_blank(live))
                || is_word(row, approved, live)
        }
        Form::ArnName => {
            let name = approved.strip_prefix('"');
            let rest = name.and_then(|name| live.strip_suffix(name));
            let is_plain = !approved.contains(['\\', '/']) && approved.len() > 2;
            is_plain && rest.is_some_and(|rest| rest.starts_with("\"arn:") && rest.ends_with('/'))
        }
        Form::Tags => {
            flat_maps_equal(approved, live, |key| key.starts_with("aws:")).unwrap_or(false)
        }
        Form::Map => flat_maps_equal(approved, live, |_| false).unwrap_or(false),
        Form::AnyBlock => approved == "[]" && live == "false",
        Form::IngressRules | Form::EgressRules => same_rules(approved, live, side).unwrap_or(false),
        Form::Set
        | Form::Subset
        | Form::List
        | Form::ContainerDefinitions
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::Json
        | Form::EncryptionRules
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
        | Form::BlockSet => row.live.iter().all(|path| path.each.is_none()) && approved == live,
    }
}

fn is_blank(raw: &str) -> bool {
    matches!(raw, "null" | "\"\"")
}

/// The table says that the live word means the approved one.
fn is_word(row: &AttributeRow, approved: &str, live: &str) -> bool {
    !row.values.is_empty()
        && row
            .values
            .get(live.trim_matches('"'))
            .is_some_and(|word| word == approved.trim_matches('"'))
}

/// Rules taken apart, not yet put into a form that could be shown.
fn same_rules(approved: &str, live: &str, side: Side<'_>) -> Result<bool, FormError> {
    let approved = rules(&parse_lying(approved)?, Side::Approved)?;
    Ok(approved.is_some() && approved == rules(&parse_lying(live)?, side)?)
}

/// Two objects with the same members in any order; members that only the provider sets are left
/// out on the live side.
fn flat_maps_equal(
    approved: &str,
    live: &str,
    is_providers: impl Fn(&str) -> bool,
) -> Result<bool, JsonError> {
    if approved == live {
        return Ok(true);
    }
    if !approved.starts_with('{') || !live.starts_with('{') {
        return Ok(false);
    }
    let sorted = |text, side: &dyn Fn(&str) -> bool| -> Result<Vec<_>, JsonError> {
        let mut found = Vec::with_capacity(12);
        for member in members(text)? {
            let (key, value) = member?;
            if !side(&key) {
                found.push((key, value));
            }
        }
        found.sort_unstable();
        Ok(found)
    };
    Ok(sorted(approved, &is_providers)? == sorted(live, &is_providers)?)
}
