//! The right to fix one finding, once.

use jiff::Timestamp;

use super::Question;
use crate::model::{Fix, FixDecision, FixId, FixSubject, FixWay, FixWord, Sha256Digest};

/// Only the guards make one, and whoever carries out a fix takes it by value: it cannot be copied, so
/// it is used once.
#[derive(Debug)]
pub struct Permit {
    intent: Fix,
    subject: FixSubject,
    /// What it undoes, if it does.
    undone: Option<Box<Fix>>,
    is_resumed: bool,
}

impl Permit {
    pub(super) fn of(question: &Question<'_>, decision: &FixDecision) -> Option<Self> {
        let remediator = question.remediator?;
        let way = decision.way?;
        if decision.word() != FixWord::Permitted {
            return None;
        }
        let subject = question.subject;
        let intent = match question.resumes {
            Some(intent) => intent.clone(),
            None => new_intent(question, way, remediator),
        };
        Some(Self {
            intent,
            subject: subject.clone(),
            undone: None,
            is_resumed: question.resumes.is_some(),
        })
    }

    pub(super) fn of_undo(
        question: &Question<'_>,
        decision: &FixDecision,
        fix: &Fix,
        by: &str,
    ) -> Option<Self> {
        let remediator = question.remediator?;
        if decision.word() != FixWord::Permitted {
            return None;
        }
        let intent = match question.resumes {
            Some(intent) => intent.clone(),
            None => undo_intent(question, remediator, fix, by),
        };
        Some(Self {
            intent,
            subject: question.subject.clone(),
            undone: Some(Box::new(fix.clone())),
            is_resumed: question.resumes.is_some(),
        })
    }

    /// The fix that is to be undone; otherwise it is to be fixed.
    pub fn undone(&self) -> Option<&Fix> {
        self.undone.as_deref()
    }

    /// Whether the process that began it ended before its outcome: some of it may be done.
    pub fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// What goes into the log before anything is carried out.
    pub fn intent(&self) -> &Fix {
        &self.intent
    }

    pub fn id(&self) -> &FixId {
        &self.intent.id
    }

    pub fn way(&self) -> FixWay {
        self.intent.way
    }

    pub fn begun(&self) -> Timestamp {
        self.intent.begun
    }

    pub fn subject(&self) -> &FixSubject {
        &self.subject
    }
}

fn new_intent(question: &Question<'_>, way: FixWay, remediator: &str) -> Fix {
    let subject = question.subject;
    let earlier = question.fixes.of(&subject.finding);
    let tries = earlier.filter(|fix| fix.deviation == subject.deviation);
    let approval = question
        .fixes
        .approval(&subject.finding, &subject.deviation);
    Fix {
        id: id(subject, tries.count()),
        finding: subject.finding.clone(),
        deviation: subject.deviation.clone(),
        way,
        remediator: remediator.to_owned(),
        rule: subject.rule.clone(),
        workspace: subject.touches().cloned(),
        address: subject.address.clone(),
        within: subject.within.as_ref().map(|own| own.address.clone()),
        provider_id: subject.provider_id.clone(),
        account: subject.account.clone(),
        region: subject.region.clone(),
        type_name: subject.type_name.clone(),
        attribute: subject.attribute.clone(),
        approved_by: approval.map(|own| own.by.clone()),
        begun: question.now,
        undoes: None,
        undo_wanted: None,
        undo_refused: None,
        outcome: None,
        end: None,
    }
}

fn undo_intent(question: &Question<'_>, remediator: &str, fix: &Fix, by: &str) -> Fix {
    let earlier = question.fixes.of(&fix.finding);
    let tries = earlier.filter(|own| own.undoes.as_ref() == Some(&fix.id));
    let whole = format!("driftwarden undo v1\n{}\n{}", fix.id, tries.count());
    Fix {
        id: hashed(&whole),
        remediator: remediator.to_owned(),
        approved_by: Some(by.to_owned()),
        begun: question.now,
        undoes: Some(fix.id.clone()),
        undo_wanted: None,
        undo_refused: None,
        outcome: None,
        end: None,
        ..fix.clone()
    }
}

/// The same for the same try, so that what was begun has the same name after a crash.
fn id(subject: &FixSubject, tries: usize) -> FixId {
    let whole = format!(
        "driftwarden fix v1\n{}\n{}\n{tries}",
        subject.finding, subject.deviation
    );
    hashed(&whole)
}

fn hashed(whole: &str) -> FixId {
    let mut hex = Sha256Digest::of(whole.as_bytes()).to_string();
    hex.truncate(32);
    FixId::from(hex)
}
