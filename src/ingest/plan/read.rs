//! The document: its head, and its resources one at a time.

use std::collections::HashSet;
use std::io::Read;

use super::Plan;
use super::configured::Configured;
use super::head::{Head, WANTED, check_version, log_of_a_run};
use super::resource;
use crate::ingest::json::{
    Fault, JsonStream, StreamError, decode_string, elements, members, quoted,
};
use crate::ingest::redact::Redactor;
use crate::normalise::catalogue::Catalogue;

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
    read_stream(JsonStream::new(reader), catalogue, redactor)
}

pub(super) fn read_stream<R: Read>(
    mut stream: JsonStream<R>,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<(Plan, R), StreamError> {
    let mut plan = Plan::default();
    let mut head = Head::default();
    let mut configured = Configured::default();
    match stream.peek()? {
        Some(b'{') => {}
        Some(b'[' | b'"' | b'n' | b't' | b'f' | b'-' | b'0'..=b'9') => {
            return Err(stream.fault(Fault::new("this is not a plan").with_help(WANTED)));
        }
        _ => return Err(stream.fault(Fault::new("this is not JSON").with_help(WANTED))),
    }
    stream.object(&mut |stream, key| {
        match key {
            "format_version" => {
                plan.format_version = text(stream, key)?.unwrap_or_default();
                check_version(&plan.format_version)?;
            }
            "terraform_version" => plan.terraform_version = text(stream, key)?,
            "timestamp" => plan.timestamp = time(stream)?,
            "errored" => head.errored = flag(stream, key)?.unwrap_or(false),
            "complete" => head.incomplete = !flag(stream, key)?.unwrap_or(true),
            "deferred_changes" => head.deferred = stream.value(deferred)?,
            "@level" | "@message" => return Err(log_of_a_run()),
            "planned_values" => {
                head.looks_like_a_plan = true;
                head.planned = planned(stream)?;
            }
            "output_changes" => {
                head.looks_like_a_plan = true;
                stream.skip()?;
            }
            "configuration" => {
                head.looks_like_a_plan = true;
                configured = Configured::read(stream, catalogue)?;
            }
            "values" | "lineage" => {
                head.looks_like_a_state = true;
                stream.skip()?;
            }
            "resource_changes" => {
                head.looks_like_a_plan = true;
                if stream.peek()? == Some(b'n') {
                    return stream.skip();
                }
                stream.array(&mut |stream| {
                    head.changes += 1;
                    let read = stream.value(|raw| resource::read(raw, catalogue, redactor))?;
                    plan.resources.extend(read);
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
    configured.tell(&mut plan.resources, catalogue);
    plan.ignored_tags = configured.ignored_tags;
    Ok((plan, reader))
}

fn check_unique(plan: &Plan) -> Result<(), StreamError> {
    let mut seen = HashSet::with_capacity(plan.resources.len());
    for resource in &plan.resources {
        if !seen.insert(&*resource.address) {
            return Err(StreamError::refused(
                format!(
                    "the address {} stands twice in the plan",
                    quoted(&resource.address)
                ),
                "Terraform writes no such plan: somebody changed it; plan again",
            ));
        }
    }
    Ok(())
}

/// How many resources `planned_values` holds.
fn planned<R: Read>(stream: &mut JsonStream<R>) -> Result<usize, StreamError> {
    let mut count = 0;
    if stream.peek()? != Some(b'{') {
        stream.skip()?;
        return Ok(0);
    }
    stream.object(&mut |stream, key| match key {
        "root_module" => planned_in_module(stream, &mut count),
        _ => stream.skip(),
    })?;
    Ok(count)
}

// The stream refuses brackets that are nested too deep, and so modules that are.
fn planned_in_module<R: Read>(
    stream: &mut JsonStream<R>,
    count: &mut usize,
) -> Result<(), StreamError> {
    stream.object(&mut |stream, key| match (key, stream.peek()?) {
        ("resources", Some(b'[')) => stream.array(&mut |stream| {
            *count += 1;
            stream.skip()
        }),
        ("child_modules", Some(b'[')) => {
            stream.array(&mut |stream| planned_in_module(stream, count))
        }
        _ => stream.skip(),
    })
}

fn text<R: Read>(stream: &mut JsonStream<R>, key: &str) -> Result<Option<String>, StreamError> {
    stream.value(|raw| match raw {
        "null" => Ok(None),
        raw => match decode_string(raw) {
            Ok(text) => Ok(Some(text.into_owned())),
            Err(error) => Err(Fault::new(format!("`{key}`: {error}"))),
        },
    })
}

fn time<R: Read>(stream: &mut JsonStream<R>) -> Result<Option<jiff::Timestamp>, StreamError> {
    let wrong = "`timestamp` is no time as RFC 3339 writes it";
    stream.value(|raw| match raw {
        "null" => Ok(None),
        raw => match decode_string(raw)?.parse() {
            Ok(time) => Ok(Some(time)),
            Err(_) => Err(Fault::new(wrong)),
        },
    })
}

fn flag<R: Read>(stream: &mut JsonStream<R>, key: &str) -> Result<Option<bool>, StreamError> {
    stream.value(|raw| match raw {
        "null" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(Fault::new(format!("`{key}` must be true or false"))),
    })
}

/// The addresses that were deferred, each with the reason that Terraform gives.
fn deferred(raw: &str) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    if raw == "null" {
        return Ok(found);
    }
    for change in elements(raw)? {
        let (mut address, mut reason) = (None, None);
        for member in members(change?)? {
            let (key, value) = member?;
            match key.as_ref() {
                "reason" => reason = decode_string(value).ok(),
                "resource_change" => address = address_in(value),
                _ => {}
            }
        }
        let address = address.map_or("a resource".to_owned(), |address| quoted(&address));
        found.push(match reason {
            Some(reason) => format!("{address} ({})", quoted(&reason)),
            None => address,
        });
    }
    Ok(found)
}

fn address_in(raw: &str) -> Option<String> {
    members(raw)
        .ok()?
        .find_map(|member| {
            let (key, value) = member.ok()?;
            (key == "address").then(|| decode_string(value).ok())?
        })
        .map(std::borrow::Cow::into_owned)
}
