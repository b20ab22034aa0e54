//! Which waivers stand: two mapped people, not one, a change record with standing, and not expired.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{
    Acceptance, ChangeRecord, ChangeState, DeviationId, FindingKey, IdentityMap, Person,
    PersonKind, Waiver,
};

/// The waivers that stand, by finding.
pub type Standing = BTreeMap<FindingKey, (Option<DeviationId>, Acceptance)>;

/// The waivers that stand, and why the others do not, in words for a person. Where two would accept
/// one finding, the one that expires first stands: what comes later must be asked for then.
pub fn standing(
    now: Timestamp,
    waivers: &[Waiver],
    people: Option<&IdentityMap>,
    changes: &[ChangeRecord],
) -> (Standing, Vec<String>) {
    let mut order: Vec<&Waiver> = waivers.iter().collect();
    order.sort_by(|a, b| (a.expires, &a.name).cmp(&(b.expires, &b.name)));
    let mut standing = Standing::new();
    let mut refused = Vec::new();
    for waiver in order {
        match judge(now, waiver, people, changes) {
            Ok(acceptance) => {
                let accepted = (waiver.deviation.clone(), acceptance);
                standing.entry(waiver.finding.clone()).or_insert(accepted);
            }
            Err(why) => refused.push(format!(
                "{}: the waiver `{}` accepts nothing: {why}",
                waiver.place, waiver.name
            )),
        }
    }
    refused.sort();
    (standing, refused)
}

fn judge(
    now: Timestamp,
    waiver: &Waiver,
    people: Option<&IdentityMap>,
    changes: &[ChangeRecord],
) -> Result<Acceptance, String> {
    if waiver.expires <= now {
        return Err(format!("it expired at {}", waiver.expires));
    }
    let people = people.ok_or("no identity map tells who its people are")?;
    let owner = human(people, &waiver.owner, "owner")?;
    let approver = human(people, &waiver.approved_by, "second approver")?;
    if owner.id == approver.id {
        return Err(format!(
            "its owner and its second approver are one person, `{}`",
            owner.id.0
        ));
    }
    let mut records = changes.iter().filter(|own| own.number == waiver.change);
    let record = records
        .next()
        .ok_or_else(|| format!("no change record has the number `{}`", waiver.change))?;
    match &record.state {
        ChangeState::Standing(_) => {}
        ChangeState::NotYet(word) | ChangeState::Withdrawn(word) | ChangeState::Unknown(word) => {
            return Err(format!("{} is in the state `{word}`", waiver.change));
        }
    }
    Ok(Acceptance {
        waiver: waiver.name.clone(),
        owner: owner.id.0.clone(),
        approved_by: approver.id.0.clone(),
        reason: waiver.reason.clone(),
        expires: waiver.expires,
        change: waiver.change.clone(),
        file: waiver.file.clone(),
        file_sha256: waiver.sha256,
    })
}

/// The person of that name, if it is an active human.
pub fn human<'p>(people: &'p IdentityMap, name: &str, role: &str) -> Result<&'p Person, String> {
    let person = people
        .find(name)
        .ok_or_else(|| format!("its {role} is not in the identity map"))?;
    match person.kind {
        PersonKind::Human if person.active => Ok(person),
        PersonKind::Human => Err(format!("its {role} `{}` is no longer active", person.id.0)),
        PersonKind::Bot | PersonKind::Shared => {
            Err(format!("its {role} `{}` is no single human", person.id.0))
        }
    }
}
