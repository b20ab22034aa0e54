//! What goes on between the local log and the places outside this machine. Knows the ports alone: S3,
//! HTTP and TLS are behind them.

mod anchors;
mod collect;
mod error;
mod memory;
mod mirror;
mod outposts;
mod restore;
mod timestamps;
mod witness;

pub use error::RemoteLogError;
pub use outposts::{Authority, Outposts, Places, Watcher};
pub use restore::{Restored, restore};
