//! Counts what became of each attribute that a baseline sets: compared, or why not.

mod leaves;
mod one;

use std::collections::{BTreeMap, BTreeSet};

use self::one::One;
use super::baseline::{Approved, ApprovedResource};
use super::compare::{Standing, Watched};
use super::ignoring::Authors;
use crate::ingest::json::{self, JsonError};
use crate::model::{
    Address, AttributeCoverage, AttributePath, Gap, TypeCoverage, TypeName, Value, Watching,
    WorkspaceName,
};
use crate::normalise::catalogue::Catalogue;

/// Whether the provider's schema says that only the provider sets the attribute of that type at
/// those tokens.
pub type IsComputed<'a> = &'a dyn Fn(&TypeName, &[&str]) -> bool;

/// Counts one resource at a time.
pub struct Counter<'a> {
    catalogue: &'a Catalogue,
    approved: &'a Approved,
    watched: &'a Watched,
    authors: &'a dyn Authors,
    /// Why an attribute could not be compared.
    whys: BTreeMap<(&'a WorkspaceName, &'a Address, &'a AttributePath), &'a str>,
    coverage: AttributeCoverage,
    counted: BTreeSet<u32>,
}

/// What became of one value, and why.
type Told = (Watching, String);

impl<'a> Counter<'a> {
    pub fn new(
        catalogue: &'a Catalogue,
        approved: &'a Approved,
        watched: &'a Watched,
        gaps: &'a [Gap],
        authors: &'a dyn Authors,
    ) -> Self {
        let whys = gaps.iter().filter_map(|gap| {
            let key = (
                gap.workspace.as_ref()?,
                gap.address.as_ref()?,
                gap.attribute.as_ref()?,
            );
            Some((key, gap.detail.as_str()))
        });
        Self {
            catalogue,
            approved,
            watched,
            authors,
            whys: whys.collect(),
            coverage: AttributeCoverage::default(),
            counted: BTreeSet::new(),
        }
    }

    /// Counts the attributes of one approved resource, given by number; `values` are those that its
    /// baseline plan sets, raw.
    ///
    /// # Errors
    /// Values that are no JSON object.
    pub fn add(
        &mut self,
        number: u32,
        values: &str,
        is_computed: IsComputed<'_>,
    ) -> Result<(), JsonError> {
        let Some((resource, standing)) = self.approved_one(number) else {
            return Ok(());
        };
        let Value::Map(values) = json::parse(values)? else {
            return Err(JsonError::new(0, "an object is wanted here"));
        };
        let type_name = self.type_name(resource);
        let one = One {
            counter: self,
            number,
            resource,
            standing,
            table: resource.resource.and_then(|at| self.catalogue.resource(at)),
            type_name: &type_name,
            values: &values,
            is_computed,
        };
        let told: Vec<(AttributePath, Told)> = values
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| {
                let pointer = AttributePath::root().child(name);
                let told = one.attribute(name, &pointer, value);
                (pointer, told)
            })
            .collect();
        self.counted.insert(number);
        let types = self.coverage.types.entry(type_name).or_default();
        for (pointer, (watching, why)) in told {
            *types
                .attributes
                .entry((pointer, watching, why))
                .or_default() += 1;
        }
        Ok(())
    }

    /// The counts, with those of resources.
    pub fn finish(mut self) -> AttributeCoverage {
        for (number, _) in (0u32..).zip(&self.approved.resources) {
            let Some((resource, standing)) = self.approved_one(number) else {
                continue;
            };
            let name = self.type_name(resource);
            let table = resource.resource.and_then(|at| self.catalogue.resource(at));
            let config = table.and_then(|table| self.catalogue.config(table.config));
            let own = self.coverage.types.entry(name).or_default();
            own.table = config.map(|config| (config.config_type.to_string(), config.file()));
            add_resource(own, standing);
            own.uncounted += u64::from(!self.counted.contains(&number));
        }
        self.coverage
    }

    fn approved_one(&self, number: u32) -> Option<(&'a ApprovedResource, Standing)> {
        let at = usize::try_from(number).ok()?;
        let resource = self.approved.resources.get(at)?;
        Some((resource, self.watched.standing(number)?))
    }

    fn type_name(&self, resource: &ApprovedResource) -> TypeName {
        let table = resource.resource.and_then(|at| self.catalogue.resource(at));
        let unmapped = || {
            let rare = resource.rare.as_ref()?;
            rare.unmapped_type.as_deref().map(TypeName::from)
        };
        let mapped = table.map(|table| table.table.type_name.clone());
        mapped
            .or_else(unmapped)
            .unwrap_or_else(|| TypeName::from(""))
    }
}

fn add_resource(own: &mut TypeCoverage, standing: Standing) {
    own.resources += 1;
    match standing {
        Standing::Seen | Standing::Missing => own.observed += 1,
        Standing::Unknown(_) => own.unknown += 1,
        Standing::Excluded => own.excluded += 1,
    }
}
