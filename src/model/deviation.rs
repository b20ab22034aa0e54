//! One difference between what was approved and what is live.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::{
    AccountId, Address, AttributePath, DeviationId, FindingKey, ProviderId, Region, Sha256Digest,
    TypeName, WorkspaceName,
};
use super::value::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    pub kind: DeviationKind,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    pub type_name: TypeName,
    pub provider_id: Option<ProviderId>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    /// `None` for a whole resource (`missing`, `unmanaged`) or a whole plan.
    pub attribute: Option<AttributePath>,
    pub approved: Value,
    pub live: Value,
    pub fidelity: Fidelity,
    /// When the source recorded the live value; not when the change was made.
    pub observed_at: Option<Timestamp>,
    /// The live resource's tags, for rules.
    pub tags: BTreeMap<String, String>,
    /// Further names of the live resource (ARN, name, id), on which activity is joined.
    pub subjects: Vec<String>,
    pub source: Option<SourceLocation>,
    /// The approved resource in which a part lies that nobody approved, where there is just one.
    pub within: Option<Within>,
    /// How the live value stands to each plan that is newer than the baseline, or that was never
    /// seen applied; oldest first.
    pub pending: Vec<PendingView>,
    /// Earlier states that the live value equals, oldest first: the resource went back.
    pub earlier: Vec<EarlierView>,
    /// What the reader must know: an equivalence that nearly held, a value bound from the state.
    pub notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviationKind {
    Changed,
    Missing,
    Unmanaged,
    UnapprovedPlan,
    PlanTampered,
    AppliedNotApproved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// That the resource exists is known; its attributes are matched by name only, and nobody
    /// reviewed the match. It leads to no fix.
    Presence,
    /// Read through a mapping table.
    Mapped,
    /// Read by the Terraform provider itself.
    Exact,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingView {
    pub plan: Sha256Digest,
    pub relation: Relation,
}

/// How the live value stands to a plan that touches this very attribute or resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Live is what the plan sets: the plan covers resource, attribute and value.
    EqualsAfter,
    /// Live is still what it was when the plan was made: the plan was not carried out here.
    EqualsBefore,
    /// The same, and neither a state nor an earlier scan tells whether it was carried out and undone.
    BeforeOrUndone,
    /// The plan touches the attribute, and live is something else.
    Neither,
    /// The plan touches the attribute, and how live stands to it cannot be told.
    Unknown,
}

/// The live value is what an earlier plan than the baseline's set, or what was there before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierView {
    /// The earlier approved plan that set the live value; `None` where only the `before` of the
    /// baseline's own plan is known to equal it.
    pub plan: Option<Sha256Digest>,
    /// The plan that was seen applied and from which live went back.
    pub baseline: Sha256Digest,
    /// Whether the earlier plan was seen applied in its time. If so live was `reverted` to it;
    /// otherwise a plan was carried out that the baseline had `superseded`.
    pub was_applied: bool,
}

/// An approved resource that holds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    pub workspace: WorkspaceName,
    pub address: Address,
}

/// Where the resource stands in the Terraform source. Lines and columns count from one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLocation {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

// === impl Deviation ===

impl Deviation {
    /// The id of this very difference, values included.
    pub fn id(&self) -> DeviationId {
        let mut hash = self.key_hash(b"driftwarden deviation v1");
        for value in [&self.approved, &self.live] {
            // A sensitive value must tell two secrets apart without showing either.
            hash_value(&mut hash, value);
        }
        DeviationId::from(short_hex(hash))
    }

    /// The key of the finding that this deviation is a version of.
    pub fn finding_key(&self) -> FindingKey {
        FindingKey::from(short_hex(self.key_hash(b"driftwarden finding v1")))
    }

    fn key_hash(&self, domain: &[u8]) -> Sha256 {
        let mut hash = Sha256::new();
        put(&mut hash, Some(domain));
        let text = |id: Option<&str>| id.map(str::to_owned);
        let resource = match &self.address {
            Some(address) => text(Some(address.as_str())),
            None => text(self.provider_id.as_ref().map(ProviderId::as_str)),
        };
        let parts = [
            text(self.workspace.as_ref().map(WorkspaceName::as_str)),
            text(self.account.as_ref().map(AccountId::as_str)),
            text(self.region.as_ref().map(Region::as_str)),
            text(Some(self.type_name.as_str())),
            resource,
            text(Some(self.kind.as_str())),
            text(self.attribute.as_ref().map(AttributePath::as_str)),
        ];
        for part in parts {
            put(&mut hash, part.as_deref().map(str::as_bytes));
        }
        hash
    }
}

fn put(hash: &mut Sha256, part: Option<&[u8]>) {
    match part {
        None => hash.update([0]),
        Some(bytes) => {
            hash.update([1]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
}

fn hash_value(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => put(hash, Some(b"null")),
        Value::Bool(flag) => put(hash, Some(if *flag { b"true" } else { b"false" })),
        Value::Number(number) => put(hash, Some(number.to_string().as_bytes())),
        Value::String(text) => {
            put(hash, Some(b"string"));
            put(hash, Some(text.as_bytes()));
        }
        Value::List(list) => {
            put(hash, Some(b"list"));
            put(hash, Some(&(list.len() as u64).to_be_bytes()));
            list.iter().for_each(|element| hash_value(hash, element));
        }
        Value::Map(map) => {
            put(hash, Some(b"map"));
            put(hash, Some(&(map.len() as u64).to_be_bytes()));
            for (key, element) in map {
                put(hash, Some(key.as_bytes()));
                hash_value(hash, element);
            }
        }
        Value::Sensitive(digest) => {
            put(hash, Some(b"sensitive"));
            put(hash, Some(&digest.0));
        }
    }
}

fn short_hex(hash: Sha256) -> String {
    let mut text = hex::encode(hash.finalize());
    text.truncate(32);
    text
}

// === impl DeviationKind ===

impl DeviationKind {
    pub const ALL: [Self; 6] = [
        Self::Changed,
        Self::Missing,
        Self::Unmanaged,
        Self::UnapprovedPlan,
        Self::PlanTampered,
        Self::AppliedNotApproved,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Unmanaged => "unmanaged",
            Self::UnapprovedPlan => "unapproved_plan",
            Self::PlanTampered => "plan_tampered",
            Self::AppliedNotApproved => "applied_not_approved",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl Fidelity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Mapped => "mapped",
            Self::Exact => "exact",
        }
    }
}
