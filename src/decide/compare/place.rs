//! In which account and Region an approved resource lies, as far as it tells.

use std::borrow::Cow;

use crate::decide::baseline::{ApprovedResource, text_of};
use crate::normalise::catalogue::Resource;

/// Empty where nothing tells.
#[derive(Debug, Default)]
pub(in crate::decide) struct Place {
    pub account: String,
    pub region: String,
}

impl Place {
    /// By the ARN; where that has no Region, or nothing exists yet, by the attribute `region`.
    pub fn of(table: &Resource, resource: &ApprovedResource) -> Self {
        let arn = text_of(&resource.stored, table.arn_slot);
        let (account, region) = arn.as_deref().map(arn_place).unwrap_or_default();
        let region = match region {
            "" => text_of(&resource.stored, table.region_slot).unwrap_or_default(),
            _ => Cow::Borrowed(region),
        };
        Self {
            account: account.to_owned(),
            region: region.into_owned(),
        }
    }
}

/// Whether the attribute `region`, if the approved resource has it, names the Region.
pub(super) fn is_in_region(table: &Resource, resource: &ApprovedResource, region: &str) -> bool {
    let own = text_of(&resource.stored, table.region_slot);
    own.is_none_or(|own| agrees(&own, region))
}

/// What is not told speaks against nothing, nor does an item that belongs to no Region.
pub(super) fn agrees(approved: &str, live: &str) -> bool {
    approved.is_empty() || live.is_empty() || live == "global" || approved == live
}

/// Account and Region in an ARN: `arn:partition:service:region:account:resource`.
pub(in crate::decide) fn arn_place(arn: &str) -> (&str, &str) {
    let mut parts = arn.split(':').skip(3);
    let region = parts.next().unwrap_or_default();
    (parts.next().unwrap_or_default(), region)
}
