//! Whether it is the resource that was approved, and whether what was written of it is known.

use std::collections::BTreeSet;

use super::Target;
use super::told::named;
use crate::engine::exact::Read;
use crate::ingest::terraform_source::Ignore;
use crate::model::{AttributePath, FixSubject};
use crate::ports::Planned;
use crate::provider::cty::Value;
use crate::provider::schema::Block;

/// The state could name another resource than the one that was found.
pub(super) fn is_another(finding: &FixSubject, live: &Value) -> Option<String> {
    let text = |name: &str| live.get(name).and_then(Value::as_str);
    let names = [
        "id",
        "arn",
        "unique_id",
        "policy_id",
        "key_id",
        "bucket",
        "name",
    ];
    let is_named = |wanted: &str| names.iter().any(|name| text(name) == Some(wanted));
    if let Some(wanted) = &finding.provider_id
        && !is_named(wanted.as_str())
    {
        return Some("the state names another resource than the one that was found".to_owned());
    }
    let account = text("arn")
        .and_then(|arn| arn.split(':').nth(4))
        .filter(|own| !own.is_empty());
    match (account, &finding.account) {
        (Some(own), Some(wanted)) if own != wanted.as_str() => {
            Some("the provider looks at another account than the one of the finding".to_owned())
        }
        _ => None,
    }
}

pub(super) fn cannot_be_judged(
    target: Target<'_>,
    read: &Read,
    attribute: &AttributePath,
) -> Option<String> {
    let overlaps = |known: &AttributePath| known.holds(attribute) || attribute.holds(known);
    if read.doubtful.iter().chain(target.masks).any(overlaps) {
        return Some(format!(
            "the plan does not tell what was written at `{attribute}`"
        ));
    }
    let first = attribute.tokens().next();
    if first.is_some_and(|name| read.sensitive.contains(&name)) {
        return Some(format!("`{attribute}` holds secrets"));
    }
    match target.subject.ignored {
        None => Some("whether ignore_changes sets it aside is not known".to_owned()),
        Some(Ignore::All) => Some("ignore_changes sets it aside".to_owned()),
        Some(Ignore::Paths(paths)) if paths.iter().any(overlaps) => {
            Some("ignore_changes sets it aside".to_owned())
        }
        Some(Ignore::Paths(_)) => None,
    }
}

/// Whoever can write the state could point us at another resource. What tells one from another was given by
/// its author: it is required, or a change of it replaces the resource.
pub(super) fn is_not_the_same(
    block: &Block,
    planned: &Planned,
    differing: &[AttributePath],
) -> Option<String> {
    let is_required = |path: &&AttributePath| {
        let own = path.tokens().next();
        let own = own.and_then(|name| block.attributes.get(&*name));
        own.is_some_and(|own| own.required)
    };
    let replacing = planned.requires_replace.iter();
    let paths = replacing.chain(differing.iter().filter(is_required));
    let paths: BTreeSet<String> = paths.map(named).collect();
    if paths.is_empty() {
        return None;
    }
    let paths: Vec<String> = paths.into_iter().collect();
    Some(format!(
        "it may be another resource than the one that was approved: {} differs, and only a new \
         resource could have it as approved",
        paths.join(", ")
    ))
}

/// Of what is one of its kind in an account, nothing says which account the provider works in.
pub(super) fn nothing_tells(block: &Block) -> Option<String> {
    let is_told = block.attributes.values().any(|own| own.required);
    (!is_told).then(|| "nothing that its author wrote tells it from another account's".to_owned())
}

/// What was required and written has to stand in the state as well.
pub(super) fn state_differs(block: &Block, read: &Read) -> Option<String> {
    let mut required = block.attributes.iter().filter(|(_, own)| own.required);
    let (name, _) = required.find(|(name, _)| read.config.get(name) != read.state.get(name))?;
    Some(format!(
        "it may be another resource than the one that was approved: `/{name}` differs"
    ))
}
