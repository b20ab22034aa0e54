//! Order of work: reads, asks the pure core, writes evidence. No decisions are made here.

mod approving;
mod coverage;
#[cfg(feature = "exact")]
pub mod exact;
mod explain;
mod fixing;
mod inputs;
mod live;
mod look;
mod ownership;
mod parallel;
#[cfg(feature = "daemon")]
mod picture;
mod plans;
mod progress;
mod record;
mod requests;
mod scan;
mod schemas;
#[cfg(feature = "daemon")]
pub mod service;
mod silences;
mod sources;
mod undoing;

pub use approving::{FixYes, approve};
pub use coverage::{Covered, coverage};
pub use explain::{Answer, Question, explain};
pub use fixing::{FixDesk, FixPass, Seen, fix};
pub use inputs::Failure;
pub use ownership::{Ownership, ownership};
pub use progress::{Progress, Silent, Step};
pub use requests::{Acknowledgement, Refused, acknowledge, without_names};
pub use scan::{Outcome, Settings, scan};
pub use silences::{SilenceEnd, SilenceRequest, end_silence, silence};
pub use undoing::{UndoWish, undo};
