//! A fix as a provider is asked for it: whether what it plans, and what came of it, is just what was
//! permitted. Everything else about the resource has to stay as it is.

use super::difference::{Difference, Equality, differences};
use crate::model::AttributePath;
use crate::provider::cty::Value;
use crate::provider::schema::Block;

/// Why a plan must not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the provider would change nothing there")]
    Nothing,
    #[error("the provider would replace it because of {}", listed(.0))]
    Replaced(Vec<AttributePath>),
    #[error("the provider would also change {}", listed(.0))]
    More(Vec<AttributePath>),
    #[error("the provider would not take it away")]
    Kept,
    #[error("the provider would not set {} as it was approved", listed(.0))]
    Otherwise(Vec<AttributePath>),
}

fn listed(paths: &[AttributePath]) -> String {
    let all: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    all.join(", ")
}

/// What the provider would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixPlan {
    /// Within the permitted attribute.
    pub changes: Vec<Difference>,
    /// What only the provider sets, and may follow from it.
    pub consequences: Vec<AttributePath>,
}

/// How a resource stands after a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    AsPlanned,
    /// It is as it was before.
    Nothing,
    /// Neither: these are not as planned.
    Otherwise(Vec<AttributePath>),
}

/// A resource as it is, and as a provider plans it.
#[derive(Clone, Copy, Debug)]
pub struct Planning<'v> {
    pub block: &'v Block,
    pub live: &'v Value,
    pub planned: &'v Value,
    pub equality: Equality,
}

/// What a plan from live to approved changes beside an attribute: that is to be proposed as it is.
pub fn beside(planning: Planning<'_>, attribute: &AttributePath) -> Vec<AttributePath> {
    let all = differences(planning.live, planning.planned, planning.equality);
    let others = all.into_iter().map(|one| one.path);
    others.filter(|path| !attribute.holds(path)).collect()
}

/// Whether a plan changes the attribute and nothing else, but for what follows by itself.
///
/// # Errors
/// It does not, or replaces the resource.
pub fn set_back(
    planning: Planning<'_>,
    requires_replace: &[AttributePath],
    attribute: &AttributePath,
) -> Result<FixPlan, Unfit> {
    if !requires_replace.is_empty() {
        return Err(Unfit::Replaced(requires_replace.to_vec()));
    }
    let all = differences(planning.live, planning.planned, planning.equality);
    let (changes, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| attribute.holds(&one.path));
    if changes.is_empty() {
        return Err(Unfit::Nothing);
    }
    let others = others.into_iter().map(|one| one.path);
    let unknown = unknown_within(planning.planned);
    let unknown = unknown.into_iter().filter(|path| !attribute.holds(path));
    let (consequences, more): (Vec<_>, Vec<_>) = others
        .map(|path| (is_computed_only(planning.block, &path), path))
        .chain(unknown.map(|path| (may_be_computed(planning.block, &path), path)))
        .partition(|(is_consequence, _)| *is_consequence);
    let paths = |all: Vec<(bool, AttributePath)>| -> Vec<AttributePath> {
        all.into_iter().map(|(_, path)| path).collect()
    };
    match more.is_empty() {
        true => Ok(FixPlan {
            changes,
            consequences: paths(consequences),
        }),
        false => Err(Unfit::More(paths(more))),
    }
}

/// Whether a plan makes the resource as its author wrote it.
///
/// # Errors
/// It does not.
pub fn put_back(planning: Planning<'_>, config: &Value) -> Result<FixPlan, Unfit> {
    if planning.planned.is_null() {
        return Err(Unfit::Nothing);
    }
    // Where nothing was written, what stands there is the provider's own.
    let written = differences(config, planning.planned, planning.equality);
    let wrong = written.into_iter().filter(|one| !one.before.is_null());
    let wrong: Vec<AttributePath> = wrong.map(|one| one.path).collect();
    match wrong.is_empty() {
        true => Ok(FixPlan {
            changes: vec![Difference {
                path: AttributePath::root(),
                before: Value::Null,
                after: planning.planned.clone(),
            }],
            consequences: unknown_within(planning.planned),
        }),
        false => Err(Unfit::Otherwise(wrong)),
    }
}

/// Whether a plan takes the resource away.
///
/// # Errors
/// It does not, or does more.
pub fn take_away(
    planning: Planning<'_>,
    requires_replace: &[AttributePath],
) -> Result<FixPlan, Unfit> {
    if !requires_replace.is_empty() {
        return Err(Unfit::Replaced(requires_replace.to_vec()));
    }
    if planning.live.is_null() {
        return Err(Unfit::Nothing);
    }
    match planning.planned.is_null() {
        true => Ok(FixPlan {
            changes: vec![Difference {
                path: AttributePath::root(),
                before: planning.live.clone(),
                after: Value::Null,
            }],
            consequences: Vec::new(),
        }),
        false => Err(Unfit::Kept),
    }
}

/// What a fresh read says of a fix. `after` is null where the resource is not there.
pub fn came(planning: Planning<'_>, plan: &FixPlan, after: &Value) -> Came {
    if !is_moved(planning.block, planning.live, after) {
        return Came::Nothing;
    }
    let all = differences(planning.planned, after, planning.equality);
    let wrong = all.into_iter().map(|one| one.path).filter(|path| {
        let is_named = plan.consequences.iter().any(|own| own.holds(path));
        !is_named && !is_computed_only(planning.block, path)
    });
    let wrong: Vec<AttributePath> = wrong.collect();
    match wrong.is_empty() {
        true => Came::AsPlanned,
        false => Came::Otherwise(wrong),
    }
}

/// Whether two reads of a resource differ in more than what moves by itself.
pub fn is_moved(block: &Block, before: &Value, after: &Value) -> bool {
    let all = differences(before, after, Equality::Exact);
    all.iter().any(|one| !is_computed_only(block, &one.path))
}

fn is_computed_only(block: &Block, path: &AttributePath) -> bool {
    let tokens: Vec<String> = path.tokens().collect();
    block.is_computed_only(tokens.iter().map(String::as_str))
}

/// Whether the provider may set it where its author did not.
fn may_be_computed(block: &Block, path: &AttributePath) -> bool {
    let first = path.tokens().next();
    let own = first.and_then(|name| block.attributes.get(&*name));
    own.is_some_and(|own| own.computed) || is_computed_only(block, path)
}

fn unknown_within(value: &Value) -> Vec<AttributePath> {
    let mut found = Vec::new();
    find_unknown(&AttributePath::root(), value, &mut found);
    found
}

/// Elements of sets have no place of their own: the set has.
fn find_unknown(path: &AttributePath, value: &Value, found: &mut Vec<AttributePath>) {
    match value {
        Value::Unknown(_) => found.push(path.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Set(_) => {
            if !value.is_wholly_known() {
                found.push(path.clone());
            }
        }
        Value::List(all) | Value::Tuple(all) => {
            for (at, one) in all.iter().enumerate() {
                find_unknown(&path.child(&at.to_string()), one, found);
            }
        }
        Value::Map(all) | Value::Object(all) => {
            for (name, one) in all {
                find_unknown(&path.child(name), one, found);
            }
        }
        Value::Dynamic(typed) => find_unknown(path, &typed.1, found),
    }
}
