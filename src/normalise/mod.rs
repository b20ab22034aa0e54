//! One canonical attribute form for what was approved and what is live.
//!
//! Mapping tables (`aws/*.toml`) say which attribute of a Terraform type stands where in a cloud's
//! own record of the resource, and in which form. The code here carries the forms; a plain type
//! needs no code. Types without a table are matched by the names of their attributes (`generic/`).

pub mod catalogue;
pub mod equal;
pub mod form;
pub mod path;
pub mod project;
pub mod table;

mod beside;
mod change;
mod children;
pub mod cidr;
mod gates;
mod generic;
mod json_policy;
mod reshape;
pub mod security_group;

pub use catalogue::{Catalogue, ConfigIx, ResourceIx};
pub use equal::{Difference, Equivalence, compare};
pub use form::{Form, FormError};
pub use table::{Absent, AttributeRow, ConfigTable, Member, ResourceTable, Tier};
