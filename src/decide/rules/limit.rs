//! What no rule may do, because too little is known of the deviation.

use crate::model::{Action, Deviation, DeviationKind, Fidelity, Ruling, Severity};

/// The ruling, held down to what the fidelity of the deviation permits: what is matched by name only
/// is never put back, and a difference of it never wakes anybody.
pub(super) fn limited(deviation: &Deviation, ruling: Ruling) -> Ruling {
    match deviation.fidelity {
        Fidelity::Mapped | Fidelity::Exact => return ruling,
        Fidelity::Presence => {}
    }
    let (severity, action) = match deviation.kind {
        DeviationKind::Changed | DeviationKind::Unmanaged => (Severity::Info, Action::Record),
        DeviationKind::Missing
        | DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => (Severity::Critical, Action::Alert),
    };
    let mut notes = ruling.notes;
    if ruling.severity > severity || ruling.action > action {
        notes.push(format!(
            "the resource is matched by name only: severity at most {severity}, action at most \
             {action}"
        ));
    }
    Ruling {
        severity: ruling.severity.min(severity),
        action: ruling.action.min(action),
        notes,
        ..ruling
    }
}
