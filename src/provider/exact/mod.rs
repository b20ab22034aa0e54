//! Exact observation: what a provider itself makes of a live resource against its approved
//! configuration.
//!
//! Two signals are needed. The provider's plan from live to approved shows what it would change back,
//! with all its own notions of equality; what was added beside the configuration it does not show. The
//! settled baseline, our own first read after the approved apply, against the live read shows that.

mod block_config;
mod config;
mod difference;
mod judge;
mod pairing;
mod plan;
mod proposed;
mod repair;
mod secrets;
mod settled;
mod setup;
mod state;

pub use config::{Approved, Reconstructed, reconstruct};
pub use difference::{Difference, Equality, differences};
pub use judge::{ExactDifference, Judged, Signals, judge, self_test, wholes, with_ignored};
pub use plan::{ExactPlan, PlanFault, PlannedResource, read_plan};
pub use proposed::proposed_new;
pub use repair::{
    Came, FixPlan, Planning, Unfit, beside, came, is_moved, put_back, set_back, take_away,
};
pub use secrets::{marked_names, sensitive_names};
pub use settled::{Kept, SecretDigest, Settled, SettledResource};
pub use setup::{SetupError, provider_config};
pub use state::{StateFault, StateInstance, read_state};

#[cfg(test)]
mod tests;
