//! From the parsed expression to a compiled one; all mistakes that need no deviation show here.

use std::ops::Range;

use hcl_edit::expr::{
    Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl_edit::template::{Element, Template};
use hcl_edit::{Decorated, Span};

use super::expr::{Expr, For, Node, Root};
use super::functions::Function;
use crate::decide::rules::error::RuleError;
use crate::decide::rules::source::SourceFile;
use crate::decide::rules::words;
use crate::model::{Number, Value};

/// Levels of an expression: evaluation goes down as many calls. The parser bounds nesting and
/// operators, but not how many attributes follow one another.
const MOST_LEVELS: usize = 200;

pub(super) struct Compiler<'f, 't> {
    file: &'f SourceFile<'t>,
    errors: &'f mut Vec<RuleError>,
    /// Names of the enclosing `for` variables, the innermost last; unnamed ones are `None`.
    locals: Vec<Option<String>>,
    depth: usize,
}

impl<'f, 't> Compiler<'f, 't> {
    pub(super) fn new(file: &'f SourceFile<'t>, errors: &'f mut Vec<RuleError>) -> Self {
        Self {
            file,
            errors,
            locals: Vec::new(),
            depth: 0,
        }
    }

    /// Mistakes go to the errors; what stands in their place then is never evaluated.
    pub(super) fn expr(&mut self, expression: &Expression) -> Expr {
        if self.depth >= MOST_LEVELS {
            let node = self.too_deep(expression.span());
            return self.made(expression.span(), node);
        }
        self.depth += 1;
        let compiled = self.within_bounds(expression);
        self.depth -= 1;
        compiled
    }

    fn too_deep(&mut self, span: Option<Range<usize>>) -> Node {
        let what = format!("the expression has more than {MOST_LEVELS} levels");
        let help = "split it into several rules".to_owned();
        self.mistake(span, what, help)
    }

    fn within_bounds(&mut self, expression: &Expression) -> Expr {
        let node = match expression {
            Expression::Null(_) => Node::Literal(Value::Null),
            Expression::Bool(flag) => Node::Literal(Value::Bool(*flag.value())),
            Expression::String(text) => Node::Literal(Value::string(text.as_str())),
            Expression::Number(number) => Node::Literal(literal_number(number.value())),
            Expression::Array(array) => {
                Node::List(array.iter().map(|element| self.expr(element)).collect())
            }
            Expression::Object(object) => Node::Object(
                object
                    .iter()
                    .map(|(key, value)| (self.object_key(key), self.expr(value.expr())))
                    .collect(),
            ),
            Expression::StringTemplate(template) => self.template(template.span(), template),
            Expression::HeredocTemplate(heredoc) => {
                self.template(heredoc.span(), &heredoc.template)
            }
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(name) => self.variable(name.as_str(), expression.span()),
            Expression::Conditional(choice) => Node::If(
                Box::new(self.expr(&choice.cond_expr)),
                Box::new(self.expr(&choice.true_expr)),
                Box::new(self.expr(&choice.false_expr)),
            ),
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => return self.traversal(traversal),
            Expression::UnaryOp(unary) => {
                let operand = Box::new(self.expr(&unary.expr));
                match *unary.operator.value() {
                    UnaryOperator::Not => Node::Not(operand),
                    UnaryOperator::Neg => Node::Negate(operand),
                }
            }
            Expression::BinaryOp(binary) => Node::Binary(
                Box::new(self.expr(&binary.lhs_expr)),
                *binary.operator.value(),
                Box::new(self.expr(&binary.rhs_expr)),
            ),
            Expression::ForExpr(for_expr) => self.for_expr(for_expr),
        };
        self.made(expression.span(), node)
    }

    fn made(&self, span: Option<Range<usize>>, node: Node) -> Expr {
        Expr {
            place: self.file.place(span),
            node,
        }
    }

    fn mistake(&mut self, span: Option<Range<usize>>, what: String, help: String) -> Node {
        let place = self.file.place(span);
        self.errors.push(RuleError::new(place, what).help(help));
        Node::Literal(Value::Null)
    }

    fn object_key(&mut self, key: &ObjectKey) -> Expr {
        match key {
            ObjectKey::Ident(name) => {
                self.made(name.span(), Node::Literal(Value::string(name.as_str())))
            }
            ObjectKey::Expression(key) => self.expr(key),
        }
    }

    fn template(&mut self, span: Option<Range<usize>>, template: &Template) -> Node {
        let mut parts = Vec::new();
        for element in template.iter() {
            parts.push(match element {
                Element::Literal(text) => {
                    self.made(text.span(), Node::Literal(Value::string(text.as_str())))
                }
                Element::Interpolation(part) => self.expr(&part.expr),
                Element::Directive(_) => {
                    return self.mistake(
                        span,
                        "a template directive cannot be used in `when`".to_owned(),
                        "write a `for` expression or a conditional".to_owned(),
                    );
                }
            });
        }
        Node::Template(parts)
    }

    fn variable(&mut self, name: &str, span: Option<Range<usize>>) -> Node {
        let local = |known: &Option<String>| known.as_deref() == Some(name);
        if let Some(outwards) = self.locals.iter().rev().position(local) {
            return Node::Local(outwards);
        }
        if let Some(root) = Root::ALL.into_iter().find(|root| root.name() == name) {
            return Node::Root(root);
        }
        let known: Vec<&str> = self
            .locals
            .iter()
            .flatten()
            .map(String::as_str)
            .chain(Root::ALL.map(Root::name))
            .collect();
        let help = words::suggest(name, known);
        self.mistake(span, format!("unknown variable `{name}` in `when`"), help)
    }

    fn call(&mut self, call: &FuncCall) -> Node {
        let name = call.name.name.as_str();
        let span = call.name.name.span();
        if call.name.is_namespaced() {
            return self.mistake(
                span,
                "a function name has no namespace".to_owned(),
                "write the function's own name alone".to_owned(),
            );
        }
        let arguments: Vec<Expr> = call.args.iter().map(|arg| self.expr(arg)).collect();
        let Some(function) = Function::ALL.into_iter().find(|one| one.name() == name) else {
            let help = words::suggest(name, Function::ALL.map(Function::name));
            return self.mistake(span, format!("unknown function `{name}` in `when`"), help);
        };
        let expand_last = call.args.expand_final();
        let (least, most) = function.arguments();
        let given = arguments.len();
        let lazy = matches!(function, Function::Try | Function::Can);
        if lazy && expand_last {
            return self.mistake(
                span,
                format!("`{name}` cannot take its arguments from a list"),
                "write the arguments out".to_owned(),
            );
        }
        if given > most || (given < least && !expand_last) {
            return self.mistake(
                span,
                format!("`{name}` has {given} arguments"),
                format!("it is used as {}", function.usage()),
            );
        }
        Node::Call {
            function,
            arguments,
            expand_last,
        }
    }

    fn for_expr(&mut self, for_expr: &ForExpr) -> Node {
        let collection = self.expr(&for_expr.intro.collection_expr);
        let outer = self.locals.len();
        let key = for_expr.intro.key_var.as_ref();
        self.locals.push(key.map(|name| name.as_str().to_owned()));
        let value = for_expr.intro.value_var.as_str();
        self.locals.push(Some(value.to_owned()));
        let compiled = For {
            collection,
            key: for_expr.key_expr.as_ref().map(|key| self.expr(key)),
            value: self.expr(&for_expr.value_expr),
            condition: for_expr.cond.as_ref().map(|cond| self.expr(&cond.expr)),
            grouping: for_expr.grouping,
        };
        self.locals.truncate(outer);
        Node::For(Box::new(compiled))
    }

    fn traversal(&mut self, traversal: &Traversal) -> Expr {
        // Each step is a level of the compiled expression, and so of what is under it.
        let steps = traversal.operators.len();
        self.depth = self.depth.saturating_add(steps);
        let compiled = if self.depth > MOST_LEVELS {
            let node = self.too_deep(traversal.span());
            self.made(traversal.span(), node)
        } else {
            let base = self.expr(&traversal.expr);
            self.steps(base, &mut traversal.operators.iter())
        };
        self.depth = self.depth.saturating_sub(steps);
        compiled
    }

    fn steps(
        &mut self,
        base: Expr,
        operators: &mut std::slice::Iter<'_, Decorated<TraversalOperator>>,
    ) -> Expr {
        let mut here = base;
        while let Some(operator) = operators.next() {
            let span = operator.span();
            let node = match operator.value() {
                TraversalOperator::GetAttr(name) => self.attribute(here, name.as_str(), &span),
                TraversalOperator::Index(index) => {
                    let index = self.expr(index);
                    Node::Index(Box::new(here), Box::new(index))
                }
                TraversalOperator::LegacyIndex(index) => {
                    let number = Value::Number(Number::Int((*index.value()).into()));
                    let index = self.made(span.clone(), Node::Literal(number));
                    Node::Index(Box::new(here), Box::new(index))
                }
                TraversalOperator::FullSplat(_) => {
                    self.locals.push(None);
                    let element = self.made(span.clone(), Node::Local(0));
                    let each = self.steps(element, operators);
                    self.locals.pop();
                    Node::Splat(Box::new(here), Box::new(each))
                }
                TraversalOperator::AttrSplat(_) => self.mistake(
                    span.clone(),
                    "`.*` cannot be used in `when`".to_owned(),
                    "write `[*]`".to_owned(),
                ),
            };
            here = self.made(span, node);
        }
        here
    }

    fn attribute(&mut self, of: Expr, name: &str, span: &Option<Range<usize>>) -> Node {
        if let Node::Root(root) = &of.node
            && let Some(fields) = root.fields()
            && !fields.contains(&name)
        {
            let what = format!("`{}` has no attribute `{name}`", root.name());
            let help = words::suggest(name, fields.iter().copied());
            return self.mistake(span.clone(), what, help);
        }
        Node::Attribute(Box::new(of), name.into())
    }
}

fn literal_number(number: &hcl_edit::Number) -> Value {
    let exact = number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from));
    match exact {
        Some(int) => Value::Number(Number::Int(int)),
        None => number
            .as_f64()
            .map_or(Value::Null, |float| Value::Number(Number::from_f64(float))),
    }
}
