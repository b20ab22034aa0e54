//! Provider schemas as `terraform providers schema -json` writes them. Real files reach 30 MB, of
//! which a scan needs a few types: they are read as a stream, and only the wanted types are kept.

mod against;
mod build;
mod error;
mod raw;
mod shape;
mod shipped;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

pub use against::{Contradictions, contradictions, fits, word};
pub use error::SchemaError;
pub use shape::{AttributeFacts, Collection, Field, Flags, ScalarType, Shape};
pub use shipped::ShippedError;

use crate::ingest::json_fault;
use crate::model::{AttributePath, TypeName};
use build::Names;
use raw::{Envelope, Name, ResourceForm};

/// What providers declare about their resource types.
#[derive(Clone, Debug, Default)]
pub struct ProviderSchemas {
    resources: BTreeMap<TypeName, ResourceSchema>,
}

/// The attributes and blocks of one resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceSchema {
    fields: Box<[Field]>,
    /// Whether Terraform would take this provider for the type by its name alone.
    home: bool,
}

impl ProviderSchemas {
    /// Reads every resource type.
    ///
    /// # Errors
    /// See [`SchemaError`]; a file that is half read gives nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, SchemaError> {
        Self::parse_only(bytes, &|_| true)
    }

    /// Reads the resource types that are wanted and skips the others.
    ///
    /// # Errors
    /// See [`SchemaError`]; a file that is half read gives nothing.
    pub fn parse_only(bytes: &[u8], wanted: &dyn Fn(&str) -> bool) -> Result<Self, SchemaError> {
        let text = json_fault::checked(bytes).map_err(SchemaError::Unreadable)?;
        let envelope: Envelope<'_> = json_fault::read(text).map_err(SchemaError::Unreadable)?;
        let version = envelope.format_version.ok_or(SchemaError::NoVersion)?;
        match version.split('.').next() {
            Some("0" | "1") => {}
            Some(_) | None => {
                let found = version.chars().take(20).collect();
                return Err(SchemaError::UnknownVersion { found });
            }
        }
        let mut schemas = Self::default();
        let mut reader = Reader {
            wanted,
            names: Names::default(),
            schemas: &mut schemas,
        };
        let mut json = sonic_rs::Deserializer::from_str(text);
        let read = Level::File(&mut reader).deserialize(&mut json);
        read.map_err(|error| SchemaError::Unreadable(json_fault::fault(&error)))?;
        Ok(schemas)
    }

    /// The facts about the wanted types that driftwarden ships, for where no schema was uploaded.
    ///
    /// # Errors
    /// Only those of a wrong build.
    pub fn shipped(wanted: &dyn Fn(&str) -> bool) -> Result<Self, ShippedError> {
        shipped::read(wanted)
    }

    pub fn resource(&self, type_name: &str) -> Option<&ResourceSchema> {
        self.resources.get(&TypeName::from(type_name))
    }

    /// Every resource type that was read, sorted.
    pub fn types(&self) -> impl Iterator<Item = &TypeName> {
        self.resources.keys()
    }

    /// What the schema says of the value at the tokens of a JSON pointer. Indexes of lists and sets
    /// may be left out; a key of a map is a token.
    pub fn attribute(&self, type_name: &str, tokens: &[&str]) -> Option<AttributeFacts<'_>> {
        self.resource(type_name)?.attribute(tokens)
    }

    /// Pointers of what the schema marks sensitive, sorted, without indexes; `*` stands for every
    /// key of a map. Empty for an unknown type, about which nothing can be said.
    pub fn sensitive_paths(&self, type_name: &str) -> Vec<AttributePath> {
        let mut paths = Vec::new();
        if let Some(resource) = self.resource(type_name) {
            collect_sensitive(&resource.fields, &AttributePath::root(), &mut paths);
        }
        paths.sort();
        paths
    }
}

impl ResourceSchema {
    /// Attributes and blocks of the top level, sorted by name.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// As [`ProviderSchemas::attribute`].
    pub fn attribute(&self, tokens: &[&str]) -> Option<AttributeFacts<'_>> {
        shape::follow(&self.fields, tokens)
    }
}

fn collect_sensitive(fields: &[Field], above: &AttributePath, paths: &mut Vec<AttributePath>) {
    for field in fields {
        let path = above.child(field.name());
        if field.flags().sensitive {
            paths.push(path);
        } else {
            match field.shape() {
                Shape::Map(element) => {
                    collect_sensitive(element.fields(), &path.child("*"), paths);
                }
                other => collect_sensitive(other.fields(), &path, paths),
            }
        }
    }
}

// === reading ===

struct Reader<'r> {
    wanted: &'r dyn Fn(&str) -> bool,
    names: Names,
    schemas: &'r mut ProviderSchemas,
}

/// Where in the file the reader stands: every level is an object, of which it enters some keys.
enum Level<'a, 'r> {
    File(&'a mut Reader<'r>),
    Providers(&'a mut Reader<'r>),
    Provider(&'a mut Reader<'r>, String),
    Resources(&'a mut Reader<'r>, String),
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Level<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(key)) = map.next_key::<Name<'de>>()? {
            match &mut self {
                Self::File(reader) if key == "provider_schemas" => {
                    map.next_value_seed(Level::Providers(reader))?;
                }
                Self::Providers(reader) => {
                    map.next_value_seed(Level::Provider(reader, key.into_owned()))?;
                }
                Self::Provider(reader, name) if key == "resource_schemas" => {
                    map.next_value_seed(Level::Resources(reader, name.clone()))?;
                }
                Self::Resources(reader, provider) if (reader.wanted)(&key) => {
                    let form: ResourceForm<'de> = map.next_value()?;
                    reader.keep(provider, &key, &form);
                }
                Self::File(_) | Self::Provider(..) | Self::Resources(..) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// Two providers may declare one type (a vendor's stable and preview providers do). The one
    /// that Terraform takes by default wins, wherever it stands in the file.
    fn keep(&mut self, provider: &str, type_name: &str, form: &ResourceForm<'_>) {
        let home = provider.rsplit('/').next() == type_name.split('_').next();
        let name = TypeName::from(type_name);
        if self
            .schemas
            .resources
            .get(&name)
            .is_some_and(|known| known.home || !home)
        {
            return;
        }
        let schema = ResourceSchema {
            fields: build::fields(&form.block, &mut self.names),
            home,
        };
        self.schemas.resources.insert(name, schema);
    }
}

#[cfg(test)]
mod tests;
