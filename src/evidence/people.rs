//! People appear in the log as pseudonymous ids: the id that the identity map gives a person, or a
//! keyed digest of the name. Whoever holds neither the map nor the key learns nobody's name.

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::mail;
use crate::model::{Attribution, ChangeRecord, IdentityMap, PersonKind, Value};

/// Turns identities into pseudonyms, alone and within text.
#[derive(Clone)]
pub struct Pseudonymiser {
    key: [u8; 32],
    /// Every known name, folded, with what stands for it.
    names: BTreeMap<String, Known>,
    /// The lengths of those names, in bytes.
    lengths: BTreeSet<usize>,
}

#[derive(Clone)]
struct Known {
    pseudonym: String,
    /// Whether the name is taken out of text too: that of a person, not of a robot.
    hidden: bool,
}

impl Pseudonymiser {
    /// `key` is the installation's key of pseudonyms.
    pub fn new(key: &[u8; 32], map: &IdentityMap) -> Self {
        let mut new = Self {
            key: *key,
            names: BTreeMap::new(),
            lengths: BTreeSet::new(),
        };
        for person in map.people() {
            let hidden = match person.kind {
                PersonKind::Human | PersonKind::Shared => true,
                PersonKind::Bot => false,
            };
            for alias in &person.aliases {
                let pseudonym = person.id.0.clone();
                new.insert(alias, Known { pseudonym, hidden });
            }
            let own = Known {
                pseudonym: person.id.0.clone(),
                hidden: false,
            };
            new.insert(&person.id.0, own);
        }
        new
    }

    /// Makes a name known that the identity map does not have, so that it is taken out of text.
    pub fn learn(&mut self, name: &str) {
        if name.trim().is_empty() || self.names.contains_key(&fold(name)) {
            return;
        }
        let pseudonym = self.digest(name);
        self.insert(
            name,
            Known {
                pseudonym,
                hidden: true,
            },
        );
    }

    /// Learns everybody whom a change record names.
    pub fn learn_change(&mut self, change: &ChangeRecord) {
        let one = [
            &change.requested_by,
            &change.author,
            &change.emergency_approver,
        ];
        let approvers = change.approvals.iter().map(|approval| &approval.by);
        let names = one.into_iter().flatten().chain(&change.implemented_by);
        names.chain(approvers).for_each(|name| self.learn(name));
    }

    /// Learns whoever a deviation is attributed to. A name that belongs to a mapped person stands
    /// for that person from then on.
    pub fn learn_attribution(&mut self, attribution: &Attribution) {
        let names = std::iter::once(&attribution.actor).chain(&attribution.aliases);
        for name in names {
            let known = self.names.contains_key(&fold(name));
            match &attribution.person {
                Some(person) if !known => {
                    let hidden = self.known(person).is_none_or(|known| known.hidden);
                    let pseudonym = person.clone();
                    self.insert(name, Known { pseudonym, hidden });
                }
                _ => self.learn(name),
            }
        }
    }

    /// What stands for a name.
    pub fn name(&self, name: &str) -> String {
        match self.known(name) {
            Some(known) => known.pseudonym.clone(),
            None => self.digest(name),
        }
    }

    /// The text with every known name of a person replaced, longest first, whole words only; and with
    /// every e-mail address, whether anybody knows whose it is or not.
    pub fn text(&self, text: &str) -> String {
        self.mails(&self.names(text))
    }

    /// The text with every e-mail address of a person replaced. For text of any size.
    pub fn mails(&self, text: &str) -> String {
        mail::replace(text, |address| match self.known(address) {
            Some(known) => known.hidden.then(|| known.pseudonym.clone()),
            None => Some(self.digest(address)),
        })
    }

    fn names(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(first) = rest.chars().next() {
            let found = match before.is_some_and(is_word) {
                true => None,
                false => self.name_at(rest),
            };
            let (taken, after) = match found {
                Some((length, pseudonym)) => {
                    out.push_str(pseudonym);
                    (length, rest.get(length..))
                }
                None => {
                    out.push(first);
                    (first.len_utf8(), rest.get(first.len_utf8()..))
                }
            };
            before = rest.get(..taken).and_then(|taken| taken.chars().last());
            rest = after.unwrap_or_default();
        }
        out
    }

    /// The value with names replaced: a text that is a name, and e-mail addresses and ARNs within
    /// text. Short names within longer text stay, lest `test` become a person.
    pub fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match self.known(text).filter(|known| known.hidden) {
                Some(known) => Value::String(known.pseudonym.clone()),
                None if text.contains(['@', ':']) => Value::String(self.text(text)),
                None => value.clone(),
            },
            Value::List(list) => Value::List(list.iter().map(|v| self.value(v)).collect()),
            Value::Map(map) => {
                let entries = map.iter().map(|(k, v)| (k.clone(), self.value(v)));
                Value::Map(entries.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Sensitive(_) => value.clone(),
        }
    }

    fn insert(&mut self, name: &str, known: Known) {
        let folded = fold(name);
        self.lengths.insert(folded.len());
        self.names.insert(folded, known);
    }

    fn known(&self, name: &str) -> Option<&Known> {
        self.names.get(&fold(name))
    }

    /// The longest hidden name that the text begins with and that ends with a word.
    fn name_at(&self, text: &str) -> Option<(usize, &str)> {
        self.lengths.iter().rev().find_map(|length| {
            let (head, tail) = text.split_at_checked(*length)?;
            let known = self.known(head).filter(|known| known.hidden)?;
            let mut after = tail.chars();
            let goes_on = match (after.next(), after.next()) {
                (Some(next), _) if is_word(next) => true,
                (Some('.' | '@'), Some(next)) => next.is_alphanumeric(),
                _ => false,
            };
            (!goes_on && head.trim() == head).then_some((*length, known.pseudonym.as_str()))
        })
    }

    fn digest(&self, name: &str) -> String {
        let mut pseudonym = "person:".to_owned();
        // HMAC takes keys of any length.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) {
            mac.update(b"driftwarden person v1\0");
            mac.update(fold(name).as_bytes());
            let mut hex = hex::encode(mac.finalize().into_bytes());
            hex.truncate(16);
            pseudonym.push_str(&hex);
        }
        pseudonym
    }
}

/// Names compare without case: to hide one too many is better than one too few.
fn fold(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Person, PersonId};

    fn people() -> Pseudonymiser {
        let person = |id: &str, kind, aliases: &[&str]| Person {
            id: PersonId(id.to_owned()),
            kind,
            active: true,
            roles: vec![],
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        };
        let map = IdentityMap::new(vec![
            person(
                "p1",
                PersonKind::Human,
                &[
                    "ben@bank.example",
                    "arn:aws:iam::111122223333:role/ben",
                    "ben",
                ],
            ),
            person("deployer", PersonKind::Bot, &["deploy-role"]),
        ]);
        let mut people = Pseudonymiser::new(&[1; 32], &map.unwrap());
        people.learn("Ana@bank.example");
        people
    }

    #[test]
    fn a_mapped_person_is_its_id_and_any_other_a_digest() {
        let people = people();
        assert_eq!(people.name("BEN@bank.example"), "p1");
        let ana = people.name("ana@bank.example");
        assert_eq!(ana.len(), "person:".len() + 16);
        assert_eq!(ana, people.name(" ana@BANK.example "));
        assert_ne!(ana, people.name("cleo@bank.example"));
    }

    #[test]
    fn the_digest_depends_on_the_key() {
        let other = Pseudonymiser::new(&[2; 32], &IdentityMap::default());
        assert_ne!(
            other.name("ana@bank.example"),
            people().name("ana@bank.example")
        );
    }

    #[test]
    fn names_in_text_are_replaced_as_whole_words_longest_first() {
        let people = people();
        let ana = people.name("ana@bank.example");
        let cases = [
            (
                "requested by ana@bank.example.",
                format!("requested by {ana}."),
            ),
            (
                "ben, as arn:aws:iam::111122223333:role/ben",
                "p1, as p1".to_owned(),
            ),
            ("the role `ben` made it", "the role `p1` made it".to_owned()),
            (
                "bent bench-ben ben-2 ben.example",
                "bent bench-ben ben-2 ben.example".to_owned(),
            ),
            ("ben@bank.example.org", people.name("ben@bank.example.org")),
            ("done by deploy-role", "done by deploy-role".to_owned()),
            ("größe ben ü", "größe p1 ü".to_owned()),
        ];
        for (text, expected) in cases {
            assert_eq!(people.text(text), expected);
        }
    }

    #[test]
    fn values_lose_names_but_not_look_alikes() {
        let people = people();
        let value = |text: &str| people.value(&Value::from(text));
        assert_eq!(value("ben"), Value::from("p1"));
        assert_eq!(value("owner: ben@bank.example"), Value::from("owner: p1"));
        assert_eq!(
            value("ben makes a bucket"),
            Value::from("ben makes a bucket")
        );
    }
}
