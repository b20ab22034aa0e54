//! States after apply: the raw v4 file, or `terraform show -json` of a state.

use std::collections::BTreeMap;
use std::io::Read;

use super::attributes::{self, Attributes, RawValues};
use super::json::{JsonError, JsonStream, StreamError, decode_string, elements, members};
use super::redact::Redactor;
use crate::normalise::catalogue::{Catalogue, ResourceIx};

#[derive(Debug, Default)]
pub struct State {
    pub terraform_version: Option<String>,
    /// Only the raw file has them.
    pub serial: Option<u64>,
    pub lineage: Option<String>,
    /// Managed resources by address.
    pub resources: BTreeMap<Box<str>, StateResource>,
}

#[derive(Debug)]
pub enum StateResource {
    Mapped(ResourceIx, Attributes),
    /// No table knows the type.
    Unmapped(Box<str>),
}

struct Reading<'c> {
    state: State,
    catalogue: &'c Catalogue,
    redactor: &'c Redactor,
}

/// Reads a state of either form.
///
/// # Errors
/// A document that is not well formed, not a state, or of an unknown version.
pub fn read<R: Read>(
    reader: R,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<(State, R), StreamError> {
    let mut reading = Reading {
        state: State::default(),
        catalogue,
        redactor,
    };
    let mut known = false;
    let mut stream = JsonStream::new(reader);
    stream.object(&mut |stream, key| match key {
        "version" => {
            let version = stream.raw(str::to_owned)?;
            check_raw_version(&version)?;
            known = true;
            Ok(())
        }
        "format_version" => {
            let version = stream.raw(str::to_owned)?;
            known = true;
            match version.trim_matches('"').split('.').next() {
                Some("0" | "1") => Ok(()),
                _ => Err(StreamError::Refused(format!(
                    "state format version `{}` is not known; versions 0.1 to 1.x are",
                    version.trim_matches('"')
                ))),
            }
        }
        "terraform_version" => {
            reading.state.terraform_version = Some(stream.raw(|raw| raw.trim_matches('"').to_owned())?);
            Ok(())
        }
        "serial" => {
            reading.state.serial = stream.raw(|raw| raw.parse().ok())?;
            Ok(())
        }
        "lineage" => {
            reading.state.lineage = Some(stream.raw(|raw| raw.trim_matches('"').to_owned())?);
            Ok(())
        }
        "resources" => stream.array(&mut |stream| {
            let read = stream.raw(|raw| reading.raw_resource(raw))?;
            read.map_err(|what| stream.malformed(what))
        }),
        "values" => reading.values(stream),
        "planned_values" | "resource_changes" => Err(StreamError::Refused(
            "this is a plan, not a state; give the output of `terraform show -json` after the apply, or the state file".to_owned(),
        )),
        _ => stream.skip(),
    })?;
    let reader = stream.finish()?;
    if !known {
        return Err(StreamError::Refused(
            "this is not a state; give the state file, or the output of `terraform show -json`"
                .to_owned(),
        ));
    }
    Ok((reading.state, reader))
}

fn check_raw_version(version: &str) -> Result<(), StreamError> {
    match version {
        "4" => Ok(()),
        old if matches!(old, "1" | "2" | "3") => Err(StreamError::Refused(format!(
            "state version {old} is older than Terraform 0.12; run `terraform state pull` with a newer Terraform and give that"
        ))),
        other => Err(StreamError::Refused(format!(
            "state version `{other}` is not known; version 4 is"
        ))),
    }
}

impl Reading<'_> {
    fn values<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<(), StreamError> {
        if stream.peek()? == Some(b'n') {
            return stream.skip();
        }
        stream.object(&mut |stream, key| match key {
            "root_module" => self.module(stream),
            _ => stream.skip(),
        })
    }

    fn module<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<(), StreamError> {
        stream.object(&mut |stream, key| match key {
            "resources" => stream.array(&mut |stream| {
                let read = stream.raw(|raw| self.shown_resource(raw))?;
                read.map_err(|what| stream.malformed(what))
            }),
            "child_modules" => stream.array(&mut |stream| self.module(stream)),
            _ => stream.skip(),
        })
    }

    fn shown_resource(&mut self, raw: &str) -> Result<(), String> {
        let mut fields = Fields::default();
        for member in members(raw).map_err(|error| error.to_string())? {
            let (key, value) = member.map_err(|error| error.to_string())?;
            fields
                .take(&key, value)
                .map_err(|error| error.to_string())?;
        }
        if fields.mode == "data" || fields.is_deposed {
            return Ok(());
        }
        let address = fields.address.ok_or("a resource without an `address`")?;
        self.add(address, &fields.type_name, fields.values, fields.sensitive)
    }

    /// One entry of the raw file: a resource with all its instances.
    fn raw_resource(&mut self, raw: &str) -> Result<(), String> {
        let mut fields = Fields::default();
        for member in members(raw).map_err(|error| error.to_string())? {
            let (key, value) = member.map_err(|error| error.to_string())?;
            fields
                .take(&key, value)
                .map_err(|error| error.to_string())?;
        }
        if fields.mode == "data" {
            return Ok(());
        }
        let base = match &fields.module {
            Some(module) => format!("{module}.{}.{}", fields.type_name, fields.name),
            None => format!("{}.{}", fields.type_name, fields.name),
        };
        let type_name = fields.type_name;
        for instance in elements(fields.instances).map_err(|error| error.to_string())? {
            let instance = instance.map_err(|error| error.to_string())?;
            let mut fields = Fields::default();
            for member in members(instance).map_err(|error| error.to_string())? {
                let (key, value) = member.map_err(|error| error.to_string())?;
                fields
                    .take(&key, value)
                    .map_err(|error| error.to_string())?;
            }
            if fields.is_deposed {
                continue;
            }
            let address = match fields.index_key {
                Some(index) => format!("{base}[{index}]"),
                None => base.clone(),
            };
            // The raw file marks sensitive paths in a form of its own; marks of the plan hold too.
            self.add(
                address,
                &type_name,
                fields.values,
                sensitive_paths(fields.sensitive_paths).as_str(),
            )?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        address: String,
        type_name: &str,
        values: &str,
        sensitive: &str,
    ) -> Result<(), String> {
        let resource = match self.catalogue.find(type_name) {
            None => StateResource::Unmapped(type_name.into()),
            Some(index) => {
                let table = self
                    .catalogue
                    .resource(index)
                    .ok_or("a type without a table")?;
                let raw = RawValues {
                    values,
                    unknown: "",
                    sensitive,
                };
                let read = attributes::read(table, raw, true, self.redactor);
                StateResource::Mapped(
                    index,
                    read.map_err(|error| format!("`{address}`: {error}"))?,
                )
            }
        };
        match self
            .state
            .resources
            .insert(address.clone().into(), resource)
        {
            None => Ok(()),
            Some(_) => Err(format!("the address `{address}` stands twice in the state")),
        }
    }
}

#[derive(Default)]
struct Fields<'a> {
    address: Option<String>,
    module: Option<String>,
    mode: String,
    type_name: String,
    name: String,
    is_deposed: bool,
    index_key: Option<&'a str>,
    values: &'a str,
    sensitive: &'a str,
    sensitive_paths: &'a str,
    instances: &'a str,
}

impl<'a> Fields<'a> {
    fn take(&mut self, key: &str, value: &'a str) -> Result<(), JsonError> {
        match key {
            "address" => self.address = Some(decode_string(value)?.into_owned()),
            "module" => self.module = Some(decode_string(value)?.into_owned()),
            "mode" => self.mode = decode_string(value)?.into_owned(),
            "type" => self.type_name = decode_string(value)?.into_owned(),
            "name" => self.name = decode_string(value)?.into_owned(),
            "deposed" | "deposed_key" => self.is_deposed = value != "null",
            "index_key" => self.index_key = Some(value).filter(|value| *value != "null"),
            "values" | "attributes" => self.values = value,
            "sensitive_values" => self.sensitive = value,
            "sensitive_attributes" => self.sensitive_paths = value,
            "instances" => self.instances = value,
            _ => {}
        }
        Ok(())
    }
}

/// `[[{"type":"get_attr","value":"password"}]]` as marks of the plan's kind: `{"password":true}`.
/// Only the first step counts: more is redacted than need be, never less.
fn sensitive_paths(raw: &str) -> String {
    #[derive(serde::Deserialize)]
    struct Step {
        value: serde_json::Value,
    }
    let paths: Vec<Vec<Step>> = serde_json::from_str(raw).unwrap_or_default();
    let marks: BTreeMap<String, bool> = paths
        .iter()
        .filter_map(|path| Some((path.first()?.value.as_str()?.to_owned(), true)))
        .collect();
    serde_json::to_string(&marks).unwrap_or_default()
}
