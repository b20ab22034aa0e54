//! Plans whose approval cannot be judged: an approver who is not in the identity map, no map at all.
//!
//! Such a plan may yet prove to be approved, so what it changes is not unauthorised for certain. But
//! it is no baseline, and nothing is taken to be there, or to be gone, because of it.

use std::collections::HashSet;

use crate::decide::baseline::EligiblePlan;
use crate::ingest::plan::PlannedAction;

/// Leaves of each doubtful plan what it changes of resources that other plans approve. `doubtful`
/// tells them by their place; where no plan may be a baseline, they go.
pub(super) fn keep_only_changes(plans: &mut Vec<EligiblePlan>, doubtful: &HashSet<usize>) {
    if doubtful.is_empty() {
        return;
    }
    let approved: HashSet<Box<str>> = plans
        .iter()
        .filter(|plan| plan.may_be_baseline)
        .flat_map(|plan| &plan.plan.resources)
        .map(|resource| resource.address.clone())
        .collect();
    for at in doubtful {
        let Some(plan) = plans.get_mut(*at) else {
            continue;
        };
        plan.plan.resources.retain(|resource| {
            resource.action == PlannedAction::Update && approved.contains(&resource.address)
        });
    }
    if approved.is_empty() {
        let mut at = 0..plans.len();
        plans.retain(|_| at.next().is_none_or(|at| !doubtful.contains(&at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::attributes::Attributes;
    use crate::ingest::plan::{Plan, PlannedResource, PlannedType};
    use crate::model::{PlanMeta, Sha256Digest};

    fn plan(may_be_baseline: bool, resources: &[(&str, PlannedAction)]) -> EligiblePlan {
        let resource = |(address, action): &(&str, PlannedAction)| PlannedResource {
            address: (*address).into(),
            previous_address: None,
            kind: PlannedType::Unmapped("x".into()),
            action: *action,
            after: Attributes::default(),
            before: None,
        };
        EligiblePlan {
            meta: PlanMeta {
                digest: Sha256Digest([0; 32]),
                file: String::new(),
                format_version: String::new(),
                terraform_version: None,
                timestamp: None,
                resources: 0,
            },
            plan: Plan {
                resources: resources.iter().map(resource).collect(),
                ..Plan::default()
            },
            may_be_baseline,
        }
    }

    fn addresses(plan: &EligiblePlan) -> Vec<&str> {
        let resources = plan.plan.resources.iter();
        resources.map(|resource| &*resource.address).collect()
    }

    #[test]
    fn only_changes_of_approved_resources_stay() {
        use PlannedAction::{Create, Delete, NoOp, Update};
        let doubtful = [
            ("a", Update),
            ("b", Delete),
            ("c", NoOp),
            ("d", Create),
            ("e", Update),
        ];
        let baseline = [("a", NoOp), ("b", NoOp), ("c", NoOp)];
        let mut plans = vec![plan(true, &baseline), plan(false, &doubtful)];
        keep_only_changes(&mut plans, &HashSet::from([1]));
        let left: Vec<_> = plans.iter().map(addresses).collect();
        assert_eq!(left, [vec!["a", "b", "c"], vec!["a"]]);
    }

    #[test]
    fn without_a_baseline_a_doubtful_plan_says_nothing() {
        let update = [("a", PlannedAction::Update)];
        let mut plans = vec![plan(false, &update), plan(false, &update)];
        keep_only_changes(&mut plans, &HashSet::from([0]));
        assert_eq!(plans.len(), 1);
        assert_eq!(addresses(&plans[0]), ["a"]);
    }
}
