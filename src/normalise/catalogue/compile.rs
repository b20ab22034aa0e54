//! Compiling the mapping tables: which slot of which projection holds what a row, key or gate reads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Catalogue, Changes, Config, ConfigIx, Gates, PlacedGate, Resource, ResourceIx};
use crate::model::TypeName;
use crate::normalise::change::change;
use crate::normalise::gates::{conditions, place, place_all};
use crate::normalise::path::Path;
use crate::normalise::project::Projection;
use crate::normalise::table::{
    AttributeRow, ConfigTable, Gate, GateTest, KeyPair, Member, ResourceTable, TableError, movers,
};
use crate::normalise::{beside, generic};

// `TABLES`: name and text of every file in `aws/`, in the order of the names. `build.rs` lists them.
include!(concat!(env!("OUT_DIR"), "/tables.rs"));

impl Catalogue {
    /// The tables that are built in, the reviewed ones first, and the types that are matched by name.
    ///
    /// # Errors
    /// A table that is wrong; a test reads them all.
    pub fn builtin() -> Result<Self, TableError> {
        Self::changed(&Changes::new())
    }

    /// The tables that are built in, some rows of which are changed.
    ///
    /// # Errors
    /// As of [`Self::builtin`].
    pub fn changed(changes: &Changes) -> Result<Self, TableError> {
        let mut catalogue = Self::new(reviewed(changes)?)?;
        let by_name = generic::tables(|type_name, config_type| {
            catalogue.find(type_name).is_some() || catalogue.config_type(config_type).is_some()
        });
        for mut table in by_name? {
            change(&mut table, changes);
            catalogue.add(table)?;
        }
        Ok(catalogue)
    }

    /// The reviewed tables alone.
    ///
    /// # Errors
    /// As of [`Self::builtin`].
    pub fn reviewed() -> Result<Self, TableError> {
        Self::new(reviewed(&Changes::new())?)
    }

    pub fn new(tables: Vec<ConfigTable>) -> Result<Self, TableError> {
        let mut catalogue = Self {
            configs: Vec::new(),
            resources: Vec::new(),
            by_config_type: HashMap::new(),
            by_type: HashMap::new(),
            movers: BTreeMap::new(),
        };
        for table in tables {
            catalogue.add(table)?;
        }
        catalogue.check_separate()?;
        catalogue.note_asked()?;
        catalogue.note_movers();
        Ok(catalogue)
    }

    /// Notes of which types it is asked whether the provider made an item.
    fn note_asked(&mut self) -> Result<(), TableError> {
        let of_items = self
            .configs
            .iter()
            .flat_map(|config| &config.made_by_provider);
        let gates = of_items.flatten().map(|placed| &placed.gate.test);
        let asked = gates.filter_map(|test| match test {
            GateTest::OfMade(config_type) => Some(config_type.clone()),
            GateTest::Equals(_)
            | GateTest::StartsWith(_)
            | GateTest::Is { .. }
            | GateTest::Not(_)
            | GateTest::SameAs(_) => None,
        });
        for config_type in asked.collect::<Vec<_>>() {
            let at = self.by_config_type.get(&config_type);
            let config = at.and_then(|at| self.configs.get_mut(usize::from(at.0)));
            let config = config.ok_or_else(|| TableError {
                table: config_type.to_string(),
                what: "`made` names a Config type without a table".to_owned(),
            })?;
            config.is_asked = true;
        }
        Ok(())
    }

    fn note_movers(&mut self) {
        let mut found: BTreeMap<TypeName, BTreeSet<String>> = BTreeMap::new();
        for (name, attributes) in movers(self.moved()) {
            found.entry(name.clone()).or_default().extend(attributes);
        }
        for also in self.resources.iter().flat_map(|own| &own.table.also) {
            let names = [&also.owner, &also.element].map(ToString::to_string);
            found.entry(also.by.clone()).or_default().extend(names);
        }
        found.retain(|name, _| self.find(name.as_str()).is_none());
        for (name, attributes) in found {
            let table = ResourceTable::only_read(name.clone(), attributes.iter());
            let slots = table.attributes.iter().map(|_| Vec::new()).collect();
            let nowhere = ConfigIx(u16::MAX);
            let read = compile(nowhere, table, slots, &[], None, Vec::new(), Vec::new());
            self.movers.insert(name, read);
        }
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
            if let Member::Part { .. } = &resource.member {
                let gates = resource.made_by_provider.iter().flatten();
                paths.extend(gates.flat_map(Gate::paths));
            }
            let conditions = resource.only_where.iter().flat_map(|(_, gates)| gates);
            paths.extend(conditions.flat_map(Gate::paths));
            paths.extend(resource.when.iter().flat_map(Gate::paths));
        }
        let of_items = table.made_by_provider.iter().chain(&table.gone);
        paths.extend(of_items.flatten().flat_map(Gate::paths));
        paths.extend(table.whole.iter().flat_map(Gate::paths));
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
            // The gates of an element are paths within it, and have no slots.
            let gates = match &resource.member {
                Member::Part { .. } => place(&resource.made_by_provider, &mut next),
                Member::Whole | Member::Each { .. } | Member::SecurityGroupRule => {
                    place(&resource.made_by_provider, &mut || usize::MAX)
                }
            };
            let only_where = conditions(resource, &mut next);
            let when = place_all(&resource.when, &mut next);
            let index = ResourceIx(
                u16::try_from(self.resources.len()).map_err(|_| fail("too many".to_owned()))?,
            );
            let known = self.by_type.insert(resource.type_name.clone(), index);
            if known.is_some() {
                return Err(fail(format!("`{}` has two tables", resource.type_name)));
            }
            resources.push(index);
            let compiled = compile(
                config,
                resource.clone(),
                live_slots,
                &live_keys,
                member_slot,
                gates,
                only_where,
            );
            self.resources.push(Resource { when, ..compiled });
        }
        let made_by_provider = place(&table.made_by_provider, &mut next);
        let gone = place(&table.gone, &mut next);
        let whole = place_all(&table.whole, &mut next);
        if self
            .by_config_type
            .insert(table.config_type.clone(), config)
            .is_some()
        {
            return Err(fail("the Config type has two tables".to_owned()));
        }
        let is_own = |resource: &&ResourceTable| matches!(resource.member, Member::Whole);
        self.configs.push(Config {
            config_type: table.config_type,
            name: table.name,
            review: table.review,
            own: table.resources.iter().filter(is_own).count(),
            is_asked: false,
            resources,
            made_by_provider,
            gone,
            whole,
            projection,
        });
        Ok(())
    }
}

fn reviewed(changes: &Changes) -> Result<Vec<ConfigTable>, TableError> {
    let tables = TABLES.iter().map(|(name, text)| {
        let mut table = ConfigTable::parse(name, text)?;
        change(&mut table, changes);
        Ok(table)
    });
    tables.collect()
}

fn compile(
    config: ConfigIx,
    table: ResourceTable,
    live_slots: Vec<Vec<usize>>,
    live_keys: &[Vec<usize>],
    member_slot: Option<usize>,
    made_by_provider: Gates,
    only_where: Vec<(usize, Vec<PlacedGate>)>,
) -> Resource {
    let (arn, id, region) = (Path::parse("arn"), Path::parse("id"), Path::parse("region"));
    let element: &[Vec<KeyPair>] = match &table.member {
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
        .chain(element.iter().flatten().map(|pair| &pair.approved))
        .chain([&arn, &id, &region])
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
        .map(|pairs| {
            let pairs = pairs.iter().map(|pair| (next(), pair.live.clone()));
            pairs.collect()
        })
        .collect();
    let (arn_slot, id_slot, region_slot) = (next(), next(), next());
    Resource {
        config,
        approved,
        same_live: beside::same_live(&table),
        unless: beside::unless(&table),
        table,
        live_slots,
        key_slots,
        element_slots,
        made_by_provider,
        only_where,
        when: Vec::new(),
        member_slot,
        arn_slot,
        id_slot,
        region_slot,
    }
}
