//! The blocks that say how the Terraform providers of a workspace are started, for fixes.

use std::path::PathBuf;

use super::blocks::{name, owned, path};
use super::error::Problems;
use super::sections::Section;
use crate::model::{SourceLocation, WorkspaceName};

/// A workspace whose fixes are carried out through its own providers. It needs a build with the feature
/// `providers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvidersConfig {
    pub workspace: WorkspaceName,
    /// The lock file that its plans are made with. Danger: whoever writes it says which programs run.
    pub lock: PathBuf,
    /// Folders of providers. Danger: as `lock`.
    pub from: Vec<PathBuf>,
    /// Our environment variables that the providers get. A `*` at the end stands for anything. Default:
    /// none. Danger: what is in them, the provider can send anywhere.
    pub env: Vec<String>,
    /// Attributes of provider configurations that plans do not tell, as JSON.
    pub given: Option<PathBuf>,
    /// The settled baseline. Default: `settled/NAME.json` beside the configuration, where it is there.
    pub settled: Option<PathBuf>,
    /// Where the providers work. Default: a private folder.
    pub work_dir: Option<PathBuf>,
    pub at: SourceLocation,
}

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<ProvidersConfig> {
    Some(ProvidersConfig {
        workspace: WorkspaceName::from(name(section, problems)?),
        lock: path(section, "lock")?,
        from: owned(section.texts("from")).map(PathBuf::from).collect(),
        env: owned(section.texts("env")).collect(),
        given: path(section, "config"),
        settled: path(section, "settled"),
        work_dir: path(section, "work_dir"),
        at: problems.locate(section.offset),
    })
}

/// The vocabulary of these blocks.
pub(super) mod words {
    use super::super::vocabulary::Shape::{Text, Texts};
    use super::super::vocabulary::{BlockSpec, optional, required};

    pub static PROVIDERS: BlockSpec = BlockSpec {
        name: "providers",
        kind: None,
        named: true,
        required: false,
        within: None,
        attributes: &[
            required("lock", Text),
            required("from", Texts),
            optional("env", Texts, "none"),
            optional("config", Text, "what plans tell"),
            optional("settled", Text, "`settled/NAME.json`, where it is there"),
            optional("work_dir", Text, "a private folder"),
        ],
    };
}
