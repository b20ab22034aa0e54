//! How one attribute that no row tells stands, and what comes of it.

use crate::decide::compare::refreshed::same::{is_left_open, same};
use crate::model::{AttributePath, Value};

const NO_SCHEMA: &str = "it is not what the state said before, and nothing tells whether anybody but \
    the provider sets it: the configuration does not write it by name, and no schema of the provider \
    is given";
const OTHER_VALUE: &str = "it is not what the plan approves, the state said so before, and no mapping \
    table tells whether the two values are the same";
const WITH_SECRET: &str = "it is not what the state said before, and it can hold a secret: it is known as a \
    whole alone, and no row of the table tells what in it is another";

/// One attribute, or a part of it, and how it stands.
#[derive(Clone, Debug)]
pub struct NamedSight {
    pub attribute: AttributePath,
    pub approved: Value,
    /// Whether a plan says what is approved; else the state as it was before.
    pub by_plan: bool,
    pub live: Value,
    /// Whether the state was behind.
    pub is_moved: bool,
    /// Whether anybody but the provider sets it, as a schema has it.
    pub is_settable: Option<bool>,
    /// Whether the configuration writes it by its name.
    pub is_written: bool,
    /// Whether it has one writing: that it is another one says enough.
    pub is_plain: bool,
    /// Whether rows tell parts of it, and not which other part is another: it is a digest.
    pub is_opaque: bool,
}

/// What comes of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedSays {
    Same,
    /// Nobody wrote it, and the provider shows that it is off.
    LeftOpen,
    /// Only the provider sets it.
    Providers,
    Differs,
    /// Nothing tells, for this reason.
    Unclear(&'static str),
}

impl NamedSight {
    pub fn says(&self) -> NamedSays {
        let is_settable = self.is_settable.or(self.is_written.then_some(true));
        match (self.is_moved || self.is_plain, self.is_settable) {
            _ if same(&self.approved, &self.live) => NamedSays::Same,
            _ if self.is_opaque => NamedSays::Unclear(WITH_SECRET),
            (false, Some(false)) => NamedSays::Providers,
            (false, _) if is_left_open(&self.approved, &self.live) => NamedSays::LeftOpen,
            (false, _) => NamedSays::Unclear(OTHER_VALUE),
            (true, _) => match is_settable {
                Some(true) => NamedSays::Differs,
                Some(false) => NamedSays::Providers,
                None => NamedSays::Unclear(NO_SCHEMA),
            },
        }
    }
}
