//! What the schema says of one attribute, and how a pointer finds it.

use std::sync::Arc;

/// The shape of a value as the provider declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Scalar(ScalarType),
    List(Box<Shape>),
    Set(Box<Shape>),
    Map(Box<Shape>),
    /// One object, or a block that occurs at most once. Sorted by name.
    Single(Box<[Field]>),
    Tuple(Box<[Shape]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScalarType {
    String,
    Number,
    Bool,
    /// Decided by the value, not by the schema.
    Dynamic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    Scalar,
    List,
    Set,
    Map,
    Single,
}

/// An attribute or a nested block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub(super) name: Arc<str>,
    pub(super) flags: Flags,
    pub(super) shape: Shape,
}

/// The flags of an attribute. A field of a plain object type has no flags of its own: it takes
/// those of the attribute that holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    /// The attribute or one that holds it is marked sensitive.
    pub sensitive: bool,
    /// Never in plan or state: there is nothing to compare.
    pub write_only: bool,
    /// A nested block, not an attribute.
    pub block: bool,
    /// A block that may occur once at most: a list of one stands for the object itself.
    pub at_most_one: bool,
}

/// What the schema says of the value at one pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeFacts<'s> {
    pub collection: Collection,
    pub flags: Flags,
    pub shape: &'s Shape,
}

impl Shape {
    pub fn collection(&self) -> Collection {
        match self {
            Self::Scalar(_) => Collection::Scalar,
            Self::List(_) | Self::Tuple(_) => Collection::List,
            Self::Set(_) => Collection::Set,
            Self::Map(_) => Collection::Map,
            Self::Single(_) => Collection::Single,
        }
    }

    /// The scalar type, or that of the elements at any depth; none for objects.
    pub fn scalar(&self) -> Option<ScalarType> {
        match self {
            Self::Scalar(scalar) => Some(*scalar),
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.scalar(),
            Self::Single(_) | Self::Tuple(_) => None,
        }
    }

    /// The fields of the object, or of the elements of a list or set of objects; sorted by name.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Single(fields) => fields,
            Self::List(element) | Self::Set(element) => element.fields(),
            Self::Scalar(_) | Self::Map(_) | Self::Tuple(_) => &[],
        }
    }
}

impl Field {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn flags(&self) -> Flags {
        self.flags
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }
}

impl AttributeFacts<'_> {
    /// Only the provider sets it: nobody can have approved a value for it.
    pub fn is_computed_only(&self) -> bool {
        self.flags.computed && !self.flags.optional && !self.flags.required
    }

    pub fn scalar(&self) -> Option<ScalarType> {
        self.shape.scalar()
    }
}

/// Follows a pointer's tokens. Elements of lists and sets need no token of their own, though an
/// index may stand there; a map takes one token, its key.
pub(super) fn follow<'s>(fields: &'s [Field], tokens: &[&str]) -> Option<AttributeFacts<'s>> {
    let (first, mut rest) = tokens.split_first()?;
    let field = find(fields, first)?;
    let (mut flags, mut shape) = (field.flags, &field.shape);
    loop {
        let Some((token, after)) = rest.split_first() else {
            let collection = shape.collection();
            return Some(AttributeFacts {
                collection,
                flags,
                shape,
            });
        };
        match shape {
            Shape::Scalar(_) => return None,
            Shape::Map(element) => {
                rest = after;
                shape = element;
            }
            Shape::List(element) | Shape::Set(element) => {
                if is_index(token) {
                    rest = after;
                }
                shape = element;
            }
            Shape::Tuple(elements) => {
                shape = elements.get(token.parse::<usize>().ok()?)?;
                rest = after;
            }
            Shape::Single(inner) => {
                let field = find(inner, token)?;
                flags = Flags {
                    sensitive: flags.sensitive || field.flags.sensitive,
                    ..field.flags
                };
                shape = &field.shape;
                rest = after;
            }
        }
    }
}

fn find<'s>(fields: &'s [Field], name: &str) -> Option<&'s Field> {
    let at = fields
        .binary_search_by(|field| field.name().cmp(name))
        .ok()?;
    fields.get(at)
}

/// No attribute name of Terraform begins with a digit.
fn is_index(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}
