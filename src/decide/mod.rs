//! Deciding. Pure: no async, clock, network, file or randomness.

pub mod approvals;
mod approved_values;
pub mod assess;
pub mod attribute;
pub mod authorise;
pub mod baseline;
pub mod co_owner;
pub mod compare;
pub mod confirm;
pub mod coverage;
pub mod exact;
pub mod explain;
pub mod fresh;
pub mod guards;
pub mod ignoring;
pub mod marks;
pub mod paging;
pub mod recognise;
pub mod rules;
mod shows;
pub mod sweep;
mod value;
pub mod waivers;
