//! Which attributes the configuration of a plan writes by their names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::read::within;
use crate::ingest::fields::{set_once, set_text};
use crate::ingest::json::{Fault, JsonStream, StreamError, members};

/// Names of attributes and blocks, by address without instance keys.
type Written = BTreeMap<Box<str>, BTreeSet<Box<str>>>;

pub(super) fn read<R: Read>(
    stream: &mut JsonStream<R>,
    written: &mut Written,
) -> Result<(), StreamError> {
    within(stream, "root_module", &mut |stream| {
        module(stream, "", written)
    })
}

// The stream refuses brackets that are nested too deep, and so modules that are.
fn module<R: Read>(
    stream: &mut JsonStream<R>,
    name: &str,
    written: &mut Written,
) -> Result<(), StreamError> {
    if stream.peek()? != Some(b'{') {
        return stream.skip();
    }
    stream.object(&mut |stream, key| match (key, stream.peek()?) {
        ("resources", Some(b'[')) => {
            stream.array(&mut |stream| stream.value(|raw| resource(raw, name, written)))
        }
        ("module_calls", Some(b'{')) => stream.object(&mut |stream, call| {
            let inner = format!("{name}module.{call}.");
            within(stream, "module", &mut |stream| {
                module(stream, &inner, written)
            })
        }),
        _ => stream.skip(),
    })
}

fn resource(raw: &str, module: &str, written: &mut Written) -> Result<(), Fault> {
    let (mut address, mut expressions) = (None, None);
    for member in members(raw)? {
        let (key, value) = member?;
        match &*key {
            "address" => set_text(&mut address, &key, value)?,
            "expressions" => set_once(&mut expressions, &key, value)?,
            _ => {}
        }
    }
    let (Some(address), Some(expressions)) = (address, expressions) else {
        return Ok(());
    };
    let names = members(expressions)?.map(|member| Ok(member?.0.into()));
    let names = names.collect::<Result<_, Fault>>()?;
    written.insert(format!("{module}{address}").into(), names);
    Ok(())
}
