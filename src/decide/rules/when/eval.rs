//! Evaluation in bounded time and without a panic.

use std::borrow::Cow;
use std::cell::Cell;

use hcl_edit::expr::BinaryOperator;

use super::expr::{Expr, Node};
use super::functions::Function;
use super::values::{calculate, kind_of, text_of, weight};
use super::{Scene, WhenFailure};
use crate::decide::rules::source::Place;
use crate::model::{Number, Value};

/// Steps one evaluation may take: some tenths of a second. A condition over a security group with
/// ten thousand rules needs about a tenth of them.
const STEPS: u64 = 3_000_000;

pub(super) enum Fail {
    /// `try` and `can` may catch it.
    Here(WhenFailure),
    /// Ends the evaluation: whoever catches this could go on for ever.
    Exhausted(Place),
}

pub(super) type Answer<'s> = Result<Cow<'s, Value>, Fail>;

/// The values of the enclosing `for` variables, innermost first.
pub(super) struct Scope<'s> {
    pub(super) value: &'s Value,
    pub(super) outer: Option<&'s Scope<'s>>,
}

pub(super) struct Evaluator<'e> {
    scene: &'e Scene<'e>,
    steps_left: Cell<u64>,
}

impl<'e> Evaluator<'e> {
    pub(super) fn new(scene: &'e Scene<'e>) -> Self {
        Self {
            scene,
            steps_left: Cell::new(STEPS),
        }
    }

    pub(super) fn condition(&self, expr: &Expr) -> Result<bool, WhenFailure> {
        self.truth(expr, None).map_err(|fail| match fail {
            Fail::Here(failure) => failure,
            Fail::Exhausted(place) => WhenFailure {
                place,
                what: format!("the live or approved value needs more than {STEPS} steps"),
            },
        })
    }

    #[cfg(test)]
    pub(super) fn value(&self, expr: &Expr) -> Option<Value> {
        self.eval(expr, None).ok().map(Cow::into_owned)
    }

    pub(super) fn eval<'s>(&'s self, expr: &'s Expr, scope: Option<&'s Scope<'s>>) -> Answer<'s> {
        self.spend(expr, 1)?;
        match &expr.node {
            Node::Literal(value) => Ok(Cow::Borrowed(value)),
            Node::Root(root) => match self.scene.get(*root) {
                Ok(value) => Ok(Cow::Borrowed(value)),
                Err(why) => fail(expr, format!("`{}` {why}", root.name())),
            },
            Node::Local(outwards) => {
                match std::iter::successors(scope, |here| here.outer).nth(*outwards) {
                    Some(found) => Ok(Cow::Borrowed(found.value)),
                    None => fail(expr, "the variable has no value here".to_owned()),
                }
            }
            Node::Attribute(of, name) => attribute(expr, self.eval(of, scope)?, name),
            Node::Index(of, index) => {
                let index = self.eval(index, scope)?;
                element(expr, self.eval(of, scope)?, &index)
            }
            Node::List(items) => {
                let items = items.iter().map(|item| self.owned(item, scope));
                Ok(Cow::Owned(Value::List(items.collect::<Result<_, _>>()?)))
            }
            Node::Object(entries) => self.object(entries, scope),
            Node::Template(parts) => {
                let mut whole = String::new();
                for part in parts {
                    let value = self.eval(part, scope)?;
                    match text_of(&value) {
                        Some(text) => whole.push_str(&text),
                        None => return fail(part, not_text(&value)),
                    }
                    self.spend(part, whole.len() as u64 / 64)?;
                }
                Ok(Cow::Owned(Value::String(whole)))
            }
            Node::Call {
                function,
                arguments,
                expand_last,
            } => self.call(expr, *function, arguments, *expand_last, scope),
            Node::Not(operand) => Ok(truth_value(!self.truth(operand, scope)?)),
            Node::Negate(operand) => match self.eval(operand, scope)?.as_ref() {
                Value::Number(number) => calculate(Number::Int(0), BinaryOperator::Minus, *number)
                    .map_or_else(|| fail(expr, no_number()), number_value),
                other => fail(
                    operand,
                    format!("expected a number, got {}", kind_of(other)),
                ),
            },
            Node::Binary(left, operator, right) => self.binary(expr, left, *operator, right, scope),
            Node::If(condition, then, otherwise) => {
                let chosen = if self.truth(condition, scope)? {
                    then
                } else {
                    otherwise
                };
                self.eval(chosen, scope)
            }
            Node::For(each) => self.for_each(expr, each, scope),
            Node::Splat(source, each) => self.splat(source, each, scope),
        }
    }

    pub(super) fn truth<'s>(
        &'s self,
        expr: &'s Expr,
        scope: Option<&'s Scope<'s>>,
    ) -> Result<bool, Fail> {
        match self.eval(expr, scope)?.as_ref() {
            Value::Bool(flag) => Ok(*flag),
            other => fail(
                expr,
                format!("expected true or false, got {}", kind_of(other)),
            ),
        }
    }

    pub(super) fn owned<'s>(
        &'s self,
        expr: &'s Expr,
        scope: Option<&'s Scope<'s>>,
    ) -> Result<Value, Fail> {
        let value = self.eval(expr, scope)?;
        if let Cow::Borrowed(borrowed) = &value {
            self.spend(expr, weight(borrowed))?;
        }
        Ok(value.into_owned())
    }

    fn spend(&self, expr: &Expr, steps: u64) -> Result<(), Fail> {
        match self.steps_left.get().checked_sub(steps) {
            Some(left) => {
                self.steps_left.set(left);
                Ok(())
            }
            None => {
                self.steps_left.set(0);
                Err(Fail::Exhausted(expr.place.clone()))
            }
        }
    }

    pub(super) fn key<'s>(
        &'s self,
        expr: &'s Expr,
        scope: Option<&'s Scope<'s>>,
    ) -> Result<String, Fail> {
        let key = self.eval(expr, scope)?;
        match text_of(&key) {
            Some(text) => Ok(text.into_owned()),
            None => fail(expr, not_text(&key)),
        }
    }

    fn binary<'s>(
        &'s self,
        expr: &'s Expr,
        left: &'s Expr,
        operator: BinaryOperator,
        right: &'s Expr,
        scope: Option<&'s Scope<'s>>,
    ) -> Answer<'s> {
        use BinaryOperator as Op;
        match operator {
            Op::And => Ok(truth_value(
                self.truth(left, scope)? && self.truth(right, scope)?,
            )),
            Op::Or => Ok(truth_value(
                self.truth(left, scope)? || self.truth(right, scope)?,
            )),
            Op::Eq | Op::NotEq => {
                let (a, b) = (self.eval(left, scope)?, self.eval(right, scope)?);
                self.spend(expr, weight(&a).min(weight(&b)))?;
                Ok(truth_value((a == b) == (operator == Op::Eq)))
            }
            Op::LessEq | Op::GreaterEq | Op::Less | Op::Greater => {
                let (a, b) = (self.number(left, scope)?, self.number(right, scope)?);
                Ok(truth_value(match operator {
                    Op::LessEq => a <= b,
                    Op::GreaterEq => a >= b,
                    Op::Less => a < b,
                    _ => a > b,
                }))
            }
            Op::Plus | Op::Minus | Op::Mul | Op::Div | Op::Mod => {
                let (a, b) = (self.number(left, scope)?, self.number(right, scope)?);
                calculate(a, operator, b).map_or_else(|| fail(expr, no_number()), number_value)
            }
        }
    }

    fn number<'s>(&'s self, expr: &'s Expr, scope: Option<&'s Scope<'s>>) -> Result<Number, Fail> {
        match self.eval(expr, scope)?.as_ref() {
            Value::Number(number) => Ok(*number),
            other => fail(expr, format!("expected a number, got {}", kind_of(other))),
        }
    }

    fn call<'s>(
        &'s self,
        expr: &'s Expr,
        function: Function,
        arguments: &'s [Expr],
        expand_last: bool,
        scope: Option<&'s Scope<'s>>,
    ) -> Answer<'s> {
        match function {
            Function::Can => match arguments.iter().try_for_each(|one| {
                self.eval(one, scope)?;
                Ok(())
            }) {
                Ok(()) => Ok(truth_value(true)),
                Err(Fail::Here(_)) => Ok(truth_value(false)),
                Err(exhausted @ Fail::Exhausted(_)) => Err(exhausted),
            },
            Function::Try => {
                for one in arguments {
                    match self.eval(one, scope) {
                        Err(Fail::Here(_)) => {}
                        answer => return answer,
                    }
                }
                fail(expr, "no argument of `try` could be evaluated".to_owned())
            }
            strict => {
                let arguments = self.arguments(expr, strict, arguments, expand_last, scope)?;
                let cost = arguments.iter().map(|one| strict.cost(one)).sum();
                self.spend(expr, cost)?;
                let value = strict.apply(&arguments);
                let value =
                    value.or_else(|what| fail(expr, format!("`{}`: {what}", strict.name())))?;
                self.spend(expr, strict.cost(&value))?;
                Ok(Cow::Owned(value))
            }
        }
    }

    fn arguments<'s>(
        &'s self,
        expr: &'s Expr,
        function: Function,
        arguments: &'s [Expr],
        expand_last: bool,
        scope: Option<&'s Scope<'s>>,
    ) -> Result<Vec<Cow<'s, Value>>, Fail> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.eval(argument, scope)?);
        }
        if expand_last && let Some(last) = values.pop() {
            self.spend(expr, weight(&last))?;
            let Value::List(list) = last.into_owned() else {
                return fail(expr, "only a list can be expanded with `...`".to_owned());
            };
            values.extend(list.into_iter().map(Cow::Owned));
            let (least, most) = function.arguments();
            if !(least..=most).contains(&values.len()) {
                return fail(expr, format!("it is used as {}", function.usage()));
            }
        }
        Ok(values)
    }
}

pub(super) fn fail<T>(expr: &Expr, what: String) -> Result<T, Fail> {
    Err(Fail::Here(WhenFailure {
        place: expr.place.clone(),
        what,
    }))
}

fn truth_value<'s>(flag: bool) -> Cow<'s, Value> {
    Cow::Owned(Value::Bool(flag))
}

fn number_value<'s>(number: Number) -> Answer<'s> {
    Ok(Cow::Owned(Value::Number(number)))
}

fn no_number() -> String {
    "the operation has no finite result".to_owned()
}

fn not_text(value: &Value) -> String {
    format!(
        "expected a string, a number or a boolean, got {}",
        kind_of(value)
    )
}

fn attribute<'s>(expr: &Expr, of: Cow<'s, Value>, name: &str) -> Answer<'s> {
    let kind = kind_of(&of);
    let found = match of {
        Cow::Borrowed(Value::Map(map)) => map.get(name).map(Cow::Borrowed),
        Cow::Owned(Value::Map(mut map)) => map.remove(name).map(Cow::Owned),
        _ => return fail(expr, format!("cannot take attribute `{name}` of {kind}")),
    };
    found.map_or_else(|| fail(expr, format!("there is no attribute `{name}`")), Ok)
}

fn element<'s>(expr: &Expr, of: Cow<'s, Value>, index: &Value) -> Answer<'s> {
    let (kind, index_kind) = (kind_of(&of), kind_of(index));
    let position = match index {
        Value::Number(Number::Int(int)) => usize::try_from(*int).ok(),
        _ => None,
    };
    let found = match (of, index) {
        (Cow::Borrowed(Value::Map(map)), Value::String(key)) => map.get(key).map(Cow::Borrowed),
        (Cow::Owned(Value::Map(mut map)), Value::String(key)) => map.remove(key).map(Cow::Owned),
        (Cow::Borrowed(Value::List(list)), Value::Number(_)) => {
            position.and_then(|at| list.get(at)).map(Cow::Borrowed)
        }
        (Cow::Owned(Value::List(list)), Value::Number(_)) => position
            .and_then(|at| list.into_iter().nth(at))
            .map(Cow::Owned),
        _ => return fail(expr, format!("cannot index {kind} with {index_kind}")),
    };
    found.map_or_else(|| fail(expr, "there is no such element".to_owned()), Ok)
}
