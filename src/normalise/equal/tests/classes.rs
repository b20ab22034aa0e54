//! The classes in which two values may be written differently and be one: each with pairs that are
//! equal and pairs that nearly are and must differ, or with the tests that show it elsewhere, or with
//! the reason why nothing is compared so.

use super::{Form, Outcome, outcome};
use crate::normalise::Catalogue;

/// Form, words of the table, approved, live.
type Pair = (
    Form,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

struct Class {
    name: &'static str,
    equal: &'static [Pair],
    near: &'static [Pair],
    /// Names of tests of the class, with the text of their file.
    elsewhere: &'static [(&'static str, &'static str)],
    /// Attributes that nothing compares, because the form for them does not exist.
    not_compared: &'static [&'static str],
}

const PROPERTY: &str = include_str!("property.rs");
const NETWORKS: &str = include_str!("networks.rs");
const POLICY: &str = include_str!("../../json_policy.rs");
const PRINCIPALS: &str = include_str!("../principals.rs");
const RULES: &str = include_str!("../../security_group/mod.rs");
const CIDR: &str = include_str!("../../cidr.rs");
const SECRETS: &str = include_str!("../../../decide/value_tests.rs");
const MADE: &str = include_str!("../../../../tests/it/tables/made.rs");
const CASES: &str = include_str!("../../../../tests/it/cases/mod.rs");

const CLASSES: [Class; 17] = [
    Class {
        name: "a set has no order, a list has one",
        equal: &[(Form::Set, &[], r#"["a","b"]"#, r#"["b","a"]"#)],
        near: &[
            (Form::List, &[], r#"["a","b"]"#, r#"["b","a"]"#),
            (Form::Set, &[], r#"["a","b"]"#, r#"["a"]"#),
            (
                Form::Blocks,
                &[],
                r#"[{"n":1},{"n":2}]"#,
                r#"[{"n":2},{"n":1}]"#,
            ),
            (
                Form::BlockSet,
                &[],
                r#"[{"n":1},{"n":2}]"#,
                r#"[{"n":1},{"n":1}]"#,
            ),
        ],
        elsewhere: &[("the_order_of_elements_means_nothing_in_sets", PROPERTY)],
        not_compared: &[],
    },
    Class {
        name: "IAM policies",
        equal: &[(
            Form::Policy,
            &[],
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"S3:GetObject","Resource":"*"}}"#,
            r#""%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%5B%22s3%3Agetobject%22%5D%2C%22Resource%22%3A%5B%22%2A%22%5D%7D%5D%7D""#,
        )],
        near: &[(
            Form::Policy,
            &[],
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"s3:GetObject","Resource":"*"}}"#,
        )],
        elsewhere: &[
            ("the_order_of_lists_means_nothing_in_policies", PROPERTY),
            ("every_change_of_a_leaf_of_a_policy_is_seen", PROPERTY),
            ("equal_pairs_and_near_misses", POLICY),
        ],
        not_compared: &[],
    },
    Class {
        name: "a principal by ARN and by unique id",
        equal: &[],
        near: &[],
        elsewhere: &[
            (
                "the_id_of_the_role_that_has_the_name_is_that_role",
                PRINCIPALS,
            ),
            ("a_role_that_was_made_again_is_another", PRINCIPALS),
            ("the_id_of_another_role_is_another", PRINCIPALS),
            ("of_whom_no_item_tells_nothing_is_known", PRINCIPALS),
        ],
        not_compared: &[],
    },
    Class {
        name: "a bare name and a full ARN, a KMS key by id and by ARN",
        equal: &[
            (
                Form::ArnName,
                &[],
                r#""app""#,
                r#""arn:aws:iam::1:role/app""#,
            ),
            (
                Form::KmsKey,
                &[],
                r#""1234""#,
                r#""arn:aws:kms:eu-west-1:1:key/1234""#,
            ),
        ],
        near: &[
            (
                Form::ArnName,
                &[],
                r#""app""#,
                r#""arn:aws:iam::1:role/my-app""#,
            ),
            (
                Form::ArnName,
                &[],
                r#""arn:aws:iam::1:role/app""#,
                r#""arn:aws:iam::2:role/app""#,
            ),
            (
                Form::KmsKey,
                &[],
                r#""arn:aws:kms:eu-west-1:1:key/1234""#,
                r#""arn:aws:kms:eu-central-1:1:key/1234""#,
            ),
            (
                Form::Scalar,
                &[],
                r#""arn:aws:logs:a:1:log-group:x""#,
                r#""arn:aws:logs:a:1:log-group:x:*""#,
            ),
        ],
        elsewhere: &[],
        not_compared: &[],
    },
    Class {
        name: "ids and places of Azure, whatever their case",
        equal: &[],
        near: &[(Form::Scalar, &[], r#""West US 2""#, r#""westus2""#)],
        elsewhere: &[],
        not_compared: &["resource_group_name", "location"],
    },
    Class {
        name: "tags in every shape",
        equal: &[(
            Form::Tags,
            &[],
            r#"{"a":"1"}"#,
            r#"[{"key":"a","value":"1"},{"key":"aws:x","value":"2"}]"#,
        )],
        near: &[
            (
                Form::Tags,
                &[],
                r#"{"a":"1"}"#,
                r#"[{"key":"A","value":"1"}]"#,
            ),
            (
                Form::Tags,
                &[],
                r#"{"a":"1"}"#,
                r#"[{"key":"a","value":"1"},{"key":"awsx","value":"2"}]"#,
            ),
        ],
        elsewhere: &[],
        not_compared: &[],
    },
    Class {
        name: "what is not set",
        equal: &[
            (Form::Scalar, &[], "null", r#""""#),
            (Form::Scalar, &[], "null", "false"),
            (Form::Set, &[], "null", "[]"),
        ],
        near: &[
            (Form::Scalar, &[], "null", "true"),
            (Form::Scalar, &[], r#""""#, r#"" ""#),
            (Form::Set, &[], "null", r#"["a"]"#),
        ],
        elsewhere: &[],
        not_compared: &[],
    },
    Class {
        name: "numbers, flags and words as text",
        equal: &[
            (Form::Scalar, &[], "5432", r#""5432""#),
            (Form::Scalar, &[], "true", r#""true""#),
            (Form::Scalar, &[], "5", "5.0"),
            (Form::Scalar, &[("enabled", "true")], "true", r#""enabled""#),
        ],
        near: &[
            (Form::Scalar, &[], "5", r#""05""#),
            (Form::Scalar, &[], r#""5.71""#, "5.7"),
            (Form::Scalar, &[], "true", r#""enabled""#),
            (
                Form::Scalar,
                &[("enabled", "true")],
                "true",
                r#""disabled""#,
            ),
        ],
        elsewhere: &[],
        not_compared: &[],
    },
    Class {
        name: "ranges of addresses",
        equal: &[
            (Form::Cidr, &[], r#""10.0.0.5/16""#, r#""10.0.0.0/16""#),
            (
                Form::Cidr,
                &[],
                r#""2001:DB8:0::/48""#,
                r#""2001:db8::/48""#,
            ),
        ],
        near: &[
            (Form::Cidr, &[], r#""10.0.0.0/16""#, r#""10.0.0.0/17""#),
            (Form::Cidr, &[], r#""10.0.0.0/16""#, r#""10.1.0.0/16""#),
            (Form::Cidr, &[], r#""10.0.0.1/32""#, r#""10.0.0.2/32""#),
        ],
        elsewhere: &[
            ("is_idempotent_and_keeps_the_network", CIDR),
            ("ranges_of_addresses", NETWORKS),
        ],
        not_compared: &[],
    },
    Class {
        name: "rules merged and split",
        equal: &[(
            Form::IngressRules,
            &[],
            r#"[{"protocol":"6","from_port":1,"to_port":2,"cidr_blocks":["10.0.0.0/8","10.1.0.9/16"]}]"#,
            r#"[{"ipProtocol":"tcp","fromPort":1,"toPort":2,"ipv4Ranges":[{"cidrIp":"10.1.0.0/16"}]},
                {"ipProtocol":"tcp","fromPort":1,"toPort":2,"ipv4Ranges":[{"cidrIp":"10.0.0.0/8"}]}]"#,
        )],
        near: &[(
            Form::IngressRules,
            &[],
            r#"[{"protocol":"tcp","from_port":1,"to_port":2,"cidr_blocks":["10.0.0.0/8"]}]"#,
            r#"[{"ipProtocol":"udp","fromPort":1,"toPort":2,"ipv4Ranges":[{"cidrIp":"10.0.0.0/8"}]}]"#,
        )],
        elsewhere: &[
            ("the_same_rules_however_they_are_written", RULES),
            ("near_misses_differ", RULES),
            ("all_protocols_have_no_ports", RULES),
        ],
        not_compared: &[],
    },
    Class {
        name: "JSON in text",
        equal: &[(
            Form::Json,
            &[],
            r#""{\"b\": 1.0, \"a\": [1]}""#,
            r#"{"a":[1],"b":1}"#,
        )],
        near: &[
            (Form::Json, &[], r#""{\"a\":[1,2]}""#, r#"{"a":[2,1]}"#),
            (Form::Json, &[], r#""{\"a\":null}""#, r#"{"a":0}"#),
        ],
        elsewhere: &[],
        not_compared: &[],
    },
    Class {
        name: "user data, certificates and public keys in several encodings",
        equal: &[],
        near: &[(Form::Scalar, &[], r#""echo""#, r#""ZWNobw==""#)],
        elsewhere: &[],
        not_compared: &[
            "user_data",
            "user_data_base64",
            "certificate_body",
            "public_key",
        ],
    },
    Class {
        name: "points in time",
        equal: &[
            (
                Form::Scalar,
                &[],
                r#""2026-11-01T00:00:00Z""#,
                r#""2026-11-01T00:00:00.000Z""#,
            ),
            (
                Form::Scalar,
                &[],
                r#""2026-11-01T00:00:00Z""#,
                r#""2026-11-01T01:00:00+01:00""#,
            ),
        ],
        near: &[
            (
                Form::Scalar,
                &[],
                r#""2026-11-01T00:00:00Z""#,
                r#""2026-11-01T00:00:00.001Z""#,
            ),
            (
                Form::Scalar,
                &[],
                r#""2026-11-01T00:00:00Z""#,
                r#""2026-11-01T00:00:00+01:00""#,
            ),
            (
                Form::Scalar,
                &[],
                r#""2026-11-01T00:00:00Z""#,
                r#""2026-11-01T00:00:00""#,
            ),
            (
                Form::Scalar,
                &[],
                r#""2026-11-01""#,
                r#""2026-11-01T00:00:00Z""#,
            ),
        ],
        elsewhere: &[],
        not_compared: &[],
    },
    Class {
        name: "trailing dots, case of names, prefixes of versions",
        equal: &[
            (Form::Folded, &[], r#""Bank.example""#, r#""bank.example""#),
            (Form::VersionPrefix, &[], r#""8.0""#, r#""8.0.43""#),
        ],
        near: &[
            (
                Form::Folded,
                &[],
                r#""bank.example""#,
                r#""bank.example.org""#,
            ),
            (Form::Scalar, &[], r#""Bank""#, r#""bank""#),
            (Form::VersionPrefix, &[], r#""5.7""#, r#""5.70.1""#),
            (Form::VersionPrefix, &[], r#""8.0.43""#, r#""8.0""#),
        ],
        elsewhere: &[],
        not_compared: &[],
    },
    Class {
        name: "what the provider makes by itself",
        equal: &[],
        near: &[],
        elsewhere: &[
            ("what_aws_makes_by_itself_is_no_deviation", MADE),
            ("what_somebody_changed_in_it_is_one", MADE),
        ],
        not_compared: &[],
    },
    Class {
        name: "secrets",
        equal: &[],
        near: &[],
        elsewhere: &[
            (
                "what_is_the_same_in_the_open_is_the_same_as_a_secret",
                SECRETS,
            ),
            (
                "a_secret_that_can_be_written_in_several_ways_is_never_said_to_differ",
                SECRETS,
            ),
            ("a_digest_tells_what_the_values_tell", PROPERTY),
        ],
        not_compared: &[],
    },
    Class {
        name: "what was unknown when the plan was made",
        equal: &[],
        near: &[],
        // The cases unknown-bound-from-state, unknown-without-state and their like.
        elsewhere: &[("every_case_comes_out_as_expected", CASES)],
        not_compared: &[],
    },
];

#[test]
fn each_class_has_equal_pairs_and_near_misses() {
    for class in CLASSES {
        for (form, words, approved, live) in class.equal {
            let found = outcome(*form, words, approved, live);
            assert!(
                matches!(found, Outcome::Equal(_)),
                "{}: {approved} | {live}: {found:?}",
                class.name
            );
        }
        for (form, words, approved, live) in class.near {
            let found = outcome(*form, words, approved, live);
            assert!(
                matches!(found, Outcome::Differs(_)),
                "{}: {approved} | {live}: {found:?}",
                class.name
            );
        }
        let is_shown = !class.equal.is_empty() && !class.near.is_empty();
        let is_settled = !class.elsewhere.is_empty() || !class.not_compared.is_empty();
        assert!(is_shown || is_settled, "{}", class.name);
    }
}

#[test]
fn the_tests_of_a_class_are_there() {
    for class in CLASSES {
        for (name, text) in class.elsewhere {
            assert!(
                text.contains(&format!("fn {name}(")),
                "{}: {name}",
                class.name
            );
        }
    }
}

/// A table that compares one of these needs the form first.
#[test]
fn what_has_no_form_is_not_compared() {
    let catalogue = Catalogue::reviewed().unwrap();
    for (_, resource) in catalogue.resources() {
        for row in &resource.table.attributes {
            let name = row.pointer.tokens().last().unwrap_or_default();
            for class in &CLASSES {
                let is_of = class.not_compared.contains(&name.as_str());
                assert!(
                    !is_of,
                    "{}: {} {}",
                    class.name, resource.table.type_name, row.pointer
                );
            }
        }
    }
}
