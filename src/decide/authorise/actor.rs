//! Whether the actor of a change is one whom the change record allows.
//!
//! A session's name is chosen by whoever opens the session. It can show that an approver acted, but
//! it never makes an actor allowed.

use std::collections::BTreeSet;

use super::super::approvals::{Party, resolve};
use crate::model::{AccountId, Attribution, ChangeRecord, IdentityMap};

/// An actor as the trail names it, with what its names are worth.
pub(super) struct ActorNames<'a> {
    /// Names that nobody else can have.
    certain: BTreeSet<&'a str>,
    /// All names.
    claimed: BTreeSet<&'a str>,
    /// Everybody whom a certain name stands for.
    persons: BTreeSet<Party>,
    /// Everybody whom any of the names stands for, unmapped names left out.
    suspects: BTreeSet<Party>,
}

pub(super) enum Allowed {
    Yes,
    No(String),
    Unknown(String),
}

/// The parts of an ARN that tell who somebody is.
struct Arn<'a> {
    account: &'a str,
    /// `role`, `assumed-role`, `user`, …
    kind: &'a str,
    /// Of a role its name without the path; of a session the role's name.
    name: &'a str,
    session: Option<&'a str>,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.trim().strip_prefix("arn:")?.splitn(5, ':').skip(2);
        let (_region, account) = (parts.next()?, parts.next()?);
        let (kind, path) = parts.next()?.split_once('/')?;
        let (name, session) = if kind == "assumed-role" {
            let (name, session) = path.split_once('/')?;
            (name, Some(session))
        } else {
            (path.rsplit('/').next()?, None)
        };
        Some(Self {
            account,
            kind,
            name,
            session,
        })
    }

    fn is_role(&self) -> bool {
        matches!(self.kind, "role" | "assumed-role")
    }
}

impl<'a> ActorNames<'a> {
    /// `account` is where the changed resource lives: a role of the same name in another account is
    /// another role.
    pub(super) fn of(
        attribution: &'a Attribution,
        account: Option<&AccountId>,
        people: Option<&IdentityMap>,
    ) -> Self {
        let actor = attribution.actor.trim();
        let aliases = attribution.aliases.iter().map(|alias| alias.trim());
        let arn = Arn::parse(actor);
        let mut certain = BTreeSet::from([actor]);
        match &arn {
            Some(arn) if arn.is_role() => {
                certain.extend(aliases.clone().filter(|alias| is_arn_of(alias, arn)));
                certain.extend(arn.session.filter(|_| single_sign_on(arn)));
            }
            // The name of a federated session is chosen by its caller as well.
            Some(arn) if arn.kind == "federated-user" => {}
            Some(_) | None => certain.extend(aliases.clone()),
        }
        let mut claimed: BTreeSet<&str> = aliases.collect();
        if let Some(arn) = &arn {
            claimed.extend(arn.session);
            claimed.insert(arn.name);
            let at_home = account.is_none_or(|account| account.as_str() == arn.account);
            if at_home && arn.kind != "federated-user" {
                certain.insert(arn.name);
            } else {
                certain.remove(arn.name);
            }
        }
        claimed.extend(&certain);
        claimed.extend(attribution.person.as_deref());
        Self {
            persons: persons(&certain, arn.as_ref(), people),
            suspects: claimed
                .iter()
                .map(|name| resolve(name, people))
                .filter(|party| !party.is_unmapped())
                .collect(),
            certain,
            claimed,
        }
    }

    /// Everybody who may have acted, for the question whether an approver did.
    pub(super) fn suspects(&self) -> &BTreeSet<Party> {
        &self.suspects
    }

    /// How reasons name the actor: by id, for they reach the evidence log.
    pub(super) fn shown(&self) -> &str {
        let person = self.persons.first().or(self.suspects.first());
        person.map_or("an actor who is not in the identity map", Party::shown)
    }

    /// Whether the record names the actor, or the person behind it, as implementer.
    pub(super) fn allowed(&self, record: &ChangeRecord, people: Option<&IdentityMap>) -> Allowed {
        let number = &record.number;
        if record.implemented_by.is_empty() {
            return Allowed::Unknown(format!("{number} names nobody who may implement it"));
        }
        let named = |names: &BTreeSet<&str>, persons: &BTreeSet<Party>| {
            record.implemented_by.iter().any(|implementer| {
                names.iter().any(|name| same_name(name, implementer))
                    || persons.contains(&resolve(implementer, people))
            })
        };
        if named(&self.certain, &self.persons) {
            return Allowed::Yes;
        }
        if named(&self.claimed, &self.suspects) {
            return Allowed::Unknown(format!(
                "the actor has the name of an implementer of {number} only as a session's name \
                 or in another account, which does not prove who it is"
            ));
        }
        if self.persons.is_empty() {
            return Allowed::Unknown(match self.suspects.first() {
                None => "the actor is not in the identity map".to_owned(),
                Some(party) => format!(
                    "only the name of a session says that {} made the change, which proves nothing",
                    party.shown()
                ),
            });
        }
        Allowed::No(format!(
            "{} made the change, and {number} does not name {} in `implemented_by`",
            self.shown(),
            self.shown()
        ))
    }
}

/// The people of certain names: exactly as the map has them, or by the ARN of the very role.
fn persons(
    certain: &BTreeSet<&str>,
    arn: Option<&Arn<'_>>,
    people: Option<&IdentityMap>,
) -> BTreeSet<Party> {
    let Some(people) = people else {
        return BTreeSet::new();
    };
    let role = arn.filter(|arn| arn.is_role());
    let by_role = people.people().iter().filter(|person| {
        let mut aliases = person.aliases.iter();
        role.is_some_and(|role| aliases.any(|alias| is_arn_of(alias, role)))
    });
    certain
        .iter()
        .filter_map(|name| people.find(name))
        .chain(by_role)
        .map(|person| Party::Known(person.id.clone()))
        .collect()
}

/// E-mail addresses compare without case, everything else exactly; never by part.
fn same_name(name: &str, implementer: &str) -> bool {
    let implementer = implementer.trim();
    if name.contains('@') {
        name.to_lowercase() == implementer.to_lowercase()
    } else {
        name == implementer || same_role(name, implementer)
    }
}

/// A session of a role and the role itself, by their ARNs: the session's ARN has no path.
fn same_role(name: &str, implementer: &str) -> bool {
    match (Arn::parse(name), Arn::parse(implementer)) {
        (Some(a), Some(b)) => {
            let sessions_agree = a.session == b.session || b.session.is_none();
            a.is_role()
                && b.is_role()
                && sessions_agree
                && (a.account, a.name) == (b.account, b.name)
        }
        (Some(_), None) | (None, _) => false,
    }
}

fn is_arn_of(alias: &str, role: &Arn<'_>) -> bool {
    Arn::parse(alias).is_some_and(|other| {
        other.kind == "role" && (other.account, other.name) == (role.account, role.name)
    })
}

/// The identity centre names these sessions itself, after the user.
fn single_sign_on(role: &Arn<'_>) -> bool {
    role.kind == "assumed-role" && role.name.starts_with("AWSReservedSSO_")
}

/// Whether whoever did something is one whom a change record names, beyond doubt.
pub fn may_implement(
    attribution: &Attribution,
    account: Option<&AccountId>,
    record: &ChangeRecord,
    people: Option<&IdentityMap>,
) -> bool {
    let names = ActorNames::of(attribution, account, people);
    matches!(names.allowed(record, people), Allowed::Yes)
}
