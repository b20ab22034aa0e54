//! rules
use driftwarden::decide::rules::RuleSet;
#[test]
fn the_shipped_set_loads() {
    match RuleSet::shipped() {
        Ok(rules) => assert!(rules.len() >= 36),
        Err(errors) => panic!("{errors}"),
    }
}
