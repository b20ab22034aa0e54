//! Only what was named and reviewed is started, for what it was named for.

use super::world::{World, documented, gone, remediation, subject};
use crate::engine::config_fix::Documented;
use crate::model::{AttributePath, DeviationKind, Fidelity, FixSubject, TypeName, Value};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{ParameterValue, Remediation};

#[test]
fn what_would_run_is_just_what_was_named() {
    type Other = fn(&mut Remediation);
    let others: [(Other, &str); 11] = [
        (
            |own| own.is_document = false,
            "runs something that is no document",
        ),
        (|own| own.document.push('x'), "runs another document than"),
        (
            |own| own.version = Some("8".to_owned()),
            "in another version than `7`",
        ),
        (|own| own.version = None, "in whatever version counts then"),
        (|own| own.is_automatic = true, "by itself"),
        (
            |own| own.resource_type = Some("AWS::S3::AccessPoint".to_owned()),
            "is not for AWS::S3::Bucket",
        ),
        (
            |own| drop(own.parameters.remove("BucketName")),
            "the parameter `BucketName`",
        ),
        (
            |own| {
                let value = ParameterValue::Static(vec!["bank-ledger".to_owned()]);
                own.parameters.insert("BucketName".to_owned(), value);
            },
            "the parameter `BucketName`",
        ),
        (
            |own| {
                let value = ParameterValue::Unknown;
                own.parameters.insert("BucketName".to_owned(), value);
            },
            "the parameter `BucketName`",
        ),
        (
            |own| {
                let role = "arn:aws:iam::444455556666:role/remedy-eu-west-1".to_owned();
                let value = ParameterValue::Static(vec![role]);
                own.parameters
                    .insert("AutomationAssumeRole".to_owned(), value);
            },
            "the parameter `AutomationAssumeRole`",
        ),
        (
            |own| {
                let value = ParameterValue::Static(vec!["yes".to_owned()]);
                own.parameters.insert("Force".to_owned(), value);
            },
            "the parameter `Force`",
        ),
    ];
    for (other, words) in others {
        let mut world = World::new();
        let mut set_up = remediation();
        other(&mut set_up);
        world.cloud().set_up = Some(set_up);
        let why = world.left();
        assert!(why.contains(words), "{why}");
        assert_eq!(world.calls("start"), 0);
    }
    let mut world = World::new();
    world.cloud().set_up = None;
    let why = world.left();
    assert_eq!(
        why,
        "AWS Config has no remediation for the rule `buckets-not-public`"
    );
    // For any type of resource will do.
    let mut world = World::new();
    world.cloud().set_up.as_mut().unwrap().resource_type = None;
    world.done(false);
    assert_eq!(world.calls("start"), 1);
}

#[test]
fn what_it_sets_beside_must_be_approved_too() {
    for subject in [subject(), gone()] {
        let mut world = World::new();
        world.subject = subject;
        let Value::Map(approved) = &mut world.approved else {
            panic!()
        };
        approved.insert("restrict_public_buckets".to_owned(), Value::Bool(false));
        let why = world.left();
        assert!(why.contains("sets `restrict_public_buckets` of"), "{why}");
        assert!(world.api.0.lock().unwrap().calls.is_empty());
    }
}

#[test]
fn only_what_it_is_for_is_taken() {
    let catalogue = Catalogue::reviewed().unwrap();
    let own = documented();
    let takes = |subject: &FixSubject| own.covers(&catalogue, subject);
    assert!(takes(&subject()) && takes(&gone()));
    type Other = fn(&mut FixSubject);
    let others: [(&str, Other); 13] = [
        ("type", |own| {
            own.type_name = TypeName::from("aws_s3_bucket_policy")
        }),
        ("attribute", |own| {
            own.attribute = Some(AttributePath::from("/bucket"))
        }),
        ("below", |own| {
            own.attribute = Some(AttributePath::from("/block_public_acls/x"))
        }),
        ("value", |own| own.approved = Value::Bool(false)),
        ("secret", |own| own.approved = Value::Null),
        ("kind", |own| own.kind = DeviationKind::Unmanaged),
        ("fidelity", |own| own.fidelity = Fidelity::Exact),
        ("workspace", |own| own.workspace = Some("ledger".into())),
        ("account", |own| own.account = Some("444455556666".into())),
        ("region", |own| own.region = Some("eu-central-1".into())),
        ("id", |own| own.provider_id = None),
        ("plan", |own| own.plan = None),
        ("address", |own| own.address = None),
    ];
    for (what, other) in others {
        let mut subject = subject();
        other(&mut subject);
        assert!(!takes(&subject), "{what}");
    }
    let everywhere = Documented {
        workspaces: Vec::new(),
        ..documented()
    };
    let mut other = subject();
    other.workspace = Some("ledger".into());
    assert!(everywhere.covers(&catalogue, &other));
}
