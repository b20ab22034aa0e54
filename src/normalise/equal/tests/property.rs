//! What holds for every value.

use proptest::prelude::*;

use super::super::{Outcome, compare, trail};
use super::{LIVE, agrees, by_digest, outcome, whole};
use crate::model::{AttributePath, Value};
use crate::normalise::form::{Form, Side};

const FORMS: [Form; 30] = [
    Form::Scalar,
    Form::AnyBlock,
    Form::Folded,
    Form::ArnName,
    Form::KmsKey,
    Form::VersionPrefix,
    Form::Set,
    Form::List,
    Form::Map,
    Form::Tags,
    Form::Policy,
    Form::Json,
    Form::IngressRules,
    Form::EgressRules,
    Form::EncryptionRules,
    Form::LifecycleRules,
    Form::InlinePolicies,
    Form::AccessList,
    Form::ReplicationRules,
    Form::LambdaNotifications,
    Form::QueueNotifications,
    Form::TopicNotifications,
    Form::Subset,
    Form::ContainerDefinitions,
    Form::Cidr,
    Form::IngressEntries,
    Form::EgressEntries,
    Form::Routes,
    Form::Blocks,
    Form::BlockSet,
];

fn json() -> impl Strategy<Value = serde_json::Value> {
    let word = prop::sample::select(vec![
        "",
        "a",
        "B",
        "5",
        "05",
        "5.0",
        "true",
        "key",
        "value",
        "Statement",
        "Action",
        "Sid",
        "Principal",
        "AWS",
        "Condition",
        "*",
        "111122223333",
        "tcp",
        "10.0.0.1/8",
        "{}",
        "null",
        "alias/a",
        "2027-01-01",
        "arn:aws:kms:r:1:key/a",
        "private",
        "READ",
        "AllUsers",
    ]);
    let key = prop::sample::select(vec![
        "id",
        "name",
        "policy",
        "key",
        "Value",
        "Statement",
        "Action",
        "Sid",
        "Principal",
        "AWS",
        "Version",
        "protocol",
        "from_port",
        "to_port",
        "cidr_blocks",
        "self",
        "days",
        "tags",
        "filter",
        "and",
        "date",
        "transition",
        "bucket_key_enabled",
        "rule_no",
        "cidr_block",
        "gateway_id",
        "instance_id",
        "network_interface_id",
        "sse_algorithm",
        "apply_server_side_encryption_by_default",
        "aws:x",
        "grants",
        "owner",
        "grantee",
        "permission",
        "grantList",
        "grant",
        "events",
        "type",
        "status",
        "destination",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-2i64..70).prop_map(Into::into),
        word.prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map(key.clone(), inner, 0..5).prop_map(|map| {
                serde_json::Value::Object(
                    map.into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

fn reversed(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Array(list) => list.iter().rev().map(reversed).collect(),
        serde_json::Value::Object(map) => {
            serde_json::Value::Object(map.iter().map(|(k, v)| (k.clone(), reversed(v))).collect())
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn the_canonical_form_of_the_canonical_form_is_itself(input in json(), at in 0..FORMS.len()) {
        let form = FORMS[at];
        if let Ok(text) = form.text(&input.to_string(), &whole(), Side::Approved) {
            let again = form.text(&text, &whole(), Side::Approved).unwrap();
            prop_assert_eq!(again, text, "{:?}", form);
        }
    }

    #[test]
    fn everything_equals_itself(input in json(), at in 0..FORMS.len()) {
        let form = FORMS[at];
        if let Ok(value) = form.value(&input.to_string(), &whole(), Side::Approved) {
            let found = compare(form, &Default::default(), &AttributePath::root(), &value, &value);
            prop_assert!(matches!(found, Outcome::Equal(_)), "{:?}", found);
        }
    }

    #[test]
    fn a_digest_tells_what_the_values_tell(one in json(), other in json(), at in 0..FORMS.len()) {
        let form = FORMS[at];
        let words = [("a", "true"), ("B", "false"), ("true", "a"), ("5", "")];
        let words = words.map(|(live, approved)| (live.to_owned(), approved.to_owned())).into();
        let read = |input: &serde_json::Value| form.value(&input.to_string(), &whole(), Side::Approved);
        if let (Ok(one), Ok(other)) = (read(&one), read(&other)) {
            for (one, other) in [(&one, &other), (&one, &one)] {
                let open = compare(form, &words, &AttributePath::root(), one, other);
                let secret = by_digest(form, &words, one, other);
                prop_assert!(agrees(form, &open, secret), "{:?} {:?}, {:?}", form, open, secret);
            }
        }
    }

    /// What the trail says held is what `compare` grants; where nothing held, nothing is granted.
    #[test]
    fn the_trail_agrees_with_comparing(
        one in json(), other in json(), same in any::<bool>(), at in 0..FORMS.len(),
    ) {
        let form = FORMS[at];
        let other = if same { one.clone() } else { other };
        let words = [("key", "a"), ("5", "true"), ("B", "5.0")];
        let words = words.map(|(live, approved)| (live.to_owned(), approved.to_owned())).into();
        let read = |input: &serde_json::Value, side| form.value(&input.to_string(), &whole(), side);
        if let (Ok(one), Ok(other)) = (read(&one, Side::Approved), read(&other, LIVE)) {
            let root = AttributePath::root();
            let (considered, outcome) = trail(form, &words, &root, &one, &other);
            prop_assert_eq!(&outcome, &compare(form, &words, &root, &one, &other));
            let held = considered.iter().find(|own| own.held).map(|own| own.equivalence);
            let granted = match outcome {
                Outcome::Equal(equivalence) => Some(equivalence),
                Outcome::Differs(_) | Outcome::NotComparable(_) => None,
            };
            prop_assert_eq!(held, granted, "{:?}: {:?} | {:?}", form, one, other);
            prop_assert!(!considered.is_empty());
        }
    }

    /// As above, for the scalars, among which blind luck finds few that are nearly the same.
    #[test]
    fn the_trail_agrees_with_comparing_scalars(
        one in near(), other in near(), at in 0..SCALARS.len(),
    ) {
        let form = SCALARS[at];
        let words = [("enabled", "true"), ("5", "true"), ("Off", "off")];
        let words = words.map(|(live, approved)| (live.to_owned(), approved.to_owned())).into();
        let root = AttributePath::root();
        let (considered, outcome) = trail(form, &words, &root, &one, &other);
        let held = considered.iter().find(|own| own.held).map(|own| own.equivalence);
        let granted = match outcome {
            Outcome::Equal(equivalence) => Some(equivalence),
            Outcome::Differs(_) | Outcome::NotComparable(_) => None,
        };
        prop_assert_eq!(held, granted, "{:?}: {:?} | {:?}", form, one, other);
    }

    /// Where neither side has a role of its own, changing sides changes no outcome.
    #[test]
    fn comparing_is_symmetric(one in json(), other in json(), at in 0..FORMS.len()) {
        let form = FORMS[at];
        let has_sides = matches!(
            form,
            Form::ArnName
                | Form::VersionPrefix
                | Form::EncryptionRules
                // The live side tells the owner.
                | Form::AccessList
                | Form::Subset
                // Fields that only the live side has are none of Terraform's.
                | Form::Blocks
                | Form::BlockSet
        );
        let read = |input: &serde_json::Value| form.value(&input.to_string(), &whole(), Side::Approved);
        if let (false, Ok(one), Ok(other)) = (has_sides, read(&one), read(&other)) {
            let kind = |one: &Value, other: &Value| {
                let found = compare(form, &Default::default(), &AttributePath::root(), one, other);
                (matches!(found, Outcome::Equal(_)), matches!(found, Outcome::Differs(_)))
            };
            prop_assert_eq!(kind(&one, &other), kind(&other, &one));
        }
    }

    #[test]
    fn the_order_of_elements_means_nothing_in_sets(
        input in prop::collection::vec(json(), 0..5),
        at in prop::sample::select(vec![Form::Set, Form::IngressRules, Form::InlinePolicies, Form::EncryptionRules, Form::IngressEntries, Form::Routes]),
    ) {
        let value = |list: Vec<serde_json::Value>| {
            at.value(&serde_json::Value::Array(list).to_string(), &whole(), Side::Approved)
        };
        let turned: Vec<_> = input.iter().rev().cloned().collect();
        if let (Ok(one), Ok(other)) = (value(input), value(turned)) {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn the_order_of_lists_means_nothing_in_policies(policy in any_policy()) {
        let read = |policy: &serde_json::Value| {
            Form::Policy.value(&policy.to_string(), &whole(), Side::Approved).unwrap()
        };
        prop_assert_eq!(read(&policy), read(&reversed(&policy)));
    }

    /// No leaf of a policy can be changed unseen.
    #[test]
    fn every_change_of_a_leaf_of_a_policy_is_seen(policy in any_policy(), at in 0usize..40) {
        let mut other = policy.clone();
        let mut leaves = Vec::new();
        leaves_of(&mut other, &mut leaves);
        let count = leaves.len();
        if let Some(leaf) = leaves.get_mut(at % count) {
            **leaf = format!("{}x", leaf.as_str().unwrap_or_default()).into();
        }
        drop(leaves);
        let found = outcome(Form::Policy, &[], &policy.to_string(), &other.to_string());
        prop_assert!(!matches!(found, Outcome::Equal(_)), "{} | {}", policy, other);
    }
}

const SCALARS: [Form; 6] = [
    Form::Scalar,
    Form::Folded,
    Form::ArnName,
    Form::KmsKey,
    Form::VersionPrefix,
    Form::Cidr,
];

/// Scalars many of which equal one another by one equivalence or another.
fn near() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "5",
        "5.0",
        "05",
        "true",
        "TRUE",
        "false",
        "enabled",
        "Off",
        "off",
        "8.0",
        "8.0.43",
        "8",
        "key",
        "KEY",
        "k",
        "alias/k",
        "arn:aws:kms:r:1:key/k",
        "arn:aws:kms:r:1:alias/k",
        "arn:aws:iam::1:role/key",
        "10.0.0.1/8",
        "10.0.0.0/8",
        "::/0",
        "0::0/0",
        "0",
        "2026-11-01T00:00:00Z",
        "2026-11-01T01:00:00+01:00",
    ];
    prop_oneof![
        3 => prop::sample::select(texts.to_vec()).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => prop::sample::select(vec!["0", "5", "5.5", "8"])
            .prop_map(|text| crate::ingest::json::parse(text).unwrap()),
    ]
}

fn any_policy() -> impl Strategy<Value = serde_json::Value> {
    let texts = |pattern: &'static str| prop::collection::btree_set(pattern, 1..4);
    let statement = (
        prop::sample::select(vec!["Allow", "Deny"]),
        "[A-Z][a-z]{2}",
        texts("(s3|kms):[a-z]{2,4}"),
        texts("arn:aws:s3:::[a-z]{1,3}"),
        texts("arn:aws:iam::[1-3]{12}:role/[a-z]{1,3}"),
        texts("[a-z]{1,4}"),
    )
        .prop_map(|(effect, sid, actions, resources, principals, values)| {
            serde_json::json!({
                "Effect": effect, "Sid": sid, "Action": actions, "Resource": resources,
                "Principal": { "AWS": principals },
                "Condition": { "StringEquals": { "aws:PrincipalTag/x": values } },
            })
        });
    prop::collection::vec(statement, 1..4).prop_map(|statements| {
        serde_json::json!({ "Version": "2012-10-17", "Id": "p", "Statement": statements })
    })
}

fn leaves_of<'v>(value: &'v mut serde_json::Value, found: &mut Vec<&'v mut serde_json::Value>) {
    match value {
        serde_json::Value::Array(list) => list.iter_mut().for_each(|one| leaves_of(one, found)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|one| leaves_of(one, found)),
        _ => found.push(value),
    }
}
