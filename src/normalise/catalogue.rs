//! All mapping tables, compiled: which type is which, and what to pick out of an input.

use std::collections::HashMap;

use super::path::Path;
use super::project::Projection;
use super::table::{AttributeRow, ConfigTable, Gate, KeyPair, Member, ResourceTable, TableError};
use crate::model::TypeName;

/// Index of a Terraform type with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceIx(pub u16);

/// Index of a Config type with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigIx(pub u16);

#[derive(Debug)]
pub struct Catalogue {
    configs: Vec<Config>,
    resources: Vec<Resource>,
    by_config_type: HashMap<Box<str>, ConfigIx>,
    by_type: HashMap<TypeName, ResourceIx>,
}

/// A Config type with the projection of its items.
#[derive(Debug)]
pub struct Config {
    pub config_type: Box<str>,
    /// The name of its table.
    pub name: Box<str>,
    /// At which items its rows were checked.
    pub review: Box<str>,
    /// The item's own type first.
    pub resources: Vec<ResourceIx>,
    pub made_by_provider: Vec<Vec<(Gate, usize)>>,
    pub projection: Projection,
}

/// A Terraform type with the projection of its approved values.
#[derive(Debug)]
pub struct Resource {
    pub config: ConfigIx,
    pub table: ResourceTable,
    /// Reads approved values (`after`, state attributes): slot i is row i, further slots hold keys.
    pub approved: Projection,
    /// Per row, the live slots of its alternatives.
    pub live_slots: Vec<Vec<usize>>,
    /// Per alternative key, pairs of approved slot and live slot.
    pub key_slots: Vec<Vec<(usize, usize)>>,
    /// Approved slots of the key within a list, and the path within its elements.
    pub element_slots: Vec<(usize, Path)>,
    /// Live slot of the part or list that holds the resource.
    pub member_slot: Option<usize>,
    /// Approved slot of `arn`, to learn account and Region.
    pub arn_slot: usize,
    pub id_slot: usize,
}

// `TABLES`: name and text of every file in `aws/`, in the order of the names. `build.rs` lists them.
include!(concat!(env!("OUT_DIR"), "/tables.rs"));

impl Config {
    /// The file of its table within the project.
    pub fn file(&self) -> String {
        format!("src/normalise/aws/{}.toml", self.name)
    }
}

impl Catalogue {
    /// The tables that are built in.
    ///
    /// # Errors
    /// A table that is wrong; a test reads them all.
    pub fn builtin() -> Result<Self, TableError> {
        let tables = TABLES
            .iter()
            .map(|(name, text)| ConfigTable::parse(name, text));
        Self::new(tables.collect::<Result<Vec<_>, _>>()?)
    }

    pub fn new(tables: Vec<ConfigTable>) -> Result<Self, TableError> {
        let mut catalogue = Self {
            configs: Vec::new(),
            resources: Vec::new(),
            by_config_type: HashMap::new(),
            by_type: HashMap::new(),
        };
        for table in tables {
            catalogue.add(table)?;
        }
        catalogue.check_separate()?;
        Ok(catalogue)
    }

    /// A type that is said to own a value apart must lie in the same item.
    fn check_separate(&self) -> Result<(), TableError> {
        for resource in &self.resources {
            for row in &resource.table.attributes {
                for owner in &row.separate {
                    let owner_config = self
                        .find(owner.as_str())
                        .and_then(|at| self.resource(at))
                        .map(|owner| owner.config);
                    if owner_config != Some(resource.config) {
                        return Err(TableError {
                            table: resource.table.type_name.to_string(),
                            what: format!("`separate` of {}: no part `{owner}`", row.pointer),
                        });
                    }
                }
            }
        }
        Ok(())
    }

    pub fn config_type(&self, name: &str) -> Option<(ConfigIx, &Config)> {
        let index = *self.by_config_type.get(name)?;
        Some((index, self.configs.get(usize::from(index.0))?))
    }

    pub fn find(&self, type_name: &str) -> Option<ResourceIx> {
        self.by_type.get(&TypeName::from(type_name)).copied()
    }

    pub fn resource(&self, index: ResourceIx) -> Option<&Resource> {
        self.resources.get(usize::from(index.0))
    }

    pub fn config(&self, index: ConfigIx) -> Option<&Config> {
        self.configs.get(usize::from(index.0))
    }

    /// All Config types with a table, in the order of the files.
    pub fn configs(&self) -> impl Iterator<Item = &Config> {
        self.configs.iter()
    }

    pub fn resources(&self) -> impl Iterator<Item = (ResourceIx, &Resource)> {
        (0u16..).map(ResourceIx).zip(&self.resources)
    }

    fn add(&mut self, table: ConfigTable) -> Result<(), TableError> {
        let fail = |what: String| TableError {
            table: table.config_type.to_string(),
            what,
        };
        let config = u16::try_from(self.configs.len()).map_err(|_| fail("too many".to_owned()))?;
        let config = ConfigIx(config);

        let mut paths: Vec<&Path> = Vec::new();
        for resource in &table.resources {
            paths.extend(resource.attributes.iter().flat_map(|row| &row.live));
            paths.extend(resource.keys.iter().flatten().map(|pair| &pair.live));
            match &resource.member {
                Member::Part { at, .. } | Member::Each { at, .. } => paths.push(at),
                Member::Whole | Member::SecurityGroupRule => {}
            }
        }
        paths.extend(
            table
                .made_by_provider
                .iter()
                .flatten()
                .map(|gate| &gate.path),
        );
        let (projection, slots) = Projection::new(paths.iter().map(|path| &path.captured[..]));
        let mut slots = slots.into_iter();
        // The same order as above: rows, keys, member of each resource, then the gates.
        let mut next = || slots.next().unwrap_or(usize::MAX);

        let mut resources = Vec::new();
        for resource in &table.resources {
            let live_slots = resource
                .attributes
                .iter()
                .map(|row| row.live.iter().map(|_| next()).collect())
                .collect();
            let live_keys: Vec<Vec<usize>> = resource
                .keys
                .iter()
                .map(|pairs| pairs.iter().map(|_| next()).collect())
                .collect();
            let member_slot = match &resource.member {
                Member::Part { .. } | Member::Each { .. } => Some(next()),
                Member::Whole | Member::SecurityGroupRule => None,
            };
            let index = ResourceIx(
                u16::try_from(self.resources.len()).map_err(|_| fail("too many".to_owned()))?,
            );
            let known = self.by_type.insert(resource.type_name.clone(), index);
            if known.is_some() {
                return Err(fail(format!("`{}` has two tables", resource.type_name)));
            }
            resources.push(index);
            self.resources.push(compile(
                config,
                resource.clone(),
                live_slots,
                &live_keys,
                member_slot,
            ));
        }
        let made_by_provider = table
            .made_by_provider
            .iter()
            .map(|gates| gates.iter().map(|gate| (gate.clone(), next())).collect())
            .collect();
        if self
            .by_config_type
            .insert(table.config_type.clone(), config)
            .is_some()
        {
            return Err(fail("the Config type has two tables".to_owned()));
        }
        self.configs.push(Config {
            config_type: table.config_type,
            name: table.name,
            review: table.review,
            resources,
            made_by_provider,
            projection,
        });
        Ok(())
    }
}

fn compile(
    config: ConfigIx,
    table: ResourceTable,
    live_slots: Vec<Vec<usize>>,
    live_keys: &[Vec<usize>],
    member_slot: Option<usize>,
) -> Resource {
    let (arn, id) = (Path::parse("arn"), Path::parse("id"));
    let element: &[KeyPair] = match &table.member {
        Member::Each { element, .. } => element,
        Member::Whole | Member::Part { .. } | Member::SecurityGroupRule => &[],
    };
    let rows = table
        .attributes
        .iter()
        .map(|row: &AttributeRow| &row.approved);
    let keys = table.keys.iter().flatten().map(|pair| &pair.approved);
    let paths: Vec<&Path> = rows
        .chain(keys)
        .chain(element.iter().map(|pair| &pair.approved))
        .chain([&arn, &id])
        .collect();
    let (approved, slots) = Projection::new(paths.iter().map(|path| &path.captured[..]));
    let mut slots = slots.into_iter().skip(table.attributes.len());
    let mut next = || slots.next().unwrap_or(usize::MAX);
    let key_slots = live_keys
        .iter()
        .map(|live| live.iter().map(|live| (next(), *live)).collect())
        .collect();
    let element_slots = element
        .iter()
        .map(|pair| (next(), pair.live.clone()))
        .collect();
    let (arn_slot, id_slot) = (next(), next());
    Resource {
        config,
        table,
        approved,
        live_slots,
        key_slots,
        element_slots,
        member_slot,
        arn_slot,
        id_slot,
    }
}
