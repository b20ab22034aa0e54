//! What has to hold before the values before a fix come back.

use super::identity::cannot_be_judged;
use super::taking::{
    import_of, imported, is_the_approved_one, not_now, owner, planned_away, unfit,
};
use super::told::shown;
use super::{Ready, Stop, Target, equality};
use crate::decide::guards::Import;
use crate::engine::exact::{plan, read};
use crate::ingest::terraform_source::Ignore;
use crate::model::{AttributePath, Fix, FixChange, FixSubject, FixWay, Value as Shown};
use crate::ports::{Held, Proposal, ResourceProvider};
use crate::provider::cty::Value;
use crate::provider::exact::{
    Planning, differences, is_moved, proposed_new, put_back, sensitive_names, set_back,
    with_ignored,
};
use crate::provider::json::{self, Objects};
use crate::provider::schema::{Block, Schema};

pub(super) fn ready_to_undo(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    subject: &FixSubject,
    fix: &Fix,
) -> Result<Ready, Stop> {
    let change = fix.outcome.as_ref().and_then(|own| own.change.as_ref());
    let change = change.ok_or_else(|| unfit("its record has no values before"))?;
    match fix.way {
        FixWay::SetBack => of_attribute(provider, target, subject, change),
        FixWay::PutBack => of_made(provider, target, change),
        FixWay::TakeAway => of_taken(provider, target, subject, change),
    }
}

const MOVED: &str = "it is not as the fix left it";

fn moved() -> Stop {
    Stop::NotNow(MOVED.to_owned())
}

/// The attribute gets what it had, and everything else stays.
fn of_attribute(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    subject: &FixSubject,
    change: &FixChange,
) -> Result<Ready, Stop> {
    let attribute = subject.attribute.as_ref();
    let attribute = attribute.ok_or_else(|| unfit("it names no attribute"))?;
    let read = read(provider, target.subject).map_err(Stop::NotNow)?;
    let live = read.live.clone();
    let live = live.ok_or_else(|| Stop::NotNow("the provider says that it is gone".to_owned()))?;
    if let Some(why) = cannot_be_judged(target, &read, attribute) {
        return Err(Stop::Unfit(why));
    }
    is_the_approved_one(provider, target, &read, &live)?;
    let wanted = with_values_before(&read.schema, &live.state, attribute, change)?;
    let config = with_ignored(&read.config, &wanted, Some(&Ignore::All));
    let first: AttributePath =
        AttributePath::root().child(&attribute.tokens().next().unwrap_or_default());
    let config = with_ignored(&config, &wanted, Some(&Ignore::Paths(vec![first])));
    let planned = plan(provider, target.subject, &read.schema, &live, &config);
    let planned = planned.map_err(Stop::NotNow)?;
    let planning = Planning {
        block: &read.schema.block,
        live: &live.state,
        planned: &planned.state,
        equality: equality(&planned),
    };
    let plan = set_back(planning, &planned.requires_replace, attribute);
    let plan = plan.map_err(|error| Stop::Unfit(error.to_string()))?;
    let off = differences(&wanted, &planned.state, planning.equality);
    if off.iter().any(|one| attribute.holds(&one.path)) {
        return Err(unfit(
            "the provider would not make it what it was before the fix",
        ));
    }
    let plan = (planned, plan);
    Ok(Ready::of_approved(target, read, live, config, plan))
}

/// The live resource with the values before, where it has those after; elsewhere it moved.
fn with_values_before(
    schema: &Schema,
    live: &Value,
    attribute: &AttributePath,
    change: &FixChange,
) -> Result<Value, Stop> {
    let none = || unfit("its values cannot be read");
    let (Shown::Map(before), Shown::Map(after)) = (&change.before, &change.after) else {
        return Err(none());
    };
    let mut whole = shown(live).ok_or_else(none)?;
    let (mut is_as_before, mut is_any) = (true, false);
    for (path, old) in before {
        let path = AttributePath::from(&**path);
        // What followed by itself follows again.
        if !attribute.holds(&path) {
            continue;
        }
        is_any = true;
        let new = after.get(path.as_str()).ok_or_else(none)?;
        let tokens: Vec<String> = path.tokens().collect();
        let is_set = matches!(live.at(path.tokens()), Some(Value::Set(_)));
        let place = at_mut(&mut whole, &tokens).ok_or_else(moved)?;
        let now = std::mem::take(place);
        is_as_before &= match is_set {
            true => has_all(&now, old) && !has_any(&now, new),
            false => now == *old,
        };
        *place = match is_set {
            true if has_all(&now, new) => exchanged(&now, new, old),
            false if now == *new => old.clone(),
            true | false if is_as_before => now,
            true | false => return Err(moved()),
        };
    }
    if !is_any {
        return Err(unfit("its record says nothing of the attribute"));
    }
    if is_as_before {
        return Err(Stop::AsApproved);
    }
    let text = serde_json::to_string(&whole).map_err(|_| none())?;
    json::read(&text, &schema.value_type, Objects::Lenient).map_err(|_| none())
}

fn elements(value: &Shown) -> &[Shown] {
    value.as_list().unwrap_or_default()
}

fn has_all(set: &Shown, some: &Shown) -> bool {
    elements(some).iter().all(|one| elements(set).contains(one))
}

fn has_any(set: &Shown, some: &Shown) -> bool {
    elements(some).iter().any(|one| elements(set).contains(one))
}

fn exchanged(set: &Shown, without: &Shown, with: &Shown) -> Shown {
    let kept = elements(set).iter();
    let kept = kept.filter(|one| !elements(without).contains(one) && !elements(with).contains(one));
    Shown::List(kept.chain(elements(with)).cloned().collect())
}

fn at_mut<'v>(value: &'v mut Shown, tokens: &[String]) -> Option<&'v mut Shown> {
    let mut tokens = tokens.iter();
    tokens.try_fold(value, |here, token| match here {
        Shown::Map(all) => all.get_mut(token),
        Shown::List(all) => all.get_mut(token.parse::<usize>().ok()?),
        Shown::Null
        | Shown::Bool(_)
        | Shown::Number(_)
        | Shown::String(_)
        | Shown::Sensitive(_) => None,
    })
}

/// A whole resource as a record has it.
fn recorded(schema: &Schema, value: &Shown) -> Result<Value, Stop> {
    let none = || unfit("what its record holds does not fit the provider's schema");
    let text = serde_json::to_string(value).map_err(|_| none())?;
    json::read(&text, &schema.value_type, Objects::Lenient).map_err(|_| none())
}

/// What was made again is removed: it was not there before.
fn of_made(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    change: &FixChange,
) -> Result<Ready, Stop> {
    let read = read(provider, target.subject).map_err(Stop::NotNow)?;
    let Some(live) = read.live.clone() else {
        return Err(Stop::AsApproved);
    };
    let after = recorded(&read.schema, &change.after)?;
    if is_moved(&read.schema.block, &after, &live.state) {
        return Err(moved());
    }
    let import = Import {
        type_name: &target.subject.state.type_name,
        id: String::new(),
        within: String::new(),
    };
    let (planned, plan) = planned_away(provider, &import, &read.schema.block, &live)?;
    let plan = (planned, plan);
    Ok(Ready::of_approved(target, read, live, Value::Null, plan))
}

/// What was taken away is made again, as it was.
fn of_taken(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    subject: &FixSubject,
    change: &FixChange,
) -> Result<Ready, Stop> {
    let import = import_of(target, subject)?;
    owner(provider, target, subject, &import)?;
    let schema = provider.schema(import.type_name).map_err(not_now)?;
    let before = recorded(&schema, &change.before)?;
    let found = imported(provider, &import)?;
    if let Some(there) = provider.read(import.type_name, &found).map_err(not_now)? {
        return Err(match is_moved(&schema.block, &before, &there.state) {
            true => Stop::NotNow("something else is there by now".to_owned()),
            false => Stop::AsApproved,
        });
    }
    let live = Held {
        state: Value::Null,
        private: Vec::new(),
    };
    let config = as_written(&schema.block, &before);
    let proposed = proposed_new(&schema.block, &live.state, &config);
    let proposal = Proposal {
        prior: &live.state,
        proposed: &proposed,
        config: &config,
        private: &live.private,
    };
    let planned = provider.plan(import.type_name, proposal).map_err(not_now)?;
    let planning = Planning {
        block: &schema.block,
        live: &live.state,
        planned: &planned.state,
        equality: equality(&planned),
    };
    let plan = put_back(planning, &config).map_err(|error| Stop::Unfit(error.to_string()))?;
    Ok(Ready {
        type_name: import.type_name.to_owned(),
        sensitive: sensitive_names(&schema.block),
        schema,
        identity: found,
        live,
        config,
        planned,
        plan,
    })
}

/// What somebody could have written to get this: the provider's own values are left to it.
fn as_written(block: &Block, state: &Value) -> Value {
    let Value::Object(all) = state else {
        return state.clone();
    };
    let all = all.iter().map(|(name, value)| {
        let own = block.attributes.get(name);
        let is_own = own.is_some_and(|own| own.is_computed_only() || own.write_only);
        // Providers of the old kind let their id be written, and nobody does.
        match is_own || &**name == "id" {
            true => (name.clone(), Value::Null),
            false => (name.clone(), value.clone()),
        }
    });
    Value::Object(all.collect())
}
