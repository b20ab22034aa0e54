//! Policies, rules and other blocks with a form of their own.

use std::collections::BTreeMap;

use super::{
    Equivalence, LIVE, Outcome, compare, different, equal, not_comparable, outcome, whole,
};
use crate::model::AttributePath;
use crate::normalise::form::{Form, Side};

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
    let rule = r#"{"expiration":[{"days":1}]}"#;
    let (one, two) = (format!("[{rule}]"), format!("[{rule},{rule}]"));
    different(form, &[(&one, &two), (&two, &one)]);
    // A rule without an id of its own must not hide behind another.
    let twice = r#"[{"expirationInDays":1},{"expirationInDays":2}]"#;
    different(
        form,
        &[
            (r#"[{"expiration":[{"days":1}]}]"#, twice),
            (r#"[{"id":"a","expiration":[{"days":1}]}]"#, twice),
        ],
    );
}

fn pointers(found: &Outcome) -> Vec<&str> {
    match found {
        Outcome::Differs(found) => found.iter().map(|one| one.pointer.as_str()).collect(),
        Outcome::Equal(_) | Outcome::NotComparable(_) => Vec::new(),
    }
}

#[test]
fn transitions_are_a_set() {
    let rule = |days: u8| {
        format!(
            r#"[{{"id":"a","transition":[{{"days":60,"storage_class":"GLACIER"}},
                {{"days":{days},"storage_class":"STANDARD_IA"}}]}}]"#
        )
    };
    let live = r#"[{"id":"a","transitions":[{"days":30,"storageClass":"STANDARD_IA"},
        {"days":60,"storageClass":"GLACIER"}]}]"#;
    let form = Form::LifecycleRules;
    equal(form, Equivalence::Shape, &[(&rule(30), live)]);
    let found = outcome(form, &[], &rule(31), live);
    assert_eq!(pointers(&found), ["/0/transition"]);
    let Outcome::Differs(found) = found else {
        panic!("they differ");
    };
    assert_eq!(found[0].approved.as_list().map(<[_]>::len), Some(1));
    assert_eq!(found[0].live.as_list().map(<[_]>::len), Some(1));
}

#[test]
fn lifecycle_rules_without_ids_are_known_by_what_they_say() {
    let form = Form::LifecycleRules;
    let approved = r#"[{"id":"a","expiration":[{"days":1}]},{"expiration":[{"days":2}]}]"#;
    let live = r#"[{"expirationInDays":2},{"id":"a","expirationInDays":1}]"#;
    equal(form, Equivalence::Order, &[(approved, live)]);
    let changed = live.replace("InDays\":2", "InDays\":3");
    let found = outcome(form, &[], approved, &changed);
    assert_eq!(
        pointers(&found),
        ["/1/expiration/0/days"],
        "the only one left"
    );
    let two = r#"[{"expirationInDays":3},{"expirationInDays":4},{"id":"a","expirationInDays":1}]"#;
    assert_eq!(pointers(&outcome(form, &[], approved, two)), [""]);
}

#[test]
fn the_bucket_itself_has_its_own_names() {
    let approved = r#"[{"id":"a","enabled":true,"prefix":"in/","abort_incomplete_multipart_upload_days":3,
        "noncurrent_version_expiration":[{"days":9}]},
        {"id":"b","enabled":true,"prefix":"","tags":{"k":"v"},"expiration":[{"days":1}]}]"#;
    let live = r#"[{"id":"a","status":"Disabled","filter":{"predicate":{"type":"LifecyclePrefixPredicate","prefix":"x/"}},
        "abortIncompleteMultipartUpload":{"daysAfterInitiation":4},"noncurrentVersionExpirationInDays":8},
        {"id":"b","status":"Enabled","expirationInDays":1,"filter":{"predicate":{"type":"LifecycleAndOperator","operands":[
            {"type":"LifecycleTagPredicate","tag":{"key":"k","value":"w"}}]}}}]"#;
    let pointer = AttributePath::from("/lifecycle_rule");
    let form = Form::LifecycleRules;
    let value = |text, side| form.value(text, &whole(), side).unwrap();
    let live = value(live, LIVE);
    let found = compare(
        form,
        &BTreeMap::new(),
        &pointer,
        &value(approved, Side::Approved),
        &live,
    );
    let below = |name: &str| format!("/lifecycle_rule/{name}");
    assert_eq!(
        pointers(&found),
        [
            below("0/abort_incomplete_multipart_upload_days"),
            below("0/enabled"),
            below("0/noncurrent_version_expiration/0/days"),
            below("0/prefix"),
            below("1/tags/k"),
        ]
    );
}

#[test]
fn a_recorder_without_words_for_what_is_not_set_says_nothing_of_noncurrent_versions() {
    let form = Form::LifecycleRules;
    let approved = r#"[{"id":"a","expiration":[{"days":1}],"noncurrent_version_expiration":[{"noncurrent_days":9}]}]"#;
    let live = |marker: &str| {
        format!(
            r#"[{{"id":"a","expirationInDays":1,"noncurrentVersionExpirationInDays":-1,
                "expiredObjectDeleteMarker":{marker}}}]"#
        )
    };
    let told = outcome(form, &[], approved, &live("null"));
    assert!(matches!(told, Outcome::NotComparable(_)), "{told:?}");
    // AWS says of the marker whether it is set, and means its -1.
    let told = outcome(form, &[], approved, &live("false"));
    assert_eq!(pointers(&told), ["/0/noncurrent_version_expiration"]);
    let without = r#"[{"id":"a","expiration":[{"days":1}]}]"#;
    equal(form, Equivalence::Order, &[(without, &live("null"))]);
    let other = live("null").replace("InDays\":1", "InDays\":2");
    let told = outcome(form, &[], approved, &other);
    assert_eq!(pointers(&told), ["/0/expiration/0/days"]);
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
        &[
            ("null", "null"),
            ("[{}]", "[]"),
            (r#"[{"name":"","policy":""}]"#, "[]"),
        ],
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
