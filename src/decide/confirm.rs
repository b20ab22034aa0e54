//! Whether somebody else who looks at a resource sees just what a finding says of it.

use crate::model::{AttributePath, Fidelity, FixSubject, Value};
use crate::normalise::catalogue::Catalogue;
use crate::normalise::equal::{Outcome, compare};
use crate::normalise::form::{Form, Side};
use crate::normalise::path::WHOLE;
use crate::normalise::table::AttributeRow;

/// Holds an attribute as it is and as it is to be, both in the words of Terraform, against a finding. Both
/// sides are compared as the type's table says, as the finding was made.
///
/// # Errors
/// In words, why it is not what the finding says. No value is in it.
pub fn confirm(
    catalogue: &Catalogue,
    subject: &FixSubject,
    live: &Value,
    planned: &Value,
) -> Result<(), String> {
    let attribute = subject.attribute.as_ref();
    let attribute = attribute.ok_or("the finding names no attribute")?;
    let index = catalogue.find(subject.type_name.as_str());
    let resource = index.and_then(|index| catalogue.resource(index));
    let resource = resource.ok_or("no table has its type")?;
    let rows = resource.table.attributes.iter();
    let rows = rows.filter(|row| row.pointer.holds(attribute));
    let row = rows.max_by_key(|row| row.pointer.as_str().len());
    let row = row.ok_or_else(|| format!("the table of its type has no row for `{attribute}`"))?;
    let found = match compare(
        row.form,
        &row.values,
        &row.pointer,
        &canonical(row, planned)?,
        &canonical(row, live)?,
    ) {
        Outcome::Equal(_) => return Err(format!("`{attribute}` would stay as it is")),
        Outcome::NotComparable(why) => return Err(why.to_owned()),
        Outcome::Differs(found) => found,
    };
    let [only] = found.as_slice() else {
        let paths: Vec<String> = found
            .iter()
            .map(|one| format!("`{}`", one.pointer))
            .collect();
        return Err(format!("it differs at {}", paths.join(", ")));
    };
    if only.pointer != *attribute {
        return Err(format!("it differs at `{}`", only.pointer));
    }
    // An exact look tells values as the provider writes them, not in the form of the row.
    let is_raw = subject.fidelity == Fidelity::Exact && row.pointer == *attribute;
    let same = |one: &Value, other: &Value| {
        let in_form = || Ok::<_, String>((in_form(row, one)?, in_form(row, other)?));
        is_same(row, attribute, one, other)
            || is_raw && in_form().is_ok_and(|(one, other)| is_same(row, attribute, &one, &other))
    };
    match (
        same(&only.live, &subject.live),
        same(&only.approved, &subject.approved),
    ) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("`{attribute}` is not as the finding saw it")),
        (true, false) => Err(format!(
            "`{attribute}` would not become what the finding says was approved"
        )),
    }
}

fn canonical(row: &AttributeRow, whole: &Value) -> Result<Value, String> {
    let none = Value::Null;
    in_form(row, whole.at(row.pointer.tokens()).unwrap_or(&none))
}

/// In the form of its row.
fn in_form(row: &AttributeRow, own: &Value) -> Result<Value, String> {
    let text = serde_json::to_string(own).map_err(|error| error.to_string())?;
    let value = row.form.value(&text, &WHOLE, Side::Approved);
    value.map_err(|error| format!("`{}` cannot be compared: {error}", row.pointer))
}

fn is_same(row: &AttributeRow, attribute: &AttributePath, one: &Value, other: &Value) -> bool {
    // Below its row it is one value among others, whatever they make together.
    let form = match row.pointer == *attribute {
        true => row.form,
        false => Form::Scalar,
    };
    one == other
        || matches!(
            compare(form, &row.values, attribute, one, other),
            Outcome::Equal(_)
        )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::decide::guards::test_support::subject;
    use crate::model::TypeName;

    fn value(given: Json) -> Value {
        serde_json::from_value(given).unwrap()
    }

    fn rule(port: u16, cidr: &str, description: Json) -> Json {
        json!({"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": [cidr],
            "description": description, "ipv6_cidr_blocks": [], "prefix_list_ids": [],
            "security_groups": [], "self": false})
    }

    /// The finding is of a rule that admits everybody to port 22.
    fn said(live: Json, planned: Json) -> Result<(), String> {
        let mut finding = subject();
        finding.live = value(json!([rule(22, "0.0.0.0/0", json!(""))]));
        finding.approved = value(json!([]));
        let catalogue = Catalogue::reviewed().unwrap();
        let whole = |rules| value(json!({"id": "sg-1", "ingress": rules}));
        confirm(&catalogue, &finding, &whole(live), &whole(planned))
    }

    #[test]
    fn what_the_finding_says_is_confirmed_whatever_its_writing() {
        let own = rule(443, "10.0.0.0/8", json!("https"));
        let rogue = rule(22, "0.0.0.0/0", Json::Null);
        assert_eq!(said(json!([own, rogue]), json!([own])), Ok(()));
        // Not a word of it is otherwise.
        let other = rule(22, "203.0.113.0/24", Json::Null);
        let moved = "`/ingress` is not as the finding saw it".to_owned();
        assert_eq!(said(json!([own, other]), json!([own])), Err(moved.clone()));
        let more = json!([own, rogue, rule(3389, "0.0.0.0/0", Json::Null)]);
        assert_eq!(said(more, json!([own])), Err(moved));
        let changed = rule(443, "0.0.0.0/0", json!("https"));
        let otherwise = "`/ingress` would not become what the finding says was approved";
        assert_eq!(
            said(
                json!([own, rogue]),
                json!([own, rule(80, "0.0.0.0/0", Json::Null)])
            ),
            Err(otherwise.to_owned())
        );
        assert!(said(json!([own, rogue]), json!([changed])).is_err());
        let stays = "`/ingress` would stay as it is".to_owned();
        assert_eq!(said(json!([own]), json!([own])), Err(stays));
    }

    /// A policy as its provider writes it, of a finding that an exact look made.
    #[test]
    fn a_value_that_the_provider_wrote_is_confirmed_by_its_meaning() {
        let policy = |action: Json| {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
            json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
        };
        let whole = |action| value(json!({"arn": "arn:aws:iam::1:policy/p", "policy": action}));
        let said = |fidelity, seen: Json| {
            let mut finding = subject();
            finding.type_name = TypeName::from("aws_iam_policy");
            finding.attribute = Some(AttributePath::from("/policy"));
            finding.fidelity = fidelity;
            finding.live = value(json!(policy(seen)));
            finding.approved = value(json!(policy(json!("kms:Decrypt"))));
            let catalogue = Catalogue::reviewed().unwrap();
            let (live, planned) = (policy(json!(["kms:*"])), policy(json!(["kms:Decrypt"])));
            confirm(&catalogue, &finding, &whole(live), &whole(planned))
        };
        assert_eq!(said(Fidelity::Exact, json!("kms:*")), Ok(()));
        let moved = Err("`/policy` is not as the finding saw it".to_owned());
        assert_eq!(said(Fidelity::Exact, json!("kms:Encrypt")), moved);
        // What a table read is in the form of the table.
        assert_eq!(said(Fidelity::Mapped, json!("kms:*")), moved);
    }

    #[test]
    fn what_no_table_knows_is_not_confirmed() {
        let mut finding = subject();
        finding.type_name = TypeName::from("aws_unheard_of");
        let catalogue = Catalogue::reviewed().unwrap();
        let none = value(json!({}));
        let said = confirm(&catalogue, &finding, &none, &none).unwrap_err();
        assert_eq!(said, "no table has its type");
        let mut finding = subject();
        finding.attribute = Some(AttributePath::from("/revoke_rules_on_delete"));
        let said = confirm(&catalogue, &finding, &none, &none).unwrap_err();
        assert!(said.contains("has no row"), "{said}");
    }
}
