//! Scalars, words, lists, maps, tags and JSON.

use super::{Equivalence, Outcome, different, equal, not_comparable, outcome};
use crate::ingest::json::parse;
use crate::normalise::form::Form;

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
fn a_flag_that_stands_for_words_is_unset_as_flag_and_as_text() {
    let words = [("true", "Requester"), ("false", "BucketOwner")];
    let found = |approved, live| outcome(Form::Scalar, &words, approved, live);
    for live in ["false", r#""false""#] {
        assert_eq!(
            found(r#""""#, live),
            Outcome::Equal(Equivalence::Unset),
            "{live}"
        );
    }
    for live in ["true", r#""true""#] {
        assert!(
            matches!(found(r#""""#, live), Outcome::Differs(_)),
            "{live}"
        );
    }
    let no_flag = outcome(Form::Scalar, &[], r#""""#, r#""false""#);
    assert!(
        matches!(no_flag, Outcome::Differs(_)),
        "a word like any other"
    );
}

#[test]
fn case() {
    let pair = (r#""Sun:04:00-Sun:05:00""#, r#""sun:04:00-sun:05:00""#);
    equal(Form::Folded, Equivalence::Case, &[pair]);
    different(Form::Folded, &[(pair.0, r#""sun:04:00-sun:05:01""#)]);
    different(Form::Scalar, &[pair]);
}

#[test]
fn blocks_of_which_the_live_side_says_only_that_there_are_some() {
    let form = Form::AnyBlock;
    equal(
        form,
        Equivalence::Unset,
        &[("[]", "false"), ("null", "false")],
    );
    equal(form, Equivalence::Same, &[(r#"[{"a":1}]"#, "true")]);
    different(form, &[("[]", "true"), (r#"[{"a":1}]"#, "false")]);
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
            (
                r#""app:4""#,
                r#""arn:aws:ecs:eu-west-1:1:task-definition/app:4""#,
            ),
            (r#""/ledger/app""#, r#""arn:aws:iam::1:role/ledger/app""#),
            (
                r#""aws-service-role""#,
                r#""arn:aws:iam::1:role/aws-service-role/ecs.amazonaws.com/Own""#,
            ),
        ],
    );
    different(
        Form::ArnName,
        &[
            (r#""/app""#, r#""arn:aws:iam::1:role/ledger/app""#),
            (r#""/other/app""#, r#""arn:aws:iam::1:role/ledger/app""#),
            (r#""ledger""#, r#""arn:aws:iam::1:role/ledger/app""#),
            (r#""aws-service-role""#, r#""arn:aws:iam::1:role/app""#),
            (r#""eb""#, arn),
            (
                r#""app""#,
                r#""arn:aws:ecs:eu-west-1:1:task-definition/app:4""#,
            ),
            (r#""1:instance-profile/web""#, arn),
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
