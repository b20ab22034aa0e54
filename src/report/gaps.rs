//! Gaps by reason and type: ten thousand lines would hide the one that matters.

use std::collections::BTreeMap;

use crate::model::{Gap, GapReason, TypeName};

#[derive(Clone, Debug)]
pub(super) struct GapGroup<'a> {
    pub type_name: Option<&'a TypeName>,
    /// In the order of the assessment; never empty.
    pub gaps: Vec<&'a Gap>,
}

/// The groups of each reason, the largest first, then by type.
pub(super) fn grouped(gaps: &[Gap]) -> BTreeMap<GapReason, Vec<GapGroup<'_>>> {
    let mut by_kind: BTreeMap<(GapReason, Option<&TypeName>), Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        let kind = (gap.reason, gap.type_name.as_ref());
        by_kind.entry(kind).or_default().push(gap);
    }
    let mut groups: BTreeMap<GapReason, Vec<GapGroup<'_>>> = BTreeMap::new();
    for ((reason, type_name), gaps) in by_kind {
        let group = GapGroup { type_name, gaps };
        groups.entry(reason).or_default().push(group);
    }
    for list in groups.values_mut() {
        list.sort_by_key(|group| std::cmp::Reverse(group.gaps.len()));
    }
    groups
}

/// What a reason means, for somebody who reads it for the first time.
pub(super) fn meaning(reason: GapReason) -> &'static str {
    match reason {
        GapReason::TypeNotMapped => "no reviewed mapping table covers the type",
        GapReason::TypeNotRecorded => "no source holds any item of the type",
        GapReason::AccountNotObserved => "no source covers the account or the Region",
        GapReason::IdentityUnknown => "neither plan nor state says what the provider calls it",
        GapReason::Ambiguous => "more than one live item answers to the approved resource",
        GapReason::PartNotRecorded => "the parent was seen, but not the part that holds it",
        GapReason::NotComparable => "whether the attribute is as approved cannot be told",
        GapReason::NoBaseline => "the workspace has no approved plan",
        GapReason::SourceUnreadable => "what a file or a source holds could not be read",
        GapReason::SourceRefused => "the source refused to read it",
        GapReason::SourceUnreachable => "the source could not be reached",
        GapReason::OverBudget => "the limit on calls to the source was reached",
    }
}

/// Where the gap is and what was not seen, in one sentence.
pub(super) fn sentence(gap: &Gap) -> String {
    let place = match (&gap.address, &gap.workspace, &gap.account, &gap.region) {
        (Some(address), _, _, _) => match &gap.attribute {
            Some(attribute) => Some(format!("{address} {attribute}")),
            None => Some(address.to_string()),
        },
        (None, Some(workspace), _, _) => Some(format!("workspace {workspace}")),
        (None, None, Some(account), Some(region)) => Some(format!("account {account}, {region}")),
        (None, None, Some(account), None) => Some(format!("account {account}")),
        (None, None, None, Some(region)) => Some(region.to_string()),
        (None, None, None, None) => None,
    };
    match place {
        Some(place) if gap.detail.is_empty() => place,
        Some(place) => format!("{place}: {}", gap.detail),
        None => gap.detail.clone(),
    }
}
