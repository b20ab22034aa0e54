//! Approved resources of which neither plan nor state tells what the provider calls them: a live one
//! of their type that nobody seems to have approved may be one of them.

use std::collections::BTreeMap;

use super::security_groups::rule_type;
use super::{Comparer, UnmanagedKey};
use crate::decide::baseline::ApprovedResource;
use crate::model::{Deviation, DeviationKind, TypeName};
use crate::normalise::security_group::Direction;
use crate::normalise::table::Member;

/// Account and Region, each empty where it is not known.
type Place = (String, String);

#[derive(Clone, Debug, Default)]
pub struct Unplaced {
    /// How many there are of each type and place.
    anywhere: BTreeMap<TypeName, BTreeMap<Place, u64>>,
    /// How many may be one live resource, because they lie within the same owner: by type, account
    /// and provider id.
    pub(super) within: BTreeMap<UnmanagedKey, u64>,
}

impl Unplaced {
    /// Why it is not known whether nobody approved this resource.
    pub(crate) fn doubt(&self, found: &Deviation) -> Option<String> {
        if found.kind != DeviationKind::Unmanaged || found.address.is_some() {
            return None;
        }
        let account = found.account.as_ref().map_or("", |own| own.as_str());
        let region = found.region.as_ref().map_or("", |own| own.as_str());
        let agrees = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
        let places = self.anywhere.get(&found.type_name).into_iter().flatten();
        let here =
            places.filter(|(place, _)| agrees(&place.0, account) && agrees(&place.1, region));
        let id = found.provider_id.as_ref().map_or("", |own| own.as_str());
        let key = (found.type_name.as_str().into(), account.into(), id.into());
        let within = self.within.get(&key).copied().unwrap_or_default();
        let count = here.map(|(_, count)| count).sum::<u64>() + within;
        let (are, one) = match count {
            0 => return None,
            1 => ("1 approved resource".to_owned(), "it may be that one"),
            _ => (
                format!("{count} approved resources"),
                "it may be one of them",
            ),
        };
        Some(format!(
            "of {are} of this kind the plan does not say what the provider calls it, and {one}; \
             give the state after apply"
        ))
    }
}

impl Comparer<'_> {
    /// Notes a resource that nothing places, under each type by which a live one would be called.
    pub(super) fn note_unplaced(
        &self,
        resource: &ApprovedResource,
        place: Place,
        unplaced: &mut Unplaced,
    ) {
        let Some(own) = resource.resource.and_then(|at| self.catalogue.resource(at)) else {
            return;
        };
        let mut types = vec![own.table.type_name.clone()];
        match own.table.member {
            Member::Whole => {
                let config = self.catalogue.config(own.config);
                let others = config.iter();
                let others = others.flat_map(|config| config.resources.iter().take(config.own));
                let others = others.filter_map(|at| self.catalogue.resource(*at));
                types.extend(others.map(|other| other.table.type_name.clone()));
            }
            Member::SecurityGroupRule => {
                types.extend([Direction::Ingress, Direction::Egress].map(rule_type));
            }
            Member::Part { .. } | Member::Each { .. } => {}
        }
        types.sort();
        types.dedup();
        for type_name in types {
            let places = unplaced.anywhere.entry(type_name).or_default();
            *places.entry(place.clone()).or_default() += 1;
        }
    }
}
