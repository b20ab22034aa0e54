//! What is live of a part that nobody approved: whoever is told of it must see what it does.

use std::collections::{BTreeMap, BTreeSet};

use super::Comparer;
use super::live::Live;
use super::parts::at_row;
use super::secrets::is_secret;
use crate::decide::value::Other;
use crate::model::Value;
use crate::normalise::catalogue::Resource;
use crate::normalise::form::Form;
use crate::normalise::path::Path;
use crate::normalise::table::AttributeRow;

/// A list in a pointer is one of blocks, of which there are few.
const MOST_BLOCKS: usize = 64;

impl Comparer<'_> {
    /// A part of an item, in Terraform's attributes.
    pub(super) fn part_shown(&self, table: &Resource, live: &Live<'_>) -> Value {
        let secret = self.secret_slots(live);
        let (mut shown, mut said) = (Value::Null, Vec::new());
        for (row, slots) in table.table.attributes.iter().zip(&table.live_slots) {
            let mut there = slots.iter().zip(&row.live);
            let there = there.find_map(|(slot, path)| Some((*slot, path, live.raw(*slot)?)));
            let Some((slot, path, raw)) = there else {
                continue;
            };
            // An attribute and another way to write it show the same.
            let says = (slot, row.form, path);
            if !said.contains(&says) {
                said.push(says);
                self.show(row, raw, path, secret.contains(&slot), live, &mut shown);
            }
        }
        shown
    }

    /// An element of a list, in the same way.
    pub(super) fn element_shown(
        &self,
        table: &Resource,
        element: &Value,
        live: &Live<'_>,
    ) -> Value {
        let secret = self.secret_slots(live);
        let is_hidden = table.member_slot.is_some_and(|slot| secret.contains(&slot));
        let mut shown = Value::Null;
        for row in &table.table.attributes {
            let Some((path, found)) = at_row(row, element).filter(|(_, found)| !found.is_null())
            else {
                continue;
            };
            if let Ok(raw) = serde_json::to_string(found) {
                self.show(row, &raw, path, is_hidden, live, &mut shown);
            }
        }
        shown
    }

    fn show(
        &self,
        row: &AttributeRow,
        raw: &str,
        path: &Path,
        is_secret: bool,
        live: &Live<'_>,
        shown: &mut Value,
    ) {
        let under = is_secret.then_some(self.redactor);
        // What cannot be read cannot be shown; that something is there is told all the same.
        let Ok(value) = Other::read(row, raw, path, live.side(), under) else {
            return;
        };
        let value = match row.form {
            Form::Blocks | Form::BlockSet => named(value.shown(), row),
            _ => value.shown(),
        };
        let word = value.as_str().and_then(|word| row.values.get(word));
        let value = match word {
            Some(approved) => Value::from(approved.as_str()),
            None => value,
        };
        if !says_nothing(&value) {
            let tokens: Vec<String> = row.pointer.tokens().collect();
            put(shown, &tokens, value);
        }
    }

    /// Live slots in which an approved secret of the owner lies.
    fn secret_slots(&self, live: &Live<'_>) -> BTreeSet<usize> {
        let owners = live.owners.get().into_iter().flatten();
        let owners = owners.filter_map(|number| self.resource(*number));
        let mut secret = BTreeSet::new();
        for owner in owners {
            let Some(table) = owner.resource.and_then(|at| self.catalogue.resource(at)) else {
                continue;
            };
            for (row, slots) in table.live_slots.iter().enumerate() {
                if is_secret(table, owner, row) {
                    secret.extend(slots.iter().copied());
                }
            }
        }
        secret
    }
}

/// Fields of blocks by Terraform's names, without those that are not set.
fn named(value: Value, row: &AttributeRow) -> Value {
    match value {
        Value::Map(map) => {
            let fields = map.into_iter().filter(|(_, value)| !says_nothing(value));
            let fields = fields.map(|(name, value)| {
                let own = row.values.get(&name).cloned();
                (own.unwrap_or_else(|| snake_case(&name)), named(value, row))
            });
            Value::Map(fields.collect())
        }
        Value::List(list) => Value::List(list.into_iter().map(|one| named(one, row)).collect()),
        other => other,
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && after_small {
            snake.push('_');
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Sensitive(_) => false,
    }
}

/// Puts a value where the tokens of a pointer lead, and makes what is on the way.
pub(in crate::decide) fn put(into: &mut Value, tokens: &[String], value: Value) {
    let Some((token, rest)) = tokens.split_first() else {
        *into = value;
        return;
    };
    match token.parse::<usize>() {
        Ok(at) if at < MOST_BLOCKS => {
            if !matches!(into, Value::List(_)) {
                *into = Value::List(Vec::new());
            }
            if let Value::List(list) = into {
                let wanted = list.len().max(at + 1);
                list.resize(wanted, Value::Null);
                if let Some(place) = list.get_mut(at) {
                    put(place, rest, value);
                }
            }
        }
        _ => {
            if !matches!(into, Value::Map(_)) {
                *into = Value::Map(BTreeMap::new());
            }
            if let Value::Map(map) = into {
                let place = map.entry(token.clone()).or_insert(Value::Null);
                put(place, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json;

    #[test]
    fn fields_are_called_as_terraform_calls_them() {
        assert_eq!(snake_case("maxAgeSeconds"), "max_age_seconds");
        assert_eq!(snake_case("topicARN"), "topic_arn");
        assert_eq!(snake_case("allowed_methods"), "allowed_methods");
    }

    #[test]
    fn values_come_to_where_their_pointers_lead() {
        let mut shown = Value::Null;
        for (pointer, value) in [
            ("acl", r#""private""#),
            ("rule/0/id", "1"),
            ("rule/1/id", "2"),
            ("rule/0/on", "true"),
        ] {
            let tokens: Vec<String> = pointer.split('/').map(str::to_owned).collect();
            put(&mut shown, &tokens, json::parse(value).unwrap());
        }
        let expected = r#"{"acl":"private","rule":[{"id":1,"on":true},{"id":2}]}"#;
        assert_eq!(shown, json::parse(expected).unwrap());
    }
}
