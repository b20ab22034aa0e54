//! The document of a refresh, one resource at a time.

use std::collections::BTreeMap;
use std::io::Read;

use super::values::{self, Hidden, Values};
use super::written;
use super::{Drift, Refresh, RefreshedResource};
use crate::ingest::attributes::{self, Attributes, RawValues};
use crate::ingest::fields::{set_once, set_text};
use crate::ingest::json::{Fault, JsonStream, StreamError, members, quoted};
use crate::ingest::plan::PlannedAction;
use crate::ingest::plan::configuration::within;
use crate::ingest::plan::head::check_version;
use crate::ingest::plan::resource::{Change, Fields, present};
use crate::ingest::redact::Redactor;
use crate::model::Value;
use crate::normalise::catalogue::{Catalogue, ResourceIx};
use crate::normalise::table::Tier;

const WANTED: &str = "it must be a plan that only refreshes, as `show -json` gives it";
/// Kept of resources that a table knows, too: how others call them, and what they are tagged with.
const NAMES: [&str; 5] = ["id", "arn", "name", "tags", "tags_all"];

/// Reads what a refresh found.
///
/// # Errors
/// A document that is not well formed, not a plan, `errored`, not `complete`, or that would change
/// something; a resource in doubt.
pub fn read<R: Read>(
    reader: R,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<(Refresh, R), StreamError> {
    let mut stream = JsonStream::new(reader);
    let mut reading = Reading {
        refresh: Refresh::default(),
        catalogue,
        redactor,
    };
    let mut head = Head::default();
    if stream.peek()? != Some(b'{') {
        return Err(stream.fault(Fault::new("this is no plan").with_help(WANTED)));
    }
    stream.object(&mut |stream, key| match key {
        "format_version" => {
            let mut version = None;
            stream.value(|raw| set_text(&mut version, key, raw))?;
            head.is_versioned = true;
            check_version(&version.unwrap_or_default())
        }
        "errored" => stream.raw(|raw| head.errored = raw == "true"),
        "complete" => stream.raw(|raw| head.incomplete = raw == "false"),
        "planned_values" => {
            head.is_plan = true;
            stream.skip()
        }
        "resource_drift" if stream.peek()? == Some(b'[') => {
            stream.array(&mut |stream| stream.value(|raw| reading.drift(raw)))
        }
        "resource_changes" if stream.peek()? == Some(b'[') => {
            stream.array(&mut |stream| stream.value(must_change_nothing))
        }
        "prior_state" => reading.state(stream),
        "configuration" => written::read(stream, &mut reading.refresh.written),
        _ => stream.skip(),
    })?;
    let reader = stream.finish()?;
    head.check()?;
    Ok((reading.refresh, reader))
}

#[derive(Default)]
struct Head {
    is_versioned: bool,
    is_plan: bool,
    errored: bool,
    incomplete: bool,
}

impl Head {
    fn check(&self) -> Result<(), StreamError> {
        let what = match self {
            Self { errored: true, .. } => "the plan is marked `errored`",
            Self {
                incomplete: true, ..
            } => "the plan is marked `complete: false`",
            Self { is_plan: false, .. }
            | Self {
                is_versioned: false,
                ..
            } => "this is no plan",
            Self { .. } => return Ok(()),
        };
        Err(StreamError::refused(what, WANTED))
    }
}

/// Nothing is planned but outputs.
fn must_change_nothing(raw: &str) -> Result<(), Fault> {
    let fields = Fields::read(raw)?;
    let change = fields.change.map(Change::read).transpose()?;
    let action = change.and_then(|change| change.action);
    match action {
        Some(PlannedAction::NoOp) | None => Ok(()),
        Some(other) => {
            let address = quoted(fields.address.as_deref().unwrap_or_default());
            let what = format!("the plan would {} {address}", other.as_str());
            Err(Fault::new(what).with_help(WANTED))
        }
    }
}

struct Reading<'c> {
    refresh: Refresh,
    catalogue: &'c Catalogue,
    redactor: &'c Redactor,
}

impl Reading<'_> {
    fn drift(&mut self, raw: &str) -> Result<(), Fault> {
        let fields = Fields::read(raw)?;
        // A deposed object is what a replacement left behind; its address is the new one's.
        if fields.mode.as_deref() == Some("data") || fields.is_deposed {
            return Ok(());
        }
        let address = fields.address.ok_or("a resource without an `address`")?;
        let shown = quoted(&address);
        if let Some(old) = fields.previous_address {
            self.refresh
                .moved
                .insert(old.into(), address.as_str().into());
        }
        let type_name = fields.type_name.unwrap_or_default();
        let raw_change = fields
            .change
            .ok_or_else(|| format!("{shown} has no `change`"))?;
        let change = Change::read(raw_change).map_err(|fault| fault.within(raw, raw_change))?;
        let drift = match change.action {
            Some(PlannedAction::Delete) => Drift::Gone,
            Some(PlannedAction::Update | PlannedAction::NoOp) => {
                let hidden = Hidden::of(&type_name, &change.sensitive(), self.redactor)?;
                let values = |raw: Option<&str>| match present(raw) {
                    Some(raw) => values::read(raw, &hidden, &|_| false, self.redactor),
                    None => Err(Fault::new(format!("{shown} has a side without values"))),
                };
                Drift::Changed(moves(values(change.before)?, values(change.after)?))
            }
            // A refresh only finds what differs or is gone.
            Some(other) => {
                return Err(format!("{shown} cannot drift by `{}`", other.as_str()).into());
            }
            None => return Err(format!("{shown} has no `actions`").into()),
        };
        match self.refresh.drift.insert(address.into(), drift) {
            None => Ok(()),
            Some(_) => Err(format!("the address {shown} stands twice in the drift").into()),
        }
    }

    fn state<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<(), StreamError> {
        within(stream, "values", &mut |stream| {
            within(stream, "root_module", &mut |stream| self.module(stream))
        })
    }

    // The stream refuses brackets that are nested too deep, and so modules that are.
    fn module<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<(), StreamError> {
        if stream.peek()? != Some(b'{') {
            return stream.skip();
        }
        stream.object(&mut |stream, key| match key {
            "resources" => stream.array(&mut |stream| stream.value(|raw| self.resource(raw))),
            "child_modules" => stream.array(&mut |stream| self.module(stream)),
            _ => stream.skip(),
        })
    }

    fn resource(&mut self, raw: &str) -> Result<(), Fault> {
        let shown = Shown::read(raw)?;
        if shown.mode.as_deref() == Some("data") || shown.is_deposed {
            return Ok(());
        }
        let address = shown.address.ok_or("a resource without an `address`")?;
        let named = quoted(&address);
        let type_name = shown
            .type_name
            .ok_or_else(|| format!("{named} has no `type`"))?;
        let (own, marks) = (
            shown.values.unwrap_or("{}"),
            shown.marks.unwrap_or_default(),
        );
        let mapped = self.mapped(&type_name, own, marks).map_err(|fault| {
            let what = format!("{named}: {}", fault.what);
            Fault { what, ..fault }.within(raw, own)
        })?;
        let hidden = Hidden::of(&type_name, &[marks], self.redactor)?;
        let leave_out = |name: &str| mapped.is_some() && !NAMES.contains(&name);
        let values = values::read(own, &hidden, &leave_out, self.redactor)?;
        let resource = RefreshedResource {
            type_name: type_name.into(),
            mapped,
            values,
        };
        match self.refresh.resources.insert(address.into(), resource) {
            None => Ok(()),
            Some(_) => Err(format!("the address {named} stands twice in the state").into()),
        }
    }

    /// By the reviewed table of the type, if there is one: what is matched by name only is told better
    /// by the values themselves.
    fn mapped(
        &self,
        type_name: &str,
        values: &str,
        marks: &str,
    ) -> Result<Option<(ResourceIx, Attributes)>, Fault> {
        let table = self.catalogue.find(type_name);
        let table = table.and_then(|at| Some((at, self.catalogue.resource(at)?)));
        let table = table.filter(|(_, table)| table.table.tier == Tier::Reviewed);
        let Some((at, table)) = table else {
            return Ok(None);
        };
        let raw = RawValues {
            values,
            unknown: "",
            sensitive: [marks, ""],
        };
        let read = attributes::read(table, raw, true, self.redactor);
        let read = read.map_err(|error| Fault::new(error.to_string()))?;
        Ok(Some((at, read)))
    }
}

/// One resource as the state shows it.
#[derive(Default)]
struct Shown<'a> {
    address: Option<String>,
    mode: Option<String>,
    type_name: Option<String>,
    is_deposed: bool,
    values: Option<&'a str>,
    marks: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn read(raw: &'a str) -> Result<Self, Fault> {
        let mut shown = Self::default();
        for member in members(raw)? {
            let (key, value) = member?;
            match &*key {
                "address" => set_text(&mut shown.address, &key, value)?,
                "mode" => set_text(&mut shown.mode, &key, value)?,
                "type" => set_text(&mut shown.type_name, &key, value)?,
                "values" => set_once(&mut shown.values, &key, value)?,
                "sensitive_values" => set_once(&mut shown.marks, &key, value)?,
                "deposed" | "deposed_key" => shown.is_deposed |= value != "null",
                _ => {}
            }
        }
        Ok(shown)
    }
}

/// The attributes that are not the same before and now.
fn moves(before: Values, mut now: Values) -> BTreeMap<Box<str>, (Value, Value)> {
    let mut moves = BTreeMap::new();
    for (name, before) in before {
        let now = now.remove(&name).unwrap_or_default();
        if before != now {
            moves.insert(name, (before, now));
        }
    }
    let new = now.into_iter().filter(|(_, now)| !now.is_null());
    moves.extend(new.map(|(name, now)| (name, (Value::Null, now))));
    moves
}
