//! Takes secrets out of what a provider says. A provider's message may quote any value that it was
//! given or got from its cloud.

use std::collections::BTreeSet;

use super::cty::Value;
use super::schema::{AttributeKind, Block};

/// Shorter texts are parts of ordinary words.
const MIN_LENGTH: usize = 4;
/// Of one message.
const MAX_CHARS: usize = 600;
const SECRET: &str = "(sensitive value)";

/// Texts that must not be shown.
#[derive(Clone, Default)]
pub struct Secrets(BTreeSet<Box<str>>);

/// A set of secrets shows nothing of itself.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

impl Secrets {
    pub fn add(&mut self, text: &str) {
        // A secret of several lines may be quoted line by line.
        for part in [text].into_iter().chain(text.lines()) {
            if part.trim().len() >= MIN_LENGTH {
                self.0.insert(part.trim().into());
            }
        }
    }

    /// Every text within what the schema marks sensitive or write-only.
    pub fn add_marked(&mut self, value: &Value, block: &Block) {
        for (name, attribute) in &block.attributes {
            let Some(value) = value.get(name) else {
                continue;
            };
            match &attribute.kind {
                _ if attribute.sensitive || attribute.write_only => self.add_all(value),
                AttributeKind::Plain(_) => {}
                AttributeKind::Nested { attributes, .. } => {
                    let inner = Block {
                        attributes: attributes.clone(),
                        ..Block::default()
                    };
                    self.add_each(value, &inner);
                }
            }
        }
        for (name, nested) in &block.blocks {
            if let Some(value) = value.get(name) {
                self.add_each(value, &nested.block);
            }
        }
    }

    fn add_each(&mut self, value: &Value, block: &Block) {
        match value {
            Value::Object(_) => self.add_marked(value, block),
            Value::Map(all) => all.values().for_each(|one| self.add_marked(one, block)),
            Value::List(all) | Value::Set(all) | Value::Tuple(all) => {
                all.iter().for_each(|one| self.add_marked(one, block));
            }
            Value::Dynamic(typed) => self.add_each(&typed.1, block),
            Value::Null
            | Value::Unknown(_)
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => {}
        }
    }

    /// Every text within the value.
    pub fn add_all(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add(text),
            Value::Number(number) => self.add(&number.to_string()),
            Value::List(all) | Value::Set(all) | Value::Tuple(all) => {
                all.iter().for_each(|one| self.add_all(one));
            }
            Value::Map(all) | Value::Object(all) => {
                all.values().for_each(|one| self.add_all(one));
            }
            Value::Dynamic(typed) => self.add_all(&typed.1),
            Value::Null | Value::Unknown(_) | Value::Bool(_) => {}
        }
    }

    /// The text without the secrets, on one line, of bounded length.
    pub fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // The longest first, so that no part of one is left of another.
        let mut secrets: Vec<&str> = self.0.iter().map(|secret| &**secret).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            for form in [secret.to_owned(), escaped(secret)] {
                if text.contains(&form) {
                    text = text.replace(&form, SECRET);
                }
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut short = words.join(" ");
        if let Some((at, _)) = short.char_indices().nth(MAX_CHARS) {
            short.truncate(at);
            short.push('…');
        }
        short
    }
}

/// As it stands within a quoted text.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let mut secrets = Secrets::default();
        secrets.add("hunter2hunter2");
        secrets.add("hunter2");
        secrets.add("line one\nline \"two\"");
        secrets.add("no");
        let said = "bad password hunter2hunter2\n  or line \\\"two\\\" but hunter2, no?";
        let scrubbed = secrets.scrub(said);
        assert_eq!(
            scrubbed,
            "bad password (sensitive value) or (sensitive value) but (sensitive value), no?"
        );
        assert_eq!(format!("{secrets:?}"), "5 secrets");
    }

    #[test]
    fn a_message_has_an_end() {
        let long = Secrets::default().scrub(&"word ".repeat(1000));
        assert!(long.chars().count() <= MAX_CHARS + 1);
    }
}
