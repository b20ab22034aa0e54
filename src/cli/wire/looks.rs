//! Exact looks, as the configuration has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Config;
use crate::decide::sweep::SweepPolicy;
use crate::model::WorkspaceName;
use crate::ports::ExactReading;

/// Exact looks at the workspaces that have `providers`.
#[cfg(feature = "providers")]
pub fn exact(config: &Arc<Config>) -> Option<Arc<dyn ExactReading>> {
    let looks = super::providers::ProviderLooks::new(Arc::clone(config));
    (!config.providers.is_empty()).then(|| Arc::new(looks) as Arc<dyn ExactReading>)
}

/// That it was built without the feature, whoever fixes says.
#[cfg(not(feature = "providers"))]
pub fn exact(_: &Arc<Config>) -> Option<Arc<dyn ExactReading>> {
    None
}

/// Workspaces that a running engine sweeps.
pub fn sweeps(config: &Config) -> BTreeMap<WorkspaceName, SweepPolicy> {
    let own = config.providers.iter().filter_map(|own| {
        let policy = SweepPolicy {
            every: own.sweep_every?,
            per_minute: own.sweep_per_minute,
        };
        Some((own.workspace.clone(), policy))
    });
    own.collect()
}
