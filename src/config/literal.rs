//! Literal values. The configuration says what is; nothing in it is evaluated.

use hcl_edit::expr::Expression;

use super::document::start_of;
use super::error::Problems;
use super::vocabulary::Shape;

const MAX_ELEMENTS: usize = 10_000;
const MAX_TEXT_BYTES: usize = 4_096;

/// Text as the user wrote it, and where.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) text: String,
    pub(super) offset: usize,
}

#[derive(Debug)]
pub(super) enum Setting {
    One(Placed),
    Many(usize, Vec<Placed>),
}

pub(super) fn setting(
    key: &str,
    shape: Shape,
    value: &Expression,
    problems: &mut Problems<'_>,
) -> Option<Setting> {
    match shape {
        Shape::Text => text(key, value, problems).map(Setting::One),
        Shape::Number => number(key, value, problems).map(Setting::One),
        Shape::Texts => {
            let Expression::Array(array) = value else {
                let what = format!("`{key}` is {}, not a list", describe(value));
                let help = format!("write `{key} = [\"…\"]`");
                problems.add_with_help(start_of(value), what, help);
                return None;
            };
            if array.is_empty() {
                let what = format!("`{key}` is an empty list");
                let help = "name at least one, or leave the attribute out where it is optional";
                problems.add_with_help(start_of(value), what, help);
                return None;
            }
            if array.len() > MAX_ELEMENTS {
                let what = format!("`{key}` has more than {MAX_ELEMENTS} elements");
                problems.add(start_of(value), what);
                return None;
            }
            let elements: Vec<_> = array.iter().map(|one| text(key, one, problems)).collect();
            let elements = elements.into_iter().collect::<Option<_>>()?;
            Some(Setting::Many(start_of(value), elements))
        }
    }
}

/// A number as it is written.
fn number(key: &str, value: &Expression, problems: &mut Problems<'_>) -> Option<Placed> {
    let offset = start_of(value);
    let Expression::Number(number) = value else {
        let what = format!("`{key}` holds {} where a number belongs", describe(value));
        problems.add_with_help(offset, what, format!("write `{key} = 2`, without quotes"));
        return None;
    };
    let text = number.value().to_string();
    Some(Placed { text, offset })
}

/// A plain string. Anything that would have to be evaluated is refused.
fn text(key: &str, value: &Expression, problems: &mut Problems<'_>) -> Option<Placed> {
    let offset = start_of(value);
    let Expression::String(string) = value else {
        let what = format!(
            "`{key}` holds {} where a quoted text belongs",
            describe(value)
        );
        problems.add_with_help(offset, what, remedy(value));
        return None;
    };
    let text = string.as_str();
    if text.trim().is_empty() {
        problems.add(offset, format!("`{key}` is empty"));
    } else if text.len() > MAX_TEXT_BYTES {
        let what = format!("`{key}` is longer than {MAX_TEXT_BYTES} bytes");
        problems.add(offset, what);
    } else if let Some(control) = text.chars().find(|c| c.is_control()) {
        let what = format!(
            "`{key}` holds the control character `{}`",
            control.escape_unicode()
        );
        problems.add(offset, what);
    } else {
        return Some(Placed {
            text: text.to_owned(),
            offset,
        });
    }
    None
}

fn describe(value: &Expression) -> &'static str {
    match value {
        Expression::Null(_) => "null",
        Expression::Bool(_) => "a truth value",
        Expression::Number(_) => "a number",
        Expression::String(_) => "a text",
        Expression::Array(_) => "a list",
        Expression::Object(_) => "an object",
        Expression::StringTemplate(_) => "a text with `${…}` or `%{…}`",
        Expression::HeredocTemplate(_) => "a heredoc",
        Expression::Parenthesis(_) => "an expression in parentheses",
        Expression::Variable(_) | Expression::Traversal(_) => "a variable",
        Expression::FuncCall(_) => "a function call",
        Expression::Conditional(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => "an expression",
    }
}

fn remedy(value: &Expression) -> &'static str {
    match value {
        Expression::Number(_) | Expression::Bool(_) | Expression::Variable(_) => {
            "put it in double quotes"
        }
        Expression::StringTemplate(_) => {
            "the configuration is not evaluated; write the text out, with `$${` for a real `${`"
        }
        Expression::Array(_) => "this attribute takes one value",
        Expression::Null(_) => "leave the attribute out instead",
        Expression::String(_)
        | Expression::Object(_)
        | Expression::HeredocTemplate(_)
        | Expression::Parenthesis(_)
        | Expression::Traversal(_)
        | Expression::FuncCall(_)
        | Expression::Conditional(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => "the configuration is not evaluated; write the value out",
    }
}
