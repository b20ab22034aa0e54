//! Baselines as configured to workspaces with their files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{FileError, FileErrors, expand, regular, sorted_entries};
use crate::config::{BaselineConfig, BaselineName, Config};
use crate::model::{SourceLocation, WorkspaceName};

/// The files of one workspace. All of them were there when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceFiles {
    pub name: WorkspaceName,
    /// One plan file, or all of a folder, sorted by name; never empty.
    pub plans: Vec<PathBuf>,
    pub state: Option<PathBuf>,
    pub schema: Option<PathBuf>,
    /// The folder of the Terraform source.
    pub source: Option<PathBuf>,
    /// Whether the plan counts as approved without a change record.
    pub assumed: bool,
    /// The baseline that it comes from, for messages.
    pub at: SourceLocation,
}

/// Every workspace of the configuration, by name.
///
/// # Errors
/// Every file that is missing, and every workspace or plan that two baselines claim.
pub fn workspaces(config: &Config) -> Result<Vec<WorkspaceFiles>, FileErrors> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for baseline in &config.baselines {
        match &baseline.name {
            BaselineName::Workspace(name) => {
                found.push(single(config, baseline, name, &mut errors));
            }
            BaselineName::EachPlan => each_plan(config, baseline, &mut found, &mut errors),
        }
    }
    refuse_claimed_twice(&found, &mut errors);
    // A missing file that all workspaces share is one problem.
    let mut said = BTreeSet::new();
    errors.retain(|error| said.insert(error.to_string()));
    if !errors.is_empty() {
        return Err(FileErrors(errors));
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn single(
    config: &Config,
    baseline: &BaselineConfig,
    name: &WorkspaceName,
    errors: &mut Vec<FileError>,
) -> WorkspaceFiles {
    let plans = plans(&config.resolve(&baseline.plan)).unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    });
    with_files(config, baseline, name.clone(), plans, errors)
}

fn each_plan(
    config: &Config,
    baseline: &BaselineConfig,
    found: &mut Vec<WorkspaceFiles>,
    errors: &mut Vec<FileError>,
) {
    let pattern = baseline.plan.to_string_lossy();
    let plans = match expand(&[pattern.as_ref()], &config.base_dir) {
        Ok(plans) => plans,
        Err(problems) => return errors.extend(problems.0),
    };
    for plan in plans {
        match stem(&plan) {
            Ok(name) => {
                let name = WorkspaceName::from(name);
                found.push(with_files(config, baseline, name, vec![plan], errors));
            }
            Err(reason) => errors.push(FileError::BadName { path: plan, reason }),
        }
    }
}

/// The plan file, or the plan files in the folder.
fn plans(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let metadata = fs::metadata(path).map_err(|error| FileError::read(path, error))?;
    if !metadata.is_dir() {
        regular(path)?;
        return Ok(vec![path.to_path_buf()]);
    }
    let mut entries = sorted_entries(path)?;
    entries.retain(|entry| entry.extension().is_some_and(|found| found == "json"));
    for entry in &entries {
        regular(entry)?;
    }
    if entries.is_empty() {
        return Err(FileError::Empty {
            path: path.to_path_buf(),
            wanted: "`.json`",
        });
    }
    Ok(entries)
}

fn with_files(
    config: &Config,
    baseline: &BaselineConfig,
    name: WorkspaceName,
    plans: Vec<PathBuf>,
    errors: &mut Vec<FileError>,
) -> WorkspaceFiles {
    let mut present = |path: &Option<PathBuf>, check: fn(&Path) -> Result<(), FileError>| {
        let path = config.resolve(for_workspace(path.as_ref()?, &baseline.name, &name));
        if let Err(error) = check(&path) {
            errors.push(error);
        }
        Some(path)
    };
    let file = |path: &Path| regular(path).map(drop);
    WorkspaceFiles {
        plans,
        state: present(&baseline.state, file),
        schema: present(&baseline.schema, file),
        source: present(&baseline.source, folder),
        assumed: baseline.assumed,
        at: baseline.at.clone(),
        name,
    }
}

/// In a baseline labelled `*`, a `*` in another path stands for the plan's stem.
fn for_workspace(path: &Path, label: &BaselineName, name: &WorkspaceName) -> PathBuf {
    match label {
        BaselineName::Workspace(_) => path.to_path_buf(),
        BaselineName::EachPlan => PathBuf::from(path.to_string_lossy().replace('*', name.as_str())),
    }
}

fn folder(path: &Path) -> Result<(), FileError> {
    let metadata = fs::metadata(path).map_err(|error| FileError::read(path, error))?;
    if metadata.is_dir() {
        return Ok(());
    }
    Err(FileError::WrongKind {
        path: path.to_path_buf(),
        found: "a file",
        wanted: "a folder",
    })
}

fn stem(plan: &Path) -> Result<&str, &'static str> {
    let stem = plan.file_stem().unwrap_or_default();
    let name = stem.to_str().ok_or("its name is not UTF-8")?;
    if name.chars().any(char::is_control) || name.trim() != name || name.contains('*') {
        return Err("its name holds `*`, a control character, or a space at an end");
    }
    if name.is_empty() {
        return Err("its name is empty");
    }
    Ok(name)
}

fn refuse_claimed_twice(found: &[WorkspaceFiles], errors: &mut Vec<FileError>) {
    let mut names: BTreeMap<&WorkspaceName, &SourceLocation> = BTreeMap::new();
    let mut plans: BTreeMap<PathBuf, &SourceLocation> = BTreeMap::new();
    for workspace in found {
        let second = &workspace.at;
        match names.get(&workspace.name) {
            Some(first) => errors.push(FileError::WorkspaceTwice {
                name: workspace.name.clone(),
                first: (*first).clone(),
                second: second.clone(),
            }),
            None => {
                names.insert(&workspace.name, second);
            }
        }
        for plan in &workspace.plans {
            // Two names may lead to one file.
            let real = fs::canonicalize(plan).unwrap_or_else(|_| plan.clone());
            match plans.get(&real) {
                Some(first) => errors.push(FileError::PlanTwice {
                    path: plan.clone(),
                    first: (*first).clone(),
                    second: second.clone(),
                }),
                None => {
                    plans.insert(real, second);
                }
            }
        }
    }
}
