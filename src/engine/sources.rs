//! The Terraform source of each workspace, for deciding.

use std::collections::BTreeMap;

use crate::decide::ignoring::Authors;
use crate::ingest::terraform_source::{Lifecycle, SourceMap, SourceProblem};
use crate::model::{Address, SourceLocation, WorkspaceName};
use crate::ports::WorkspaceInput;

#[derive(Default)]
pub struct Sources {
    /// With the folder that each one was read from.
    by_workspace: BTreeMap<WorkspaceName, (String, SourceMap)>,
}

impl Sources {
    /// Takes in the source of a workspace, where there is any; gives what is wrong in it.
    pub(super) fn add(&mut self, workspace: &WorkspaceInput) -> Vec<String> {
        if workspace.source.is_empty() {
            return Vec::new();
        }
        let (map, problems) = SourceMap::parse(&workspace.source);
        let dir = &workspace.source_dir;
        let problems = problems.into_iter().map(|problem| {
            let location = problem.location.map(|location| within(dir, location));
            SourceProblem {
                location,
                ..problem
            }
            .to_string()
        });
        let problems = problems.collect();
        let source = (dir.clone(), map);
        self.by_workspace.insert(workspace.name.clone(), source);
        problems
    }

    pub fn locate(&self, workspace: &WorkspaceName, address: &Address) -> Option<SourceLocation> {
        let (dir, map) = self.by_workspace.get(workspace)?;
        map.locate(address).map(|location| within(dir, location))
    }
}

impl Authors for Sources {
    fn has_source(&self, workspace: &WorkspaceName) -> bool {
        self.by_workspace.contains_key(workspace)
    }

    fn lifecycle(&self, workspace: &WorkspaceName, address: &Address) -> Option<Lifecycle> {
        let (dir, map) = self.by_workspace.get(workspace)?;
        let lifecycle = map.lifecycle(address)?;
        Some(Lifecycle {
            ignored_at: lifecycle.ignored_at.map(|at| within(dir, at)),
            ..lifecycle
        })
    }
}

/// The location with the folder that the source was read from, so that `main.tf` of one workspace is
/// told from that of another.
fn within(dir: &str, location: SourceLocation) -> SourceLocation {
    let file = match dir.trim_end_matches('/') {
        "" | "." => location.file,
        dir => format!("{dir}/{}", location.file),
    };
    SourceLocation { file, ..location }
}
