//! The blocks that say how the Terraform providers of a workspace are started, for fixes.

use std::path::PathBuf;

use jiff::SignedDuration;

use super::blocks::{checked, name, owned, path};
use super::error::Problems;
use super::sections::Section;
use super::service::{bounded, whole};
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
    /// So long a sweep of the running engine over all resources takes. Default: none is made. Danger: it
    /// takes calls of the cloud's API from others.
    pub sweep_every: Option<SignedDuration>,
    /// So many resources a sweep looks at in a minute at most. Default: 30.
    pub sweep_per_minute: u32,
    pub at: SourceLocation,
}

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<ProvidersConfig> {
    let (least, most) = (
        SignedDuration::from_secs(1),
        SignedDuration::from_hours(720),
    );
    let sweep_every = bounded(section, "sweep_every", least, most, problems);
    let per_minute = section.text("sweep_per_minute").and_then(|own| {
        let help = "write a whole number from 1 to 1000";
        checked(own, |text| whole(text, 1_000), help, problems)
    });
    Some(ProvidersConfig {
        workspace: WorkspaceName::from(name(section, problems)?),
        lock: path(section, "lock")?,
        from: owned(section.texts("from")).map(PathBuf::from).collect(),
        env: owned(section.texts("env")).collect(),
        given: path(section, "config"),
        settled: path(section, "settled"),
        work_dir: path(section, "work_dir"),
        sweep_every,
        sweep_per_minute: per_minute.unwrap_or(30),
        at: problems.locate(section.offset),
    })
}

/// The vocabulary of these blocks.
pub(super) mod words {
    use super::super::vocabulary::Shape::{Number, Text, Texts};
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
            optional("sweep_every", Text, "never"),
            optional("sweep_per_minute", Number, "`30`"),
        ],
    };
}
