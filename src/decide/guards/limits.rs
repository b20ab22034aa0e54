//! Guards that count: so many fixes within an hour, and no more.

use jiff::SignedDuration;

use super::Question;
use super::policy::Limit;
use crate::model::Fix;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn rule(question: &Question<'_>) -> Option<String> {
    let rule = question.subject.rule.as_ref();
    let used = used(question, |fix| fix.rule.as_ref() == rule);
    let most = question.policy.limits.rule.most(whole(question));
    over(used, most, "its rule")
}

pub(super) fn workspace(question: &Question<'_>) -> Option<String> {
    let workspace = question.subject.touches();
    let used = used(question, |fix| fix.workspace.as_ref() == workspace);
    let size = workspace.and_then(|own| question.sizes.get(own)).copied();
    let most = question.policy.limits.workspace.most(size.unwrap_or(0));
    over(used, most, "its workspace")
}

pub(super) fn estate(question: &Question<'_>) -> Option<String> {
    let used = used(question, |_| true);
    let most = question.policy.limits.estate.most(whole(question));
    over(used, most, "the whole estate")
}

fn whole(question: &Question<'_>) -> u64 {
    question.sizes.values().sum()
}

/// Intents count, whatever came of them.
fn used(question: &Question<'_>, is_of: impl Fn(&Fix) -> bool) -> u64 {
    let recent = question
        .others()
        .filter(|fix| question.now.duration_since(fix.begun) < HOUR);
    recent.filter(|fix| is_of(fix)).count() as u64
}

fn over(used: u64, most: u64, of: &str) -> Option<String> {
    (used >= most).then(|| format!("{of} has used {used} of {most} fixes an hour"))
}

impl Limit {
    /// The smaller of count and share; where nothing is known of the size, the share is one.
    pub fn most(self, resources: u64) -> u64 {
        let share = resources.saturating_mul(u64::from(self.share)) / 100;
        u64::from(self.count).min(share.max(1))
    }
}
