//! What a resource's own provider said of an attribute.

use std::collections::{BTreeMap, BTreeSet};

use super::named::{AS_WRITTEN, raw};
use super::words::{DIFFERS, kind_note, step};
use super::{Explaining, digest_of};
use crate::model::{
    ApprovedUsed, AttributePath, ExactAside, ExactDetail, ExactLook, ExactSides, LiveUsed, RowUsed,
    Step, ToldBy, TypeName, Value,
};

const READ: &str = "a read by its provider";
const NOT_SETTLED: &str =
    "nothing is settled of it, so that what was added beside what is written does not show";

impl Explaining<'_> {
    pub(super) fn exact_rows(&self, attribute: &AttributePath) -> Vec<RowUsed> {
        let Some(ExactLook::Seen {
            detail: Some(detail),
            is_settled,
            ..
        }) = self.exact
        else {
            return Vec::new();
        };
        let Some(first) = attribute.tokens().next() else {
            return Vec::new();
        };
        let top = AttributePath::root().child(&first);
        let sides = detail.sides.get(&top);
        let row = |sides| self.exact_row(&top, sides, detail, *is_settled);
        sides.map(row).into_iter().collect()
    }

    /// What the provider said of the whole resource.
    pub(super) fn exact_remark(&self) -> Option<String> {
        match self.exact? {
            ExactLook::Seen { .. } => None,
            ExactLook::Missing => Some("its provider says that it is gone".to_owned()),
            ExactLook::Gap(why) => Some(format!("its provider did not see it: {why}")),
        }
    }

    fn exact_row(
        &self,
        top: &AttributePath,
        sides: &ExactSides,
        detail: &ExactDetail,
        is_settled: bool,
    ) -> RowUsed {
        let judged = Judged {
            by_plan: within(&detail.by_plan, top),
            by_read: within(&detail.by_read, top),
            aside: detail
                .aside
                .iter()
                .filter(|(at, _)| top.holds(at))
                .collect(),
            is_settled,
        };
        let differs_at: BTreeSet<&AttributePath> = judged
            .by_plan
            .iter()
            .chain(&judged.by_read)
            .copied()
            .collect();
        let outcome = if differs_at.is_empty() {
            "equal"
        } else {
            DIFFERS
        };
        let plan = self.approved.plan_of(self.resource);
        let side = |role, raw_of: &Value, canonical: Option<&Value>| ApprovedUsed {
            role,
            plan: plan.map(|digest| (self.plan)(digest)),
            state: None,
            raw: raw(raw_of),
            canonical: canonical.cloned(),
            digest: digest_of(raw_of),
            considered: Vec::new(),
            outcome: String::new(),
            differs_at: Vec::new(),
        };
        let baseline = ApprovedUsed {
            considered: judged.steps(),
            outcome: outcome.to_owned(),
            differs_at: differs_at.into_iter().cloned().collect(),
            ..side("baseline", &sides.written, Some(&sides.planned))
        };
        let settled = sides.settled.as_ref().map(|settled| {
            let is_read = !judged.by_read.is_empty();
            ApprovedUsed {
                outcome: if is_read { DIFFERS } else { "equal" }.to_owned(),
                ..side("settled", settled, None)
            }
        });
        let type_name = self.table().map(|table| table.table.type_name.clone());
        let unmapped = self.resource.rare.as_ref();
        let unmapped = unmapped.and_then(|rare| rare.unmapped_type.as_deref());
        let type_name = type_name.or_else(|| unmapped.map(TypeName::from));
        let declared = type_name.and_then(|name| (self.declared)(&name, top));
        RowUsed {
            attribute: top.clone(),
            told_by: ToldBy::Provider,
            is_row: false,
            live_paths: Vec::new(),
            form: AS_WRITTEN.to_owned(),
            words: BTreeMap::new(),
            notes: vec![kind_note(declared, false)],
            live: Some(LiveUsed {
                file: READ.to_owned(),
                item: self.resource.address.to_string(),
                captured_at: None,
                path: Some(top.to_string()),
                raw: raw(&sides.live),
                canonical: Some(sides.live.clone()),
                digest: digest_of(&sides.live),
                problem: None,
            }),
            approved: std::iter::once(baseline).chain(settled).collect(),
            outcome: outcome.to_owned(),
        }
    }
}

fn within<'p>(paths: &'p BTreeSet<AttributePath>, top: &AttributePath) -> Vec<&'p AttributePath> {
    let own = paths.iter().filter(|at| top.holds(at) || at.holds(top));
    own.collect()
}

/// What a look said of one attribute.
struct Judged<'d> {
    by_plan: Vec<&'d AttributePath>,
    by_read: Vec<&'d AttributePath>,
    aside: Vec<(&'d AttributePath, &'d ExactAside)>,
    is_settled: bool,
}

impl Judged<'_> {
    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (at, why) in &self.aside {
            let (name, why) = match why {
                ExactAside::Equivalent => (
                    "same-to-the-provider",
                    "reads otherwise than it was settled, is written in the configuration, and the \
                     provider would change nothing there",
                ),
                ExactAside::Providers => ("providers-own", "moved, and only the provider sets it"),
                ExactAside::Ignored => (
                    "ignore_changes",
                    "is otherwise, and its author told Terraform to leave it alone",
                ),
                ExactAside::Doubtful => (
                    "not-surely-written",
                    "would be changed, and it is not surely known what was written there",
                ),
            };
            steps.push(step(name, true, &format!("{at} {why}")));
        }
        let is_kept = self.by_plan.is_empty();
        let why = match is_kept {
            true => "from what is written, the provider would change nothing there",
            false => "from what is written, the provider would change it",
        };
        steps.push(step("planned-the-same", is_kept, why));
        let is_read = self.is_settled && self.by_read.is_empty();
        let why = match (self.is_settled, is_read) {
            (false, _) => NOT_SETTLED,
            (true, true) => "it reads as when it was settled",
            (true, false) => "it reads otherwise than when it was settled",
        };
        steps.push(step("read-as-settled", is_read, why));
        steps
    }
}
