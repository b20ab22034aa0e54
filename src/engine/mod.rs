//! Order of work: reads, asks the pure core, writes evidence. No decisions are made here.

mod inputs;
mod live;
mod parallel;
mod plans;
mod progress;
mod record;
mod scan;

pub use inputs::Failure;
pub use progress::{Progress, Silent, Step};
pub use scan::{Outcome, Settings, scan};
