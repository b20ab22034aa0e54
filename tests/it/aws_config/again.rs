//! Single resources, read again.

use driftwarden::model::WhyNotRead;
use driftwarden::ports::{LiveSource, ReadsAgain, WantedResource};

use super::fake::*;

fn wanted(config_type: &str, id: &str) -> WantedResource {
    WantedResource {
        account: ACCOUNT.into(),
        region: WEST.into(),
        config_type: config_type.into(),
        id: Some(id.into()),
        name: None,
        arn: None,
    }
}

#[test]
fn what_is_there_comes_from_one_query_and_what_is_not_from_its_history() {
    let rows = ["one", "two", "three"].map(|id| row(ACCOUNT, WEST, BUCKET, id));
    let cloud = Shared::new(Cloud::new(rows.to_vec()));
    let source = cloud.direct(&[WEST], PLENTY);
    let all = ["one", "two", "gone", "never"].map(|id| wanted(BUCKET, id));
    let read = source.read_again(&all);
    let found = items(&read.items.unwrap());
    let ids: Vec<&str> = found.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "gone"]);
    let [lost] = &read.not_observed[..] else {
        panic!("{:?}", read.not_observed)
    };
    assert_eq!((lost.why, &lost.wanted), (WhyNotRead::Deleted, &all[3]));
    assert_eq!(cloud.calls("SelectResourceConfig").len(), 1);
    assert_eq!(cloud.calls("GetResourceConfigHistory").len(), 2);
}

#[test]
fn names_that_no_expression_can_hold_go_to_the_history() {
    let cloud = Shared::new(Cloud::new(Vec::new()));
    let source = cloud.direct(&[WEST], PLENTY);
    let read = source.read_again(&[wanted(BUCKET, "a' OR 'a' = 'a")]);
    assert!(read.items.is_some());
    assert_eq!(cloud.calls("SelectResourceConfig").len(), 0);
}

#[test]
fn what_refuses_is_told_for_each_resource() {
    let mut cloud = Cloud::new(Vec::new());
    cloud.fault = Box::new(|_, _| Some(failed(WhyNotRead::Throttled)));
    let cloud = Shared::new(cloud);
    let source = cloud.direct(&[WEST], PLENTY);
    let mut all = vec![wanted(BUCKET, "one"), wanted(BUCKET, "two")];
    all.push(WantedResource {
        region: "sa-east-1".into(),
        ..wanted(BUCKET, "far")
    });
    let read = source.read_again(&all);
    assert_eq!(read.items, None);
    let whys: Vec<WhyNotRead> = read.not_observed.iter().map(|own| own.why).collect();
    let expected = [
        WhyNotRead::NotRecorded,
        WhyNotRead::Throttled,
        WhyNotRead::Throttled,
    ];
    assert_eq!(whys, expected);
    // A scan that is refused keeps no event from asking.
    look(&source);
    cloud.0.lock().unwrap().fault = Box::new(|_, _| None);
    assert!(source.read_again(&all).items.is_some());
}

#[test]
fn iam_is_asked_for_where_it_is_recorded() {
    let role = row(ACCOUNT, "global", ROLE, "AROAEXAMPLE");
    let cloud = Shared::new(Cloud::new(vec![role]));
    let source = cloud.direct(&["eu-central-1", WEST], PLENTY);
    look(&source);
    let one = WantedResource {
        region: "us-east-1".into(),
        ..wanted(ROLE, "AROAEXAMPLE")
    };
    assert!(source.read_again(&[one]).items.is_some());
    assert_eq!(source.name(), "bank");
}
