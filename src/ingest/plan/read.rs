//! The document: its head, and its resources one at a time.

use std::collections::HashSet;
use std::io::Read;

use super::Plan;
use super::resource;
use crate::ingest::json::{
    Fault, JsonStream, StreamError, decode_string, elements, members, quoted,
};
use crate::ingest::redact::Redactor;
use crate::normalise::catalogue::Catalogue;

const WANTED: &str = "give the output of `terraform show -json PLANFILE`";

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
    match stream.peek()? {
        Some(b'{') => {}
        Some(b'[' | b'"') => {
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
            "planned_values" | "output_changes" | "configuration" => {
                head.looks_like_a_plan = true;
                stream.skip()?;
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
    Ok((plan, reader))
}

#[derive(Default)]
struct Head {
    errored: bool,
    incomplete: bool,
    deferred: Vec<String>,
    looks_like_a_plan: bool,
    looks_like_a_state: bool,
}

impl Head {
    fn check(&self, plan: &Plan) -> Result<(), StreamError> {
        if !self.looks_like_a_plan && self.looks_like_a_state {
            return Err(StreamError::refused(
                "this is a state, not a plan",
                "name it as `state`, and give the output of `terraform show -json PLANFILE` as `plan`",
            ));
        }
        if !self.looks_like_a_plan {
            return Err(StreamError::refused("this is not a plan", WANTED));
        }
        if plan.format_version.is_empty() {
            return Err(StreamError::refused(
                "the plan has no `format_version`",
                WANTED,
            ));
        }
        if self.errored {
            return Err(StreamError::refused(
                "the plan is marked `errored`: Terraform could not finish it, so nobody can have approved it",
                "mend what Terraform complained about, and plan again",
            ));
        }
        if self.incomplete {
            return Err(StreamError::refused(
                format!(
                    "the plan is marked `complete: false`: {}so it does not say everything that will be applied",
                    self.deferrals()
                ),
                "apply it, and plan again until Terraform defers nothing",
            ));
        }
        Ok(())
    }

    fn deferrals(&self) -> String {
        match self.deferred.as_slice() {
            [] => String::new(),
            [only] => format!("Terraform deferred {only}, "),
            [first, rest @ ..] => {
                format!("Terraform deferred {first} and {} more, ", rest.len())
            }
        }
    }
}

/// The log of `terraform plan -json` is lines of JSON that say what a plan does.
fn log_of_a_run() -> StreamError {
    StreamError::refused(
        "this is the log of a Terraform run (`terraform plan -json`), not a plan",
        "save the plan with `terraform plan -out PLANFILE`, and give the output of `terraform show -json PLANFILE`",
    )
}

fn check_version(version: &str) -> Result<(), StreamError> {
    let major = version.split('.').next().unwrap_or_default();
    match major {
        "0" | "1" => Ok(()),
        _ => Err(StreamError::refused(
            format!(
                "plan format version {} is not known; versions 0.1 to 1.x are",
                quoted(version)
            ),
            "use a driftwarden that knows it",
        )),
    }
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
