//! What one look found, where nobody else looked.

use jiff::Timestamp;

use super::{Key, Made, Subject};
use crate::model::{Deviation, DeviationKind, ExactLook, Sha256Digest, TypeName};

/// A resource, and what a look at it said.
#[derive(Clone, Debug)]
pub struct Looked {
    pub key: Key,
    pub type_name: TypeName,
    pub look: ExactLook,
}

/// All that the look found.
pub fn found(looked: &Looked, now: Timestamp) -> Vec<Deviation> {
    let subject = Subject {
        plan: Sha256Digest([0; 32]),
        type_name: looked.type_name.clone(),
        provider_id: None,
        account: None,
        region: None,
        pending: Vec::new(),
    };
    let made = Made {
        key: &looked.key,
        subject: &subject,
        place: None,
        like: None,
        now,
    };
    match &looked.look {
        ExactLook::Gap(_) => Vec::new(),
        ExactLook::Missing => vec![made.deviation(DeviationKind::Missing)],
        ExactLook::Seen { places, .. } => places.iter().map(|own| made.changed(own)).collect(),
    }
}
