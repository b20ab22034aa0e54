//! What has to hold before anything is changed.

use std::sync::Arc;

use super::identity::{
    cannot_be_judged, is_another, is_not_the_same, nothing_tells, state_differs,
};
use super::told::shown;
use super::{Ready, Stop, Target, equality};
use crate::decide::confirm::confirm;
use crate::engine::exact::{Read, plan, read, said};
use crate::ingest::terraform_source::Ignore;
use crate::model::{AttributePath, FixSubject};
use crate::ports::{Held, Planned, ResourceProvider};
use crate::provider::cty::Value;
use crate::provider::exact::{
    Difference, Equality, FixPlan, Planning, beside, differences, is_moved, put_back, set_back,
    with_ignored,
};

pub(super) fn ready_to_set_back(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    finding: &FixSubject,
) -> Result<Ready, Stop> {
    let attribute = finding.attribute.as_ref();
    let attribute = attribute.ok_or_else(|| Stop::Unfit("it names no attribute".to_owned()))?;
    let read = read(provider, target.subject).map_err(Stop::NotNow)?;
    let Some(live) = read.live.clone() else {
        return Err(Stop::NotNow("the provider says that it is gone".to_owned()));
    };
    let is_other = is_another(finding, &live.state);
    if let Some(why) = is_other.or_else(|| cannot_be_judged(target, &read, attribute)) {
        return Err(Stop::Unfit(why));
    }
    self_tested(provider, target, &read, attribute)?;
    let (config, planned) = narrowed(provider, target, &read, &live, attribute)?;
    let plan = just_the_fix(target, finding, &read, &live, &planned)?;
    let plan = (planned, plan);
    Ok(Ready::of_approved(target, read, live, config, plan))
}

/// What the provider would do with the attribute as approved, and everything else as it is: whatever else
/// was changed, nobody permitted to undo.
fn narrowed(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    read: &Read,
    live: &Held,
    attribute: &AttributePath,
) -> Result<(Value, Planned), Stop> {
    let schema = Arc::clone(&read.schema);
    let whole = with_ignored(&read.config, &live.state, target.subject.ignored);
    let planned = plan(provider, target.subject, &schema, live, &whole).map_err(Stop::NotNow)?;
    let planning = Planning {
        block: &schema.block,
        live: &live.state,
        planned: &planned.state,
        equality: equality(&planned),
    };
    let others = beside(planning, attribute);
    if let Some(why) = is_not_the_same(&schema.block, &planned, &others) {
        return Err(Stop::Unfit(why));
    }
    let all = differences(planning.live, planning.planned, planning.equality);
    if !all.iter().any(|one| attribute.holds(&one.path)) {
        return Err(as_applied(read, &live.state, attribute, planning.equality));
    }
    if others.is_empty() {
        return Ok((whole, planned));
    }
    let config = with_ignored(&whole, &live.state, Some(&Ignore::Paths(others)));
    let planned = plan(provider, target.subject, &schema, live, &config);
    Ok((config, planned.map_err(Stop::NotNow)?))
}

/// Whether the plan is what was permitted, and what it changes is what the finding says.
fn just_the_fix(
    target: Target<'_>,
    finding: &FixSubject,
    read: &Read,
    live: &Held,
    planned: &Planned,
) -> Result<FixPlan, Stop> {
    let planning = Planning {
        block: &read.schema.block,
        live: &live.state,
        planned: &planned.state,
        equality: equality(planned),
    };
    let root = AttributePath::root();
    let attribute = finding.attribute.as_ref().unwrap_or(&root);
    let plan = set_back(planning, &planned.requires_replace, attribute);
    let plan = plan.map_err(|error| Stop::Unfit(error.to_string()))?;
    let sides = shown(&live.state).zip(shown(&planned.state));
    let (now, then) = sides.ok_or_else(|| Stop::Unfit("its values cannot be read".to_owned()))?;
    confirm(target.catalogue, finding, &now, &then).map_err(Stop::Unfit)?;
    Ok(plan)
}

/// The provider sees nothing to do: that is believed only where it reads as it was applied.
fn as_applied(read: &Read, live: &Value, attribute: &AttributePath, equality: Equality) -> Stop {
    let at = |value: &Value| value.at(attribute.tokens()).cloned();
    let found = match (at(&read.state), at(live)) {
        (Some(applied), Some(now)) => differences(&applied, &now, equality).is_empty(),
        _ => false,
    };
    match found {
        true => Stop::AsApproved,
        false => Stop::Unfit("the provider would change nothing there".to_owned()),
    }
}

pub(super) fn ready_to_put_back(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    finding: &FixSubject,
) -> Result<Ready, Stop> {
    let read = read(provider, target.subject).map_err(Stop::NotNow)?;
    if let Some(live) = &read.live {
        let live = &live.state;
        return Err(match is_another(finding, live) {
            Some(why) => Stop::Unfit(why),
            None => as_it_should_be(provider, target, &read)?,
        });
    }
    let block = &read.schema.block;
    if let Some(why) = nothing_tells(block).or_else(|| state_differs(block, &read)) {
        return Err(Stop::Unfit(why));
    }
    if !read.doubtful.is_empty() {
        let why = "the plan does not tell all that was written of it".to_owned();
        return Err(Stop::Unfit(why));
    }
    let live = Held {
        state: Value::Null,
        private: Vec::new(),
    };
    let config = read.config.clone();
    let planned = plan(provider, target.subject, &read.schema, &live, &config);
    let planned = planned.map_err(Stop::NotNow)?;
    let planning = Planning {
        block,
        live: &live.state,
        planned: &planned.state,
        equality: equality(&planned),
    };
    let plan = put_back(planning, &config).map_err(|error| Stop::Unfit(error.to_string()))?;
    Ok(Ready {
        identity: as_applied_to(target, &read),
        type_name: target.subject.state.type_name.clone(),
        schema: Arc::clone(&read.schema),
        sensitive: read.sensitive,
        live,
        config,
        planned,
        plan,
    })
}

fn as_applied_to(target: Target<'_>, read: &Read) -> Held {
    Held {
        state: read.state.clone(),
        private: target.subject.state.private.clone(),
    }
}

/// It is there after all: as approved, or not.
fn as_it_should_be(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    read: &Read,
) -> Result<Stop, Stop> {
    let Some(live) = &read.live else {
        return Err(Stop::NotNow("it is gone".to_owned()));
    };
    let planned = plan(provider, target.subject, &read.schema, live, &read.config);
    let planned = planned.map_err(Stop::NotNow)?;
    let found = differences(&live.state, &planned.state, equality(&planned));
    Ok(match found.is_empty() {
        true => Stop::AsApproved,
        false => Stop::NotNow("it is there, and not as it was approved".to_owned()),
    })
}

/// The provider must not want to change there what was just applied: then the configuration was not put
/// together as it was written.
fn self_tested(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    read: &Read,
    attribute: &AttributePath,
) -> Result<(), Stop> {
    let held = as_applied_to(target, read);
    let config = with_ignored(&read.config, &held.state, target.subject.ignored);
    let planned = plan(provider, target.subject, &read.schema, &held, &config);
    let planned = planned.map_err(Stop::NotNow)?;
    let found = differences(&held.state, &planned.state, equality(&planned));
    let is_wrong = |one: &Difference| attribute.holds(&one.path) || one.path.holds(attribute);
    if found.iter().any(is_wrong) {
        return Err(Stop::Unfit(format!(
            "the state after the apply is not what the plan says at `{attribute}`"
        )));
    }
    let paths: Vec<AttributePath> = found.into_iter().map(|one| one.path).collect();
    match is_not_the_same(&read.schema.block, &planned, &paths) {
        Some(why) => Err(Stop::Unfit(why)),
        None => Ok(()),
    }
}

/// Nothing may have moved while we looked.
pub(super) fn seen_again(provider: &mut dyn ResourceProvider, ready: &Ready) -> Result<(), Stop> {
    let again = read_as(provider, &ready.type_name, &ready.identity).map_err(Stop::NotNow)?;
    match is_moved(&ready.schema.block, &ready.live.state, &again) {
        false => Ok(()),
        true => Err(Stop::NotNow("it changed while it was looked at".to_owned())),
    }
}

/// The resource as it is now; null where it is gone.
pub(super) fn read_as(
    provider: &mut dyn ResourceProvider,
    type_name: &str,
    identity: &Held,
) -> Result<Value, String> {
    let found = provider.read(type_name, identity);
    let found = found.map_err(said)?;
    Ok(found.map_or(Value::Null, |held| held.state))
}
