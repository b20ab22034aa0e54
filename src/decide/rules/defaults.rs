//! What holds for a deviation that no rule speaks of.

use crate::model::{Action, DeviationKind, Severity, Verdict};

/// Severity and action where no rule matches. The shipped `process.hcl` says the same in rules,
/// so that they can be seen and changed; a test holds the two together.
pub fn without_rule(kind: DeviationKind, verdict: Verdict) -> (Severity, Action) {
    match kind {
        DeviationKind::Changed | DeviationKind::Missing | DeviationKind::Unmanaged => {
            by_verdict(verdict)
        }
        DeviationKind::UnapprovedPlan => (Severity::Medium, Action::Alert),
        DeviationKind::AppliedNotApproved => (Severity::High, Action::Alert),
        DeviationKind::PlanTampered => (Severity::Critical, Action::Alert),
    }
}

fn by_verdict(verdict: Verdict) -> (Severity, Action) {
    match verdict {
        Verdict::Authorised | Verdict::AwaitingApply => (Severity::Info, Action::Record),
        Verdict::Late => (Severity::Medium, Action::Record),
        Verdict::NotApplied => (Severity::Low, Action::Alert),
        Verdict::EmergencyPending => (Severity::High, Action::Alert),
        Verdict::OutOfWindow | Verdict::Unauthorised | Verdict::Indeterminate => {
            (Severity::Medium, Action::Alert)
        }
    }
}
