//! The file's own form, borrowed. Only what deciding needs is named; descriptions are skipped.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};

#[derive(Deserialize)]
pub(super) struct Envelope<'f> {
    #[serde(borrow, default)]
    pub format_version: Option<Cow<'f, str>>,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
pub(super) struct Name<'f>(#[serde(borrow)] pub Cow<'f, str>);

#[derive(Deserialize)]
pub(super) struct ResourceForm<'f> {
    #[serde(borrow)]
    pub block: BlockForm<'f>,
}

#[derive(Deserialize, Default)]
pub(super) struct BlockForm<'f> {
    #[serde(borrow, default)]
    pub attributes: Option<BTreeMap<Name<'f>, AttributeForm<'f>>>,
    #[serde(borrow, default)]
    pub block_types: Option<BTreeMap<Name<'f>, NestedBlockForm<'f>>>,
}

#[derive(Deserialize)]
pub(super) struct NestedBlockForm<'f> {
    pub nesting_mode: Nesting,
    #[serde(borrow, default)]
    pub block: BlockForm<'f>,
    #[serde(default)]
    pub min_items: u32,
    #[serde(default)]
    pub max_items: u32,
}

#[derive(Deserialize)]
pub(super) struct AttributeForm<'f> {
    #[serde(borrow, default, rename = "type")]
    pub own_type: Option<TypeForm<'f>>,
    #[serde(borrow, default)]
    pub nested_type: Option<NestedTypeForm<'f>>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub computed: bool,
    #[serde(default)]
    pub sensitive: bool,
    #[serde(default)]
    pub write_only: bool,
}

#[derive(Deserialize)]
pub(super) struct NestedTypeForm<'f> {
    pub nesting_mode: Nesting,
    #[serde(borrow, default)]
    pub attributes: BTreeMap<Name<'f>, AttributeForm<'f>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Nesting {
    Single,
    Group,
    List,
    Set,
    Map,
}

/// A type constraint: `"string"`, `["list", T]`, `["object", {name: T}]`, `["tuple", [T]]`.
pub(super) enum TypeForm<'f> {
    String,
    Number,
    Bool,
    Dynamic,
    List(Box<TypeForm<'f>>),
    Set(Box<TypeForm<'f>>),
    Map(Box<TypeForm<'f>>),
    Object(BTreeMap<Name<'f>, TypeForm<'f>>),
    Tuple(Vec<TypeForm<'f>>),
}

impl<'de: 'f, 'f> Deserialize<'de> for TypeForm<'f> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypeVisitor(PhantomData))
    }
}

struct TypeVisitor<'f>(PhantomData<&'f ()>);

impl<'de: 'f, 'f> Visitor<'de> for TypeVisitor<'f> {
    type Value = TypeForm<'f>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type constraint")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Self::Value, E> {
        match word {
            "string" => Ok(TypeForm::String),
            "number" => Ok(TypeForm::Number),
            "bool" => Ok(TypeForm::Bool),
            "dynamic" => Ok(TypeForm::Dynamic),
            _ => Err(E::custom("unknown type")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let missing = || A::Error::custom("a type constraint lacks its element");
        let kind = seq.next_element::<Name<'f>>()?.ok_or_else(missing)?;
        let form = match kind.0.as_ref() {
            "list" => TypeForm::List(seq.next_element()?.ok_or_else(missing)?),
            "set" => TypeForm::Set(seq.next_element()?.ok_or_else(missing)?),
            "map" => TypeForm::Map(seq.next_element()?.ok_or_else(missing)?),
            "object" => TypeForm::Object(seq.next_element()?.ok_or_else(missing)?),
            "tuple" => TypeForm::Tuple(seq.next_element()?.ok_or_else(missing)?),
            _ => return Err(A::Error::custom("unknown kind of type")),
        };
        // An object may name its optional attributes in a third place.
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(form)
    }
}
