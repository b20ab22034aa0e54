//! What two signals say together of one resource.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::{Difference, Equality, differences};
use super::pairing::{planned_sides, without_computed};
use super::settled::{SecretDigest, SettledResource};
use crate::ingest::terraform_source::Ignore;
use crate::model::AttributePath;
use crate::provider::cty::Value;
use crate::provider::schema::Block;

/// Everything that is known of a resource at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Signals<'a> {
    pub block: &'a Block,
    pub config: &'a Value,
    pub live: &'a Value,
    /// What the provider would make of it.
    pub planned: &'a Value,
    pub equality: Equality,
    /// Without it additions are not seen.
    pub settled: Option<&'a SettledResource>,
    /// Where the configuration is not surely what was written.
    pub masks: &'a BTreeSet<AttributePath>,
    /// What the author told Terraform to leave alone, if the source could be asked.
    pub ignored: Option<&'a Ignore>,
}

/// One place where the live resource is not as approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactDifference {
    pub path: AttributePath,
    /// Null where only a digest of it is kept.
    pub approved: Value,
    pub live: Value,
    /// The provider would change it back.
    pub by_plan: bool,
    /// It is not as it was when it was settled.
    pub by_read: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Sorted by path.
    pub differences: Vec<ExactDifference>,
    /// Read otherwise than it was settled, and of no matter to the provider.
    pub equivalent: Vec<AttributePath>,
    /// Read otherwise than it was settled, and the provider's alone: nobody approved a value for it.
    pub moved: Vec<AttributePath>,
    /// Told to be left alone.
    pub ignored: Vec<AttributePath>,
    /// Planned otherwise, where the configuration is not surely known.
    pub masked: Vec<AttributePath>,
    /// Shown here, and told by the resources that own it: who tells it.
    pub elsewhere: BTreeMap<AttributePath, Vec<String>>,
}

/// Puts both signals together.
pub fn judge(signals: &Signals<'_>, digest: &SecretDigest) -> Judged {
    let mut judged = Judged::default();
    for one in differences(signals.live, signals.planned, signals.equality) {
        if is_ignored(signals.ignored, &one.path) {
            judged.ignored.push(one.path);
        } else if overlaps(signals.masks.iter(), &one.path) {
            judged.masked.push(one.path);
        } else {
            let path = one.path.clone();
            let (approved, live) = planned_sides(signals, one);
            judged.differences.push(ExactDifference {
                path,
                approved,
                live,
                by_plan: true,
                by_read: false,
            });
        }
    }
    let read = signals
        .settled
        .map(|settled| settled.differences(signals.live, digest));
    for one in read.into_iter().flatten() {
        add_read(signals, one, &mut judged);
    }
    judged
        .differences
        .sort_by(|one, other| one.path.cmp(&other.path));
    judged
}

fn add_read(signals: &Signals<'_>, one: Difference, judged: &mut Judged) {
    if is_ignored(signals.ignored, &one.path) {
        judged.ignored.push(one.path);
        judged.ignored.sort();
        judged.ignored.dedup();
        return;
    }
    let mut is_known = false;
    for known in &mut judged.differences {
        if known.path.holds(&one.path) || one.path.holds(&known.path) {
            known.by_read = true;
            is_known = true;
        }
    }
    if is_known {
        return;
    }
    let tokens: Vec<String> = one.path.tokens().collect();
    if signals
        .block
        .is_computed_only(tokens.iter().map(String::as_str))
    {
        judged.moved.push(one.path);
        return;
    }
    // Configured there, and the provider would change nothing: to the provider it is the same.
    let is_masked = overlaps(signals.masks.iter(), &one.path);
    if is_configured(signals.config, &one.path) && !is_masked {
        judged.equivalent.push(one.path);
        return;
    }
    let path = one.path.clone();
    let Some(one) = without_computed(signals.block, one) else {
        judged.moved.push(path);
        return;
    };
    judged.differences.push(ExactDifference {
        path,
        approved: one.before,
        live: one.after,
        by_plan: false,
        by_read: true,
    });
}

/// Top-level attributes that the read alone shows otherwise, whole: as they were settled, and as they are.
pub fn wholes(
    judged: &Judged,
    settled: &SettledResource,
    live: &Value,
) -> BTreeMap<String, (Value, Value)> {
    let tops = |by_plan: bool| -> BTreeSet<String> {
        let all = judged.differences.iter();
        let all = all.filter(|one| one.by_plan == by_plan);
        all.filter_map(|one| one.path.tokens().next()).collect()
    };
    let by_plan = tops(true);
    let by_read = tops(false).into_iter();
    let wholes = by_read.filter_map(|name| {
        let was = settled.value(&name).filter(|_| !by_plan.contains(&name))?;
        let now = live.get(&name)?;
        Some((name, (was.clone(), now.clone())))
    });
    wholes.collect()
}

fn overlaps<'a>(mut paths: impl Iterator<Item = &'a AttributePath>, path: &AttributePath) -> bool {
    paths.any(|known| known.holds(path) || path.holds(known))
}

fn is_ignored(ignored: Option<&Ignore>, path: &AttributePath) -> bool {
    match ignored {
        None => false,
        Some(Ignore::All) => true,
        Some(Ignore::Paths(paths)) => paths.iter().any(|known| {
            // A tag that is ignored shows in what the provider merges the tags into as well.
            let merged = known.as_str().strip_prefix("/tags");
            let merged = merged.map(|rest| AttributePath::from(format!("/tags_all{rest}")));
            known.holds(path) || merged.is_some_and(|merged| merged.holds(path))
        }),
    }
}

/// Whether its author gave the place a value: the deepest part of it that the configuration has.
fn is_configured(config: &Value, path: &AttributePath) -> bool {
    let mut here = config;
    for token in path.tokens() {
        match here.at([&token]) {
            Some(next) => here = next,
            None => break,
        }
    }
    match here {
        Value::Null => false,
        Value::Map(all) => !all.is_empty(),
        // The whole resource, which every configuration is.
        Value::Object(_) => !std::ptr::eq(here, config),
        Value::List(all) | Value::Set(all) | Value::Tuple(all) => !all.is_empty(),
        Value::Unknown(_)
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Dynamic(_) => true,
    }
}

/// The self-test of a baseline that is to be settled: the provider must not want to change what was
/// just approved and applied.
///
/// `Ok` has the places where the configuration was put together wrongly. `Err` has those at which the
/// resource has changed since the apply: then it is too late to settle it.
///
/// # Errors
/// See above.
pub fn self_test(
    live: &Value,
    planned: &Value,
    state: &Value,
    equality: Equality,
) -> Result<BTreeSet<AttributePath>, Vec<Difference>> {
    let mut masks = BTreeSet::new();
    let mut changed = Vec::new();
    for one in differences(live, planned, equality) {
        let applied = state.at(one.path.tokens()).unwrap_or(&Value::Null);
        let now = live.at(one.path.tokens()).unwrap_or(&Value::Null);
        match differences(applied, now, equality).is_empty() {
            true => drop(masks.insert(one.path)),
            false => changed.push(one),
        }
    }
    match changed.is_empty() {
        true => Ok(masks),
        false => Err(changed),
    }
}

/// The configuration with what is ignored taken from the live resource, so that nothing follows from it.
pub fn with_ignored(config: &Value, live: &Value, ignored: Option<&Ignore>) -> Value {
    let paths = match ignored {
        None => return config.clone(),
        Some(Ignore::All) => return all_of(config, live),
        Some(Ignore::Paths(paths)) => paths,
    };
    let mut config = config.clone();
    for path in paths {
        let tokens: Vec<String> = path.tokens().collect();
        config = replaced(&config, live, &tokens);
    }
    config
}

/// What was given keeps its place, with the live value in it.
fn all_of(config: &Value, live: &Value) -> Value {
    let Value::Object(all) = config else {
        return config.clone();
    };
    let all = all.iter().map(|(name, value)| {
        let live = live.get(name).filter(|_| !value.is_null());
        (name.clone(), live.unwrap_or(value).clone())
    });
    Value::Object(all.collect())
}

fn replaced(config: &Value, live: &Value, tokens: &[String]) -> Value {
    let Some((first, rest)) = tokens.split_first() else {
        return live.clone();
    };
    let name = first.as_str();
    match config {
        Value::Object(all) | Value::Map(all) => {
            let mut all = all.clone();
            let was = all.get(name).cloned().unwrap_or(Value::Null);
            let now = live.get(name).cloned().unwrap_or(Value::Null);
            let new = replaced(&was, &now, rest);
            match (config, new.is_null()) {
                (Value::Map(_), true) => drop(all.remove(name)),
                _ => drop(all.insert(name.into(), new)),
            }
            match config {
                Value::Map(_) => Value::Map(all),
                _ => Value::Object(all),
            }
        }
        Value::List(all) => {
            let mut all = all.clone();
            let at = name.parse::<usize>().ok();
            let now = live.at([name]).cloned().unwrap_or(Value::Null);
            if let Some(place) = at.and_then(|at| all.get_mut(at)) {
                *place = replaced(place, &now, rest);
            }
            Value::List(all)
        }
        Value::Null
        | Value::Unknown(_)
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Set(_)
        | Value::Tuple(_)
        | Value::Dynamic(_) => config.clone(),
    }
}
