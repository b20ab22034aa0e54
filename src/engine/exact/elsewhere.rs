//! What a check shows at a resource although another one owns it and tells it, too.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Exact, told};
use crate::decide::exact::{Held, Looked, found, stand_back};
use crate::ingest::json;
use crate::ingest::redact::Redactor;
use crate::model::{Address, ExactLooks, TypeName, WorkspaceName};
use crate::normalise::catalogue::Catalogue;
use crate::provider::exact::StateInstance;

/// Notes of each resource what others of these tell in the same look.
pub fn told_elsewhere(
    catalogue: &Catalogue,
    workspace: &WorkspaceName,
    states: &BTreeMap<String, StateInstance>,
    resources: &mut BTreeMap<String, Exact>,
    redactor: &Redactor,
) {
    let mut looks = ExactLooks::new();
    let mut deviations = Vec::new();
    for (address, exact) in &*resources {
        let Some(state) = states.get(address) else {
            continue;
        };
        let key = (workspace.clone(), Address::from(address.as_str()));
        let looked = Looked {
            type_name: TypeName::from(state.type_name.as_str()),
            look: told(exact.clone(), redactor, false),
            key: key.clone(),
        };
        deviations.extend(found(&looked, Timestamp::UNIX_EPOCH));
        looks.insert(key, looked.look);
    }
    let held = |_: &_| {
        let all = states.iter().filter_map(|(address, state)| {
            Some(Held {
                key: (workspace.clone(), Address::from(address.as_str())),
                type_name: TypeName::from(state.type_name.as_str()),
                values: json::parse(&state.attributes).ok()?,
            })
        });
        all.collect()
    };
    for own in stand_back(catalogue, &looks, held, &mut deviations) {
        let exact = resources.get_mut(own.address.as_str());
        if let (Some(Exact::Seen(seen)), Some(attribute)) = (exact, own.attribute) {
            let differences = &mut seen.judged.differences;
            differences.retain(|one| one.path != attribute);
            seen.judged.elsewhere.insert(attribute, own.by);
        }
    }
}
