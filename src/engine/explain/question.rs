//! Which finding or which attribute a question is about.

use std::collections::BTreeSet;

use crate::decide::baseline::text_at;
use crate::engine::inputs::Failure;
use crate::engine::look::Look;
use crate::model::{Address, AttributePath, FindingKey, Judged, RecordedFinding, WorkspaceName};
use crate::normalise::table::Member;
use crate::ports::InputError;

/// What the question turned out to be about.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) judged: Vec<Judged>,
    pub(super) recorded: Option<RecordedFinding>,
    pub(super) number: Option<u32>,
    pub(super) attribute: Option<AttributePath>,
}

impl Asked {
    /// The approved resource, and the attribute, where the finding is about one.
    pub(super) fn subject(&self) -> Option<(WorkspaceName, Address, Option<AttributePath>)> {
        let now = self.judged.first().map(|judged| &judged.deviation);
        let now = now.and_then(|now| {
            Some((
                now.workspace.clone()?,
                now.address.clone()?,
                now.attribute.clone(),
            ))
        });
        let then = || {
            let recorded = self.recorded.as_ref()?;
            Some((
                recorded.workspace.clone()?,
                recorded.address.clone()?,
                recorded.attribute.clone(),
            ))
        };
        now.or_else(then)
    }
}

fn refused(what: String, help: &str) -> Failure {
    Failure::Inputs(vec![InputError {
        what,
        help: Some(help.to_owned()),
    }])
}

/// Findings that an ambiguous beginning names, at most.
const SHOWN: usize = 5;

pub(super) fn finding(
    beginning: &str,
    judged: Vec<Judged>,
    recorded: Vec<RecordedFinding>,
) -> Result<Asked, Failure> {
    let begins = |text: &str| !beginning.is_empty() && text.starts_with(beginning);
    let is_meant = |judged: &Judged| {
        let deviation = &judged.deviation;
        begins(deviation.finding_key().as_str()) || begins(deviation.id().as_str())
    };
    let now = judged.iter().filter(|judged| is_meant(judged));
    let now = now.map(|judged| judged.deviation.finding_key());
    let then = recorded
        .iter()
        .filter(|own| begins(own.finding.as_str()) || own.deviations.iter().any(|id| begins(id)));
    let keys: BTreeSet<FindingKey> = now.chain(then.map(|own| own.finding.clone())).collect();
    let mut each = keys.iter();
    let Some(key) = each.next() else {
        return Err(refused(
            format!("no finding and no deviation begins with `{beginning}`"),
            "`driftwarden findings` lists the open ones, `driftwarden scan --format json` what the \
             inputs show now; for an attribute in which nothing deviates, give its ADDRESS and its \
             ATTRIBUTE",
        ));
    };
    if each.next().is_some() {
        let shown: Vec<&str> = keys.iter().take(SHOWN).map(FindingKey::as_str).collect();
        let more = if keys.len() > SHOWN { ", …" } else { "" };
        return Err(refused(
            format!(
                "`{beginning}` is the beginning of more than one finding: {}{more}",
                shown.join(", ")
            ),
            "give more of its digits",
        ));
    }
    Ok(Asked {
        judged: judged
            .into_iter()
            .filter(|judged| judged.deviation.finding_key() == *key)
            .collect(),
        recorded: recorded.into_iter().find(|own| own.finding == *key),
        ..Asked::default()
    })
}

/// What deviates in an approved resource, or lies within it and nobody approved.
pub(super) fn of_resource(
    look: &Look,
    found: &[u32],
    address: &Address,
    judged: Vec<Judged>,
    recorded: Vec<RecordedFinding>,
) -> Result<Asked, Failure> {
    let names: BTreeSet<String> = found.iter().flat_map(|one| names(look, *one)).collect();
    let concerns = |judged: &Judged| match &judged.deviation.address {
        Some(own) => own == address,
        None => judged
            .deviation
            .subjects
            .iter()
            .any(|own| names.contains(own)),
    };
    let judged: Vec<Judged> = judged.into_iter().filter(concerns).collect();
    let now = judged.iter().map(|judged| judged.deviation.finding_key());
    let open = recorded.iter().filter(|own| !own.resolved);
    let open = open.filter(|own| own.address.as_ref() == Some(address));
    let keys: BTreeSet<FindingKey> = now.chain(open.map(|own| own.finding.clone())).collect();
    let mut each = keys.iter();
    match (each.next(), each.next()) {
        (None, _) => Err(refused(
            format!("nothing deviates in `{address}`, and nothing unapproved is seen within it"),
            "to see how an attribute was compared, give the ATTRIBUTE too, such as /tags_all",
        )),
        (Some(key), None) => finding(key.as_str(), judged, recorded),
        (Some(_), Some(_)) => Err(refused(
            format!(
                "`{address}` has {} findings:{}",
                keys.len(),
                listed(&keys, &judged)
            ),
            "explain one of them by its key",
        )),
    }
}

fn listed(keys: &BTreeSet<FindingKey>, judged: &[Judged]) -> String {
    let lines = keys.iter().map(|key| {
        let mut now = judged.iter().map(|judged| &judged.deviation);
        let now = now.find(|deviation| deviation.finding_key() == *key);
        let what = now.map_or_else(
            || "gone, and open until a scan sees that".to_owned(),
            |deviation| {
                let kind = deviation.kind.as_str();
                match (&deviation.attribute, &deviation.address) {
                    (Some(attribute), _) => format!("{kind} {attribute}"),
                    (None, Some(_)) => kind.to_owned(),
                    (None, None) => format!("{kind} {}", deviation.type_name),
                }
            },
        );
        let key = key.as_str();
        format!("\n  {} {what}", key.get(..12).unwrap_or(key))
    });
    lines.collect()
}

/// What the cloud calls an approved resource.
fn names(look: &Look, number: u32) -> Vec<String> {
    let at = usize::try_from(number).ok();
    let resource = at.and_then(|at| look.plans.approved.resources.get(at));
    let Some(resource) = resource else {
        return Vec::new();
    };
    let table = resource.resource.and_then(|at| look.catalogue.resource(at));
    // A part is called as what it lies in: what lies there beside it is not within it.
    let Some(table) = table.filter(|table| matches!(table.table.member, Member::Whole)) else {
        return Vec::new();
    };
    let slots = [table.id_slot, table.arn_slot];
    let told = slots.into_iter();
    told.filter_map(|slot| text_at(&resource.stored, slot))
        .collect()
}

/// The approved resources of an address, by number.
pub(super) fn find(look: &Look, workspace: Option<&WorkspaceName>, address: &Address) -> Vec<u32> {
    let approved = &look.plans.approved;
    let numbered = (0u32..).zip(&approved.resources);
    let found = numbered.filter(|(_, own)| {
        let named = approved.workspace(own.workspace);
        *own.address == *address.as_str() && workspace.is_none_or(|wanted| named == Some(wanted))
    });
    found.map(|(number, _)| number).collect()
}

pub(super) fn of_attribute(
    look: &Look,
    workspace: Option<&WorkspaceName>,
    address: &Address,
    attribute: &AttributePath,
    judged: Vec<Judged>,
) -> Result<Asked, Failure> {
    let approved = &look.plans.approved;
    let found = find(look, workspace, address);
    let of = |number: u32| {
        let at = usize::try_from(number).ok()?;
        approved.workspace(approved.resources.get(at)?.workspace)
    };
    let number = match found[..] {
        [number] => number,
        [] => {
            return Err(refused(
                format!("no plan has the address `{address}`"),
                "give it as Terraform writes it, in quotes where it has brackets: \
                 'module.web.aws_instance.front[0]'",
            ));
        }
        _ => {
            let names = found.iter().filter_map(|number| of(*number));
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            return Err(refused(
                format!(
                    "`{address}` is in more than one workspace: {}",
                    names.join(", ")
                ),
                "name the one with `--workspace`",
            ));
        }
    };
    let workspace = of(number).cloned();
    let concerns = |judged: &Judged| {
        let deviation = &judged.deviation;
        let own = deviation.attribute.as_ref();
        deviation.address.as_ref() == Some(address)
            && deviation.workspace == workspace
            && own.is_none_or(|own| own.holds(attribute) || attribute.holds(own))
    };
    Ok(Asked {
        judged: judged.into_iter().filter(concerns).collect(),
        recorded: None,
        number: Some(number),
        attribute: Some(attribute.clone()),
    })
}
