//! What the scan could not see or could not rely on, as notifications of its invocation.

use serde::Serialize;

use super::super::ScanReport;
use super::super::gaps::{GapGroup, grouped, meaning, sentence};
use super::super::units::counted;
use super::message::Message;
use crate::model::{ApprovalStatus, GapReason, TypeName, WorkspaceStatus};

/// Gaps of one reason and type that a message names.
const EXAMPLES: usize = 5;

#[derive(Serialize)]
pub(super) struct Notification {
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor: Option<Reference>,
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
struct Reference {
    id: &'static str,
}

/// What a notification's descriptor points at.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    id: &'static str,
    short_description: Message,
}

/// One descriptor per reason that occurs.
pub(super) fn descriptors(report: &ScanReport<'_>) -> Vec<Descriptor> {
    let reasons = grouped(&report.assessment.gaps).into_keys();
    let descriptors = reasons.map(|reason| Descriptor {
        id: reason.as_str(),
        short_description: Message::new(meaning(reason)),
    });
    descriptors.collect()
}

/// Baselines without a full approval, then gaps by reason and type, then warnings.
pub(super) fn all(report: &ScanReport<'_>) -> Vec<Notification> {
    let baselines = report.assessment.baselines.iter().filter_map(baseline);
    let groups = grouped(&report.assessment.gaps);
    let gaps = groups
        .iter()
        .flat_map(|(reason, groups)| groups.iter().map(|group| gap(*reason, group)));
    let warnings = report.warnings.iter().map(|text| warning(text));
    baselines.chain(gaps).chain(warnings).collect()
}

fn warning(text: &str) -> Notification {
    Notification {
        descriptor: None,
        level: "warning",
        message: Message::new(&text.replace(['\n', '\r'], " ")),
    }
}

fn baseline(row: &WorkspaceStatus) -> Option<Notification> {
    let standing = match row.approval {
        ApprovalStatus::Approved => return None,
        ApprovalStatus::Assumed => "approval is assumed",
        ApprovalStatus::Unapproved => "the plan is not approved",
        ApprovalStatus::Indeterminate => "the approval cannot be decided",
    };
    let why = row.reasons.join("; ");
    let joint = if why.is_empty() { "" } else { ": " };
    Some(warning(&format!(
        "workspace {}: {standing}{joint}{why}",
        row.workspace
    )))
}

fn gap(reason: GapReason, group: &GapGroup<'_>) -> Notification {
    let of = group.type_name.map_or("", TypeName::as_str);
    let joint = if of.is_empty() { "" } else { " of " };
    let examples = group.gaps.iter().take(EXAMPLES);
    let examples: Vec<String> = examples.map(|gap| sentence(gap)).collect();
    let more = if group.gaps.len() > EXAMPLES {
        "; …"
    } else {
        ""
    };
    let number = counted(group.gaps.len(), "gap");
    let text = format!("{number}{joint}{of}: {}{more}", examples.join("; "));
    Notification {
        descriptor: Some(Reference {
            id: reason.as_str(),
        }),
        ..warning(&text)
    }
}
