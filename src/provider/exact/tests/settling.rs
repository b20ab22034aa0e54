//! The self-test, masks and secrets of a settled baseline.

use std::collections::BTreeSet;

use super::*;

#[test]
fn the_self_test_masks_what_was_put_together_wrongly_and_not_what_was_changed() {
    let schema = machine();
    let state = value(&schema, r#"{"name":"n","user_data":"hash"}"#);
    let planned = value(&schema, r#"{"name":"n","user_data":"hash of hash"}"#);
    let masks = self_test(&state, &planned, &state, Equality::Exact).unwrap();
    assert_eq!(masks, BTreeSet::from([AttributePath::from("/user_data")]));
    // Changed by hand before it was settled: that is drift, and no mask.
    let live = value(&schema, r#"{"name":"n","user_data":"by hand"}"#);
    let changed = self_test(&live, &state, &state, Equality::Exact).unwrap_err();
    assert_eq!(changed[0].path, AttributePath::from("/user_data"));
}

#[test]
fn a_masked_place_is_judged_by_the_read_alone() {
    let schema = machine();
    let digest = SecretDigest::new(&[7; 32]);
    let masks = BTreeSet::from([AttributePath::from("/user_data")]);
    let first = value(&schema, r#"{"name":"n","user_data":"hash"}"#);
    let settled = SettledResource::settle(&first, &BTreeSet::new(), masks.clone(), &digest);
    let wrong = value(&schema, r#"{"name":"n","user_data":"hash of hash"}"#);
    let judged_as = |live: &Value| {
        judge(
            &Signals {
                block: &schema.block,
                config: &first,
                live,
                planned: &wrong,
                equality: Equality::Exact,
                settled: Some(&settled),
                masks: &masks,
                ignored: None,
            },
            &digest,
        )
    };
    let same = judged_as(&first);
    assert_eq!(same.differences, []);
    assert_eq!(same.masked, [AttributePath::from("/user_data")]);
    let by_hand = judged_as(&value(&schema, r#"{"name":"n","user_data":"by hand"}"#));
    assert_eq!(paths(&by_hand), ["/user_data read"]);
}

#[test]
fn a_secret_is_settled_as_a_digest_and_its_change_is_seen() {
    let schema = machine();
    let digest = SecretDigest::new(&[7; 32]);
    let sensitive = sensitive_names(&schema.block);
    assert!(sensitive.contains("password") && sensitive.contains("token"));
    let first = value(&schema, r#"{"name":"n","password":"hunter2hunter2"}"#);
    let settled = SettledResource::settle(&first, &sensitive, BTreeSet::new(), &digest);
    let (values, secrets) = settled.kept();
    assert!(!format!("{values:?} {secrets:?}").contains("hunter2"));
    let kept = Kept {
        type_name: "machine".to_owned(),
        at: String::new(),
        plan_sha256: String::new(),
        provider: String::new(),
        schema_version: 0,
        masks: BTreeSet::new(),
        values,
        secrets,
    };
    let text = serde_json::to_string(&kept).unwrap();
    let again: Kept = serde_json::from_str(&text).unwrap();
    let again = SettledResource::read(&again, &schema.value_type).unwrap();
    assert_eq!(again, settled);
    assert_eq!(again.differences(&first, &digest), []);
    let other = value(&schema, r#"{"name":"n","password":"hunter3"}"#);
    let found = again.differences(&other, &digest);
    assert_eq!(found[0].path, AttributePath::from("/password"));
    assert_eq!(found[0].before, Value::Null);
}
