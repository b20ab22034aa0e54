//! The nouns. Plain values that know no async, clock, network, file or randomness.

mod activity;
mod alert;
mod assessment;
mod attribute_coverage;
mod change;
mod deviation;
mod durability;
mod earlier;
mod exact;
mod explanation;
mod fix;
mod gap;
mod ids;
mod lifecycle;
mod not_read;
mod page;
mod person;
mod ruling;
mod value;
mod verdict;
mod workspace;

pub use activity::{Activity, Actor, Attribution, Confidence, Means};
pub use alert::{
    Alert, AlertKind, AlertStanding, Arrival, ChannelStanding, Delivery, Doing, Hold, Membership,
    Message, Pending, Silence, SilenceMatch, Told, fits,
};
pub use assessment::{Assessment, Coverage, Judged, ScanTotals, sort_deviations};
pub use attribute_coverage::{AttributeCoverage, Tally, TypeCoverage, Watching};
pub use change::{Approval, ApprovalRole, ChangeRecord, ChangeState, ChangeType, Decision, Window};
pub use deviation::{
    Deviation, DeviationKind, EarlierView, Fidelity, PendingView, Relation, SourceLocation, Within,
};
pub use durability::{
    Age, DurabilityLevel, OutsidePlace, OutsideStanding, PlaceKind, PlaceStanding,
};
pub use earlier::EarlierFinding;
pub use exact::{
    AsideReason, ExactAside, ExactDetail, ExactLook, ExactLooks, ExactPlace, ExactSides, SetAside,
};
pub use explanation::{
    ApprovedUsed, Explanation, ItemUsed, LiveUsed, PlanUsed, RecordedFinding, RowUsed, Step,
    TableUsed, ToldBy,
};
pub use fix::{
    Ended, Fix, FixApproval, FixChange, FixDecision, FixDocument, FixEnd, FixMode, FixOutcome,
    FixReason, FixResult, FixRun, FixStanding, FixStep, FixSubject, FixWay, FixWord, Fixes, Guard,
    RESOURCE_ID, StopFile, UndoWanted,
};
pub use gap::{Gap, GapReason};
pub use ids::{
    AccountId, Address, AlertKey, AttributePath, ChangeNumber, DeviationId, FindingKey, FixId,
    ProviderId, Region, RuleId, Sha256Digest, TypeName, WorkspaceName,
};
pub use lifecycle::{Acceptance, FindingState, LifecyclePolicy, Waiver, WatchKind};
pub use not_read::{CallCounts, CallTally, NotRead, ReadWhole, SourceReport, WhyNotRead};
pub use page::{EvidenceLink, Page, PageStep, PageSubject, PagedActor, PagedFinding, PagedGroup};
pub use person::{IdentityMap, Person, PersonId, PersonKind};
pub use ruling::{Action, Duties, Ruling, Severity};
pub use value::{Number, Value};
pub use verdict::{Judgement, Verdict};
pub use workspace::{ApprovalStatus, IgnoreChanges, PlanMeta, WorkspaceStatus};
