//! The mapping tables as the comparison uses them. How they are written: `aws/README.md`.

mod gates;
mod moved;
mod parse;
mod raw;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

pub use self::moved::{Moved, MovedBy, Piece, Template, movers};
use super::equal::{Considered, Equivalence, Outcome, compare, is_unset, trail};
use super::form::Form;
use super::generic;
use super::path::Path;
use crate::model::{AttributePath, Number, TypeName, Value};

/// One AWS Config type, and every Terraform type that its items tell about.
#[derive(Clone, Debug)]
pub struct ConfigTable {
    /// Of the file, without its ending.
    pub name: Box<str>,
    pub config_type: Box<str>,
    /// At which real, recorded or published items the rows were checked.
    pub review: Box<str>,
    /// The item's own Terraform types first, then those that live inside it.
    pub resources: Vec<ResourceTable>,
    /// Items that the provider makes by itself and nobody approves; each gate must hold wholly.
    pub made_by_provider: Vec<Vec<Gate>>,
    /// Items of what was deleted and is still shown for a while.
    pub gone: Vec<Vec<Gate>>,
    /// What an item must hold for what it lacks to say anything.
    pub whole: Vec<Gate>,
}

/// A live value that must pass a test.
#[derive(Clone, Debug)]
pub struct Gate {
    pub path: Path,
    pub test: GateTest,
}

#[derive(Clone, Debug)]
pub enum GateTest {
    /// Nothing, where the text is empty.
    Equals(Box<str>),
    /// Anything else, also nothing.
    Not(Box<str>),
    /// A text is there, and starts so.
    StartsWith(Box<str>),
    /// In this form it is equal to this, in Terraform's terms.
    Is { form: Form, value: Value },
    /// It is the id of an item of this Config type that the provider made by itself.
    OfMade(Box<str>),
    /// The item has the same at this other path.
    SameAs(Path),
}

impl Gate {
    /// The paths that it looks at.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let other = match &self.test {
            GateTest::SameAs(other) => Some(other),
            GateTest::Equals(_)
            | GateTest::Not(_)
            | GateTest::StartsWith(_)
            | GateTest::Is { .. }
            | GateTest::OfMade(_) => None,
        };
        [&self.path].into_iter().chain(other)
    }
}

#[derive(Clone, Debug)]
pub struct ResourceTable {
    pub type_name: TypeName,
    pub tier: Tier,
    pub member: Member,
    /// Alternatives, best first; within one all pairs of approved attribute and live path agree.
    pub keys: Vec<Vec<KeyPair>>,
    pub attributes: Vec<AttributeRow>,
    /// Attributes that the item does not carry, with the reason.
    pub not_comparable: BTreeMap<AttributePath, String>,
    /// Whether a live one that nobody approved is a deviation.
    pub reports_unmanaged: bool,
    /// Whether only where another of its type is approved for the same item: elsewhere an attribute
    /// of the item shows it.
    pub only_beside_others: bool,
    /// Parts and elements that the provider makes by itself, as for items.
    pub made_by_provider: Vec<Vec<Gate>>,
    /// Live paths, what lies below included, that say something only where all of these hold.
    pub only_where: Vec<(Path, Vec<Gate>)>,
    /// Where several types are the item itself: what an item that nobody approved must hold to be
    /// called by this one.
    pub when: Vec<Gate>,
    /// Types without a table that approve the same elements.
    pub also: Vec<Also>,
}

/// A type that approves elements of a list: each of these of each of those owners.
#[derive(Clone, Debug)]
pub struct Also {
    pub by: TypeName,
    /// What names the owner, one text or a list of them.
    pub owner: Path,
    /// What is the element's key, one text or a list of them.
    pub element: Path,
}

/// How far a table may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Somebody checked it at real, recorded or published items.
    Reviewed,
    /// The attributes are matched by their names, and nobody looked: nothing may rest on it.
    Generic,
}

/// How a Terraform resource lies in the live item.
#[derive(Clone, Debug)]
pub enum Member {
    /// It is the item.
    Whole,
    /// It is one part of the item.
    Part { at: Path, absent: AbsentPart },
    /// It is one element of a list in the item; `element` pairs approved attributes with paths
    /// within the element, and the first alternative that an element has counts.
    Each {
        at: Path,
        element: Vec<Vec<KeyPair>>,
    },
    /// It is a rule of a security group, in this direction where the type says so.
    SecurityGroupRule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsentPart {
    /// Config always records the part: its absence is the resource's absence.
    Missing,
    /// The same, of an item that shows itself to be whole; of another one it says nothing.
    MissingInWhole,
    /// Config does not always record it: its absence says nothing.
    Unseen,
}

#[derive(Clone, Debug)]
pub struct KeyPair {
    pub approved: Path,
    pub live: Path,
}

#[derive(Clone, Debug)]
pub struct AttributeRow {
    pub pointer: AttributePath,
    pub approved: Path,
    /// Alternatives; the first that the item has counts.
    pub live: Vec<Path>,
    pub form: Form,
    /// Live words and the approved words that they mean: `enabled` is `true`.
    pub values: BTreeMap<String, String>,
    pub absent: Absent,
    /// Whether an approved null means "whatever the provider chooses".
    pub null_is_any: bool,
    /// Whether an approved zero or empty text does too: no such value exists, and providers plan it
    /// for "not set".
    pub zero_is_any: bool,
    /// What the provider does where nothing is approved.
    pub default: Option<Value>,
    /// Fields of blocks that the item does not carry.
    pub aside: Vec<Path>,
    /// Terraform types that manage the same thing in resources of their own; where one of them is
    /// approved for this item, it owns the value and this row stands back.
    pub separate: Vec<TypeName>,
    /// Whether only a like name says that the two sides are one attribute.
    pub by_name: bool,
    /// Another attribute of the same type that says the same; where it is approved, this row stands
    /// back.
    pub unless: Option<AttributePath>,
    /// Whether the provider holds keys to be one that differ in case only.
    pub folds_keys: bool,
    /// Who else moves the value, and between which bounds.
    pub moved: Option<Box<Moved>>,
    /// The same of fields of blocks, by their names.
    pub moved_within: Vec<(Box<str>, Moved)>,
}

/// What it means if the live item has no such path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// It was not recorded: not comparable.
    #[default]
    Unseen,
    /// The provider leaves the path out where nothing is set.
    Unset,
    /// The same, in an item that shows itself to be whole; in another one it was not recorded.
    UnsetInWhole,
}

#[derive(Debug, thiserror::Error)]
#[error("mapping table `{table}`: {what}")]
pub struct TableError {
    pub table: String,
    pub what: String,
}

impl AttributeRow {
    /// Compares two values in the row's canonical form.
    pub fn compare(&self, approved: &Value, live: &Value) -> Outcome {
        if self.by_name {
            return self.compare_by_name(approved, live);
        }
        if self.leaves_open(approved) {
            return Outcome::Equal(Equivalence::ProvidersChoice);
        }
        if self.default.as_ref() == Some(live) && is_unset(approved) {
            return Outcome::Equal(Equivalence::ProvidersChoice);
        }
        let approved = self.without_aside(approved);
        let live = self.in_one_case(&approved, live);
        compare(self.form, &self.values, &self.pointer, &approved, &live)
    }

    /// What [`Self::compare`] considers, up to the first equivalence that holds, and what comes of it.
    pub fn trail(&self, approved: &Value, live: &Value) -> (Vec<Considered>, Outcome) {
        let mut considered = Vec::new();
        if self.by_name {
            let (found, _) = trail(self.form, &self.values, &self.pointer, approved, live);
            return (found, self.compare_by_name(approved, live));
        }
        let equivalence = Equivalence::ProvidersChoice;
        if self.null_is_any || self.zero_is_any {
            let held = self.leaves_open(approved);
            let why = match held {
                true => "the plan leaves the choice to the provider, and the table lets it",
                false => "the plan sets a value",
            };
            considered.push(Considered {
                equivalence,
                held,
                why,
            });
            if held {
                return (considered, Outcome::Equal(equivalence));
            }
        }
        if self.default.is_some() {
            let held = self.default.as_ref() == Some(live) && is_unset(approved);
            let why = match held {
                true => "nothing is approved, and live is what the table gives as the default",
                false => "something is approved, or live is not the table's default",
            };
            considered.push(Considered {
                equivalence,
                held,
                why,
            });
            if held {
                return (considered, Outcome::Equal(equivalence));
            }
        }
        let approved = self.without_aside(approved);
        let live = self.in_one_case(&approved, live);
        let (found, outcome) = trail(self.form, &self.values, &self.pointer, &approved, &live);
        considered.extend(found);
        (considered, outcome)
    }

    fn without_aside<'v>(&self, approved: &'v Value) -> Cow<'v, Value> {
        if self.aside.is_empty() {
            return Cow::Borrowed(approved);
        }
        let mut approved = approved.clone();
        for path in &self.aside {
            remove(&mut approved, &path.captured);
        }
        Cow::Owned(approved)
    }

    /// The live keys as the approved side writes them, where case is no difference.
    fn in_one_case<'v>(&self, approved: &Value, live: &'v Value) -> Cow<'v, Value> {
        let (Value::Map(one), Value::Map(other), true) = (approved, live, self.folds_keys) else {
            return Cow::Borrowed(live);
        };
        let own = |key: &String| {
            let mut like = one.keys().filter(|own| own.eq_ignore_ascii_case(key));
            let own = like.next().filter(|own| !other.contains_key(*own));
            own.unwrap_or(key).clone()
        };
        let fields = other.iter().map(|(key, value)| (own(key), value.clone()));
        Cow::Owned(Value::Map(fields.collect()))
    }

    /// Equal, or different beyond doubt, or nothing is said.
    fn compare_by_name(&self, approved: &Value, live: &Value) -> Outcome {
        match compare(self.form, &self.values, &self.pointer, approved, live) {
            Outcome::Differs(found) => match generic::certain(found, approved, live) {
                found if found.is_empty() => Outcome::NotComparable(generic::UNCLEAR),
                found => Outcome::Differs(found),
            },
            other @ (Outcome::Equal(_) | Outcome::NotComparable(_)) => other,
        }
    }

    /// Whether the approved value leaves the choice to the provider.
    pub fn leaves_open(&self, approved: &Value) -> bool {
        match approved {
            Value::Null => self.null_is_any,
            Value::List(blocks) if blocks.is_empty() => self.null_is_any && self.form.is_blocks(),
            Value::Number(number) => self.zero_is_any && *number == Number::Int(0),
            Value::String(text) => self.zero_is_any && text.is_empty(),
            _ => false,
        }
    }
}

/// Takes a field out of a block, and out of each block of a list.
fn remove(value: &mut Value, path: &[Box<str>]) {
    match (value, path) {
        (Value::List(list), _) => list.iter_mut().for_each(|value| remove(value, path)),
        (Value::Map(map), [name]) => {
            map.remove(&**name);
        }
        (Value::Map(map), [name, rest @ ..]) => {
            if let Some(value) = map.get_mut(&**name) {
                remove(value, rest);
            }
        }
        _ => {}
    }
}
