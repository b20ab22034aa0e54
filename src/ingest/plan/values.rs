//! The whole values of a plan's resources, for whoever asks about more than the mapped ones.

use std::io::Read;

use super::resource::{Change, Fields, present};
use crate::ingest::json::{Fault, JsonStream, StreamError};

/// What a plan makes of one resource, raw. Nothing is redacted.
#[derive(Clone, Copy, Debug)]
pub struct PlannedValues<'a> {
    pub address: &'a str,
    pub type_name: &'a str,
    /// What is planned; what was, where the plan deletes the resource.
    pub values: &'a str,
    /// Terraform's marks of what is unknown in them, and of what is a secret on either side.
    pub unknown: &'a str,
    pub sensitive: [&'a str; 2],
    /// Nothing was there before.
    pub is_new: bool,
}

/// Visits each managed resource of a plan that [`super::read`] accepted.
///
/// # Errors
/// A document that is not well formed, and what the visitor finds wrong.
pub fn read_values<R: Read>(
    reader: R,
    visit: &mut dyn FnMut(PlannedValues<'_>) -> Result<(), Fault>,
) -> Result<R, StreamError> {
    let mut stream = JsonStream::new(reader);
    stream.object(&mut |stream, key| {
        if key != "resource_changes" || stream.peek()? != Some(b'[') {
            return stream.skip();
        }
        stream.array(&mut |stream| stream.value(|raw| one(raw, visit)))
    })?;
    stream.finish()
}

fn one(
    raw: &str,
    visit: &mut dyn FnMut(PlannedValues<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let fields = Fields::read(raw)?;
    let (Some(address), Some(change)) = (fields.address.as_deref(), fields.change) else {
        return Ok(());
    };
    if fields.mode.as_deref() == Some("data") || fields.is_deposed {
        return Ok(());
    }
    let change = Change::read(change)?;
    match present(change.after).or_else(|| present(change.before)) {
        Some(values) => visit(PlannedValues {
            address,
            type_name: fields.type_name.as_deref().unwrap_or_default(),
            values,
            unknown: change.after_unknown.unwrap_or_default(),
            sensitive: change.sensitive(),
            is_new: present(change.before).is_none(),
        }),
        None => Ok(()),
    }
}
