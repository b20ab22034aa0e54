//! The variables that a `when` sees of one deviation.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::expr::Root;
use crate::decide::rules::RuleContext;
use crate::model::{Attribution, Deviation, Means, Value};

/// Values beyond these bounds are not looked into.
const MOST_NODES: usize = 200_000;
const MOST_LEVELS: usize = 100;

/// The variables of one deviation, made once for all rules.
#[derive(Debug)]
pub(in crate::decide::rules) struct Scene<'a> {
    kind: Value,
    attribute: Value,
    approved: Result<Cow<'a, Value>, &'static str>,
    live: Result<Cow<'a, Value>, &'static str>,
    resource: Value,
    verdict: Value,
    attribution: Value,
    tags: Value,
}

impl<'a> Scene<'a> {
    pub(in crate::decide::rules) fn new(ctx: &RuleContext<'a>) -> Self {
        let deviation = ctx.deviation;
        let tags = deviation.tags.iter();
        Self {
            kind: deviation.kind.as_str().into(),
            attribute: text(deviation.attribute.as_ref().map(|path| path.as_str())),
            approved: shown(&deviation.approved),
            live: shown(&deviation.live),
            resource: resource(deviation),
            verdict: ctx.judgement.verdict.as_str().into(),
            attribution: ctx.attribution.map_or(Value::Null, attribution),
            tags: Value::Map(
                tags.map(|(key, value)| (key.clone(), value.as_str().into()))
                    .collect(),
            ),
        }
    }

    /// The variable, or why it cannot be looked into.
    pub(super) fn get(&self, root: Root) -> Result<&Value, &'static str> {
        match root {
            Root::Kind => Ok(&self.kind),
            Root::Attribute => Ok(&self.attribute),
            Root::Approved => self.approved.as_deref().map_err(|why| *why),
            Root::Live => self.live.as_deref().map_err(|why| *why),
            Root::Resource => Ok(&self.resource),
            Root::Verdict => Ok(&self.verdict),
            Root::Attribution => Ok(&self.attribution),
            Root::Tags => Ok(&self.tags),
        }
    }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

fn resource(deviation: &Deviation) -> Value {
    map([
        (
            "address",
            text(deviation.address.as_ref().map(|a| a.as_str())),
        ),
        ("type", deviation.type_name.as_str().into()),
        (
            "provider_id",
            text(deviation.provider_id.as_ref().map(|id| id.as_str())),
        ),
        (
            "account",
            text(deviation.account.as_ref().map(|a| a.as_str())),
        ),
        (
            "region",
            text(deviation.region.as_ref().map(|r| r.as_str())),
        ),
        (
            "workspace",
            text(deviation.workspace.as_ref().map(|w| w.as_str())),
        ),
    ])
}

fn attribution(attribution: &Attribution) -> Value {
    let means = match attribution.means {
        Means::Console => "console",
        Means::Pipeline => "pipeline",
        Means::Service => "service",
        Means::Key => "key",
        Means::Unknown => "unknown",
    };
    map([
        ("actor", attribution.actor.as_str().into()),
        ("means", means.into()),
        ("at", Value::string(attribution.at.to_string())),
        ("from", text(attribution.from.as_deref())),
        ("person", text(attribution.person.as_deref())),
    ])
}

/// The value as a rule may see it: borrowed, or a copy in which a sensitive part is the object
/// `{sensitive = true}`.
fn shown(value: &Value) -> Result<Cow<'_, Value>, &'static str> {
    let mut survey = Survey {
        nodes_left: MOST_NODES,
        sensitive: false,
    };
    survey.walk(value, MOST_LEVELS)?;
    Ok(if survey.sensitive {
        Cow::Owned(without_digests(value))
    } else {
        Cow::Borrowed(value)
    })
}

struct Survey {
    nodes_left: usize,
    sensitive: bool,
}

impl Survey {
    fn walk(&mut self, value: &Value, levels_left: usize) -> Result<(), &'static str> {
        self.nodes_left = self
            .nodes_left
            .checked_sub(1)
            .ok_or("holds too many values to be looked into")?;
        let below = levels_left
            .checked_sub(1)
            .ok_or("is nested too deeply to be looked into")?;
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
            Value::List(list) => list.iter().try_for_each(|one| self.walk(one, below)),
            Value::Map(map) => map.values().try_for_each(|one| self.walk(one, below)),
            Value::Sensitive(_) => {
                self.sensitive = true;
                Ok(())
            }
        }
    }
}

fn without_digests(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        Value::List(list) => Value::List(list.iter().map(without_digests).collect()),
        Value::Map(map) => Value::Map(
            map.iter()
                .map(|(key, one)| (key.clone(), without_digests(one)))
                .collect(),
        ),
        Value::Sensitive(_) => Value::Map(BTreeMap::from([(
            "sensitive".to_owned(),
            Value::Bool(true),
        )])),
    }
}
