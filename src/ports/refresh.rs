//! Workspaces whose state somebody refreshes for us, and nothing else.

use std::io::Read;

use crate::model::{WhyNotRead, WorkspaceName};

/// What refreshing a workspace gave.
pub struct Refreshed {
    /// A plan that only refreshes, as `ingest::refresh` reads it. Secrets are in the open in it.
    pub plan: Box<dyn Read + Send>,
    /// The state that was refreshed, as it was before. Empty: there is none yet.
    pub state: Box<dyn Read + Send>,
}

/// Nothing can be told of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRefreshed {
    pub why: WhyNotRead,
    /// In words for a person; never a secret.
    pub detail: String,
}

/// Refreshes the state of one workspace, in memory or in files of its own: neither the workspace nor
/// its state is changed or locked.
///
/// A call takes as long as the time limit of its source allows. Whatever fails, it gives nothing, never
/// a part. Calls may be repeated; each starts afresh.
pub trait StateRefresh: Send + Sync {
    /// The user's name for it.
    fn name(&self) -> &str;

    fn workspace(&self) -> &WorkspaceName;

    /// `is_stopped`: asked several times a second; once it says so, the call ends soon.
    ///
    /// # Errors
    /// Why nothing can be told.
    fn refresh(&self, is_stopped: &dyn Fn() -> bool) -> Result<Refreshed, NotRefreshed>;
}
