//! What earlier scans left open.

use serde::Serialize;

use jiff::Timestamp;

use super::deviation::DeviationKind;
use super::ids::{
    AccountId, Address, AttributePath, FindingKey, ProviderId, Region, TypeName, WorkspaceName,
};

/// The subject of an open finding: what a scan must look at before the finding can be resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EarlierFinding {
    pub finding: FindingKey,
    pub kind: DeviationKind,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    #[serde(rename = "type")]
    pub type_name: TypeName,
    pub provider_id: Option<ProviderId>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub attribute: Option<AttributePath>,
    /// When the source recorded what was found.
    #[serde(skip)]
    pub observed_at: Option<Timestamp>,
}
