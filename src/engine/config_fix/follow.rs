//! Waits for a run to end, for a bounded time, and says what came of it.

use std::time::Duration;

use super::{Documented, Found, Hands};
use crate::model::{FixChange, FixResult, FixRun, FixStep, FixSubject};
use crate::ports::{CallFailed, CarriedOut, Execution, ExecutionState, ExecutionStep, StepState};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// So many steps at most are recorded, and so much of each text of the cloud.
const MOST_STEPS: usize = 20;
const LONGEST_TEXT: usize = 200;

/// How a run came to be.
pub(super) enum Begun {
    /// It was found under way, or begun since the intent was recorded: nothing was started now.
    Before,
    /// It was started; the newest run before is another.
    Now { before: Option<Execution> },
    /// The start was sent, and nobody knows whether it was taken.
    Perhaps {
        before: Option<Execution>,
        why: String,
    },
}

impl Begun {
    fn is_of_it(&self, run: &Execution) -> bool {
        match self {
            Self::Before => true,
            Self::Now { before } | Self::Perhaps { before, .. } => {
                let earlier = before.as_ref();
                run.state.is_running() || earlier.is_none_or(|own| own.invoked != run.invoked)
            }
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Before => "it was begun before, and nothing was started now",
            Self::Now { .. } => "it was started",
            Self::Perhaps { .. } => "it was started, though its answer was lost",
        }
    }
}

/// How far it got while it was waited for.
pub(super) struct Ended<'a> {
    begun: &'a Begun,
    run: Option<Execution>,
    /// Why it could not be looked at in the end.
    unread: Option<String>,
}

pub(super) fn follow<'a>(
    hands: Hands<'_>,
    own: &Documented,
    found: &Found,
    begun: &'a Begun,
) -> Ended<'a> {
    let mut ended = Ended {
        begun,
        run: None,
        unread: None,
    };
    let (mut waited, mut pause) = (Duration::ZERO, FIRST_PAUSE);
    loop {
        ended.look(hands.api.execution(&found.at, &own.rule, &found.key));
        if ended.is_over() || waited >= own.wait {
            return ended;
        }
        let next = pause.min(own.wait - waited);
        (hands.pause)(next);
        waited += next;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Ended<'_> {
    fn look(&mut self, answer: Result<Option<Execution>, CallFailed>) {
        match answer {
            Ok(run) => {
                self.unread = None;
                let own = run.filter(|run| self.begun.is_of_it(run));
                self.run = own.or(self.run.take());
            }
            Err(error) => self.unread = Some(error.to_string()),
        }
    }

    fn is_over(&self) -> bool {
        self.run.as_ref().is_some_and(|run| !run.state.is_running())
    }

    pub(super) fn is_success(&self) -> bool {
        let run = self.run.as_ref();
        run.is_some_and(|run| run.state == ExecutionState::Succeeded)
    }

    /// `is_seen`: a fresh read after it shows the resource as approved.
    pub(super) fn told(
        &self,
        own: &Documented,
        found: &Found,
        subject: &FixSubject,
        is_seen: bool,
    ) -> CarriedOut {
        let (result, what) = self.came(own, is_seen);
        let is_begun = result != FixResult::Interrupted;
        let begun = self.begun.words();
        let detail = match is_begun {
            true => format!(
                "the rule `{}` runs `{}` for `{}`: {begun}; {what}",
                own.rule, own.document, found.key.id
            ),
            false => what,
        };
        let change = (result == FixResult::Fixed).then(|| {
            Box::new(FixChange {
                before: subject.live.clone(),
                after: subject.approved.clone(),
                consequences: Vec::new(),
                provider: format!("AWS Config, document {} {}", own.document, own.version),
                values_elsewhere: false,
            })
        });
        CarriedOut {
            change,
            run: Some(Box::new(self.recorded(own, found))),
            ..CarriedOut::without_change(result, detail)
        }
    }

    fn came(&self, own: &Documented, is_seen: bool) -> (FixResult, String) {
        let seconds = own.wait.as_secs();
        match (&self.run, self.begun, &self.unread) {
            (Some(run), _, _) => match &run.state {
                ExecutionState::Succeeded if is_seen => (
                    FixResult::Fixed,
                    "it succeeded, and AWS Config shows it as approved".to_owned(),
                ),
                ExecutionState::Succeeded => (
                    FixResult::Started,
                    "it succeeded, and AWS Config does not show that yet".to_owned(),
                ),
                ExecutionState::Failed => failed(run),
                state @ (ExecutionState::Queued
                | ExecutionState::InProgress
                | ExecutionState::Other(_)) => {
                    let unread = self.unread.as_ref();
                    let unread = unread.map_or_else(String::new, |why| format!("; {why}"));
                    let state = plain(state.as_str());
                    let what = format!("after {seconds} s it was `{state}`{unread}");
                    (FixResult::Started, what)
                }
            },
            (None, Begun::Perhaps { why, .. }, _) => (
                FixResult::Interrupted,
                format!("whether it was started is not known: {why}"),
            ),
            (None, Begun::Before | Begun::Now { .. }, Some(why)) => (
                FixResult::Started,
                format!("how far it got cannot be read: {why}"),
            ),
            (None, Begun::Before | Begun::Now { .. }, None) => (
                FixResult::Started,
                format!("AWS Config showed nothing of it within {seconds} s"),
            ),
        }
    }

    fn recorded(&self, own: &Documented, found: &Found) -> FixRun {
        let run = self.run.as_ref();
        let steps = run.map_or(&[][..], |run| &run.steps);
        let steps = steps.iter().take(MOST_STEPS).map(|step| FixStep {
            name: plain(&step.name),
            state: plain(step.state.as_str()),
            error: step.error.as_deref().map(plain),
        });
        FixRun {
            rule: own.rule.clone(),
            document: own.document.clone(),
            version: own.version.clone(),
            resource_type: found.key.config_type.clone(),
            resource_id: found.key.id.clone(),
            invoked: run.and_then(|run| run.invoked),
            state: run.map(|run| plain(run.state.as_str())),
            steps: steps.collect(),
        }
    }
}

/// Where a step before the one that failed was done, something may be changed.
fn failed(run: &Execution) -> (FixResult, String) {
    let is_failed = |step: &&ExecutionStep| match step.state {
        StepState::Failed => true,
        StepState::Pending
        | StepState::InProgress
        | StepState::Succeeded
        | StepState::Exited
        | StepState::Other(_) => false,
    };
    let was_run = |step: &ExecutionStep| match step.state {
        StepState::Succeeded | StepState::Exited | StepState::InProgress | StepState::Other(_) => {
            true
        }
        StepState::Pending | StepState::Failed => false,
    };
    let why = match run.steps.iter().find(is_failed) {
        None => "it failed, and no step says why".to_owned(),
        Some(step) => {
            let error = step.error.as_deref().map(plain);
            let error = error.unwrap_or_else(|| "no reason is told".to_owned());
            format!("its step `{}` failed: {error}", plain(&step.name))
        }
    };
    match run.steps.iter().any(was_run) || run.steps.is_empty() {
        true => (
            FixResult::HalfDone,
            format!("{why}; what it did before is not undone"),
        ),
        false => (FixResult::Failed, why),
    }
}

/// Foreign text, short and without controls.
fn plain(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let plain: String = plain.take(LONGEST_TEXT).collect();
    plain.trim().trim_end_matches('.').to_owned()
}
