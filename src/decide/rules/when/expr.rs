//! A compiled `when`: every name is resolved, every call has a fitting number of arguments.

use hcl_edit::expr::BinaryOperator;

use super::functions::Function;
use crate::decide::rules::source::Place;
use crate::model::Value;

#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub(super) place: Place,
    pub(super) node: Node,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Literal(Value),
    Root(Root),
    /// A variable of an enclosing `for`, counted outwards from the innermost.
    Local(usize),
    Attribute(Box<Expr>, Box<str>),
    Index(Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    Template(Vec<Expr>),
    Call {
        function: Function,
        arguments: Vec<Expr>,
        /// The last argument is a list that holds the remaining arguments.
        expand_last: bool,
    },
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Binary(Box<Expr>, BinaryOperator, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    For(Box<For>),
    /// `source[*]` and what follows; the element is the innermost local of `each`.
    Splat(Box<Expr>, Box<Expr>),
}

/// Each pass adds two locals: the key, then the value (the innermost).
#[derive(Clone, Debug)]
pub(super) struct For {
    pub(super) collection: Expr,
    /// Present for a `for` that makes an object.
    pub(super) key: Option<Expr>,
    pub(super) value: Expr,
    pub(super) condition: Option<Expr>,
    pub(super) grouping: bool,
}

/// What a `when` sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Kind,
    Attribute,
    Approved,
    Live,
    Resource,
    Verdict,
    Attribution,
    Tags,
}

impl Root {
    pub(super) const ALL: [Self; 8] = [
        Self::Kind,
        Self::Attribute,
        Self::Approved,
        Self::Live,
        Self::Resource,
        Self::Verdict,
        Self::Attribution,
        Self::Tags,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Attribute => "attribute",
            Self::Approved => "approved",
            Self::Live => "live",
            Self::Resource => "resource",
            Self::Verdict => "verdict",
            Self::Attribution => "attribution",
            Self::Tags => "tags",
        }
    }

    /// The attributes of a variable whose form is fixed.
    pub(super) fn fields(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Resource => Some(&[
                "address",
                "type",
                "provider_id",
                "account",
                "region",
                "workspace",
            ]),
            Self::Attribution => Some(&["actor", "means", "at", "from", "person"]),
            Self::Kind
            | Self::Attribute
            | Self::Approved
            | Self::Live
            | Self::Verdict
            | Self::Tags => None,
        }
    }
}
