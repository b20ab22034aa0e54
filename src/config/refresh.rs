//! The block of a source that has Terraform refresh a workspace.

use std::path::PathBuf;

use jiff::SignedDuration;

use super::blocks::{checked, name, owned, path};
use super::error::Problems;
use super::sections::Section;
use super::{BaselineConfig, BaselineName, values};
use crate::model::{SourceLocation, WorkspaceName};

/// What Terraform or OpenTofu finds when it refreshes the state of one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshConfig {
    /// The user's name for it, in messages and reports.
    pub name: String,
    pub workspace: WorkspaceName,
    /// An initialised root module whose state is the workspace's. Danger: what lies there says which
    /// providers run, and where they send the credentials that they get.
    pub folder: PathBuf,
    /// `terraform`, `tofu`, or a path to one of them. Default `terraform`.
    pub binary: PathBuf,
    /// Our environment variables that it gets, beside PATH and HOME. A `*` at the end stands for
    /// anything. Default: none.
    pub env: Vec<String>,
    /// So long one command may take. Default 10 min, from 1 s to 6 h.
    pub timeout: SignedDuration,
    pub at: SourceLocation,
}

const BINARY: &str = "terraform";
const TIMEOUT: SignedDuration = SignedDuration::from_mins(10);
const LONGEST: SignedDuration = SignedDuration::from_hours(6);

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<RefreshConfig> {
    let help = "write `terraform`, `tofu`, or the path of one of them";
    let binary = match section.text("binary") {
        None => Some(PathBuf::from(BINARY)),
        Some(text) => checked(text, binary, help, problems),
    };
    let help = "write a whole number with its unit, from `1s` to `6h`";
    let timeout = match section.text("timeout") {
        None => Some(TIMEOUT),
        Some(text) => checked(text, timeout, help, problems),
    };
    Some(RefreshConfig {
        name: name(section, problems)?,
        workspace: WorkspaceName::from(section.text("workspace")?.text.as_str()),
        folder: path(section, "folder")?,
        binary: binary?,
        env: owned(section.texts("env")).collect(),
        timeout: timeout?,
        at: problems.locate(section.offset),
    })
}

fn binary(text: &str) -> Result<PathBuf, String> {
    match matches!(text, "terraform" | "tofu") || text.contains('/') {
        true => Ok(PathBuf::from(text)),
        false => Err(format!("`{text}` is no binary that is known")),
    }
}

fn timeout(text: &str) -> Result<SignedDuration, String> {
    let time = values::duration(text)?;
    match (SignedDuration::from_secs(1)..=LONGEST).contains(&time) {
        true => Ok(time),
        false => Err(format!(
            "`{text}` is too short or too long for a time limit"
        )),
    }
}

/// Each looks at a workspace of its own that there may be.
pub(super) fn check(
    sections: &[&Section],
    baselines: &[BaselineConfig],
    problems: &mut Problems<'_>,
) {
    let mut first: Vec<&str> = Vec::new();
    for section in sections {
        let Some(text) = section.text("workspace") else {
            continue;
        };
        let workspace = text.text.as_str();
        if first.contains(&workspace) {
            let what = format!("the workspace `{workspace}` is refreshed by two sources");
            problems.add_with_help(
                text.offset,
                what,
                "a workspace has one state: make one of them",
            );
        }
        first.push(workspace);
        let may_be = baselines.iter().any(|baseline| match &baseline.name {
            BaselineName::Workspace(own) => own.as_str() == workspace,
            BaselineName::EachPlan => true,
        });
        if !may_be {
            let what = format!("no `baseline` has the name `{workspace}`");
            let help = "name the workspace whose state the folder has";
            problems.add_with_help(text.offset, what, help);
        }
    }
}

/// The vocabulary of this block.
pub(super) mod words {
    use super::super::vocabulary::Shape::{Text, Texts};
    use super::super::vocabulary::{BlockSpec, optional, required};

    pub static LIVE_REFRESH: BlockSpec = BlockSpec {
        name: "live",
        kind: Some("terraform_refresh"),
        named: true,
        required: false,
        within: None,
        attributes: &[
            required("workspace", Text),
            required("folder", Text),
            optional("binary", Text, "`terraform`"),
            optional("env", Texts, "none"),
            optional("timeout", Text, "`10m`"),
        ],
    };
}
