//! Live resources that nobody approved.

use super::live::Live;
use super::{Comparer, Findings, Unmanaged};
use crate::model::{Deviation, DeviationKind, ProviderId, TypeName};
use crate::normalise::catalogue::Resource;
use crate::normalise::table::{Gate, GateTest};

impl Comparer<'_> {
    pub(super) fn unmanaged_item(
        &self,
        own: &Resource,
        live: &Live<'_>,
        is_gone: bool,
        findings: &mut Findings,
    ) {
        let made_by_provider = live
            .config
            .made_by_provider
            .iter()
            .any(|gates| gates.iter().all(|gate| holds(gate, live)));
        let id = &live.item.resource_id;
        if made_by_provider {
            return;
        }
        // Terraform's id of some types is the name; what Terraform would import is what is shown.
        let shown = match own.key_slots.first().map(Vec::as_slice) {
            Some([(_, slot)]) => live.text(*slot).unwrap_or_else(|| id.to_string()),
            _ => id.to_string(),
        };
        self.note_unmanaged(&own.table.type_name, &shown, live, is_gone, findings);
    }

    pub(super) fn note_unmanaged(
        &self,
        type_name: &TypeName,
        id: &str,
        live: &Live<'_>,
        is_gone: bool,
        findings: &mut Findings,
    ) {
        if !self.scope.covers_type(type_name.as_str()) {
            return;
        }
        let deviation = (!is_gone).then(|| {
            let base = self.deviation(DeviationKind::Unmanaged, type_name, live);
            Deviation {
                provider_id: Some(ProviderId::from(id)),
                ..base
            }
        });
        let key = (type_name.as_str().into(), live.account.into(), id.into());
        findings.note_unmanaged(
            key,
            Unmanaged {
                time: live.time,
                deviation,
            },
        );
    }
}

fn holds((gate, slot): &(Gate, usize), live: &Live<'_>) -> bool {
    let text = live.text(*slot).unwrap_or_default();
    match &gate.test {
        GateTest::Equals(wanted) => text == **wanted,
        GateTest::StartsWith(prefix) => text.starts_with(&**prefix),
    }
}
