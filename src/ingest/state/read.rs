//! The document: which of the two forms it has, and its head.

use std::io::Read;

use super::{Reading, State};
use crate::ingest::fields::optional_text;
use crate::ingest::json::{Fault, JsonStream, StreamError, quoted};
use crate::ingest::redact::Redactor;
use crate::normalise::catalogue::Catalogue;

const WANTED: &str = "give the state file, or the output of `terraform show -json`";

/// Reads a state of either form.
///
/// # Errors
/// A document that is not well formed, not a state, of an unknown version, or with one address
/// twice.
pub fn read<R: Read>(
    reader: R,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<(State, R), StreamError> {
    read_stream(JsonStream::new(reader), catalogue, redactor)
}

pub(super) fn read_stream<R: Read>(
    mut stream: JsonStream<R>,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<(State, R), StreamError> {
    let mut reading = Reading {
        state: State::default(),
        catalogue,
        redactor,
    };
    let mut known = false;
    match stream.peek()? {
        Some(b'{') => {}
        Some(b'[' | b'"' | b'n' | b't' | b'f' | b'-' | b'0'..=b'9') => {
            return Err(stream.fault(Fault::new("this is not a state").with_help(WANTED)));
        }
        _ => return Err(stream.fault(Fault::new("this is not JSON").with_help(WANTED))),
    }
    stream.object(&mut |stream, key| match key {
        "version" => {
            known = true;
            check_raw_version(&stream.raw(str::to_owned)?)
        }
        "format_version" => {
            known = true;
            let version = stream.value(|raw| optional_text(key, raw))?;
            check_shown_version(&version.unwrap_or_default())
        }
        "terraform_version" => {
            reading.state.terraform_version = stream.value(|raw| optional_text(key, raw))?;
            Ok(())
        }
        "serial" => {
            let serial = stream.value(|raw| match raw.parse() {
                Ok(serial) => Ok(serial),
                Err(_) => Err(Fault::new("`serial` must be a whole number")),
            })?;
            reading.state.serial = Some(serial);
            Ok(())
        }
        "lineage" => {
            reading.state.lineage = stream.value(|raw| optional_text(key, raw))?;
            Ok(())
        }
        "resources" => stream.array(&mut |stream| stream.value(|raw| reading.raw_resource(raw))),
        "values" => reading.values(stream),
        "planned_values" | "resource_changes" => Err(StreamError::refused(
            "this is a plan, not a state",
            "name it as `plan`; as `state`, give the output of `terraform show -json` after the apply, or the state file",
        )),
        _ => stream.skip(),
    })?;
    let reader = stream.finish()?;
    if !known {
        return Err(StreamError::refused("this is not a state", WANTED));
    }
    Ok((reading.state, reader))
}

/// Which state it is, and which version of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateHead {
    pub lineage: Option<String>,
    pub serial: Option<u64>,
}

impl StateHead {
    /// Whether both say that they are one version of one state.
    pub fn is(&self, other: &Self) -> bool {
        self.lineage.is_some() && self.serial.is_some() && self == other
    }
}

/// Reads the head of a state file alone. A document without anything in it is a state that is not
/// there yet.
///
/// # Errors
/// A document that is not well formed.
pub fn head<R: Read>(reader: R) -> Result<StateHead, StreamError> {
    let mut stream = JsonStream::new(reader);
    let mut head = StateHead::default();
    if stream.peek()?.is_none() {
        return Ok(head);
    }
    stream.object(&mut |stream, key| match key {
        "serial" => {
            head.serial = stream.raw(|raw| raw.parse().ok())?;
            Ok(())
        }
        "lineage" => {
            head.lineage = stream.value(|raw| optional_text(key, raw))?;
            Ok(())
        }
        _ => stream.skip(),
    })?;
    stream.finish()?;
    Ok(head)
}

fn check_raw_version(version: &str) -> Result<(), StreamError> {
    match version {
        "4" => Ok(()),
        "1" | "2" | "3" => Err(StreamError::refused(
            format!("state version {version} is older than Terraform 0.12"),
            "run `terraform state pull` with a newer Terraform, and give what it writes",
        )),
        other => Err(StreamError::refused(
            format!("state version {} is not known; version 4 is", quoted(other)),
            "use a driftwarden that knows it, or give the output of `terraform show -json`",
        )),
    }
}

fn check_shown_version(version: &str) -> Result<(), StreamError> {
    match version.split('.').next() {
        Some("0" | "1") => Ok(()),
        _ => Err(StreamError::refused(
            format!(
                "state format version {} is not known; versions 0.1 to 1.x are",
                quoted(version)
            ),
            "use a driftwarden that knows it, or give the state file",
        )),
    }
}
