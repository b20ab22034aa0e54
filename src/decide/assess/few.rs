//! Judging what a look at few resources found.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Inputs, no_baseline, state_difference, status};
use crate::decide::compare::Unplaced;
use crate::decide::rules::RuleSet;
use crate::model::{Address, Assessment, WorkspaceName};

/// Judges what a look at few resources found; `Assessment::baselines` holds the workspaces of these
/// alone. What only a look at everything can tell is in none of it.
pub fn assess_few(
    now: Timestamp,
    inputs: Inputs<'_>,
    touched: &BTreeSet<(WorkspaceName, Address)>,
    unplaced: &Unplaced,
    rules: &RuleSet,
) -> Assessment {
    let own: BTreeSet<&WorkspaceName> = touched.iter().map(|(workspace, _)| workspace).collect();
    let own = own
        .into_iter()
        .filter_map(|name| inputs.workspaces.get_key_value(name));
    let own: Vec<_> = own.collect();
    let judging = inputs.judging(now, own.iter().copied(), rules);
    let Inputs {
        approved,
        mut comparison,
        authors,
        ..
    } = inputs;
    let mut deviations = std::mem::take(&mut comparison.deviations);
    for difference in &approved.state_differences {
        let workspace = approved.workspace(difference.workspace);
        let address = Address::from(&*difference.address);
        if workspace.is_some_and(|own| touched.contains(&(own.clone(), address))) {
            state_difference(difference, approved, authors, &mut deviations);
        }
    }
    let judged = judging.each(deviations, unplaced);
    let mut gaps = std::mem::take(&mut comparison.gaps);
    gaps.extend(
        own.iter()
            .filter_map(|(name, plans)| no_baseline(name, plans)),
    );
    gaps.sort();
    Assessment {
        baselines: own
            .iter()
            .map(|(name, plans)| status(name, plans))
            .collect(),
        coverage: comparison.coverage,
        deviations: judged,
        gaps,
        set_aside: Vec::new(),
        accepted: BTreeMap::new(),
        fixes: BTreeMap::new(),
    }
}
