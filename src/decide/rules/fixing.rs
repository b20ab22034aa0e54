//! Whether what a rule speaks of can lead to a fix at all.

use std::collections::BTreeMap;

use super::Rule;
use super::glob::Glob;
use super::matching::Match;
use super::pointer::PointerPattern;
use crate::decide::guards::Lists;
use crate::model::{Action, DeviationKind, FixWay, Verdict};

impl Rule {
    /// In words: what may be fixed of what the rule speaks of, or why nothing is.
    pub(super) fn fixes(&self) -> String {
        match self.action {
            Action::Remediate => {}
            Action::Alert | Action::Record | Action::Ignore => {
                return format!("none: the action `{}` asks for none", self.action);
            }
        }
        if !self.matching.verdicts().contains(&Verdict::Unauthorised) {
            return "none: only what is `unauthorised` is fixed".to_owned();
        }
        let Ok(lists) = Lists::reviewed() else {
            return "none: the reviewed lists cannot be read".to_owned();
        };
        let mut ways: BTreeMap<FixWay, Vec<&str>> = BTreeMap::new();
        for (way, type_name, attributes) in lists.rows() {
            if self.matching.overlaps(&of_row(way, type_name, attributes)) {
                ways.entry(way).or_default().push(type_name);
            }
        }
        if ways.is_empty() {
            return "none: nothing that it speaks of is on a reviewed list".to_owned();
        }
        let ways = ways
            .into_iter()
            .map(|(way, types)| format!("{} {}", way.as_str(), types.join(", ")));
        ways.collect::<Vec<_>>().join("; ")
    }
}

/// What a row of the lists is about, as a rule would say it.
fn of_row(way: FixWay, type_name: &str, attributes: &[String]) -> Match {
    let kind = match way {
        FixWay::SetBack => DeviationKind::Changed,
        FixWay::PutBack => DeviationKind::Missing,
        FixWay::TakeAway => DeviationKind::Unmanaged,
    };
    let pointers = attributes.iter();
    let pointers = pointers.filter_map(|own| PointerPattern::parse(&format!("/{own}")).ok());
    Match {
        types: vec![Glob::new(type_name)],
        attributes: pointers.collect(),
        kinds: vec![kind],
        verdicts: vec![Verdict::Unauthorised],
        ..Match::default()
    }
}
