//! Who tells what of real tables' rows, and near misses of each.

mod elements;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::*;
use crate::decide::exact::Subject;
use crate::model::{
    Address, ExactPlace, ProviderId, Sha256Digest, TypeName, Value, Within, WorkspaceName,
};

fn catalogue() -> &'static Catalogue {
    static READ: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::reviewed().unwrap());
    &READ
}

fn value(given: Json) -> Value {
    serde_json::from_value(given).unwrap()
}

fn key(address: &str) -> Key {
    (WorkspaceName::from("shop"), Address::from(address))
}

fn type_of(address: &str) -> TypeName {
    TypeName::from(address.split('.').next().unwrap())
}

fn held(address: &str, values: Json) -> Held {
    Held {
        key: key(address),
        type_name: type_of(address),
        values: value(values),
    }
}

fn deviation(address: &str, kind: DeviationKind, fidelity: Fidelity) -> Deviation {
    let subject = Subject {
        plan: Sha256Digest::of(b"plan"),
        type_name: type_of(address),
        provider_id: None,
        account: None,
        region: None,
        pending: Vec::new(),
    };
    let key = key(address);
    let made = crate::decide::exact::Made {
        key: &key,
        subject: &subject,
        place: None,
        like: None,
        now: Timestamp::UNIX_EPOCH,
    };
    Deviation {
        fidelity,
        ..made.deviation(kind)
    }
}

fn missing(address: &str) -> Deviation {
    deviation(address, DeviationKind::Missing, Fidelity::Mapped)
}

fn changed(address: &str, attribute: &str, approved: Json, live: Json) -> Deviation {
    Deviation {
        attribute: Some(AttributePath::from(attribute)),
        approved: value(approved),
        live: value(live),
        ..deviation(address, DeviationKind::Changed, Fidelity::Mapped)
    }
}

fn added(type_name: &str, id: &str, within: &str, live: Json) -> Deviation {
    let (workspace, address) = key(within);
    Deviation {
        workspace: None,
        address: None,
        provider_id: Some(ProviderId::from(id)),
        live: value(live),
        within: Some(Within { workspace, address }),
        ..deviation(type_name, DeviationKind::Unmanaged, Fidelity::Mapped)
    }
}

/// An owner of which a look shows one attribute otherwise.
struct Scene {
    owner: &'static str,
    top: &'static str,
    sides: (Json, Json),
    /// Places below the attribute at which it is told.
    places: Vec<&'static str>,
    held: Vec<Held>,
}

impl Scene {
    /// Who is said to tell it, with the deviations of others; nothing if the owner's own row stays.
    fn told(&self, others: &[Deviation]) -> Option<Vec<String>> {
        let catalogue = catalogue();
        let sides = (value(self.sides.0.clone()), value(self.sides.1.clone()));
        let looks = BTreeMap::from([(
            key(self.owner),
            ExactLook::Seen {
                places: Vec::<ExactPlace>::new(),
                wholes: BTreeMap::from([(AttributePath::from(self.top), sides)]),
                is_settled: true,
                detail: None,
            },
        )]);
        let own = self.places.iter().map(|below| Deviation {
            attribute: Some(AttributePath::from(format!("{}{below}", self.top))),
            ..deviation(self.owner, DeviationKind::Changed, Fidelity::Exact)
        });
        let mut deviations: Vec<Deviation> = own.chain(others.iter().cloned()).collect();
        let held = |_: &Wanted| self.held.clone();
        let aside = stand_back(catalogue, &looks, held, &mut deviations);
        // What others tell is never taken out, and of the owner all or nothing.
        assert_eq!(deviations[deviations.len() - others.len()..], *others);
        let left = deviations.len() - others.len();
        assert!(left == 0 || left == self.places.len() && aside.is_empty());
        assert_eq!(left + aside.len(), self.places.len());
        for own in &aside {
            assert_eq!(own.reason, AsideReason::ToldBySeparate);
        }
        aside.into_iter().next().map(|own| own.by)
    }
}

const BUCKET: &str = "aws_s3_bucket.ledger";

fn bucket(top: &'static str, sides: (Json, Json), part: &str, values: Json) -> Scene {
    let mut values = values;
    values["bucket"] = json!("ledger");
    Scene {
        owner: BUCKET,
        top,
        sides,
        places: vec![""],
        held: vec![
            held(BUCKET, json!({"bucket": "ledger", "id": "ledger"})),
            held(part, values),
        ],
    }
}

fn policy(action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

const POLICY: &str = "aws_s3_bucket_policy.ledger";

fn with_policy(live: &str) -> Scene {
    let sides = (json!(policy("s3:GetObject")), json!(live));
    let own = json!({"policy": policy("s3:GetObject")});
    bucket("/policy", sides, POLICY, own)
}

fn its_policy(approved: &str, live: &str) -> Deviation {
    changed(
        POLICY,
        "/policy",
        json!(policy(approved)),
        json!(policy(live)),
    )
}

#[test]
fn a_bucket_does_not_repeat_what_its_policy_tells() {
    let scene = with_policy(&policy("s3:*"));
    let told = scene.told(&[its_policy("s3:GetObject", "s3:*")]);
    assert_eq!(told, Some(vec![POLICY.to_owned()]));
    // Near misses: nobody tells it, another value, another one before, another attribute.
    assert_eq!(scene.told(&[]), None);
    assert_eq!(scene.told(&[its_policy("s3:GetObject", "s3:Put*")]), None);
    assert_eq!(scene.told(&[its_policy("s3:List*", "s3:*")]), None);
    assert_eq!(scene.told(&[missing(POLICY)]), None);
    let other = changed(POLICY, "/bucket", json!("ledger"), json!("other"));
    assert_eq!(scene.told(&[other]), None);
    // Of another workspace.
    let mut elsewhere = its_policy("s3:GetObject", "s3:*");
    elsewhere.workspace = Some(WorkspaceName::from("bank"));
    assert_eq!(scene.told(&[elsewhere]), None);
}

#[test]
fn a_policy_of_another_bucket_tells_nothing_of_this_one() {
    let mut scene = with_policy(&policy("s3:*"));
    scene.held[1].values = value(json!({"bucket": "other", "policy": policy("s3:GetObject")}));
    assert_eq!(scene.told(&[its_policy("s3:GetObject", "s3:*")]), None);
    // Nor is it known whose it is where two are called so.
    let mut scene = with_policy(&policy("s3:*"));
    let again = held(
        "aws_s3_bucket.again",
        json!({"bucket": "ledger", "id": "ledger"}),
    );
    scene.held.push(again);
    assert_eq!(scene.told(&[its_policy("s3:GetObject", "s3:*")]), None);
}

#[test]
fn what_is_gone_or_was_added_whole_is_told_by_that() {
    let scene = with_policy("");
    assert!(scene.told(&[missing(POLICY)]).is_some());
    assert_eq!(scene.told(&[]), None);
    // Something else lies there now.
    assert_eq!(with_policy(&policy("s3:*")).told(&[missing(POLICY)]), None);
    let mut scene = with_policy(&policy("s3:*"));
    scene.sides.0 = json!("");
    scene.held.pop();
    let rogue = |action: &str, within: &str| {
        let live = json!({"policy": serde_json::from_str::<Json>(&policy(action)).unwrap()});
        added("aws_s3_bucket_policy", "ledger", within, live)
    };
    let told = scene.told(&[rogue("s3:*", BUCKET)]);
    assert_eq!(told, Some(vec!["aws_s3_bucket_policy ledger".to_owned()]));
    assert_eq!(scene.told(&[rogue("s3:Put*", BUCKET)]), None);
    assert_eq!(scene.told(&[rogue("s3:*", "aws_s3_bucket.other")]), None);
}

#[test]
fn words_of_the_cloud_are_translated() {
    let part = "aws_s3_bucket_versioning.ledger";
    let block = |enabled: bool| json!([{"enabled": enabled, "mfa_delete": false}]);
    let own = json!({"versioning_configuration": [{"status": "Enabled"}]});
    let mut scene = bucket("/versioning", (block(true), block(false)), part, own);
    scene.places = vec!["/0/enabled"];
    let status = |live: &str| {
        let at = "/versioning_configuration/0/status";
        changed(part, at, json!("Enabled"), json!(live))
    };
    assert!(scene.told(&[status("Suspended")]).is_some());
    assert_eq!(scene.told(&[status("Enabled")]), None);
    assert!(scene.told(&[missing(part)]).is_some());
    // A second change beside it, which nobody tells.
    scene.sides.1 = json!([{"enabled": false, "mfa_delete": true}]);
    scene.places.push("/0/mfa_delete");
    assert_eq!(scene.told(&[status("Suspended")]), None);
}

#[test]
fn a_block_that_is_gone_is_told_if_all_that_was_in_it_is() {
    let part = "aws_s3_bucket_logging.ledger";
    let block = json!([{"target_bucket": "logs", "target_prefix": "a/"}]);
    let own = json!({"target_bucket": "logs", "target_prefix": "a/"});
    let mut scene = bucket("/logging", (block, json!([])), part, own);
    assert!(scene.told(&[missing(part)]).is_some());
    scene.sides.0 = json!([{"target_bucket": "logs", "target_prefix": "b/"}]);
    assert_eq!(scene.told(&[missing(part)]), None);
    // No row knows of it.
    scene.sides.0 =
        json!([{"target_bucket": "logs", "target_prefix": "a/", "target_format": "simple"}]);
    assert_eq!(scene.told(&[missing(part)]), None);
}

#[test]
fn rules_of_encryption_and_of_lifecycle_are_told_by_place_and_value() {
    let part = "aws_s3_bucket_server_side_encryption_configuration.ledger";
    let rule = |algorithm: &str, key: &str, bucket_key: bool| {
        json!({"bucket_key_enabled": bucket_key, "apply_server_side_encryption_by_default":
            [{"sse_algorithm": algorithm, "kms_master_key_id": key}]})
    };
    let (before, after) = (rule("aws:kms", "k-1", true), rule("AES256", "", false));
    let whole = |rule: &Json| json!([{"rule": [rule]}]);
    let sides = (whole(&before), whole(&after));
    let top = "/server_side_encryption_configuration";
    let mut scene = bucket(top, sides, part, json!({"rule": [before]}));
    scene.places = vec![
        "/0/rule/0/bucket_key_enabled",
        "/0/rule/0/x/0/sse_algorithm",
    ];
    let told = |live: &Json| changed(part, "/rule", json!([before]), json!([live]));
    assert!(scene.told(&[told(&after)]).is_some());
    assert_eq!(scene.told(&[told(&rule("AES256", "", true))]), None);
    // What the form of the row does not see, nobody tells.
    let mut more = after.clone();
    more["blocked_encryption_types"] = json!(["SSE-C"]);
    scene.sides.1 = whole(&more);
    assert_eq!(scene.told(&[told(&after)]), None);

    let part = "aws_s3_bucket_lifecycle_configuration.ledger";
    let rule = |days: u32| json!([{"id": "a", "enabled": true, "prefix": "r/", "expiration": [{"days": days}]}]);
    let own = json!([{"id": "a", "status": "Enabled", "filter": [{"prefix": "r/"}], "expiration": [{"days": 365}]}]);
    let mut scene = bucket(
        "/lifecycle_rule",
        (rule(365), rule(30)),
        part,
        json!({"rule": own}),
    );
    scene.places = vec!["/0/expiration/0/days"];
    let days = |live: u32| changed(part, "/rule/0/expiration/0/days", json!(365), json!(live));
    assert!(scene.told(&[days(30)]).is_some());
    assert_eq!(scene.told(&[days(31)]), None);
}

/// Where no provider was asked, a refresh tells the whole attribute.
#[test]
fn what_a_refresh_tells_stands_back_too() {
    let catalogue = catalogue();
    let scene = with_policy(&policy("s3:*"));
    let mut own = changed(
        BUCKET,
        "/policy",
        scene.sides.0.clone(),
        scene.sides.1.clone(),
    );
    own.fidelity = Fidelity::Exact;
    let left = |looks: &ExactLooks| {
        let mut all = vec![own.clone(), its_policy("s3:GetObject", "s3:*")];
        let held = |_: &Wanted| scene.held.clone();
        let aside = stand_back(catalogue, looks, held, &mut all);
        (all.len(), aside.len())
    };
    assert_eq!(left(&BTreeMap::new()), (1, 1));
    // One that the provider would change back is the owner's own.
    let seen = ExactLook::Seen {
        places: Vec::new(),
        wholes: BTreeMap::new(),
        is_settled: true,
        detail: None,
    };
    assert_eq!(left(&BTreeMap::from([(key(BUCKET), seen)])), (2, 0));
    // A secret is not compared.
    let mut secret = own.clone();
    secret.live = Value::Sensitive(Sha256Digest::of(b"x"));
    let mut all = vec![secret, its_policy("s3:GetObject", "s3:*")];
    let held = |_: &Wanted| scene.held.clone();
    assert!(stand_back(catalogue, &BTreeMap::new(), held, &mut all).is_empty());
}
