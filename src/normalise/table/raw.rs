//! The tables as they are written. Every word must be known.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Absent, AbsentPart};
use crate::normalise::form::Form;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    pub(super) config: String,
    /// At which real, recorded or specified items the rows were checked.
    pub(super) review: String,
    #[serde(default)]
    pub(super) made_by_provider: Vec<RawGates>,
    #[serde(default)]
    pub(super) gone: Vec<RawGates>,
    #[serde(default)]
    pub(super) whole: RawGates,
    pub(super) resource: BTreeMap<String, RawResource>,
}

/// Live paths and what must hold there.
pub(super) type RawGates = BTreeMap<String, RawTests>;

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawTests {
    One(RawTest),
    All(Vec<RawTest>),
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum RawTest {
    Text(String),
    Is {
        #[serde(rename = "as")]
        form: Form,
        is: toml::Value,
    },
    OfMade {
        made: String,
    },
    SameAs {
        same_as: String,
    },
    Not {
        not: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawResource {
    /// A type of this file whose table is this one's too, but for what is given here.
    pub(super) like: Option<String>,
    /// What the other type has and this one does not.
    #[serde(default)]
    pub(super) without: Vec<String>,
    pub(super) part: Option<String>,
    pub(super) each: Option<String>,
    #[serde(default)]
    pub(super) security_group_rule: bool,
    pub(super) absent: Option<AbsentPart>,
    #[serde(default)]
    pub(super) keys: Vec<BTreeMap<String, String>>,
    pub(super) element: Option<RawElement>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, RawAttribute>,
    #[serde(default)]
    pub(super) not_comparable: BTreeMap<String, String>,
    pub(super) unmanaged: Option<Unmanaged>,
    #[serde(default)]
    pub(super) made_by_provider: Vec<RawGates>,
    #[serde(default)]
    pub(super) only_where: BTreeMap<String, RawGates>,
    #[serde(default)]
    pub(super) when: RawGates,
    #[serde(default)]
    pub(super) also: Vec<RawAlso>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAlso {
    pub(super) by: String,
    pub(super) owner: String,
    pub(super) element: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawElement {
    One(BTreeMap<String, String>),
    Alternatives(Vec<BTreeMap<String, String>>),
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unmanaged {
    Report,
    BesideOthers,
    Ignore,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawAttribute {
    Plain(String),
    Full(Box<FullAttribute>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FullAttribute {
    pub(super) live: String,
    #[serde(default, rename = "as")]
    pub(super) form: Form,
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) absent: Absent,
    #[serde(default)]
    pub(super) null: NullMeaning,
    pub(super) default: Option<toml::Value>,
    #[serde(default)]
    pub(super) separate: Vec<String>,
    pub(super) unless: Option<String>,
    #[serde(default)]
    pub(super) fold_keys: bool,
    pub(super) moved: Option<RawMoved>,
    #[serde(default)]
    pub(super) moved_within: BTreeMap<String, RawMoved>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMoved {
    pub(super) by: Option<String>,
    /// Attributes of the resource that moves it, and what they must be.
    #[serde(default)]
    pub(super) is: BTreeMap<String, String>,
    pub(super) min: String,
    pub(super) max: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NullMeaning {
    #[default]
    Unset,
    Any,
    AnyOrZero,
}
