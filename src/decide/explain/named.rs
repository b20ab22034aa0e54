//! Attributes that a refresh shows and no row of a table tells.

use super::words::{DIFFERS, kind_note, step};
use super::{Explaining, digest_of};
use crate::decide::compare::{NamedSays, NamedSight, RefreshSight};
use crate::model::{ApprovedUsed, AttributePath, LiveUsed, RowUsed, Step, ToldBy, Value};

/// How it is called where no table gives it a form.
pub(super) const AS_WRITTEN: &str = "as the provider writes it";

const BEFORE: &str = "the state as it was before the refresh";

impl Explaining<'_> {
    /// Whether the refresh tells the attribute of a row by its name.
    pub(super) fn is_named(&self, slot: usize) -> bool {
        let row = self
            .table()
            .and_then(|table| table.table.attributes.get(slot));
        let first = row.and_then(|row| row.pointer.tokens().next());
        let named = self.refreshed.into_iter().flat_map(|own| &own.named);
        let mut named = named.filter_map(|own| own.attribute.tokens().next());
        first.is_some_and(|first| named.any(|own| own == first))
    }

    pub(super) fn named(&self, attribute: &AttributePath) -> Vec<RowUsed> {
        let Some(refreshed) = self.refreshed else {
            return Vec::new();
        };
        let Some(first) = attribute.tokens().next() else {
            return Vec::new();
        };
        let is_of = |own: &NamedSight| own.attribute.tokens().next().as_ref() == Some(&first);
        let all = refreshed.named.iter().filter(|own| is_of(own));
        all.map(|own| self.named_row(refreshed, own)).collect()
    }

    fn named_row(&self, refreshed: &RefreshSight, own: &NamedSight) -> RowUsed {
        let attribute = own.attribute.clone();
        let says = own.says();
        let outcome = match says {
            NamedSays::Same | NamedSays::LeftOpen => "equal".to_owned(),
            NamedSays::Providers => "set aside: only the provider sets it".to_owned(),
            NamedSays::Differs => DIFFERS.to_owned(),
            NamedSays::Unclear(why) => format!("not comparable: {why}"),
        };
        let declared = (self.declared)(&refreshed.type_name, &attribute);
        let plan = own.by_plan.then(|| self.approved.plan_of(self.resource));
        let plan = plan.flatten().map(|digest| (self.plan)(digest));
        let baseline = ApprovedUsed {
            role: "baseline",
            plan,
            state: (!own.by_plan).then(|| BEFORE.to_owned()),
            raw: raw(&own.approved),
            digest: digest_of(&own.approved),
            considered: considered(own, says),
            outcome: outcome.clone(),
            differs_at: match says {
                NamedSays::Differs => vec![attribute.clone()],
                _ => Vec::new(),
            },
            canonical: Some(own.approved.clone()),
        };
        let sight = &refreshed.sight;
        let used = RowUsed {
            told_by: ToldBy::TerraformRefresh,
            is_row: false,
            live_paths: Vec::new(),
            form: AS_WRITTEN.to_owned(),
            words: std::collections::BTreeMap::new(),
            notes: vec![kind_note(declared, false), moved(own).to_owned()],
            live: Some(LiveUsed {
                file: refreshed.source.clone(),
                item: sight.item_id.clone(),
                captured_at: sight.captured_at,
                path: Some(attribute.to_string()),
                raw: raw(&own.live),
                canonical: Some(own.live.clone()),
                digest: digest_of(&own.live),
                problem: None,
            }),
            approved: vec![baseline],
            outcome,
            attribute,
        };
        self.with_others(used, says == NamedSays::Differs, None)
    }
}

fn moved(own: &NamedSight) -> &'static str {
    match own.is_moved {
        true => "the refresh shows it otherwise than the state had it",
        false => "the refresh shows it as the state had it",
    }
}

/// In the order in which it is asked, up to what held.
fn considered(own: &NamedSight, says: NamedSays) -> Vec<Step> {
    let mut steps = Vec::new();
    if let (Value::Sensitive(_), _) | (_, Value::Sensitive(_)) = (&own.approved, &own.live) {
        let held = says == NamedSays::Same;
        let why = match held {
            true => "it is a secret, and the digests are the same",
            false => "it is a secret, and the digests differ",
        };
        steps.push(step("same-digest", held, why));
    } else {
        let held = says == NamedSays::Same;
        let why = match held {
            true => "both are written alike, but for how nothing is written",
            false => "they are not written alike, and how nothing is written does not explain it",
        };
        steps.push(step("same", held, why));
    }
    if says == NamedSays::Same || own.is_opaque {
        return steps;
    }
    let providers = says == NamedSays::Providers;
    let why = match (own.is_settable, own.is_written) {
        (Some(false), _) => "the schema says that only the provider sets it",
        (Some(true), _) => "the schema says that a configuration may set it",
        (None, true) => "no schema is known, and the configuration writes it by its name",
        (None, false) => "no schema is known, and the configuration does not write it by its name",
    };
    steps.push(step("providers-own", providers, why));
    if !own.is_moved && !own.is_plain && !providers {
        let held = says == NamedSays::LeftOpen;
        let why = match held {
            true => "nothing is approved, and the provider shows that it is off",
            false => "it is not the case that nothing is approved and the provider shows it as off",
        };
        steps.push(step("providers-choice", held, why));
    }
    steps
}

/// As text; of what holds a secret the digests do not show.
pub(super) fn raw(value: &Value) -> Option<String> {
    match value {
        Value::Sensitive(_) => None,
        other => serde_json::to_string(other).ok(),
    }
}
