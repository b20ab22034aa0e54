//! Order of work: reads, asks the pure core, writes evidence. No decisions are made here.

mod coverage;
mod explain;
mod inputs;
mod live;
mod look;
mod ownership;
mod parallel;
mod plans;
mod progress;
mod record;
mod scan;
mod schemas;
mod sources;

pub use coverage::{Covered, coverage};
pub use explain::{Answer, Question, explain};
pub use inputs::Failure;
pub use ownership::ownership;
pub use progress::{Progress, Silent, Step};
pub use scan::{Outcome, Settings, scan};
