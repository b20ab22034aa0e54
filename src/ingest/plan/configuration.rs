//! The configuration within a plan: the resources as their authors wrote them, module by module.

use std::io::Read;

use crate::ingest::fields::{set_once, set_text};
use crate::ingest::json::{Fault, JsonStream, StreamError, members};

/// Is given the address of the module, with a dot behind it, and one resource, raw.
type Visit<'v> = &'v mut dyn FnMut(&str, &str) -> Result<(), Fault>;

pub(super) fn resources<R: Read>(
    stream: &mut JsonStream<R>,
    visit: Visit<'_>,
) -> Result<(), StreamError> {
    within(stream, "root_module", &mut |stream| {
        module(stream, "", visit)
    })
}

// The stream refuses brackets that are nested too deep, and so modules that are.
pub(super) fn module<R: Read>(
    stream: &mut JsonStream<R>,
    name: &str,
    visit: Visit<'_>,
) -> Result<(), StreamError> {
    if stream.peek()? != Some(b'{') {
        return stream.skip();
    }
    stream.object(&mut |stream, key| match (key, stream.peek()?) {
        ("resources", Some(b'[')) => {
            stream.array(&mut |stream| stream.value(|raw| visit(name, raw)))
        }
        ("module_calls", Some(b'{')) => stream.object(&mut |stream, call| {
            let inner = format!("{name}module.{call}.");
            within(stream, "module", &mut |stream| {
                module(stream, &inner, visit)
            })
        }),
        _ => stream.skip(),
    })
}

/// One member of an object; the others are passed over, and so is what is null.
pub(super) fn within<R: Read>(
    stream: &mut JsonStream<R>,
    name: &str,
    visit: &mut dyn FnMut(&mut JsonStream<R>) -> Result<(), StreamError>,
) -> Result<(), StreamError> {
    if stream.peek()? != Some(b'{') {
        return stream.skip();
    }
    stream.object(&mut |stream, key| match key == name {
        true => visit(stream),
        false => stream.skip(),
    })
}

/// One resource of a configuration.
#[derive(Default)]
pub(super) struct Written<'a> {
    pub(super) address: Option<String>,
    pub(super) type_name: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) expressions: Option<&'a str>,
}

impl<'a> Written<'a> {
    pub(super) fn read(raw: &'a str) -> Result<Self, Fault> {
        let mut own = Self::default();
        for member in members(raw)? {
            let (key, value) = member?;
            match &*key {
                "address" => set_text(&mut own.address, &key, value)?,
                "type" => set_text(&mut own.type_name, &key, value)?,
                "provider_config_key" => set_text(&mut own.provider, &key, value)?,
                "expressions" => set_once(&mut own.expressions, &key, value)?,
                _ => {}
            }
        }
        Ok(own)
    }
}
