//! What has to hold before something that nobody approved is taken away.

use super::identity::is_not_the_same;
use super::told::shown;
use super::{Ready, Stop, Target, equality};
use crate::decide::guards::Import;
use crate::decide::recognise::{is_shown, recognise};
use crate::engine::exact::{Read, plan, read, said};
use crate::model::{AttributePath, FixSubject, ProviderId};
use crate::ports::{Held, Planned, Proposal, ResourceProvider};
use crate::provider::cty::Value;
use crate::provider::exact::{
    FixPlan, Planning, differences, sensitive_names, take_away, with_ignored,
};
use crate::provider::schema::Block;

pub(super) fn ready_to_take_away(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    finding: &FixSubject,
) -> Result<Ready, Stop> {
    let import = import_of(target, finding)?;
    let owner = owner(provider, target, finding, &import)?;
    let schema = provider.schema(import.type_name).map_err(not_now)?;
    let found = imported(provider, &import)?;
    let live = provider.read(import.type_name, &found).map_err(not_now)?;
    let Some(live) = live else {
        return Err(gone(target, finding, &import, &owner));
    };
    let sensitive = sensitive_names(&schema.block);
    for name in &sensitive {
        provider.keep_secret(live.state.get(name).unwrap_or(&Value::Null));
    }
    let now = shown(&live.state).ok_or_else(|| unfit("its values cannot be read"))?;
    recognise(target.catalogue, finding, &now).map_err(Stop::Unfit)?;
    let (planned, plan) = planned_away(provider, &import, &schema.block, &live)?;
    Ok(Ready {
        type_name: import.type_name.to_owned(),
        schema,
        sensitive,
        identity: live.clone(),
        live,
        config: Value::Null,
        planned,
        plan,
    })
}

/// By which the provider finds what the finding is about.
pub(super) fn import_of<'i>(
    target: Target<'i>,
    finding: &'i FixSubject,
) -> Result<Import<'i>, Stop> {
    let own_type = finding.type_name.as_str();
    let id = finding.provider_id.as_ref().map(ProviderId::as_str);
    let import = target.importing.zip(id);
    let import = import.and_then(|(importing, id)| importing.of(own_type, id));
    import.ok_or_else(|| unfit("how the provider would find it is not known"))
}

pub(super) fn unfit(why: &str) -> Stop {
    Stop::Unfit(why.to_owned())
}

pub(super) fn not_now(error: crate::ports::ProviderError) -> Stop {
    Stop::NotNow(said(error))
}

/// What it lies within: approved, there, and the one that the finding names, in the same account. So it is
/// known that this provider, as it is configured, is the one to ask.
pub(super) fn owner(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    finding: &FixSubject,
    import: &Import<'_>,
) -> Result<Value, Stop> {
    let read = read(provider, target.subject).map_err(Stop::NotNow)?;
    let live = read.live.clone().ok_or_else(|| {
        Stop::NotNow("the provider says that what it lies within is gone".to_owned())
    })?;
    if let Some(why) = is_another_owner(finding, &import.within, &live.state) {
        return Err(unfit(why));
    }
    match is_the_approved_one(provider, target, &read, &live) {
        Err(Stop::Unfit(why)) => Err(Stop::Unfit(format!("of what it lies within: {why}"))),
        Err(other) => Err(other),
        Ok(()) => Ok(live.state),
    }
}

/// Whoever can write the state could point us at another resource.
pub(super) fn is_the_approved_one(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    read: &Read,
    live: &Held,
) -> Result<(), Stop> {
    let whole = with_ignored(&read.config, &live.state, target.subject.ignored);
    let planned = plan(provider, target.subject, &read.schema, live, &whole);
    let planned = planned.map_err(Stop::NotNow)?;
    let found = differences(&live.state, &planned.state, equality(&planned));
    let paths: Vec<AttributePath> = found.into_iter().map(|one| one.path).collect();
    match is_not_the_same(&read.schema.block, &planned, &paths) {
        Some(why) => Err(Stop::Unfit(why)),
        None => Ok(()),
    }
}

fn is_another_owner(finding: &FixSubject, name: &str, live: &Value) -> Option<&'static str> {
    let text = |name: &str| live.get(name).and_then(Value::as_str);
    if text("id") != Some(name) && text("name") != Some(name) {
        return Some("the state names another than the one that it was found in");
    }
    let mut arn = text("arn").unwrap_or_default().split(':').skip(3);
    let (region, account) = (arn.next(), arn.next());
    let wanted = finding.account.as_ref().map(|own| own.as_str());
    if wanted.is_none() || account != wanted {
        return Some("nothing says that the provider looks at the account of the finding");
    }
    // What is of no Region has none in its ARN.
    let region = region.filter(|own| !own.is_empty());
    let elsewhere = region.is_some_and(|own| {
        let wanted = finding.region.as_ref();
        wanted.is_none_or(|wanted| wanted.as_str() != own)
    });
    elsewhere.then_some("the provider looks at another Region than the one of the finding")
}

/// Just what was asked for, and nothing beside it.
pub(super) fn imported(
    provider: &mut dyn ResourceProvider,
    import: &Import<'_>,
) -> Result<Held, Stop> {
    let all = provider.import(import.type_name, &import.id);
    let mut all = all.map_err(not_now)?.into_iter();
    match (all.next(), all.next()) {
        (Some(only), None) if only.type_name == import.type_name => Ok(only.held),
        (Some(_) | None, _) => Err(unfit(
            "the provider found more, or other things, under its id",
        )),
    }
}

/// The provider does not find it. Where what it lies within still shows it, it looked for another.
fn gone(target: Target<'_>, finding: &FixSubject, import: &Import<'_>, owner: &Value) -> Stop {
    let owner_type = &*target.subject.state.type_name;
    let Some(owner) = shown(owner) else {
        return unfit("the values of what it lies within cannot be read");
    };
    let place = (owner_type, &*import.within);
    match is_shown(target.catalogue, finding, place, &owner) {
        true => unfit("the provider does not find it, and what it lies within shows it"),
        false => Stop::AsApproved,
    }
}

pub(super) fn planned_away(
    provider: &mut dyn ResourceProvider,
    import: &Import<'_>,
    block: &Block,
    live: &Held,
) -> Result<(Planned, FixPlan), Stop> {
    let proposal = Proposal {
        prior: &live.state,
        proposed: &Value::Null,
        config: &Value::Null,
        private: &live.private,
    };
    let planned = provider.plan(import.type_name, proposal).map_err(not_now)?;
    let planning = Planning {
        block,
        live: &live.state,
        planned: &planned.state,
        equality: equality(&planned),
    };
    let plan = take_away(planning, &planned.requires_replace);
    let plan = plan.map_err(|error| Stop::Unfit(error.to_string()))?;
    Ok((planned, plan))
}
