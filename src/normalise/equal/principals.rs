//! Users and roles by their unique ids. A policy shows the id of a principal that was deleted: the
//! items of IAM tell whether the one that has its name now is the same.

use std::collections::BTreeMap;

use super::policy::{self, UNKNOWN_PRINCIPAL, text_of};
use super::{Equivalence, Outcome, whole};
use crate::model::{AttributePath, Value};
use crate::normalise::json_policy;

/// Which unique id the principal of an ARN has, and the other way round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principals {
    id_of: BTreeMap<String, String>,
    arn_of: BTreeMap<String, String>,
}

impl Principals {
    pub fn is_empty(&self) -> bool {
        self.id_of.is_empty()
    }

    pub fn add(&mut self, arn: &str, id: &str) {
        self.id_of.insert(arn.to_owned(), id.to_owned());
        self.arn_of.insert(id.to_owned(), arn.to_owned());
    }

    /// Two policies, of which one names by ARN whom the other names by unique id. An ARN whose
    /// principal is not known stays unknown.
    pub fn compare(&self, pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
        let named = |policy: &Value| renamed(policy, &self.arn_of);
        let by_arn = policy::compare(pointer, &named(approved), &named(live));
        if named(approved) == named(live) {
            return Outcome::Equal(Equivalence::Policy);
        }
        let is_open = by_arn == Outcome::NotComparable(UNKNOWN_PRINCIPAL);
        let by_id = |policy: &Value| renamed(&named(policy), &self.id_of);
        if is_open
            && policy::compare(pointer, &by_id(approved), &by_id(live))
                == Outcome::NotComparable(UNKNOWN_PRINCIPAL)
        {
            return Outcome::NotComparable(UNKNOWN_PRINCIPAL);
        }
        whole(pointer, text_of(approved), text_of(live))
    }
}

/// The policy with its principals under their other names, in canonical form.
fn renamed(policy: &Value, names: &BTreeMap<String, String>) -> Value {
    let mut policy = policy.clone();
    if let Value::Map(document) = &mut policy
        && let Some(Value::List(statements)) = document.get_mut("Statement")
    {
        for statement in statements {
            rename(statement, names);
        }
    }
    json_policy::canonical(policy.clone()).unwrap_or(policy)
}

fn rename(statement: &mut Value, names: &BTreeMap<String, String>) {
    let Value::Map(statement) = statement else {
        return;
    };
    if let Some(Value::Map(kinds)) = statement.get_mut("Principal")
        && let Some(Value::List(who)) = kinds.get_mut("AWS")
    {
        for name in who {
            if let Value::String(text) = name
                && let Some(other) = names.get(text.as_str())
            {
                other.clone_into(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::form::{Form, Side};
    use crate::normalise::path::Path;

    const APP: &str = "arn:aws:iam::1:role/app";
    const BATCH: &str = "arn:aws:iam::1:role/batch";
    const OLD: &str = "AROAIIPLC2ZXUJLSMEXAMPLE";
    const NEW: &str = "AROAQ5XYZ0ABCDEFGEXAMPLE";

    fn outcome(known: &[(&str, &str)], approved: &[&str], live: &[&str]) -> Outcome {
        let policy = |who: &[&str]| {
            let text = serde_json::json!({ "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": who } }] });
            let whole = Path::parse(".");
            Form::Policy
                .value(&text.to_string(), &whole, Side::Approved)
                .unwrap()
        };
        let mut principals = Principals::default();
        for (arn, id) in known {
            principals.add(arn, id);
        }
        principals.compare(&AttributePath::root(), &policy(approved), &policy(live))
    }

    fn differs(outcome: &Outcome) -> bool {
        matches!(outcome, Outcome::Differs(_))
    }

    #[test]
    fn the_id_of_the_role_that_has_the_name_is_that_role() {
        let equal = Outcome::Equal(Equivalence::Policy);
        assert_eq!(outcome(&[(APP, OLD)], &[APP], &[OLD]), equal);
        assert_eq!(outcome(&[(APP, OLD)], &[OLD], &[APP]), equal);
        assert_eq!(
            outcome(&[(APP, OLD), (BATCH, NEW)], &[APP, BATCH], &[NEW, OLD]),
            equal
        );
    }

    #[test]
    fn a_role_that_was_made_again_is_another() {
        assert!(differs(&outcome(&[(APP, NEW)], &[APP], &[OLD])));
        assert!(differs(&outcome(&[(APP, NEW)], &[OLD], &[APP])));
        assert!(differs(&outcome(
            &[(APP, NEW)],
            &[APP, BATCH],
            &[OLD, BATCH]
        )));
    }

    #[test]
    fn the_id_of_another_role_is_another() {
        assert!(differs(&outcome(&[(BATCH, OLD)], &[APP], &[OLD])));
        assert!(differs(&outcome(&[(APP, OLD)], &[APP], &[OLD, BATCH])));
    }

    #[test]
    fn of_whom_no_item_tells_nothing_is_known() {
        let unknown = Outcome::NotComparable(UNKNOWN_PRINCIPAL);
        assert_eq!(outcome(&[], &[APP], &[OLD]), unknown);
        assert_eq!(outcome(&[(BATCH, NEW)], &[APP], &[OLD]), unknown);
    }

    #[test]
    fn a_difference_shows_both_policies_as_they_are() {
        let Outcome::Differs(found) = outcome(&[(APP, NEW)], &[APP], &[OLD]) else {
            panic!("equal");
        };
        assert!(found[0].approved.as_str().unwrap().contains(APP));
        assert!(found[0].live.as_str().unwrap().contains(OLD));
    }
}
