//! What a provider declares of a resource type, and the type of value that follows from it.

use std::collections::BTreeMap;

use super::cty::{Name, Type};

/// A resource type, or the provider's own configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Of the form of its states, which the provider can bring up from older versions.
    pub version: i64,
    pub block: Block,
    /// The type of its values.
    pub value_type: Type,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    pub attributes: BTreeMap<Name, Attribute>,
    pub blocks: BTreeMap<Name, NestedBlock>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub kind: AttributeKind,
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    pub sensitive: bool,
    /// Given to the provider and never kept: null in every state.
    pub write_only: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    Plain(Type),
    /// Attributes within, each with flags of its own (protocol 6).
    Nested {
        nesting: Nesting,
        attributes: BTreeMap<Name, Attribute>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedBlock {
    pub nesting: Nesting,
    pub block: Block,
    pub min_items: i64,
    pub max_items: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nesting {
    Single,
    /// As single, but there even where nobody wrote it.
    Group,
    List,
    Set,
    Map,
}

impl Schema {
    pub fn new(version: i64, block: Block) -> Self {
        let value_type = block.value_type();
        Self {
            version,
            block,
            value_type,
        }
    }
}

impl Block {
    /// Whether only the provider sets what stands at a pointer. Nobody can have approved a value for it.
    pub fn is_computed_only<'t>(&self, mut tokens: impl Iterator<Item = &'t str>) -> bool {
        let Some(name) = tokens.next() else {
            return false;
        };
        if let Some(own) = self.attributes.get(name) {
            return own.is_computed_only_at(&mut tokens);
        }
        let Some(nested) = self.blocks.get(name) else {
            return false;
        };
        // The index or key of one block.
        match nested.nesting {
            Nesting::Single | Nesting::Group => {}
            Nesting::List | Nesting::Set | Nesting::Map => drop(tokens.next()),
        }
        let rest: Vec<&str> = tokens.collect();
        nested.block.is_computed_only(rest.into_iter())
    }

    pub fn value_type(&self) -> Type {
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(name, own)| (Name::clone(name), own.value_type()));
        let blocks = self.blocks.iter();
        let blocks = blocks.map(|(name, own)| (Name::clone(name), own.value_type()));
        Type::object(attributes.chain(blocks))
    }
}

impl Attribute {
    pub fn value_type(&self) -> Type {
        match &self.kind {
            AttributeKind::Plain(own) => own.clone(),
            AttributeKind::Nested {
                nesting,
                attributes,
            } => {
                let attributes = attributes.iter();
                let attributes =
                    attributes.map(|(name, own)| (Name::clone(name), own.value_type()));
                nesting.around(Type::object(attributes))
            }
        }
    }

    fn is_computed_only_at(&self, tokens: &mut dyn Iterator<Item = &str>) -> bool {
        let AttributeKind::Nested {
            nesting,
            attributes,
        } = &self.kind
        else {
            return self.is_computed_only();
        };
        if self.is_computed_only() {
            return true;
        }
        match nesting {
            Nesting::Single | Nesting::Group => {}
            Nesting::List | Nesting::Set | Nesting::Map => drop(tokens.next()),
        }
        let own = tokens.next().and_then(|name| attributes.get(name));
        own.is_some_and(|own| own.is_computed_only_at(tokens))
    }

    /// Only the provider sets it.
    pub fn is_computed_only(&self) -> bool {
        self.computed && !self.optional && !self.required
    }
}

impl NestedBlock {
    /// A list or a map whose elements may each turn out of another type is no list and no map.
    pub fn value_type(&self) -> Type {
        let inner = self.block.value_type();
        match self.nesting {
            Nesting::List | Nesting::Map if has_dynamic(&inner) => Type::Dynamic,
            Nesting::Single | Nesting::Group | Nesting::List | Nesting::Set | Nesting::Map => {
                self.nesting.around(inner)
            }
        }
    }
}

impl Nesting {
    fn around(self, inner: Type) -> Type {
        match self {
            Self::Single | Self::Group => inner,
            Self::List => Type::list(inner),
            Self::Set => Type::set(inner),
            Self::Map => Type::map(inner),
        }
    }
}

fn has_dynamic(own: &Type) -> bool {
    match own {
        Type::Dynamic => true,
        Type::Bool | Type::Number | Type::String => false,
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => has_dynamic(inner),
        Type::Tuple(all) => all.iter().any(has_dynamic),
        Type::Object(all) => all.values().any(has_dynamic),
    }
}
