//! Order of work: reads, asks the pure core, writes evidence. No decisions are made here.

mod approving;
mod comparing;
pub mod config_fix;
mod coverage;
#[cfg(feature = "exact")]
pub mod exact;
mod exactly;
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
mod refreshing;
mod requests;
mod scan;
mod schemas;
#[cfg(feature = "daemon")]
pub mod service;
#[cfg(any(feature = "daemon", feature = "exact"))]
mod settling;
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
#[cfg(any(feature = "daemon", feature = "exact"))]
pub use settling::{SettledRequest, settled};
pub use silences::{SilenceEnd, SilenceRequest, end_silence, silence};
pub use undoing::{UndoWish, undo};
