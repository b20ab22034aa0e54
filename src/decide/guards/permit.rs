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
        })
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
        type_name: subject.type_name.clone(),
        attribute: subject.attribute.clone(),
        approved_by: approval.map(|own| own.by.clone()),
        begun: question.now,
        outcome: None,
        end: None,
    }
}

/// The same for the same try, so that what was begun has the same name after a crash.
fn id(subject: &FixSubject, tries: usize) -> FixId {
    let whole = format!(
        "driftwarden fix v1\n{}\n{}\n{tries}",
        subject.finding, subject.deviation
    );
    let mut hex = Sha256Digest::of(whole.as_bytes()).to_string();
    hex.truncate(32);
    FixId::from(hex)
}
