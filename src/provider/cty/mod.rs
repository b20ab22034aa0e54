//! Terraform's value system: types, and values that may be null or not yet known.

mod number;
mod types;
mod unknown;
mod value;

pub use number::Number;
pub use types::{MAX_TYPE_DEPTH, Type, TypeError};
pub use unknown::{Bound, Unknown};
pub use value::{Name, Value};

/// Values may be nested this deep. Real schemas stay under 30; readers recurse, and a type that comes
/// with a value of dynamic type could go on without end.
pub const MAX_DEPTH: usize = 100;
