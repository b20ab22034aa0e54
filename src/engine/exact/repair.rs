//! One permitted fix through a provider: read, plan, judge the plan, read again, apply, read again.

use std::collections::BTreeSet;

use super::{Read, Subject, plan, read, said};
use crate::decide::confirm::confirm;
use crate::decide::guards::Permit;
use crate::ingest::terraform_source::Ignore;
use crate::model::{AttributePath, FixChange, FixResult, FixSubject, FixWay, Value as Shown};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{CarriedOut, Diagnostic, Held, Planned, Reached, ResourceProvider};
use crate::provider::cty::Value;
use crate::provider::exact::{
    Came, Difference, Equality, FixPlan, Planning, beside, came, differences, is_moved, put_back,
    set_back, with_ignored,
};
use crate::provider::json;
use crate::provider::schema::Block;

/// What a fix goes by beside its permit.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub subject: &'a Subject<'a>,
    /// Places of which the settled baseline says that the plan does not tell what was written.
    pub masks: &'a [AttributePath],
    pub catalogue: &'a Catalogue,
    /// As records name the provider.
    pub provider: &'a str,
}

/// What became of a permit.
pub enum Repaired {
    Done(CarriedOut),
    /// Nothing was changed, and it is not for the provider: somebody else may go on.
    Left {
        permit: Permit,
        receipt: Reached,
        why: String,
    },
}

/// Why it stops before anything is changed.
enum Stop {
    /// It is not for the provider.
    Unfit(String),
    /// It cannot be looked at, or moved meanwhile.
    NotNow(String),
    AsApproved,
}

/// Everything that is known right before the apply.
struct Ready {
    read: Read,
    /// The resource as it is; null where it is gone.
    live: Held,
    /// By which it is read again.
    identity: Held,
    config: Value,
    planned: Planned,
    plan: FixPlan,
}

impl Ready {
    fn planning(&self) -> Planning<'_> {
        Planning {
            block: &self.read.schema.block,
            live: &self.live.state,
            planned: &self.planned.state,
            equality: equality(&self.planned),
        }
    }
}

fn equality(planned: &Planned) -> Equality {
    match planned.legacy_types {
        true => Equality::Legacy,
        false => Equality::Exact,
    }
}

/// Carries out one fix. May be called again with the permit of the same intent after a crash at any
/// point: what it reads decides what is left to do.
pub fn repair(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    permit: Permit,
    receipt: Reached,
) -> Repaired {
    let ready = match permit.way() {
        FixWay::SetBack => ready_to_set_back(provider, target, permit.subject()),
        FixWay::PutBack => ready_to_put_back(provider, target, permit.subject()),
        FixWay::TakeAway => Err(Stop::Unfit(
            "nothing is taken away by a provider".to_owned(),
        )),
    };
    let ready = ready.and_then(|ready| {
        seen_again(provider, target, &ready)?;
        Ok(ready)
    });
    match ready {
        Ok(ready) => Repaired::Done(apply(provider, target, &ready)),
        Err(Stop::Unfit(why)) => Repaired::Left {
            permit,
            receipt,
            why,
        },
        Err(Stop::NotNow(why)) => Repaired::Done(unchanged(FixResult::NotCarriedOut, why)),
        Err(Stop::AsApproved) => Repaired::Done(unchanged(
            FixResult::AsApproved,
            "a fresh read shows it as approved, and nothing was changed now".to_owned(),
        )),
    }
}

fn unchanged(result: FixResult, detail: String) -> CarriedOut {
    CarriedOut {
        result,
        detail,
        document: None,
        change: None,
    }
}

fn ready_to_set_back(
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
    let schema = std::sync::Arc::clone(&read.schema);
    let whole = with_ignored(&read.config, &live.state, target.subject.ignored);
    let planned = plan(provider, target.subject, &schema, &live, &whole).map_err(Stop::NotNow)?;
    let planning = |planned: &'_ Planned| -> (Vec<AttributePath>, bool) {
        let planning = Planning {
            block: &schema.block,
            live: &live.state,
            planned: &planned.state,
            equality: equality(planned),
        };
        let all = differences(planning.live, planning.planned, planning.equality);
        (
            beside(planning, attribute),
            all.iter().any(|one| attribute.holds(&one.path)),
        )
    };
    let (others, is_different) = planning(&planned);
    if let Some(why) = is_not_the_same(&schema.block, &planned, &others) {
        return Err(Stop::Unfit(why));
    }
    if !is_different {
        return Err(as_applied(
            &read,
            &live.state,
            attribute,
            equality(&planned),
        ));
    }
    // Whatever else was changed stays as it is: nobody permitted that.
    let (config, planned) = match others.is_empty() {
        true => (whole, planned),
        false => {
            let config = with_ignored(&whole, &live.state, Some(&Ignore::Paths(others)));
            let planned = plan(provider, target.subject, &schema, &live, &config);
            (config, planned.map_err(Stop::NotNow)?)
        }
    };
    let plan = set_back(
        Planning {
            block: &schema.block,
            live: &live.state,
            planned: &planned.state,
            equality: equality(&planned),
        },
        &planned.requires_replace,
        attribute,
    );
    let plan = plan.map_err(|error| Stop::Unfit(error.to_string()))?;
    let sides = shown(&live.state).zip(shown(&planned.state));
    let (now, then) = sides.ok_or_else(|| Stop::Unfit("its values cannot be read".to_owned()))?;
    confirm(target.catalogue, finding, &now, &then).map_err(Stop::Unfit)?;
    Ok(Ready {
        read,
        identity: live.clone(),
        live,
        config,
        planned,
        plan,
    })
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

fn ready_to_put_back(
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
        block: &read.schema.block,
        live: &live.state,
        planned: &planned.state,
        equality: equality(&planned),
    };
    let plan = put_back(planning, &config).map_err(|error| Stop::Unfit(error.to_string()))?;
    Ok(Ready {
        identity: Held {
            state: read.state.clone(),
            private: target.subject.state.private.clone(),
        },
        read,
        live,
        config,
        planned,
        plan,
    })
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

/// The state could name another resource than the one that was found.
fn is_another(finding: &FixSubject, live: &Value) -> Option<String> {
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

fn cannot_be_judged(target: Target<'_>, read: &Read, attribute: &AttributePath) -> Option<String> {
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
fn is_not_the_same(
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

/// The provider must not want to change there what was just applied: then the configuration was not put
/// together as it was written.
fn self_tested(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    read: &Read,
    attribute: &AttributePath,
) -> Result<(), Stop> {
    let held = Held {
        state: read.state.clone(),
        private: target.subject.state.private.clone(),
    };
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
fn seen_again(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    ready: &Ready,
) -> Result<(), Stop> {
    let again = read_as(provider, target, &ready.identity).map_err(Stop::NotNow)?;
    match is_moved(&ready.read.schema.block, &ready.live.state, &again) {
        false => Ok(()),
        true => Err(Stop::NotNow("it changed while it was looked at".to_owned())),
    }
}

/// The resource as it is now; null where it is gone.
fn read_as(
    provider: &mut dyn ResourceProvider,
    target: Target<'_>,
    identity: &Held,
) -> Result<Value, String> {
    let found = provider.read(&target.subject.state.type_name, identity);
    let found = found.map_err(said)?;
    Ok(found.map_or(Value::Null, |held| held.state))
}

/// From here on something may be changed, and only a fresh read is believed.
fn apply(provider: &mut dyn ResourceProvider, target: Target<'_>, ready: &Ready) -> CarriedOut {
    let type_name = &target.subject.state.type_name;
    let prior = &ready.live.state;
    let applied = provider.apply(type_name, prior, &ready.config, &ready.planned);
    let (trouble, made) = match applied {
        Ok(applied) => (errors(&applied.diagnostics), Some(applied.held)),
        Err(error) => (Some(said(error)), None),
    };
    // What was made anew may have got another identity.
    let made = made.filter(|held| prior.is_null() && !held.state.is_null());
    let identity = made.as_ref().unwrap_or(&ready.identity);
    let after = match read_as(provider, target, identity) {
        Ok(after) => after,
        Err(why) => {
            let trouble = trouble.map_or_else(String::new, |own| format!("{own}; and "));
            return unchanged(
                FixResult::Interrupted,
                format!("{trouble}what became of it cannot be read: {why}"),
            );
        }
    };
    let (result, detail) = match (came(ready.planning(), &ready.plan, &after), trouble) {
        (Came::AsPlanned, None) => (
            FixResult::Fixed,
            "changed, and a fresh read shows it as approved".to_owned(),
        ),
        (Came::AsPlanned, Some(trouble)) => (
            FixResult::Fixed,
            format!("changed, and a fresh read shows it as approved, though {trouble}"),
        ),
        (Came::Nothing, None) => (
            FixResult::Failed,
            "the provider reported success, and nothing was changed".to_owned(),
        ),
        (Came::Nothing, Some(trouble)) => {
            (FixResult::Failed, format!("nothing was changed: {trouble}"))
        }
        (Came::Otherwise(paths), trouble) => {
            let paths: Vec<String> = paths.iter().map(named).collect();
            let trouble = trouble.map_or_else(String::new, |own| format!("; {own}"));
            let paths = paths.join(", ");
            (
                FixResult::HalfDone,
                format!("a fresh read shows {paths} otherwise than planned{trouble}"),
            )
        }
    };
    let is_changed = result != FixResult::Failed;
    CarriedOut {
        result,
        detail,
        document: None,
        change: is_changed.then(|| change(target, ready, &after)),
    }
}

fn named(path: &AttributePath) -> String {
    match *path == AttributePath::root() {
        true => "the whole resource".to_owned(),
        false => format!("`{path}`"),
    }
}

fn errors(diagnostics: &[Diagnostic]) -> Option<String> {
    let errors = diagnostics.iter().filter(|one| one.is_error);
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    (!errors.is_empty()).then(|| format!("the provider reported: {}", errors.join("; ")))
}

/// What was changed, as it was read.
fn change(target: Target<'_>, ready: &Ready, after: &Value) -> FixChange {
    let hide = |value: &Value| shown_without(value, &ready.read.sensitive);
    let found = differences(&ready.live.state, after, Equality::Exact);
    let is_whole = ready.live.state.is_null() || after.is_null();
    let (before, after) = match is_whole {
        true => (hide(&ready.live.state), hide(after)),
        false => {
            let secrets = &ready.read.sensitive;
            let side = |of: fn(&Difference) -> &Value| {
                let all = found.iter().map(|one| {
                    let first = one.path.tokens().next();
                    let is_secret = first.is_some_and(|name| secrets.contains(&name));
                    let value = match is_secret {
                        true => sensitive(),
                        false => shown(of(one)).unwrap_or(Shown::Null),
                    };
                    (one.path.to_string(), value)
                });
                Shown::Map(all.collect())
            };
            (side(|one| &one.before), side(|one| &one.after))
        }
    };
    FixChange {
        before,
        after,
        consequences: ready.plan.consequences.clone(),
        provider: target.provider.to_owned(),
        values_elsewhere: false,
    }
}

fn shown(value: &Value) -> Option<Shown> {
    serde_json::from_str(&json::write(value)).ok()
}

fn shown_without(value: &Value, secrets: &BTreeSet<String>) -> Shown {
    match shown(value) {
        Some(Shown::Map(all)) => {
            let all = all
                .into_iter()
                .map(|(name, value)| match secrets.contains(&name) {
                    true => (name, sensitive()),
                    false => (name, value),
                });
            Shown::Map(all.collect())
        }
        Some(other) => other,
        None => Shown::Null,
    }
}

fn sensitive() -> Shown {
    Shown::Map([("sensitive".to_owned(), Shown::Bool(true))].into())
}
