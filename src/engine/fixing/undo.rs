//! Fixes that a person wants to be undone: each wish is judged once, and what is permitted is recorded,
//! carried out and recorded again as a fix is.

use super::Work;
use crate::decide::guards::{Answer, Question, judge_undo};
use crate::engine::inputs::Failure;
use crate::evidence::record::FixEvent;
use crate::model::{Fix, FixResult, FixSubject};

impl Work<'_> {
    pub(super) fn undo(&mut self) -> Result<(), Failure> {
        let all = self.evidence.ledger().fixes().all().iter();
        let wanted = all.filter_map(|fix| Some((fix.clone(), fix.undo_wanted.clone()?.by)));
        let wanted: Vec<(Fix, String)> = wanted.collect();
        for (fix, by) in wanted {
            let subject = self.undo_subject(&fix);
            let Answer { decision, permit } = self.judge_undo(&subject, (&fix, &by), None);
            match permit {
                None => self.say(
                    &subject,
                    FixEvent::UndoRefused {
                        id: fix.id,
                        decision,
                    },
                ),
                Some(permit) => {
                    let intent = Box::new(permit.intent().clone());
                    self.say(&subject, FixEvent::Intended { intent });
                    self.carry(permit, FixResult::NotCarriedOut)?;
                }
            }
        }
        self.flush()
    }

    /// An undo whose process ended between intent and outcome.
    pub(super) fn settle_undo(&mut self, undo: &Fix) -> Result<(), Failure> {
        let undoes = undo.undoes.as_ref();
        let fix = undoes.and_then(|id| self.evidence.ledger().fixes().get(id));
        let Some(fix) = fix.cloned() else {
            self.interrupted(undo, "nothing is known of what it was to undo");
            return Ok(());
        };
        let subject = self.undo_subject(&fix);
        let by = undo.approved_by.clone().unwrap_or_default();
        let Answer { decision, permit } = self.judge_undo(&subject, (&fix, &by), Some(undo));
        match permit {
            Some(permit) => {
                let id = undo.id.clone();
                self.say(&subject, FixEvent::Resumed { id });
                self.carry(permit, FixResult::Interrupted)
            }
            None => {
                self.interrupted(undo, &decision.line());
                Ok(())
            }
        }
    }

    fn undo_subject(&self, fix: &Fix) -> FixSubject {
        let mut subject = FixSubject::of_fix(fix);
        let workspace = fix.workspace.as_ref();
        subject.plan = workspace.and_then(|workspace| self.plan_of(workspace));
        subject
    }

    fn judge_undo(
        &mut self,
        subject: &FixSubject,
        (fix, by): (&Fix, &str),
        resumes: Option<&Fix>,
    ) -> Answer {
        let (now, stop) = (self.now(), self.desk.stop.look());
        let question = Question {
            remediator: self.first(|own| own.undoes(subject)),
            ..self.question(now, &stop, subject, resumes)
        };
        judge_undo(&question, fix, by)
    }
}
