//! Plans: `terraform show -json` of a saved plan, format versions 0.1 to 1.x.
//!
//! Only `resource_changes` is read. The file states everything up to four times; the rest is passed
//! over.

use std::collections::HashSet;
use std::io::Read;

use super::attributes::{self, Attributes, RawValues};
use super::json::{JsonStream, StreamError, decode_string, elements, members};
use super::redact::Redactor;
use crate::normalise::catalogue::{Catalogue, ResourceIx};

#[derive(Debug, Default)]
pub struct Plan {
    pub format_version: String,
    pub terraform_version: Option<String>,
    pub timestamp: Option<jiff::Timestamp>,
    pub resources: Vec<PlannedResource>,
}

#[derive(Debug)]
pub struct PlannedResource {
    pub address: Box<str>,
    pub previous_address: Option<Box<str>>,
    pub kind: PlannedType,
    pub action: PlannedAction,
    /// Empty where the plan deletes the resource, or no table knows its type.
    pub after: Attributes,
    /// What the resource was when the plan was made; only where the plan changes it.
    pub before: Option<Attributes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedType {
    Mapped(ResourceIx),
    /// No table knows the type.
    Unmapped(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedAction {
    NoOp,
    Create,
    Update,
    Replace,
    Delete,
    /// Terraform stops managing it; the resource stays.
    Forget,
}

/// Reads a plan.
///
/// # Errors
/// A document that is not well formed, not a plan, of an unknown major version, `errored`, not
/// `complete`, or with one address twice.
pub fn read<R: Read>(
    reader: R,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<(Plan, R), StreamError> {
    let mut plan = Plan::default();
    let mut head = Head::default();
    let mut stream = JsonStream::new(reader);
    stream.object(&mut |stream, key| {
        match key {
            "format_version" => {
                plan.format_version = text(stream, key)?.unwrap_or_default();
                check_version(&plan.format_version)?;
            }
            "terraform_version" => plan.terraform_version = text(stream, key)?,
            "timestamp" => {
                let stamp = text(stream, key)?;
                plan.timestamp = stamp.and_then(|stamp| stamp.parse().ok());
            }
            "errored" => head.errored = stream.raw(|raw| raw == "true")?,
            "complete" => head.incomplete = stream.raw(|raw| raw == "false")?,
            "deferred_changes" => head.deferred = stream.raw(count)?,
            "planned_values" | "output_changes" | "configuration" => {
                head.looks_like_a_plan = true;
                stream.skip()?;
            }
            "values" => {
                head.looks_like_a_state = true;
                stream.skip()?;
            }
            "resource_changes" => {
                head.looks_like_a_plan = true;
                stream.array(&mut |stream| {
                    let read = stream.raw(|raw| resource(raw, catalogue, redactor))?;
                    plan.resources
                        .extend(read.map_err(|what| stream.malformed(what))?);
                    Ok(())
                })?;
            }
            _ => stream.skip()?,
        }
        Ok(())
    })?;
    let reader = stream.finish()?;
    head.check(&plan)?;
    check_unique(&plan)?;
    Ok((plan, reader))
}

#[derive(Default)]
struct Head {
    errored: bool,
    incomplete: bool,
    deferred: usize,
    looks_like_a_plan: bool,
    looks_like_a_state: bool,
}

impl Head {
    fn check(&self, plan: &Plan) -> Result<(), StreamError> {
        let refuse = |why: &str| Err(StreamError::Refused(why.to_owned()));
        if !self.looks_like_a_plan {
            return refuse(if self.looks_like_a_state {
                "this is a state, not a plan; name it as `state`, and give the output of `terraform show -json PLANFILE` as `plan`"
            } else {
                "this is not a plan; give the output of `terraform show -json PLANFILE`"
            });
        }
        if plan.format_version.is_empty() {
            return refuse(
                "the plan has no `format_version`; give the output of `terraform show -json PLANFILE`",
            );
        }
        if self.errored {
            return refuse(
                "the plan is marked `errored`: Terraform could not finish it, so nobody can have approved it; plan again",
            );
        }
        if self.incomplete {
            let deferred = self.deferred;
            return Err(StreamError::Refused(format!(
                "the plan is marked `complete: false`: Terraform deferred {deferred} of its changes, so it does not say everything that will be applied; apply it and plan again"
            )));
        }
        Ok(())
    }
}

fn check_version(version: &str) -> Result<(), StreamError> {
    let major = version.split('.').next().unwrap_or_default();
    match major {
        "0" | "1" => Ok(()),
        _ => Err(StreamError::Refused(format!(
            "plan format version `{version}` is not known; versions 0.1 to 1.x are; use a driftwarden that knows it"
        ))),
    }
}

fn check_unique(plan: &Plan) -> Result<(), StreamError> {
    let mut seen = HashSet::with_capacity(plan.resources.len());
    for resource in &plan.resources {
        if !seen.insert(&*resource.address) {
            return Err(StreamError::Refused(format!(
                "the address `{}` stands twice in the plan; it was not written by Terraform like this",
                resource.address
            )));
        }
    }
    Ok(())
}

fn text<R: Read>(stream: &mut JsonStream<R>, key: &str) -> Result<Option<String>, StreamError> {
    let text = stream.raw(|raw| match raw {
        "null" => Ok(None),
        raw => decode_string(raw).map(|text| Some(text.into_owned())),
    })?;
    text.map_err(|error| stream.malformed(format!("`{key}`: {error}")))
}

fn count(raw: &str) -> usize {
    elements(raw).map_or(0, Iterator::count)
}

/// One element of `resource_changes`; `None` for what is no resource of ours to watch.
fn resource(
    raw: &str,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<Option<PlannedResource>, String> {
    let fields = Fields::read(raw).map_err(|error| error.to_string())?;
    // A deposed object is what a replacement left behind; its address is the new one's.
    if fields.mode == "data" || fields.is_deposed {
        return Ok(None);
    }
    let address = fields.address.ok_or("a resource without an `address`")?;
    let change = fields
        .change
        .ok_or_else(|| format!("`{address}` has no `change`"))?;
    let action = change
        .action
        .ok_or_else(|| format!("`{address}` has no known `actions`"))?;
    let Some(index) = catalogue.find(&fields.type_name) else {
        return Ok(Some(PlannedResource {
            address: address.into(),
            previous_address: fields.previous_address,
            kind: PlannedType::Unmapped(fields.type_name.into()),
            action,
            after: Attributes::default(),
            before: None,
        }));
    };
    let table = catalogue.resource(index).ok_or("a type without a table")?;
    let attributes = |values: Option<&str>, unknown: &str, sensitive: &str| match values {
        Some(values) if values != "null" => {
            let raw = RawValues {
                values,
                unknown,
                sensitive,
            };
            attributes::read(table, raw, false, redactor)
                .map_err(|error| format!("`{address}`: {error}"))
                .map(Some)
        }
        _ => Ok(None),
    };
    let after = attributes(change.after, change.after_unknown, change.after_sensitive)?;
    let before = match action {
        PlannedAction::NoOp | PlannedAction::Create => None,
        PlannedAction::Update
        | PlannedAction::Replace
        | PlannedAction::Delete
        | PlannedAction::Forget => attributes(change.before, "", change.before_sensitive)?,
    };
    Ok(Some(PlannedResource {
        address: address.clone().into(),
        previous_address: fields.previous_address,
        kind: PlannedType::Mapped(index),
        action,
        after: after.unwrap_or_default(),
        before,
    }))
}

#[derive(Default)]
struct Fields<'a> {
    address: Option<String>,
    previous_address: Option<Box<str>>,
    mode: String,
    type_name: String,
    is_deposed: bool,
    change: Option<Change<'a>>,
}

#[derive(Default)]
struct Change<'a> {
    action: Option<PlannedAction>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    after_unknown: &'a str,
    before_sensitive: &'a str,
    after_sensitive: &'a str,
}

impl<'a> Fields<'a> {
    fn read(raw: &'a str) -> Result<Self, super::json::JsonError> {
        let mut fields = Self::default();
        for member in members(raw)? {
            let (key, value) = member?;
            match key.as_ref() {
                "address" => fields.address = Some(decode_string(value)?.into_owned()),
                "previous_address" => {
                    fields.previous_address = Some(decode_string(value)?.into());
                }
                "mode" => fields.mode = decode_string(value)?.into_owned(),
                "type" => fields.type_name = decode_string(value)?.into_owned(),
                "deposed" => fields.is_deposed = value != "null",
                "change" => fields.change = Some(Change::read(value)?),
                _ => {}
            }
        }
        Ok(fields)
    }
}

impl<'a> Change<'a> {
    fn read(raw: &'a str) -> Result<Self, super::json::JsonError> {
        let mut change = Self::default();
        for member in members(raw)? {
            let (key, value) = member?;
            match key.as_ref() {
                "actions" => change.action = PlannedAction::read(value)?,
                "before" => change.before = Some(value),
                "after" => change.after = Some(value),
                "after_unknown" => change.after_unknown = value,
                "before_sensitive" => change.before_sensitive = value,
                "after_sensitive" => change.after_sensitive = value,
                _ => {}
            }
        }
        Ok(change)
    }
}

impl PlannedAction {
    fn read(raw: &str) -> Result<Option<Self>, super::json::JsonError> {
        let words = elements(raw)?.map(|word| word.and_then(decode_string));
        let words = words.collect::<Result<Vec<_>, _>>()?;
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        Ok(match words.as_slice() {
            ["no-op" | "read"] => Some(Self::NoOp),
            ["create"] => Some(Self::Create),
            ["update"] => Some(Self::Update),
            ["delete"] => Some(Self::Delete),
            ["forget"] => Some(Self::Forget),
            ["create", "delete"] | ["delete", "create"] | ["create", "forget"] => {
                Some(Self::Replace)
            }
            _ => None,
        })
    }

    /// Whether the plan changes the resource.
    pub fn is_change(self) -> bool {
        self != Self::NoOp
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOp => "no-op",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Forget => "forget",
        }
    }
}
