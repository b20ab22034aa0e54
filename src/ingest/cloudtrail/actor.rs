//! Who acted, and by what means, as far as the trail itself can say.

use crate::model::{Actor, Means};

use super::record::{Flag, Record, SessionContext, UserIdentity};

/// The part of a role's name that Identity Center gives the roles it makes. Only for these does
/// the session's name come from the directory; elsewhere whoever assumes the role chooses it.
const IDENTITY_CENTER_ROLE: &str = "AWSReservedSSO_";

pub(super) fn actor(record: &Record<'_>) -> Actor {
    let none = UserIdentity::default();
    let who = record.user_identity.as_ref().unwrap_or(&none);
    let source = record
        .source_ip_address
        .as_deref()
        .filter(|text| !text.is_empty());
    let source_ip = source.and_then(|text| text.parse().ok());
    let endpoint = record.vpc_endpoint_id.as_deref().map(str::to_owned);
    let host = source.filter(|_| source_ip.is_none()).map(str::to_owned);
    let (identity, aliases) = names(record, who);
    Actor {
        identity,
        aliases,
        means: means(record, who),
        source_ip,
        source_host: endpoint.or(host),
        user_agent: record.user_agent.as_deref().map(str::to_owned),
    }
}

/// A user agent is whatever the caller writes: it decides nothing here. Whether a key belongs to a
/// pipeline is for `decide::attribute` to say, which holds the allow-list.
fn means(record: &Record<'_>, who: &UserIdentity<'_>) -> Means {
    if service(record, who).is_some() {
        Means::Service
    } else if record.session_credential_from_console == Flag::Yes {
        Means::Console
    } else {
        match who.kind.as_deref() {
            Some("Unknown") | None => Means::Unknown,
            Some(_) => Means::Key,
        }
    }
}

/// The service that acted, on its own or for somebody.
fn service<'r>(record: &'r Record<'_>, who: &'r UserIdentity<'_>) -> Option<&'r str> {
    let invoker = given(&who.invoked_by);
    let on_its_own = who.kind.as_deref() == Some("AWSService")
        || record.event_type.as_deref() == Some("AwsServiceEvent");
    let itself = || given(&record.source_ip_address).or(given(&record.event_source));
    invoker.or_else(|| if on_its_own { itself() } else { None })
}

/// The identity, then its other names, the most trustworthy first.
fn names(record: &Record<'_>, who: &UserIdentity<'_>) -> (String, Vec<String>) {
    let none = SessionContext::default();
    let session = who.session_context.as_ref().unwrap_or(&none);
    let issuer = session.session_issuer.as_ref();
    let issuer_arn = issuer
        .and_then(|issuer| given(&issuer.arn))
        .map(str::to_owned);
    let assumed = given(&who.arn).and_then(assumed_role);
    let role = issuer_arn.or_else(|| assumed.as_ref().map(|assumed| assumed.role_arn.clone()));
    let role_name = issuer.and_then(|issuer| given(&issuer.user_name));
    let role_name = role_name.or(assumed.as_ref().map(|assumed| assumed.role_name));
    let session_name = assumed.as_ref().map(|assumed| assumed.session_name);
    let from_directory = role_name.is_some_and(|name| name.starts_with(IDENTITY_CENTER_ROLE));
    let on_behalf_of = who.on_behalf_of.as_ref();

    let ranked = [
        service(record, who),
        given(&who.arn),
        on_behalf_of.and_then(|person| given(&person.user_id)),
        given(&session.source_identity),
        session_name.filter(|_| from_directory),
        role.as_deref(),
        role_name,
        given(&who.user_name),
        session_name,
    ];
    let last_resort = [given(&who.principal_id), given(&who.account_id)];
    let mut names: Vec<String> = Vec::new();
    for name in ranked.into_iter().flatten() {
        if !names.iter().any(|known| known == name) && !name.starts_with("HIDDEN_DUE_TO") {
            names.push(name.to_owned());
        }
    }
    if names.is_empty() {
        let fallback = last_resort
            .into_iter()
            .flatten()
            .next()
            .unwrap_or("unknown");
        names.push(fallback.to_owned());
    }
    let aliases = names.split_off(1);
    (names.concat(), aliases)
}

struct AssumedRole<'a> {
    /// Without the role's path, which the session's ARN lacks.
    role_arn: String,
    role_name: &'a str,
    session_name: &'a str,
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`
fn assumed_role(arn: &str) -> Option<AssumedRole<'_>> {
    let (before, resource) = arn.split_once(":assumed-role/")?;
    let (role_name, session_name) = resource.split_once('/')?;
    let mut parts = before.split(':').skip(1);
    let (partition, account) = (parts.next()?, parts.nth(2)?);
    Some(AssumedRole {
        role_arn: format!("arn:{partition}:iam::{account}:role/{role_name}"),
        role_name,
        session_name,
    })
}

fn given<'r>(text: &'r Option<std::borrow::Cow<'_, str>>) -> Option<&'r str> {
    text.as_deref().filter(|text| !text.is_empty())
}
