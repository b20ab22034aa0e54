//! Exact looks: resources as their own Terraform providers see them.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::record::SettledRecord;
use crate::model::{Address, ExactLook, Sha256Digest, WorkspaceName};

/// Resources of one approved plan that are to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct ExactWanted<'w> {
    pub workspace: &'w WorkspaceName,
    /// The plan that they are held against.
    pub plan: Sha256Digest,
    /// The newest settled baseline of the workspace, as the log has it.
    pub settled: Option<&'w SettledRecord>,
    pub addresses: &'w BTreeSet<Address>,
    /// Whether somebody wants to see what was judged.
    pub in_detail: bool,
}

/// Looks at resources exactly. Nothing is changed by it.
///
/// Time: every call to a provider has a limit of its own. A provider is started once for each call of
/// [`ExactReading::look`] and ended before it returns. What fails costs its resources their look, and is a
/// gap with its reason. Secrets: what is told holds none.
pub trait ExactReading: Send + Sync {
    /// Whether resources of the workspace can be looked at.
    fn looks_at(&self, workspace: &WorkspaceName) -> bool;

    /// What is seen of each. `goes_on` is asked before each one: once it says no, the rest are gaps.
    fn look(
        &self,
        wanted: ExactWanted<'_>,
        goes_on: &dyn Fn() -> bool,
    ) -> BTreeMap<Address, ExactLook>;
}
