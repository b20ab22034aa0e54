//! What the head of a plan says about the whole of it, and why a plan is refused.

use super::Plan;
use crate::ingest::json::{StreamError, quoted};

pub(super) const WANTED: &str = "give the output of `terraform show -json PLANFILE`";

#[derive(Default)]
pub(super) struct Head {
    pub(super) errored: bool,
    pub(super) incomplete: bool,
    pub(super) deferred: Vec<String>,
    pub(super) looks_like_a_plan: bool,
    pub(super) looks_like_a_state: bool,
    /// Resources that `planned_values` holds.
    pub(super) planned: usize,
    /// Elements of `resource_changes`.
    pub(super) changes: usize,
}

impl Head {
    pub(super) fn check(&self, plan: &Plan) -> Result<(), StreamError> {
        if !self.looks_like_a_plan && self.looks_like_a_state {
            return Err(StreamError::refused(
                "this is a state, not a plan",
                "name it as `state`, and give the output of `terraform show -json PLANFILE` as `plan`",
            ));
        }
        if !self.looks_like_a_plan {
            return Err(StreamError::refused("this is not a plan", WANTED));
        }
        if plan.format_version.is_empty() {
            return Err(StreamError::refused(
                "the plan has no `format_version`",
                WANTED,
            ));
        }
        if self.planned > 0 && self.changes == 0 {
            let planned = self.planned;
            return Err(StreamError::refused(
                format!(
                    "the plan plans {planned} resources and does not list them as `resource_changes`"
                ),
                WANTED,
            ));
        }
        if self.errored {
            return Err(StreamError::refused(
                "the plan is marked `errored`: Terraform could not finish it, so nobody can have approved it",
                "mend what Terraform complained about, and plan again",
            ));
        }
        if self.incomplete {
            return Err(StreamError::refused(
                format!(
                    "the plan is marked `complete: false`: {}so it does not say everything that will be applied",
                    self.deferrals()
                ),
                "apply it, and plan again until Terraform defers nothing",
            ));
        }
        Ok(())
    }

    fn deferrals(&self) -> String {
        match self.deferred.as_slice() {
            [] => String::new(),
            [only] => format!("Terraform deferred {only}, "),
            [first, rest @ ..] => {
                format!("Terraform deferred {first} and {} more, ", rest.len())
            }
        }
    }
}

/// The log of `terraform plan -json` is lines of JSON that say what a plan does.
pub(super) fn log_of_a_run() -> StreamError {
    StreamError::refused(
        "this is the log of a Terraform run (`terraform plan -json`), not a plan",
        "save the plan with `terraform plan -out PLANFILE`, and give the output of `terraform show -json PLANFILE`",
    )
}

pub(super) fn check_version(version: &str) -> Result<(), StreamError> {
    let major = version.split('.').next().unwrap_or_default();
    match major {
        "0" | "1" => Ok(()),
        _ => Err(StreamError::refused(
            format!(
                "plan format version {} is not known; versions 0.1 to 1.x are",
                quoted(version)
            ),
            "use a driftwarden that knows it",
        )),
    }
}
