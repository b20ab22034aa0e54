//! Configuration: HCL to validated values, with source positions in messages. Pure: paths are
//! resolved here and read elsewhere. docs/configuration.md is the reference for users.

mod activity;
mod address;
mod blocks;
mod build;
mod channels;
mod config_remediation;
mod document;
mod error;
mod evidence;
mod fixes;
mod literal;
mod live;
mod outside;
mod paging;
mod providers;
mod refresh;
mod retention;
mod sections;
mod service;
mod signer;
mod values;
mod vocabulary;
mod waivers;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::model::{AccountId, Region, Sha256Digest, SourceLocation, TypeName, WorkspaceName};

pub use channels::{
    AlertmanagerChannel, ChannelConfig, ChannelKind, EmailChannel, FileChannel, Login, MailTls,
    PagerDutyChannel, SecretSource, SecurityHubChannel, SlackChannel, SlackWebhookChannel,
    SplunkChannel, TeamsChannel, Templates, WebhookChannel,
};
pub use config_remediation::{ConfigRemediationConfig, SetsConfig};
pub use error::{ConfigError, ConfigErrors, place};
pub use fixes::{FreezeConfig, HandoverConfig, LimitConfig, RemediationConfig};
pub use live::{AwsConfigConfig, AwsConfigPlaces};
pub use outside::{DurabilityConfig, MirrorConfig, OutsideConfig, TimestampsConfig, WitnessConfig};
pub use paging::{HeartbeatConfig, PagingConfig, RouteConfig, RouteSubject};
pub use providers::ProvidersConfig;
pub use refresh::RefreshConfig;
pub use retention::Retention;
pub use service::{FindingsConfig, LogForm, RunConfig, WaiversConfig};
pub use signer::{KmsKey, SignerConfig};
pub use values::{Network, TypePattern};
pub use vocabulary::{AttributeSpec, BLOCKS, BlockSpec, Shape, WAIVER};
pub use waivers::parse as parse_waivers;

/// The configuration file that holds where none is named.
pub const DEFAULT_FILE: &str = "driftwarden.hcl";
/// More than this is refused unread, in bytes.
pub const MAX_BYTES: usize = document::MAX_BYTES;

/// A validated configuration. Paths are as written; [`Config::resolve`] makes them usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file that it came from, for messages.
    pub file_name: String,
    /// The folder of that file; relative paths start here.
    pub base_dir: PathBuf,
    pub evidence: EvidenceConfig,
    /// In the order of the file. Empty: nothing is approved, so everything live is unmanaged.
    pub baselines: Vec<BaselineConfig>,
    /// In the order of the file. Empty: nothing is observed, so every approved resource is a gap.
    pub live: Vec<LiveConfig>,
    /// Sources that are asked, in the order of the file. They need a build with the feature `aws`.
    pub live_aws: Vec<AwsConfigConfig>,
    /// Workspaces that Terraform refreshes, in the order of the file.
    pub refreshes: Vec<RefreshConfig>,
    /// Absent: no change record authorises anything.
    pub changes: Option<ChangesConfig>,
    pub activity: Vec<ActivityConfig>,
    pub queues: Vec<QueueConfig>,
    pub lookups: Vec<LookupConfig>,
    /// Absent: approvals are `indeterminate`, unless assumed.
    pub identity: Option<IdentityConfig>,
    /// Absent: the shipped rules hold.
    pub rules: Option<RulesConfig>,
    pub scope: ScopeConfig,
    pub approvals: ApprovalsConfig,
    /// Absent: no finding is accepted on purpose.
    pub waivers: Option<WaiversConfig>,
    pub findings: FindingsConfig,
    /// Where messages can go. Empty: nobody is told anything.
    pub channels: Vec<ChannelConfig>,
    /// In the order of the file. Empty: nobody is told anything.
    pub routes: Vec<RouteConfig>,
    pub paging: PagingConfig,
    /// Absent: nobody notices when driftwarden is gone.
    pub heartbeat: Option<HeartbeatConfig>,
    /// Default: what would be fixed is recorded, and nothing is.
    pub remediation: RemediationConfig,
    /// Absent: nobody carries out a fix.
    pub handover: Option<HandoverConfig>,
    /// In the order of the file. Empty: no fix is carried out through a provider.
    pub providers: Vec<ProvidersConfig>,
    /// In the order of the file, which is that in which they are asked. Empty: no fix is carried out by a
    /// remediation of AWS Config.
    pub config_remediations: Vec<ConfigRemediationConfig>,
    pub run: RunConfig,
}

/// Where the evidence log lies and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceConfig {
    /// The folder of the log. Required. Nothing else may lie in it: the verifier refuses a file
    /// that it does not expect.
    pub dir: PathBuf,
    /// The folder of the signing key and of the installation key. Default: `dir` with `.keys`
    /// appended. Danger: whoever reads it can sign in the log's name, so it is never inside `dir`
    /// and never handed out; without it the log cannot grow.
    pub keys: PathBuf,
    /// The name of the log in its checkpoints, by which verifiers know it. Default
    /// `driftwarden.local/evidence`. Danger: with another origin an existing log does not verify.
    pub origin: String,
    /// A log for each year (UTC), in a folder of `dir` named by it. Default: one log in `dir`.
    pub yearly: bool,
    /// How long the entries of a shard are kept after its end. Default seven years; which time the law
    /// asks for is the user's to know. Danger: what has expired can be destroyed.
    pub retention: Retention,
    /// The one day, in UTC, on which a new log may be begun. Absent: any. Danger: without it, a folder
    /// that is missing because its disk is not mounted becomes a second log.
    pub inception: Option<Date>,
    /// Who signs the log. Absent: the key file in `keys`. Danger: while the key service does not
    /// answer, nothing can be recorded.
    pub signer: Option<SignerConfig>,
    /// Who keeps or vouches for the log outside this machine, and what waits for that.
    pub outside: OutsideConfig,
}

/// One workspace, or with [`BaselineName::EachPlan`] one for each plan file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineConfig {
    pub name: BaselineName,
    /// A plan file or a folder of plans; a pattern where the label is `*`. Required.
    pub plan: PathBuf,
    /// The state after apply. Absent: values unknown at plan time stay unknown.
    pub state: Option<PathBuf>,
    /// The provider schemas. Absent: what the shipped tables know.
    pub schema: Option<PathBuf>,
    /// A folder of Terraform source. Absent: findings name no file and line, and whether
    /// `ignore_changes` holds is unknown.
    pub source: Option<PathBuf>,
    /// Takes the plan as approved without a change record. Default no. Danger: whatever the plan
    /// says then counts as approved, and no verdict rests on anybody's approval.
    pub assumed: bool,
    pub at: SourceLocation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineName {
    Workspace(WorkspaceName),
    /// The label `*`: each file that `plan` matches is a workspace, named by its stem, and a `*` in
    /// the other paths stands for that stem.
    EachPlan,
}

/// A source of observations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveConfig {
    /// The user's name for it, in messages and reports.
    pub name: String,
    pub kind: LiveKind,
    /// Glob patterns. Each must match a file, so that a misspelt folder is not an empty estate.
    pub files: Vec<String>,
    pub at: SourceLocation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveKind {
    /// AWS Config snapshots and single items, also gzipped.
    AwsConfigSnapshot,
}

/// A folder of change records, one or more in each `.json`, `.yaml` or `.yml` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesConfig {
    pub dir: PathBuf,
    pub at: SourceLocation,
}

/// CloudTrail log files: who did what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityConfig {
    pub name: String,
    /// Glob patterns. Each must match a file.
    pub files: Vec<String>,
    /// ARNs of the roles that pipelines assume. Empty: no actor counts as a pipeline.
    pub pipelines: Vec<String>,
    /// Networks from which a pipeline acts; never empty where `pipelines` is not. Danger: a wide one
    /// lets a person who takes the pipeline's role on a laptop pass for the pipeline.
    pub networks: Vec<Network>,
    pub at: SourceLocation,
}

/// A queue in SQS that EventBridge or SNS fills with what is done. `driftwarden run` alone listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConfig {
    pub name: String,
    pub url: String,
    pub region: String,
    /// Absent: that of the Region.
    pub endpoint: Option<String>,
    /// The role to take on. Absent: that of the environment. Danger: whoever else may delete from the
    /// queue can keep events from being seen.
    pub role: Option<String>,
    /// So long a message is hidden from others while it is worked on; it is held on to as long as that
    /// takes. Default 60 s.
    pub visibility: SignedDuration,
    pub pipelines: Vec<String>,
    pub networks: Vec<Network>,
    pub at: SourceLocation,
}

/// CloudTrail's own event history, asked at the start and after the queue was out of reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupConfig {
    pub name: String,
    pub region: String,
    pub endpoint: Option<String>,
    pub role: Option<String>,
    /// How far back it is asked. Default 24 h, at most 90 days, which is what AWS keeps.
    pub window: SignedDuration,
    /// Calls at most, of 50 events each and two a second. Default 200.
    pub calls: u32,
    pub pipelines: Vec<String>,
    pub networks: Vec<Network>,
    pub at: SourceLocation,
}

/// The identity map: which names in which systems are the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityConfig {
    pub file: PathBuf,
    pub at: SourceLocation,
}

/// Folders whose `.hcl` files, those in subfolders included, are the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesConfig {
    /// Danger: they replace the shipped rules, they do not add to them.
    pub dirs: Vec<PathBuf>,
    /// The digest of the rules that were approved. Absent: whether they change is not watched.
    pub approved_sha256: Option<Sha256Digest>,
    pub at: SourceLocation,
}

/// Bounds of the search for unmanaged resources. Danger: what is out of scope is not looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeConfig {
    /// Absent: the accounts that were observed.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Absent: the Regions that were observed.
    pub regions: Option<BTreeSet<Region>>,
    /// Absent: every type.
    pub types: Option<BTreeSet<TypePattern>>,
}

/// How strictly times are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalsConfig {
    /// A change this close to a bound of its window, or of its approval, is `indeterminate`. Default
    /// 60 s, at most 1 h. Danger: wide, it leaves real changes undecided; zero, it trusts that the
    /// clocks of the cloud and of the ticket system agree.
    pub clock_tolerance: SignedDuration,
    /// Within this time after an emergency change its approver must be named. Default 24 h, at most
    /// 30 days.
    pub emergency_acknowledge: SignedDuration,
    /// Within this time after an emergency change it must be fully approved, or it is
    /// `unauthorised`. Default 72 h, at most 30 days. Danger: so long may an emergency stay open.
    pub emergency_complete: SignedDuration,
}

impl Default for ApprovalsConfig {
    fn default() -> Self {
        Self {
            clock_tolerance: SignedDuration::from_secs(60),
            emergency_acknowledge: SignedDuration::from_hours(24),
            emergency_complete: SignedDuration::from_hours(72),
        }
    }
}

/// Reads a time as configurations write it: `90s`, `15m`, `24h`, `3d`.
///
/// # Errors
/// It is none.
pub fn parse_duration(text: &str) -> Result<SignedDuration, String> {
    values::duration(text)
}

/// Reads a configuration.
///
/// `file_name` is the path of the file as the user gave it: it appears in messages, and its folder
/// is where relative paths start.
///
/// # Errors
/// Everything that is wrong, each with its place. Only a syntax error hides what follows it.
pub fn parse(file_name: &str, text: &str) -> Result<Config, ConfigErrors> {
    let mut problems = error::Problems::new(file_name, text);
    let config = document::parse(text, &mut problems).and_then(|document| {
        let sections = sections::read(&document, &BLOCKS, &mut problems);
        build::config(file_name, &sections, &mut problems)
    });
    problems.finish(config)
}

impl Config {
    /// Where commands hand acknowledgements to a running process.
    pub fn inbox(&self) -> PathBuf {
        let beside = || {
            let mut name = self.evidence.dir.file_name().unwrap_or_default().to_owned();
            name.push(".inbox");
            self.evidence.dir.with_file_name(name)
        };
        self.resolve(self.run.inbox.clone().unwrap_or_else(beside))
    }

    /// A configured path as the process can open it.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.base_dir.join(path)
    }
}

impl ScopeConfig {
    pub fn admits_account(&self, account: &AccountId) -> bool {
        let accounts = self.accounts.as_ref();
        accounts.is_none_or(|set| set.contains(account))
    }

    pub fn admits_region(&self, region: &Region) -> bool {
        let regions = self.regions.as_ref();
        regions.is_none_or(|set| set.contains(region))
    }

    pub fn admits_type(&self, type_name: &TypeName) -> bool {
        let types = self.types.as_ref();
        types.is_none_or(|set| set.iter().any(|pattern| pattern.matches(type_name)))
    }
}

#[cfg(test)]
mod tests;
