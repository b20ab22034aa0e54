//! How one attribute was compared, step by step: what `driftwarden explain` shows. Secrets are in it
//! as digests alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::deviation::{DeviationKind, SourceLocation};
use super::ids::{
    Address, AttributePath, ChangeNumber, FindingKey, Sha256Digest, TypeName, WorkspaceName,
};
use super::value::Value;

/// One approved resource, and how some of its attributes stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub workspace: WorkspaceName,
    pub address: Address,
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// Where the Terraform source declares it.
    pub source: Option<SourceLocation>,
    /// The file of the mapping table and the Config type; `None` where no table knows the type.
    pub table: Option<TableUsed>,
    /// Live items that told about the resource, newest first.
    pub items: Vec<ItemUsed>,
    pub rows: Vec<RowUsed>,
    /// What is to be known and no row tells.
    pub remarks: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableUsed {
    pub file: String,
    pub config_type: String,
    /// How a live item is found: approved attribute, live path, and the approved value. The first
    /// whose values are all there counts.
    pub keys: Vec<String>,
}

/// What kind of source showed what is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldBy {
    AwsConfig,
    /// A refresh by Terraform.
    TerraformRefresh,
    /// The resource's own provider.
    Provider,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemUsed {
    pub told_by: ToldBy,
    pub file: String,
    pub id: String,
    pub account: String,
    pub region: String,
    pub captured_at: Option<Timestamp>,
    /// What it says of the resource.
    pub says: String,
    /// Whether it is the one that counts.
    pub counts: bool,
}

/// One row of the table and one source, or an attribute that no row tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowUsed {
    pub attribute: AttributePath,
    pub told_by: ToldBy,
    /// Whether it is a row of the table; else the provider's own words are compared.
    pub is_row: bool,
    /// Live paths, the first that the item has counts.
    pub live_paths: Vec<String>,
    pub form: String,
    /// Live words and what they mean.
    pub words: BTreeMap<String, String>,
    /// The other words of the row, spelled out.
    pub notes: Vec<String>,
    /// What is live; `None` where no item that counts was found.
    pub live: Option<LiveUsed>,
    /// What it was held against: the baseline first, then the plans around it.
    pub approved: Vec<ApprovedUsed>,
    /// What became of the row.
    pub outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveUsed {
    pub file: String,
    pub item: String,
    pub captured_at: Option<Timestamp>,
    /// The path that was read; `None` where the item has none of them.
    pub path: Option<String>,
    /// As the item has it; `None` for a secret, or where nothing was read.
    pub raw: Option<String>,
    /// In the row's form.
    pub canonical: Option<Value>,
    /// A secret's digest under the installation's key.
    pub digest: Option<Sha256Digest>,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApprovedUsed {
    /// `baseline`, `pending` or `earlier`.
    pub role: &'static str,
    pub plan: Option<PlanUsed>,
    /// The state, where the plan did not know the value.
    pub state: Option<String>,
    pub raw: Option<String>,
    pub canonical: Option<Value>,
    pub digest: Option<Sha256Digest>,
    pub considered: Vec<Step>,
    pub outcome: String,
    /// Where they differ.
    pub differs_at: Vec<AttributePath>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanUsed {
    pub sha256: Sha256Digest,
    pub file: Option<String>,
    pub change: Option<ChangeNumber>,
}

/// One equivalence that was considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub equivalence: &'static str,
    pub held: bool,
    pub why: String,
}

/// A finding as the evidence log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedFinding {
    pub finding: FindingKey,
    /// Every deviation that was a version of it.
    #[serde(skip)]
    pub deviations: Vec<String>,
    pub kind: DeviationKind,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    pub attribute: Option<AttributePath>,
    /// When its last record was made.
    pub at: Timestamp,
    pub resolved: bool,
}
