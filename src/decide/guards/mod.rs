//! Whether a finding may be fixed. Every guard is asked, in a fixed order, and each that keeps the fix
//! back says why; only where none does there is a permit.

mod finding;
mod history;
mod importing;
mod limits;
mod lists;
mod permit;
mod policy;
#[cfg(test)]
pub(crate) mod test_support;
#[cfg(test)]
mod tests;
mod undo;
mod window;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use importing::{Import, Importing};
pub use lists::{Lists, ListsError};
pub use permit::Permit;
pub use policy::{Breaker, FixPolicy, Freeze, Limit, Limits};
pub use undo::{judge_undo, not_undone};

use crate::model::{
    DeviationId, Fix, FixDecision, FixReason, FixSubject, FixWay, Fixes, Guard, StopFile,
    WorkspaceName,
};

/// Everything that is asked about one finding.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    pub now: Timestamp,
    pub subject: &'q FixSubject,
    /// The version that this look saw; nothing where it did not see the finding.
    pub seen: Option<&'q DeviationId>,
    pub fixes: &'q Fixes,
    pub policy: &'q FixPolicy,
    pub lists: &'q Lists,
    pub stop: &'q StopFile,
    /// Approved resources of each workspace.
    pub sizes: &'q BTreeMap<WorkspaceName, u64>,
    /// Who would carry it out.
    pub remediator: Option<&'q str>,
    /// The intent that is taken up again, which does not stand in its own way.
    pub resumes: Option<&'q Fix>,
}

/// What the guards say, and the right to go on where none of them objects.
pub struct Answer {
    pub decision: FixDecision,
    /// Only where the decision is permitted and somebody can carry it out.
    pub permit: Option<Permit>,
}

/// A guard: nothing, or why the fix is kept back.
type Asked = fn(&Question<'_>) -> Option<String>;

/// In the order of [`Guard`]. A test holds it to have all of them.
const GUARDS: [(Guard, Asked); 20] = [
    (Guard::Mode, window::mode),
    (Guard::Action, finding::action),
    (Guard::Verdict, finding::verdict),
    (Guard::Standing, finding::standing),
    (Guard::Observation, finding::observation),
    (Guard::Fidelity, finding::fidelity),
    (Guard::Authors, finding::authors),
    (Guard::Reviewed, lists::reviewed),
    (Guard::Protected, lists::protected),
    (Guard::Denied, lists::denied),
    (Guard::Freeze, window::freeze),
    (Guard::StopFile, window::stop_file),
    (Guard::Approval, history::approval),
    (Guard::Again, history::again),
    (Guard::Fight, history::fight),
    (Guard::Breaker, history::breaker),
    (Guard::Canary, history::canary),
    (Guard::RuleLimit, limits::rule),
    (Guard::WorkspaceLimit, limits::workspace),
    (Guard::EstateLimit, limits::estate),
];

/// Asks every guard.
pub fn judge(question: &Question<'_>) -> Answer {
    let decision = decided(question, &GUARDS);
    let permit = Permit::of(question, &decision);
    Answer { decision, permit }
}

/// What these guards say.
fn decided(question: &Question<'_>, guards: &[(Guard, Asked)]) -> FixDecision {
    let objections = guards.iter().filter_map(|(guard, asked)| {
        let why = asked(question)?;
        Some(FixReason { guard: *guard, why })
    });
    FixDecision {
        mode: question.policy.mode,
        way: way(question.subject),
        remediator: question.remediator.map(str::to_owned),
        reasons: objections.collect(),
    }
}

/// What a fix of such a finding does, if there is one.
pub fn way(subject: &FixSubject) -> Option<FixWay> {
    use crate::model::DeviationKind::{
        AppliedNotApproved, Changed, Missing, PlanTampered, UnapprovedPlan, Unmanaged,
    };
    match subject.kind {
        Changed => Some(FixWay::SetBack),
        Missing => Some(FixWay::PutBack),
        Unmanaged => Some(FixWay::TakeAway),
        UnapprovedPlan | PlanTampered | AppliedNotApproved => None,
    }
}

impl<'q> Question<'q> {
    /// All fixes but the one that is taken up.
    fn others(&self) -> impl DoubleEndedIterator<Item = &'q Fix> + use<'q> {
        let own = self.resumes.map(|fix| &fix.id);
        let all = self.fixes.all().iter();
        all.filter(move |fix| own.is_none_or(|own| fix.id != *own))
    }
}
