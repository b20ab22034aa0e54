//! Which attributes the configuration of a plan writes by their names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use crate::ingest::json::{Fault, JsonStream, StreamError, members};
use crate::ingest::plan::configuration;

/// Names of attributes and blocks, by address without instance keys.
type Written = BTreeMap<Box<str>, BTreeSet<Box<str>>>;

pub(super) fn read<R: Read>(
    stream: &mut JsonStream<R>,
    written: &mut Written,
) -> Result<(), StreamError> {
    configuration::resources(stream, &mut |module, raw| {
        let own = configuration::Written::read(raw)?;
        let (Some(address), Some(expressions)) = (own.address, own.expressions) else {
            return Ok(());
        };
        let names = members(expressions)?.map(|member| Ok(member?.0.into()));
        let names = names.collect::<Result<_, Fault>>()?;
        written.insert(format!("{module}{address}").into(), names);
        Ok(())
    })
}
