//! All mapping tables, compiled: which type is which, and what to pick out of an input.

mod compile;

use std::collections::{BTreeMap, HashMap};

use super::form::Form;
use super::generic;
use super::path::Path;
use super::project::Projection;
use super::table::{AttributeRow, Moved, ResourceTable};
use crate::model::TypeName;

pub use super::change::{Change, Changes};
pub use super::gates::{Gates, PlacedGate};

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
    /// Types that no item tells about and that say how far values of others may move, or approve
    /// elements of others' lists, each with what is read of them.
    movers: BTreeMap<TypeName, Resource>,
}

/// A Config type with the projection of its items.
#[derive(Debug)]
pub struct Config {
    pub config_type: Box<str>,
    /// The name of its table.
    pub name: Box<str>,
    /// At which items its rows were checked.
    pub review: Box<str>,
    /// The item's own types first.
    pub resources: Vec<ResourceIx>,
    /// How many of them are the item's own.
    pub own: usize,
    pub made_by_provider: Gates,
    /// What an item must hold to be of something that was deleted.
    pub gone: Gates,
    /// What an item must hold for what it lacks to say anything.
    pub whole: Vec<PlacedGate>,
    /// Whether another table asks which of these items the provider made.
    pub is_asked: bool,
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
    /// Per row, the other rows that show some of the same live text.
    pub same_live: Vec<Vec<usize>>,
    /// Per row, the row for which it stands back.
    pub unless: Vec<Option<usize>>,
    /// Per alternative key, pairs of approved slot and live slot.
    pub key_slots: Vec<Vec<(usize, usize)>>,
    /// Alternative keys within a list: approved slots, and paths within its elements.
    pub element_slots: Vec<Vec<(usize, Path)>>,
    /// The gates of a part; those of an element are paths within it.
    pub made_by_provider: Gates,
    /// Rows that say something only where all of these hold.
    pub only_where: Vec<(usize, Vec<PlacedGate>)>,
    /// What an item that nobody approved must hold to be called by this type.
    pub when: Vec<PlacedGate>,
    /// Live slot of the part or list that holds the resource.
    pub member_slot: Option<usize>,
    /// Approved slot of `arn`, to learn account and Region.
    pub arn_slot: usize,
    pub id_slot: usize,
    /// Approved slot of `region`, which every regional resource has since version 6 of the provider.
    pub region_slot: usize,
}

impl Resource {
    /// The form of an approved slot; keys without a row are scalars.
    pub fn form_of(&self, slot: usize) -> Form {
        let row = self.table.attributes.get(slot);
        row.map_or(Form::Scalar, |row| row.form)
    }

    /// The approved slot of an attribute that is a row or a key.
    pub fn slot_of(&self, attribute: &Path) -> Option<usize> {
        let mut rows = self.table.attributes.iter();
        let row = rows.position(|row| row.approved == *attribute);
        let keys = self.table.keys.iter().zip(&self.key_slots);
        let mut pairs = keys.flat_map(|(pairs, slots)| pairs.iter().zip(slots));
        let mut key = || pairs.find(|(pair, _)| pair.approved == *attribute);
        row.or_else(|| key().map(|(_, (slot, _))| *slot))
    }
}

impl Config {
    /// The file of its table within the project.
    pub fn file(&self) -> String {
        match &*self.review == generic::REVIEW {
            true => "src/normalise/generic/aws.tsv".to_owned(),
            false => format!("src/normalise/aws/{}.toml", self.name),
        }
    }
}

impl Catalogue {
    /// What is read of a type that no item tells about, for the sake of others.
    pub fn mover(&self, type_name: &str) -> Option<&Resource> {
        self.movers.get(&TypeName::from(type_name))
    }

    /// All that rows say of who else moves their values.
    pub fn moved(&self) -> impl Iterator<Item = &Moved> {
        let rows = self.resources.iter().flat_map(|own| &own.table.attributes);
        rows.flat_map(AttributeRow::all_moved)
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
}
