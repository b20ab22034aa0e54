//! The one way to the parser of HCL.

mod unclosed;

use hcl_edit::expr::Expression;
use hcl_edit::parser::{self, Error};
use hcl_edit::structure::Body;

pub use unclosed::Unclosed;
use unclosed::unclosed;

/// Why a text is no HCL.
#[derive(Clone, Debug, PartialEq)]
pub enum NotHcl {
    /// The parser was not asked: it would be at it for too long.
    Unclosed(Unclosed),
    Parser(Error),
}

/// The blocks and attributes of a text.
///
/// # Errors
/// It is no HCL.
#[expect(
    clippy::disallowed_methods,
    reason = "what it must not be given is refused"
)]
pub fn body(text: &str) -> Result<Body, NotHcl> {
    match unclosed(text) {
        Some(unclosed) => Err(NotHcl::Unclosed(unclosed)),
        None => parser::parse_body(text).map_err(NotHcl::Parser),
    }
}

/// A text that is one expression.
///
/// # Errors
/// It is none.
#[expect(
    clippy::disallowed_methods,
    reason = "what it must not be given is refused"
)]
pub fn expression(text: &str) -> Result<Expression, NotHcl> {
    match unclosed(text) {
        Some(unclosed) => Err(NotHcl::Unclosed(unclosed)),
        None => parser::parse_expr(text).map_err(NotHcl::Parser),
    }
}

impl NotHcl {
    /// From 1.
    pub fn line(&self) -> usize {
        match self {
            Self::Unclosed(unclosed) => unclosed.line,
            Self::Parser(error) => error.location().line(),
        }
    }

    /// In characters, from 1.
    pub fn column(&self) -> usize {
        match self {
            Self::Unclosed(unclosed) => unclosed.column,
            Self::Parser(error) => error.location().column(),
        }
    }

    /// What is wrong, in words.
    pub fn what(&self) -> String {
        match self {
            Self::Unclosed(unclosed) => unclosed.what(),
            Self::Parser(error) => error.message().to_owned(),
        }
    }
}
