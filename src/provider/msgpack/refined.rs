//! What is known of a value that is not yet known, in an extension of its own.

use rmp::decode::MessageLen;
use rmp::{Marker, decode, encode};

use super::error::MsgpackError;
use super::read::Reader;
use super::write;
use crate::provider::cty::{Bound, Unknown};

/// Longer ones are taken as plain: all that is said in them is optional.
const MAX_BYTES: usize = 1024;
const MAX_DEPTH: usize = 8;

const NULL: u64 = 1;
const PREFIX: u64 = 2;
const LOWER: u64 = 3;
const UPPER: u64 = 4;
const MIN_LENGTH: u64 = 5;
const MAX_LENGTH: u64 = 6;

pub(super) fn read(payload: &[u8]) -> Result<Unknown, MsgpackError> {
    let mut unknown = Unknown::default();
    if payload.len() > MAX_BYTES {
        return Ok(unknown);
    }
    let mut reader = Reader {
        rest: payload,
        depth: 0,
    };
    for _ in 0..reader.map_length()? {
        match uint(&mut reader)? {
            NULL => unknown.null = Some(flag(&mut reader)?),
            PREFIX => unknown.prefix = Some(reader.string()?.into()),
            LOWER => unknown.lower = Some(bound(&mut reader)?),
            UPPER => unknown.upper = Some(bound(&mut reader)?),
            MIN_LENGTH => unknown.min_length = Some(uint(&mut reader)?),
            MAX_LENGTH => unknown.max_length = Some(uint(&mut reader)?),
            // Later protocols may know more.
            _ => skip(&mut reader)?,
        }
    }
    Ok(unknown)
}

fn uint(reader: &mut Reader<'_>) -> Result<u64, MsgpackError> {
    decode::read_int(&mut reader.rest)
        .map_err(|_| MsgpackError::new("a whole number is wanted in what refines an unknown"))
}

fn flag(reader: &mut Reader<'_>) -> Result<bool, MsgpackError> {
    decode::read_bool(&mut reader.rest)
        .map_err(|_| MsgpackError::new("a bool is wanted in what refines an unknown"))
}

fn bound(reader: &mut Reader<'_>) -> Result<Bound, MsgpackError> {
    if reader.array_length()? != 2 || reader.marker()? == Marker::Null {
        return Err(MsgpackError::new("a bound of an unknown needs two parts"));
    }
    Ok(Bound {
        at: reader.number()?,
        inclusive: flag(reader)?,
    })
}

fn skip(reader: &mut Reader<'_>) -> Result<(), MsgpackError> {
    let mut measure = MessageLen::with_limits(MAX_DEPTH, MAX_BYTES);
    let length = measure.incremental_len(reader.rest);
    let length = length.map_err(|_| MsgpackError::short())?;
    reader.take(length).map(|_| ())
}

/// The payload; empty where nothing is known.
pub(super) fn payload(unknown: &Unknown) -> Result<Vec<u8>, MsgpackError> {
    let mut members = Vec::new();
    let mut count = 0_u32;
    let out = &mut members;
    if let Some(null) = unknown.null {
        count += 1;
        key(out, NULL)?;
        encode::write_bool(out, null).map_err(write::failed)?;
    }
    if let Some(prefix) = &unknown.prefix {
        count += 1;
        key(out, PREFIX)?;
        encode::write_str(out, prefix).map_err(write::failed)?;
    }
    for (name, bound) in [(LOWER, &unknown.lower), (UPPER, &unknown.upper)] {
        if let Some(bound) = bound {
            count += 1;
            key(out, name)?;
            encode::write_array_len(out, 2).map_err(write::failed)?;
            write::number(out, &bound.at)?;
            encode::write_bool(out, bound.inclusive).map_err(write::failed)?;
        }
    }
    let lengths = [
        (MIN_LENGTH, unknown.min_length),
        (MAX_LENGTH, unknown.max_length),
    ];
    for (name, length) in lengths {
        if let Some(length) = length {
            count += 1;
            key(out, name)?;
            encode::write_uint(out, length).map_err(write::failed)?;
        }
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut payload = Vec::new();
    encode::write_map_len(&mut payload, count).map_err(write::failed)?;
    payload.append(&mut members);
    Ok(payload)
}

fn key(out: &mut Vec<u8>, key: u64) -> Result<(), MsgpackError> {
    encode::write_uint(out, key)
        .map(|_| ())
        .map_err(write::failed)
}
