//! Terraform providers: started, spoken to over gRPC on a unix socket, watched, ended.
//!
//! What a provider prints may hold anything that it got from its cloud. It is drained and thrown away;
//! only what it marks as an error is kept, without what came with it.

mod calls;
mod child;
mod connection;
mod folder;
mod launcher;
mod limits;
pub mod messages;
mod running;
pub mod schema_messages;
mod session;
mod stderr;
mod supply;

pub use child::Launch;
pub use launcher::{LaunchError, become_provider};
pub use limits::Limits;
pub use session::ProviderSession;
pub use supply::{Supply, SupplyError, VerifiedProvider, platform};
