//! The facts that driftwarden ships about provider schemas, for whoever uploads none. `README.md`
//! says how they are derived and written.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::build::{self, Names};
use super::shape::{Field, Flags, ScalarType, Shape};
use super::{ProviderSchemas, ResourceSchema};
use crate::model::TypeName;

/// Packed lines, by provider.
const PACKED: [&[u8]; 2] = [include_bytes!("aws.z"), include_bytes!("azurerm.z")];

#[derive(Debug, thiserror::Error)]
#[error("the facts about provider schemas that are built in cannot be read")]
pub struct ShippedError;

/// The wanted types of every provider.
///
/// # Errors
/// Data that `derive.py` did not write so; a test reads all of it.
pub(super) fn read(wanted: &dyn Fn(&str) -> bool) -> Result<ProviderSchemas, ShippedError> {
    let mut resources = BTreeMap::new();
    let mut names = Names::default();
    for packed in PACKED {
        let mut text = String::new();
        let unpacked = ZlibDecoder::new(packed).read_to_string(&mut text);
        unpacked.map_err(|_| ShippedError)?;
        for line in text.lines() {
            let (name, fields) = line.split_once('\t').ok_or(ShippedError)?;
            if !wanted(name) {
                continue;
            }
            let mut line = Line {
                rest: fields,
                names: &mut names,
            };
            let fields = line.fields(Flags::default()).ok_or(ShippedError)?;
            let schema = ResourceSchema { fields, home: true };
            resources.insert(TypeName::from(name), schema);
        }
    }
    Ok(ProviderSchemas { resources })
}

struct Line<'l> {
    rest: &'l str,
    names: &'l mut Names,
}

impl Line<'_> {
    /// Fields up to the end of their object or of the line. One without flags has those of the
    /// attribute that holds it.
    fn fields(&mut self, above: Flags) -> Option<Box<[Field]>> {
        let mut fields = Vec::new();
        loop {
            self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
            if self.rest.is_empty() {
                break;
            }
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                break;
            }
            fields.push(self.field(above)?);
        }
        Some(build::sorted(fields))
    }

    fn field(&mut self, above: Flags) -> Option<Field> {
        let (name, rest) = self.rest.split_once('=')?;
        let shape = rest.find(|letter: char| letter == '{' || letter.is_ascii_uppercase())?;
        let (letters, rest) = rest.split_at_checked(shape)?;
        let flags = match letters {
            "" => above,
            letters => flags(letters)?,
        };
        let name = self.names.shared(name);
        self.rest = rest;
        Some(Field {
            name,
            flags,
            shape: self.shape(flags)?,
        })
    }

    fn shape(&mut self, flags: Flags) -> Option<Shape> {
        let letter = self.rest.chars().next()?;
        self.rest = self.rest.strip_prefix(letter)?;
        Some(match letter {
            'T' => Shape::Scalar(ScalarType::String),
            'N' => Shape::Scalar(ScalarType::Number),
            'F' => Shape::Scalar(ScalarType::Bool),
            'D' => Shape::Scalar(ScalarType::Dynamic),
            'L' => Shape::List(Box::new(self.shape(flags)?)),
            'S' => Shape::Set(Box::new(self.shape(flags)?)),
            'M' => Shape::Map(Box::new(self.shape(flags)?)),
            '{' => Shape::Single(self.fields(flags)?),
            _ => return None,
        })
    }
}

fn flags(letters: &str) -> Option<Flags> {
    let mut flags = Flags::default();
    for letter in letters.chars() {
        match letter {
            'r' => flags.required = true,
            'o' => flags.optional = true,
            'c' => flags.computed = true,
            // Marked by a schema; where none tells, a secret by its name.
            'x' | 'y' => flags.sensitive = true,
            'w' => flags.write_only = true,
            'b' => flags.block = true,
            '1' => flags.at_most_one = true,
            // Only older releases have it; it is compared all the same.
            'd' => {}
            _ => return None,
        }
    }
    Some(flags)
}

#[cfg(test)]
mod tests;
