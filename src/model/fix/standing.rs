//! How the fix of one version of a finding stands, as people and programs are told.

use serde::Serialize;

use super::{
    Ended, Fix, FixDecision, FixMode, FixReason, FixResult, FixWay, FixWord, Fixes, Guard,
};
use crate::model::{DeviationId, FindingKey, FixId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FixStanding {
    pub decision: FixWord,
    pub mode: FixMode,
    pub way: Option<FixWay>,
    pub remediator: Option<String>,
    pub reasons: Vec<FixReason>,
    /// The newest fix of this version, where one was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<FixId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// All of it in one line.
    pub line: String,
}

impl Fixes {
    /// Nothing where nothing was decided of this version.
    pub fn standing(&self, finding: &FindingKey, version: &DeviationId) -> Option<FixStanding> {
        let (judged, _, decision) = self.decision(finding)?;
        if judged != version {
            return None;
        }
        let mut own = self.of(finding).rev();
        let newest = own.find(|fix| fix.deviation == *version && fix.undoes.is_none());
        let FixDecision {
            mode,
            way,
            remediator,
            reasons,
        } = decision.clone();
        Some(FixStanding {
            decision: decision.word(),
            mode,
            way,
            remediator,
            reasons,
            fix: newest.map(|fix| fix.id.clone()),
            state: newest.map(Fix::word),
            line: newest
                .filter(|fix| fix.is_under_way() || decision.word() == FixWord::Permitted)
                .map_or_else(|| decision.line(), Fix::line),
        })
    }
}

impl Fixes {
    /// Why a person must look at the fix of an open finding.
    pub fn trouble(&self, finding: &FindingKey, version: &DeviationId) -> Option<String> {
        let (judged, _, decision) = self.decision(finding)?;
        let mut objections = decision.reasons.iter();
        let fight = objections.find(|own| judged == version && own.guard == Guard::Fight);
        if let Some(fight) = fight {
            return Some(fight.why.clone());
        }
        let mut own = self.of(finding).rev();
        let newest = own.find(|fix| fix.deviation == *version)?;
        let failed = newest
            .outcome
            .as_ref()
            .is_some_and(|own| own.result.is_failure());
        (failed || newest.is_ended(Ended::Overdue)).then(|| newest.line())
    }
}

impl Fix {
    /// What became of it, in one line.
    pub fn line(&self) -> String {
        let Some(outcome) = &self.outcome else {
            return format!("begun at {}; nothing says yet how it ended", self.begun);
        };
        if let Some(end) = &self.end {
            return match end.how {
                Ended::Healed => format!("fixed: seen as approved at {}", end.at),
                Ended::Changed => format!("it became another version at {}", end.at),
                Ended::Undone => format!("undone at {}", end.at),
                Ended::Overdue => match outcome.result {
                    FixResult::Fixed | FixResult::AsApproved => {
                        format!("changed, and not seen as approved by {}", end.at)
                    }
                    FixResult::Started => {
                        format!("started, and not seen as approved by {}", end.at)
                    }
                    FixResult::HandedOver
                    | FixResult::Restored
                    | FixResult::Failed
                    | FixResult::NotCarriedOut
                    | FixResult::Unfit
                    | FixResult::HalfDone
                    | FixResult::Interrupted => {
                        format!("handed over, and not done by {}", end.at)
                    }
                },
            };
        }
        let document = outcome.document.as_ref();
        let document = document.map_or_else(String::new, |own| format!(": {}", own.name));
        match outcome.result {
            FixResult::HandedOver if outcome.detail.is_empty() => {
                format!("handed over at {}{document}", outcome.at)
            }
            FixResult::HandedOver => {
                format!(
                    "handed over at {}{document}; {}",
                    outcome.at, outcome.detail
                )
            }
            FixResult::Fixed | FixResult::AsApproved | FixResult::Started => {
                format!(
                    "{}; until a scan sees it, it is being fixed",
                    outcome.detail
                )
            }
            FixResult::Restored => outcome.detail.clone(),
            FixResult::Unfit => format!("not carried out, and left to people: {}", outcome.detail),
            FixResult::HalfDone => format!("half done: {}", outcome.detail),
            FixResult::Failed => format!("failed: {}", outcome.detail),
            FixResult::NotCarriedOut => format!("not carried out: {}", outcome.detail),
            FixResult::Interrupted => format!("interrupted: {}", outcome.detail),
        }
    }
}
