//! What users write in the place of our own words: templates of minijinja, checked when they are loaded.
//!
//! A template sees the fields of [`FIELDS`] and nothing else; each is there in every message, empty where
//! it says nothing. Values are escaped for the channel wherever they are put out.

mod fields;
mod samples;

use std::collections::BTreeSet;

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value};

use super::html::escape_html;
use super::slack::escape_slack;
use crate::model::Page;
use crate::report::escape::escape;

pub use fields::FIELDS;

/// Steps that a template may take; one of ours takes some hundred.
const FUEL: u64 = 50_000;
const LONGEST_SOURCE: usize = 64 << 10;
const LONGEST_OUTPUT: usize = 64 << 10;

/// What the output is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Plain,
    Html,
    /// Slack's `mrkdwn`.
    Slack,
    Markdown,
}

/// A template that was tried and found good.
#[derive(Clone, Debug)]
pub struct Template {
    name: String,
    source: String,
    reading: Reading,
}

impl Template {
    /// Checks a template: its grammar, its fields, and that it can say something of every kind of message.
    ///
    /// # Errors
    /// What is wrong, for a message, with the line where that is known.
    pub fn new(name: &str, source: &str, reading: Reading) -> Result<Self, String> {
        if source.len() > LONGEST_SOURCE {
            return Err(format!(
                "`{name}` is larger than {} KiB",
                LONGEST_SOURCE >> 10
            ));
        }
        let template = Self {
            name: name.to_owned(),
            source: source.to_owned(),
            reading,
        };
        template.check_fields()?;
        for page in samples::pages() {
            template.render(&page)?;
        }
        Ok(template)
    }

    fn check_fields(&self) -> Result<(), String> {
        let environment = environment(self.reading);
        let parsed = environment.template_from_named_str(&self.name, &self.source);
        let parsed = parsed.map_err(|error| said(&self.name, &error))?;
        let named: BTreeSet<String> = parsed.undeclared_variables(false).into_iter().collect();
        let known = |name: &str| FIELDS.iter().any(|(field, _)| *field == name);
        let is_function = |name: &str| environment.globals().any(|(global, _)| global == name);
        let unknown = named.iter().find(|name| !known(name) && !is_function(name));
        match unknown {
            Some(name) => Err(format!("`{}` names the unknown field `{name}`", self.name)),
            None => Ok(()),
        }
    }

    /// What the template says of a message.
    ///
    /// # Errors
    /// Why it says nothing.
    pub fn render(&self, page: &Page) -> Result<String, String> {
        let environment = environment(self.reading);
        let fields = fields::of(page);
        let text = environment.render_named_str(&self.name, &self.source, fields);
        let text = text.map_err(|error| said(&self.name, &error))?;
        match text.len() > LONGEST_OUTPUT {
            true => Err(format!(
                "`{}` makes more than {} KiB",
                self.name,
                LONGEST_OUTPUT >> 10
            )),
            false => Ok(text.trim().to_owned()),
        }
    }
}

/// Errors of templates quote the template, not the message.
fn said(name: &str, error: &Error) -> String {
    let line = error
        .line()
        .map(|line| format!(", line {line}"))
        .unwrap_or_default();
    let detail = error
        .detail()
        .map(|detail| format!(": {detail}"))
        .unwrap_or_default();
    let what = format!("`{name}`{line}: {}{detail}", error.kind());
    escape(&super::cut(&what, 400)).into_owned()
}

fn environment(reading: Reading) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("channel".into()));
    environment.set_formatter(move |out, state, value| put(out, state, value, reading));
    // Each of them passes a value by the escaping, or makes one of any size.
    for filter in ["safe", "escape", "e", "urlencode", "indent", "tojson"] {
        environment.remove_filter(filter);
    }
    environment.remove_global("range");
    environment.remove_global("debug");
    environment
}

fn put(
    out: &mut Output<'_>,
    _: &State<'_, '_>,
    value: &Value,
    reading: Reading,
) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    // Made by a macro, of parts that were escaped when they were put out.
    let is_made = value.kind() == ValueKind::String && value.is_safe();
    let text = value.to_string();
    let text = match is_made {
        true => text,
        false => escaped(&text, reading),
    };
    out.write_str(&text).map_err(Error::from)
}

fn escaped(text: &str, reading: Reading) -> String {
    let text = escape(text);
    match reading {
        Reading::Plain => text.into_owned(),
        Reading::Html => escape_html(&text),
        Reading::Slack => escape_slack(&text),
        Reading::Markdown => escape_markdown(&text),
    }
}

/// What the Markdown of a text block would read as its own.
fn escape_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if "\\`*_{}[]()#+-.!|~<>&".contains(c) {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}
