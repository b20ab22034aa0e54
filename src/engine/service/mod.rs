//! The running engine: it scans on a schedule and whenever something changed, keeps what is in force
//! when something wrong is written, watches itself, and ends with nothing lost.

mod carrying;
mod cycle;
mod events;
mod gathering;
#[cfg(test)]
mod gathering_tests;
mod halt;
mod health;
mod hearing;
mod held;
mod packed;
mod paging;
mod reload;
mod schedule;
mod turn;
mod watched;

pub use carrying::{Bounds as OutsideBounds, Carried, Carrier, Pace, Turn};
pub use cycle::{Clock, Cycle, Parts, Scanned};
pub use events::{Ended, LookedInVain, describe};
pub use halt::{Halt, Sealed};
pub use health::Health;
pub use hearing::{Ears, Hearing, Mailbox, open};
pub use paging::{Paging, Ring, Telling};
pub use reload::{Installation, Loaded, SelfWatch, Timing};
pub use turn::{Changes, End, Signal, Surroundings, run};
