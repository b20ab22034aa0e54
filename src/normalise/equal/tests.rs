//! Equal pairs and near misses of each equivalence.

use proptest::prelude::*;

use super::{Equivalence, Outcome, compare};
use crate::ingest::json::parse;
use crate::model::{AttributePath, Value};
use crate::normalise::form::{Form, Side};
use crate::normalise::path::Path;

const LIVE: Side<'_> = Side::Live {
    own_id: "sg-own",
    own_account: "111122223333",
};

fn whole() -> Path {
    Path {
        captured: Vec::new(),
        each: None,
    }
}

fn outcome(form: Form, words: &[(&str, &str)], approved: &str, live: &str) -> Outcome {
    let words = words
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
    let approved = form.value(approved, &whole(), Side::Approved).unwrap();
    let live = form.value(live, &whole(), LIVE).unwrap();
    compare(
        form,
        &words.collect(),
        &AttributePath::root(),
        &approved,
        &live,
    )
}

#[track_caller]
fn equal(form: Form, equivalence: Equivalence, pairs: &[(&str, &str)]) {
    for (approved, live) in pairs {
        let found = outcome(form, &[], approved, live);
        assert_eq!(found, Outcome::Equal(equivalence), "{approved} | {live}");
    }
}

#[track_caller]
fn different(form: Form, pairs: &[(&str, &str)]) {
    for (approved, live) in pairs {
        let found = outcome(form, &[], approved, live);
        assert!(
            matches!(found, Outcome::Differs(_)),
            "{approved} | {live}: {found:?}"
        );
    }
}

#[track_caller]
fn not_comparable(form: Form, pairs: &[(&str, &str)]) {
    for (approved, live) in pairs {
        let found = outcome(form, &[], approved, live);
        assert!(
            matches!(found, Outcome::NotComparable(_)),
            "{approved} | {live}: {found:?}"
        );
    }
}

#[test]
fn numbers_and_booleans_as_text() {
    equal(
        Form::Scalar,
        Equivalence::ScalarType,
        &[
            ("5432", r#""5432""#),
            (r#""5432""#, "5432"),
            (r#""5.0""#, "5"),
            ("-1", r#""-1""#),
            ("0.5", r#""0.50""#),
            ("true", r#""true""#),
            (r#""TRUE""#, "true"),
            ("false", r#""false""#),
        ],
    );
    equal(
        Form::Scalar,
        Equivalence::Same,
        &[("1e3", "1000"), ("5", "5.0")],
    );
    different(
        Form::Scalar,
        &[
            (r#""05""#, "5"),
            (r#""1e3""#, "1000"),
            (r#""+5""#, "5"),
            (r#""5 ""#, "5"),
            (r#""5.""#, "5"),
            (r#"".5""#, "0.5"),
            ("5", "5.1"),
            (r#""5""#, r#""5.0""#),
            ("9007199254740993", "9007199254740992.0"),
            (r#""yes""#, "true"),
            ("1", "true"),
            (r#""0""#, "false"),
        ],
    );
}

#[test]
fn what_is_not_set() {
    equal(
        Form::Scalar,
        Equivalence::Unset,
        &[
            ("null", r#""""#),
            (r#""""#, "null"),
            ("null", "false"),
            ("0", "null"),
            (r#""""#, "false"),
        ],
    );
    different(
        Form::Scalar,
        &[
            ("null", "true"),
            ("null", "1"),
            ("null", r#""0""#),
            ("null", r#""false""#),
            ("null", r#"" ""#),
            ("0", "false"),
            ("-1", "0"),
            (r#""""#, r#""null""#),
        ],
    );
    equal(
        Form::Set,
        Equivalence::Unset,
        &[("null", "[]"), ("[]", "null")],
    );
    different(Form::Set, &[("null", r#"[""]"#), (r#"["a"]"#, "[]")]);
    equal(Form::Map, Equivalence::Unset, &[("null", "{}")]);
    equal(Form::Map, Equivalence::Unset, &[(r#"{"a":null}"#, "{}")]);
    different(
        Form::Map,
        &[(r#"{"a":""}"#, "{}"), (r#"{"a":"false"}"#, "{}")],
    );
    equal(
        Form::Json,
        Equivalence::Unset,
        &[("null", r#""""#), (r#""{}""#, "null")],
    );
}

#[test]
fn words_of_the_cloud() {
    let words = [
        ("enabled", "true"),
        ("disabled", "false"),
        ("Off", "Disabled"),
    ];
    for (approved, live) in [
        ("true", r#""enabled""#),
        ("false", r#""disabled""#),
        ("null", r#""disabled""#),
        (r#""Disabled""#, r#""Off""#),
    ] {
        let found = outcome(Form::Scalar, &words, approved, live);
        assert_eq!(
            found,
            Outcome::Equal(Equivalence::Word),
            "{approved} | {live}"
        );
    }
    for (approved, live) in [
        ("true", r#""disabled""#),
        ("null", r#""enabled""#),
        ("true", r#""Enabled""#),
        (r#""Suspended""#, r#""Off""#),
        ("false", r#""Off""#),
    ] {
        let found = outcome(Form::Scalar, &words, approved, live);
        assert!(
            matches!(found, Outcome::Differs(_)),
            "{approved} | {live}: {found:?}"
        );
    }
}

#[test]
fn case() {
    let pair = (r#""Sun:04:00-Sun:05:00""#, r#""sun:04:00-sun:05:00""#);
    equal(Form::Folded, Equivalence::Case, &[pair]);
    different(Form::Folded, &[(pair.0, r#""sun:04:00-sun:05:01""#)]);
    different(Form::Scalar, &[pair]);
}

#[test]
fn a_name_and_the_arn_that_ends_in_it() {
    let arn = r#""arn:aws:iam::1:instance-profile/web""#;
    equal(
        Form::ArnName,
        Equivalence::ArnName,
        &[
            (r#""web""#, arn),
            (r#""web""#, r#""arn:aws:iam::1:instance-profile/path/web""#),
        ],
    );
    different(
        Form::ArnName,
        &[
            (r#""eb""#, arn),
            (r#""Web""#, arn),
            (
                r#""profile/web""#,
                r#""arn:aws:iam::1:instance/profile/web""#,
            ),
            (r#""arn:aws:iam::2:instance-profile/web""#, arn),
            (r#""""#, arn),
            (r#""web""#, r#""arn:web""#),
            (r#""web""#, r#""other/web""#),
        ],
    );
}

#[test]
fn kms_keys() {
    let arn = r#""arn:aws:kms:eu-west-1:1:key/k1""#;
    let alias = r#""arn:aws:kms:eu-west-1:1:alias/app""#;
    equal(
        Form::KmsKey,
        Equivalence::KmsKey,
        &[
            (r#""k1""#, arn),
            (arn, r#""k1""#),
            (r#""alias/app""#, alias),
        ],
    );
    different(
        Form::KmsKey,
        &[
            (r#""k2""#, arn),
            (r#""arn:aws:kms:eu-west-2:1:key/k1""#, arn),
            (r#""arn:aws:kms:eu-west-1:2:key/k1""#, arn),
            (r#""alias/app""#, r#""alias/aws/sns""#),
            (r#""alias/alias/app""#, alias),
            (arn, "null"),
            ("null", r#""alias/aws/sns""#),
            (r#""app""#, r#""key/other""#),
        ],
    );
    not_comparable(
        Form::KmsKey,
        &[(r#""alias/app""#, arn), (arn, alias), (r#""k1""#, alias)],
    );
}

#[test]
fn versions() {
    equal(
        Form::VersionPrefix,
        Equivalence::VersionPrefix,
        &[(r#""8.0""#, r#""8.0.43""#), (r#""15""#, r#""15.7""#)],
    );
    different(
        Form::VersionPrefix,
        &[
            (r#""5.7""#, r#""5.70""#),
            (r#""5.70""#, "5.7"),
            (r#""1.0""#, "1"),
            (r#""8""#, r#""80.1""#),
            (r#""8.0.43""#, r#""8.0""#),
            (r#""8.""#, r#""8.0""#),
            (r#""13.4""#, r#""13.7""#),
            (r#""""#, r#""8.0""#),
        ],
    );
}

#[test]
fn order_matters_in_lists_and_not_in_sets() {
    equal(
        Form::Set,
        Equivalence::Order,
        &[
            (r#"["a","b"]"#, r#"["b","a"]"#),
            (r#"["a","a"]"#, r#"["a"]"#),
        ],
    );
    equal(Form::Set, Equivalence::ScalarType, &[(r#"["80"]"#, "[80]")]);
    different(
        Form::Set,
        &[
            (r#"["a"]"#, r#"["a","b"]"#),
            (r#"["a"]"#, r#"["A"]"#),
            (r#"["08"]"#, "[8]"),
            ("[null]", r#"[""]"#),
        ],
    );
    different(Form::List, &[(r#"["a","b"]"#, r#"["b","a"]"#)]);
    equal(
        Form::List,
        Equivalence::Same,
        &[(r#"["a","b"]"#, r#"["a","b"]"#)],
    );
    equal(Form::List, Equivalence::Unset, &[("null", "[]")]);
}

#[test]
fn a_set_shows_what_only_one_side_has() {
    let Outcome::Differs(found) = outcome(Form::Set, &[], r#"["a","b"]"#, r#"["c","b"]"#) else {
        panic!("they differ");
    };
    assert_eq!(found[0].approved, parse(r#"["a"]"#).unwrap());
    assert_eq!(found[0].live, parse(r#"["c"]"#).unwrap());
}

#[test]
fn tags_in_every_shape() {
    let approved = r#"{"Owner":"a","Empty":""}"#;
    equal(
        Form::Tags,
        Equivalence::Tags,
        &[
            (
                approved,
                r#"[{"key":"Empty","value":null},{"key":"Owner","value":"a"}]"#,
            ),
            (
                approved,
                r#"[{"Key":"Owner","Value":"a"},{"Key":"Empty","Value":""}]"#,
            ),
            (
                approved,
                r#"[{"tagKey":"Owner","tagValue":"a"},{"tagKey":"Empty"}]"#,
            ),
            (
                approved,
                r#"{"Owner":"a","Empty":null,"aws:cloudformation:stack-name":"s"}"#,
            ),
        ],
    );
    different(
        Form::Tags,
        &[
            (approved, r#"{"Owner":"a"}"#),
            (approved, r#"{"owner":"a","Empty":""}"#),
            (approved, r#"{"Owner":"A","Empty":""}"#),
            (approved, r#"{"Owner":"a","Empty":"","AWS:x":"y"}"#),
            (approved, r#"{"Owner":"a","Empty":"","aws-x":"y"}"#),
        ],
    );
}

#[test]
fn embedded_json() {
    equal(
        Form::Json,
        Equivalence::Json,
        &[(r#""{\"a\":1,\"b\":[2]}""#, r#"{ "b": [2], "a": 1 }"#)],
    );
    equal(
        Form::Json,
        Equivalence::ScalarType,
        &[(
            r#""{\"maxReceiveCount\":4}""#,
            r#""{\"maxReceiveCount\":\"4\"}""#,
        )],
    );
    different(
        Form::Json,
        &[
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
            (r#"{"a":"04"}"#, r#"{"a":4}"#),
        ],
    );
}

fn policy(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":{principal}}},"Action":"a:b","Resource":"*"}}]}}"#
    )
}

#[test]
fn a_principal_by_arn_and_by_unique_id() {
    let role = policy(r#""arn:aws:iam::1:role/app""#);
    let role_id = policy(r#""AROAIIPLC2ZXUJLSMEXAMPLE""#);
    let user_id = policy(r#""AIDAIIPLC2ZXUJLSMEXAMPLE""#);
    not_comparable(
        Form::Policy,
        &[
            (&role, &role_id),
            (&role_id, &role),
            (
                &policy(r#"["arn:aws:iam::1:role/app","arn:aws:iam::1:role/b"]"#),
                &policy(r#"["AROAIIPLC2ZXUJLSMEXAMPLE","arn:aws:iam::1:role/b"]"#),
            ),
        ],
    );
    different(
        Form::Policy,
        &[
            (&role, &user_id),
            (&role, &policy(r#"["AROAIIPLC2ZXUJLSMEXAMPLE","*"]"#)),
            (&role, &policy(r#""arn:aws:iam::1:role/App""#)),
            (&role, &policy(r#""AROA""#)),
            (&role, &role_id.replace("a:b", "a:*")),
            (&role, &role_id.replace("Allow", "Deny")),
            (&role, &role_id.replace("2012-10-17", "2008-10-17")),
            (&role_id, &role_id.replace("EXAMPLE", "EXAMPL2")),
        ],
    );
}

#[test]
fn default_encryption_and_its_key() {
    let live = |algorithm: &str, key: &str| {
        format!(
            r#"[{{"applyServerSideEncryptionByDefault":
                {{"sseAlgorithm":"{algorithm}","kmsMasterKeyID":{key}}},"bucketKeyEnabled":false}}]"#
        )
    };
    let approved = r#"[{"bucket_key_enabled":null,"apply_server_side_encryption_by_default":
        [{"sse_algorithm":"aws:kms","kms_master_key_id":"k1"}]}]"#;
    let form = Form::EncryptionRules;
    let arn = |id: &str| live("aws:kms", &format!(r#""arn:aws:kms:eu-west-1:1:{id}""#));
    equal(
        form,
        Equivalence::Shape,
        &[(approved, &live("aws:kms", r#""k1""#))],
    );
    equal(form, Equivalence::KmsKey, &[(approved, &arn("key/k1"))]);
    not_comparable(form, &[(approved, &arn("alias/k1"))]);
    different(
        form,
        &[
            (approved, &arn("key/k2")),
            (approved, &live("AES256", "null")),
            (approved, &live("aws:kms", "null")),
            (approved, "[]"),
            ("[]", &live("aws:kms", r#""k1""#)),
            ("[]", &live("aws:kms", "null")),
            ("[]", &live("AES256", "null").replace("false", "true")),
        ],
    );
    // S3 encrypts every bucket by itself.
    equal(
        form,
        Equivalence::ProvidersChoice,
        &[("[]", &live("AES256", "null"))],
    );
}

#[test]
fn lifecycle_rules_are_known_by_their_ids() {
    let approved = r#"[{"id":"a","expiration":[{"days":1}]},{"id":"b","expiration":[{"days":2}]}]"#;
    let live = r#"[{"id":"b","expirationInDays":2},{"id":"a","expirationInDays":1}]"#;
    let form = Form::LifecycleRules;
    equal(form, Equivalence::Order, &[(approved, live)]);
    let changed = live.replace("InDays\":2", "InDays\":3");
    let Outcome::Differs(found) = outcome(form, &[], approved, &changed) else {
        panic!("they differ");
    };
    let pointers: Vec<_> = found.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(pointers, ["/1/expiration/0/days"], "in Terraform's order");
    different(
        form,
        &[
            (approved, r#"[{"id":"a","expirationInDays":1}]"#),
            (approved, "[]"),
        ],
    );
}

#[test]
fn inline_policies_of_a_role() {
    let approved = r#"[{"name":"q","policy":"{\"Statement\":{\"Action\":\"a:b\"}}"},{"name":null,"policy":null}]"#;
    let live = r#"[{"policyName":"q","policyDocument":"%7B%22Statement%22%3A%5B%7B%22Action%22%3A%5B%22A%3Ab%22%5D%7D%5D%7D"}]"#;
    let form = Form::InlinePolicies;
    equal(form, Equivalence::Shape, &[(approved, live)]);
    equal(
        form,
        Equivalence::Unset,
        &[("null", "null"), ("[{}]", "[]")],
    );
    different(
        form,
        &[
            (approved, &live.replace("\"q\"", "\"r\"")),
            (approved, &live.replace("A%3Ab", "A%3Ac")),
            (approved, "[]"),
            ("[]", live),
        ],
    );
}

#[test]
fn rules_of_a_security_group() {
    let rule = |ports: &str, source: &str| format!(r#"[{{{ports},{source}}}]"#);
    let tcp = r#""protocol":"tcp","from_port":22,"to_port":22"#;
    let live_tcp = r#""ipProtocol":"tcp","fromPort":22,"toPort":22"#;
    let form = Form::IngressRules;
    equal(
        form,
        Equivalence::RuleSplit,
        &[
            (
                &rule(tcp, r#""cidr_blocks":["10.0.0.1/8","10.9.0.0/16"]"#),
                &format!(
                    "[{{{live_tcp},\"ipRanges\":[\"10.9.0.0/16\"]}},{{{live_tcp},\"ipv4Ranges\":[{{\"cidrIp\":\"10.0.0.0/8\"}}]}}]"
                ),
            ),
            (
                r#"[{"protocol":"icmp","from_port":-1,"to_port":-1,"cidr_blocks":["0.0.0.0/0"]}]"#,
                r#"[{"ipProtocol":"icmp","ipRanges":["0.0.0.0/0"]}]"#,
            ),
            (
                r#"[{"protocol":"50","from_port":0,"to_port":0,"cidr_blocks":["0.0.0.0/0"]}]"#,
                r#"[{"ipProtocol":"50","ipRanges":["0.0.0.0/0"]}]"#,
            ),
            (
                &rule(
                    tcp,
                    r#""security_groups":["999988887777/sg-2"],"self":true"#,
                ),
                &rule(
                    live_tcp,
                    r#""userIdGroupPairs":[{"groupId":"sg-2","userId":"999988887777"},{"groupId":"sg-own"}]"#,
                ),
            ),
            (
                &rule(
                    tcp,
                    r#""ipv6_cidr_blocks":["2001:DB8::1/32"],"prefix_list_ids":["pl-1"]"#,
                ),
                &rule(
                    live_tcp,
                    r#""ipv6Ranges":[{"cidrIpv6":"2001:db8::/32"}],"prefixListIds":[{"prefixListId":"pl-1"}]"#,
                ),
            ),
        ],
    );
    equal(form, Equivalence::Unset, &[("null", "[]")]);
    different(
        form,
        &[
            (
                r#"[{"protocol":"icmp","from_port":8,"to_port":0,"cidr_blocks":["0.0.0.0/0"]}]"#,
                r#"[{"ipProtocol":"icmp","fromPort":-1,"toPort":-1,"ipRanges":["0.0.0.0/0"]}]"#,
            ),
            (
                r#"[{"protocol":"tcp","from_port":0,"to_port":0,"cidr_blocks":["0.0.0.0/0"]}]"#,
                r#"[{"ipProtocol":"tcp","ipRanges":["0.0.0.0/0"]}]"#,
            ),
            (
                &rule(tcp, r#""security_groups":["sg-2"]"#),
                &rule(
                    live_tcp,
                    r#""userIdGroupPairs":[{"groupId":"sg-2","userId":"999988887777"}]"#,
                ),
            ),
            (
                &rule(tcp, r#""self":true"#),
                &rule(live_tcp, r#""userIdGroupPairs":[{"groupId":"sg-2"}]"#),
            ),
            (
                &rule(tcp, r#""cidr_blocks":["10.0.0.0/8"],"description":"a""#),
                &rule(
                    live_tcp,
                    r#""ipv4Ranges":[{"cidrIp":"10.0.0.0/8","description":"b"}]"#,
                ),
            ),
            (
                &rule(tcp, r#""cidr_blocks":["10.0.0.0/8"]"#),
                &rule(
                    live_tcp,
                    r#""ipv4Ranges":[{"cidrIp":"10.0.0.0/8"}],"ipRanges":["10.0.0.0/8","0.0.0.0/0"]"#,
                ),
            ),
        ],
    );
    for unreadable in [
        r#"[{"ipProtocol":"tcp","fromPort":"ssh","toPort":22}]"#,
        r#"[{"fromPort":22}]"#,
        r#"[{"ipProtocol":"tcp","ipv4Ranges":[{"description":"no address"}]}]"#,
        r#"[{"ipProtocol":"tcp","userIdGroupPairs":[{"userId":"1"}]}]"#,
        r#"[{"ipProtocol":"tcp","ipRanges":"0.0.0.0/0"}]"#,
    ] {
        assert!(
            form.value(unreadable, &whole(), LIVE).is_err(),
            "{unreadable}"
        );
    }
}

const FORMS: [Form; 16] = [
    Form::Scalar,
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
        "sse_algorithm",
        "apply_server_side_encryption_by_default",
        "aws:x",
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

    /// Where neither side has a role of its own, changing sides changes no outcome.
    #[test]
    fn comparing_is_symmetric(one in json(), other in json(), at in 0..FORMS.len()) {
        let form = FORMS[at];
        let has_sides = matches!(form, Form::ArnName | Form::VersionPrefix | Form::EncryptionRules);
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
        at in prop::sample::select(vec![Form::Set, Form::IngressRules, Form::InlinePolicies, Form::EncryptionRules]),
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
