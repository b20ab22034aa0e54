//! What comparing needs of the approved side beside itself: made once, and good for any number of looks.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::also::{AlsoApproved, AlsoOpen, also_approved};
use super::by_name;
use super::claims::Twice;
use super::index::Index;
use crate::decide::baseline::Approved;
use crate::normalise::catalogue::{Catalogue, ResourceIx};

/// Indexes of one approved side. They know resources by number only.
pub struct Prepared {
    pub(super) also: AlsoApproved,
    pub(super) also_open: AlsoOpen,
    pub(super) index: Index,
    /// Types that are matched by name only, of which something is approved.
    pub(super) by_name: BTreeSet<ResourceIx>,
    /// Made when it is first asked for.
    pub(super) twice: OnceLock<Twice>,
}

impl Prepared {
    pub fn new(catalogue: &Catalogue, approved: &Approved) -> Self {
        let (also, also_open) = also_approved(catalogue, approved);
        Self {
            also,
            also_open,
            index: Index::new(catalogue, approved),
            by_name: by_name::approved_types(catalogue, approved),
            twice: OnceLock::new(),
        }
    }
}
