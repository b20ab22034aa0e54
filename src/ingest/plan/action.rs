//! What a plan does with a resource.

use crate::ingest::json::{Fault, decode_string, elements, quoted};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedAction {
    NoOp,
    Create,
    Update,
    Replace,
    Delete,
    /// Terraform stops managing it; the resource stays.
    Forget,
}

impl PlannedAction {
    pub(super) fn read(raw: &str) -> Result<Self, Fault> {
        let words = elements(raw)?.map(|word| word.and_then(decode_string));
        let words = words.collect::<Result<Vec<_>, _>>()?;
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        Ok(match words.as_slice() {
            ["no-op" | "read"] => Self::NoOp,
            ["create"] => Self::Create,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["forget"] => Self::Forget,
            ["create", "delete"] | ["delete", "create"] | ["create", "forget"] => Self::Replace,
            other => {
                let words = quoted(&other.join(", "));
                return Err(Fault::new(format!("{words} are no known `actions`")));
            }
        })
    }

    /// Whether the plan changes the resource.
    pub fn is_change(self) -> bool {
        self != Self::NoOp
    }

    /// Whether the resource is in Terraform's hands after the apply.
    pub fn leaves_a_resource(self) -> bool {
        match self {
            Self::NoOp | Self::Create | Self::Update | Self::Replace => true,
            Self::Delete | Self::Forget => false,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOp => "no-op",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Forget => "forget",
        }
    }
}
