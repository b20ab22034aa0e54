//! Typed reading of one block's attributes, with every mistake at its place.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};

use super::error::RuleError;
use super::glob::Glob;
use super::source::SourceFile;
use super::words;

pub(super) struct Reader<'f, 't> {
    pub(super) file: &'f SourceFile<'t>,
    pub(super) errors: &'f mut Vec<RuleError>,
}

/// The attributes and blocks of one body, by name.
pub(super) struct Fields<'b> {
    attributes: BTreeMap<&'b str, &'b Expression>,
    blocks: BTreeMap<&'b str, &'b Block>,
}

impl<'b> Fields<'b> {
    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&'b Expression> {
        self.attributes.get(name).copied()
    }

    pub(super) fn block(&self, name: &str) -> Option<&'b Block> {
        self.blocks.get(name).copied()
    }
}

impl Reader<'_, '_> {
    pub(super) fn error(
        &mut self,
        span: Option<Range<usize>>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        let place = self.file.place(span);
        self.errors.push(RuleError::new(place, what).help(help));
    }

    /// Sorts a body's parts by name; what is not among `known` is an error.
    pub(super) fn fields<'b>(
        &mut self,
        body: &'b Body,
        context: &str,
        known: &[&str],
        blocks: &[&str],
    ) -> Fields<'b> {
        let mut fields = Fields {
            attributes: BTreeMap::new(),
            blocks: BTreeMap::new(),
        };
        for structure in body.iter() {
            let (name, span, is_block) = match structure {
                Structure::Attribute(one) => (one.key.as_str(), one.key.span(), false),
                Structure::Block(one) => (one.ident.as_str(), one.ident.span(), true),
            };
            let what = if is_block { "block" } else { "attribute" };
            if !known.contains(&name) {
                let help = words::suggest(name, known.iter().copied());
                self.error(span, format!("unknown {what} `{name}` in {context}"), help);
                continue;
            }
            if blocks.contains(&name) != is_block {
                let (what, help) = if is_block {
                    ("an attribute, not a block", format!("write `{name} = ...`"))
                } else {
                    (
                        "a block, not an attribute",
                        format!("write `{name} {{ ... }}`"),
                    )
                };
                self.error(span, format!("`{name}` is {what}"), help);
                continue;
            }
            match structure {
                Structure::Attribute(one) => {
                    fields.attributes.insert(name, &one.value);
                }
                Structure::Block(one) => {
                    if fields.blocks.insert(name, one).is_some() {
                        let what = format!("a second `{name}` in {context}");
                        self.error(span, what, "put everything into one block");
                    }
                }
            }
        }
        fields
    }

    /// A text that is not empty, with its place.
    pub(super) fn text(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
    ) -> Option<(String, Option<Range<usize>>)> {
        let expression = fields.value(name)?;
        let text = self.plain(expression, name, format!("write `{name} = \"...\"`"))?;
        Some((text.to_owned(), expression.span()))
    }

    fn plain<'e>(
        &mut self,
        expression: &'e Expression,
        name: &str,
        help: String,
    ) -> Option<&'e str> {
        let what = match expression.as_str() {
            Some(text) if !text.trim().is_empty() => return Some(text),
            Some(_) => format!("an empty string in `{name}`"),
            None => format!("`{name}` must hold plain strings only"),
        };
        self.error(expression.span(), what, help);
        None
    }

    /// One of a fixed set of words.
    pub(super) fn word<T, const N: usize>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        known: [&'static str; N],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let (word, span) = self.text(fields, name)?;
        let parsed = parse(&word);
        if parsed.is_none() {
            let help = words::suggest(&word, known);
            self.error(span, format!("unknown {name} `{word}`"), help);
        }
        parsed
    }

    /// A list of words of a fixed set.
    pub(super) fn words<T, const N: usize>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        known: [&'static str; N],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let one = name.trim_end_matches('s');
        self.strings(fields, name, |word| {
            parse(word).ok_or_else(|| {
                let help = words::suggest(word, known);
                (format!("unknown {one} `{word}`"), help)
            })
        })
    }

    /// A list of strings, none empty, each read by `parse`, whose error is what is wrong
    /// and the help.
    pub(super) fn strings<T>(
        &mut self,
        fields: &Fields<'_>,
        name: &str,
        parse: impl Fn(&str) -> Result<T, (String, String)>,
    ) -> Vec<T> {
        let Some(expression) = fields.value(name) else {
            return Vec::new();
        };
        let Some(array) = expression.as_array() else {
            let what = format!("`{name}` must be a list of strings");
            self.error(
                expression.span(),
                what,
                format!("write `{name} = [\"...\"]`"),
            );
            return Vec::new();
        };
        if array.is_empty() {
            let what = format!("`{name}` is an empty list");
            self.error(
                expression.span(),
                what,
                "name something, or remove the attribute",
            );
        }
        let mut parsed = Vec::new();
        for element in array.iter() {
            let Some(text) = self.plain(element, name, format!("write `{name} = [\"...\"]`"))
            else {
                continue;
            };
            match parse(text) {
                Ok(value) => parsed.push(value),
                Err((what, help)) => self.error(element.span(), what, help),
            }
        }
        parsed
    }

    /// An object of tag keys and patterns of their values.
    pub(super) fn tags(&mut self, fields: &Fields<'_>, name: &str) -> BTreeMap<String, Glob> {
        let Some(expression) = fields.value(name) else {
            return BTreeMap::new();
        };
        let Some(object) = expression.as_object() else {
            let what = format!("`{name}` must be an object of strings");
            let help = format!("write `{name} = {{ DataClass = \"confidential\" }}`");
            self.error(expression.span(), what, help);
            return BTreeMap::new();
        };
        if object.is_empty() {
            let what = format!("`{name}` is an empty object");
            self.error(
                expression.span(),
                what,
                "name a tag, or remove the attribute",
            );
        }
        let mut tags = BTreeMap::new();
        for (key, value) in object.iter() {
            let key = match key {
                ObjectKey::Ident(ident) => Some(ident.as_str()),
                ObjectKey::Expression(expression) => expression
                    .as_str()
                    .or_else(|| expression.as_variable().map(|ident| ident.as_str())),
            };
            let pattern = value.expr().as_str();
            match (key, pattern) {
                (Some(key), Some(pattern)) => {
                    tags.insert(key.to_owned(), Glob::new(pattern));
                }
                (_, _) => {
                    let what = format!("`{name}` must be an object of strings");
                    let help = "write keys and patterns as plain strings";
                    self.error(value.expr().span(), what, help);
                }
            }
        }
        tags
    }
}
