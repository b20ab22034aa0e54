//! `when`: an HCL expression over one deviation that yields true or false.
//!
//! The expression is compiled when the rule is loaded, so an unknown name is an error of the rule
//! file and not of the day on which it first matters. Evaluation is our own and not that of the
//! `hcl` crate for three reasons: live values are written by strangers, so the work must be
//! bounded; `try`, `can`, `&&` and `||` must leave alone what they do not need; and an operation
//! that has no result, such as a division by zero, must fail and not panic. A test holds the two
//! evaluators against each other where both apply.

mod build;
mod compile;
mod eval;
mod expr;
mod functions;
mod net;
mod scene;
mod values;

use hcl_edit::Span;
use hcl_edit::expr::Expression;

use self::compile::Compiler;
use self::eval::Evaluator;
use self::expr::{Expr, Node};
pub(super) use self::scene::Scene;
use super::error::RuleError;
use super::source::{Place, SourceFile};
use crate::model::Value;

/// A compiled condition.
#[derive(Clone, Debug)]
pub(super) struct When {
    expr: Expr,
    pub(super) text: Box<str>,
}

/// Why a condition has no answer for a deviation. Names types and attributes, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct WhenFailure {
    pub place: Place,
    pub what: String,
}

impl When {
    /// Compiles the expression; mistakes are added to `errors`.
    pub(super) fn compile(
        expression: &Expression,
        file: &SourceFile<'_>,
        errors: &mut Vec<RuleError>,
    ) -> Self {
        let mistakes = errors.len();
        let expr = Compiler::new(file, errors).expr(expression);
        if let Node::Literal(value) = &expr.node
            && !matches!(value, Value::Bool(_))
            && errors.len() == mistakes
        {
            let what = format!("`when` is always {}", values::kind_of(value));
            errors.push(
                RuleError::new(expr.place.clone(), what)
                    .help("write an expression that yields true or false"),
            );
        }
        Self {
            expr,
            text: file.snippet(expression.span()).into(),
        }
    }

    /// Whether the condition holds.
    pub(super) fn holds(&self, scene: &Scene<'_>) -> Result<bool, WhenFailure> {
        Evaluator::new(scene).condition(&self.expr)
    }
}

/// How each function is used.
pub fn function_usages() -> Vec<&'static str> {
    functions::Function::ALL
        .map(functions::Function::usage)
        .to_vec()
}

#[cfg(test)]
mod tests;
