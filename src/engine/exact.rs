//! Exact observation, resource by resource: upgrade, read, plan, judge. Nothing is changed.

mod elsewhere;
mod repair;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use elsewhere::told_elsewhere;
pub use repair::{Target, repair};
pub use told::told;

use crate::evidence::people::Pseudonymiser;
use crate::ingest::terraform_source::Ignore;
use crate::model::AttributePath;
use crate::ports::{Held, Planned, Proposal, ProviderError, ResourceProvider};
use crate::provider::cty::Value;
use crate::provider::exact::{
    Approved, Difference, Equality, Judged, Kept, PlannedResource, SecretDigest, SettledResource,
    Signals, StateInstance, judge, marked_names, proposed_new, reconstruct, self_test,
    sensitive_names, wholes, with_ignored,
};
use crate::provider::json;
use crate::provider::schema::Schema;

/// One approved resource, and everything that was read about it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub planned: &'a PlannedResource,
    /// Raw; of its configuration.
    pub expressions: &'a str,
    pub state: &'a StateInstance,
    /// Names of `dynamic` blocks, if the source could be asked.
    pub dynamic: Option<&'a BTreeSet<String>>,
    pub ignored: Option<&'a Ignore>,
}

/// What became of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exact {
    /// The provider says that it is gone.
    Missing,
    Seen(Box<Seen>),
    /// It was not seen, for this reason. Never "no drift".
    Gap(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub judged: Judged,
    /// Whether additions would have shown.
    pub is_settled: bool,
    /// Top-level attributes that the read alone shows otherwise: as they were settled, and as they are.
    pub wholes: BTreeMap<String, (Value, Value)>,
    /// Attributes of which a change back would replace the resource.
    pub requires_replace: Vec<AttributePath>,
    /// Top-level attributes that hold secrets.
    pub sensitive: BTreeSet<String>,
    /// What was judged.
    pub sides: Sides,
}

/// A resource as it was written, as it is, as its provider would make it, and as it was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    pub written: Value,
    pub live: Value,
    pub planned: Value,
    pub settled: Option<SettledResource>,
}

/// What became of settling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settling {
    Settled {
        resource: SettledResource,
        schema_version: i64,
    },
    /// It is not as it was applied any more.
    Changed(Vec<Difference>, BTreeSet<String>),
    Missing,
    Gap(String),
}

struct Observed {
    schema: Arc<Schema>,
    state: Value,
    live: Value,
    config: Value,
    doubtful: BTreeSet<AttributePath>,
    planned: Planned,
    sensitive: BTreeSet<String>,
}

impl Observed {
    fn equality(&self) -> Equality {
        match self.planned.legacy_types {
            true => Equality::Legacy,
            false => Equality::Exact,
        }
    }
}

/// Looks at one resource. `settled` is its settled baseline.
pub fn look(
    provider: &mut dyn ResourceProvider,
    subject: &Subject<'_>,
    settled: Option<&Kept>,
    digest: &SecretDigest,
) -> Exact {
    let observed = match observe(provider, subject) {
        Ok(Some(observed)) => observed,
        Ok(None) => return Exact::Missing,
        Err(why) => return Exact::Gap(why),
    };
    let own = &observed.schema.value_type;
    let settled = match settled
        .map(|kept| SettledResource::read(kept, own))
        .transpose()
    {
        Ok(settled) => settled,
        Err(error) => {
            return Exact::Gap(format!(
                "its settled baseline is of another version of the provider: {error}"
            ));
        }
    };
    let mut sensitive = observed.sensitive.clone();
    sensitive.extend(settled.iter().flat_map(SettledResource::private));
    let mut masks = observed.doubtful.clone();
    masks.extend(settled.iter().flat_map(|settled| settled.masks.clone()));
    let signals = Signals {
        block: &observed.schema.block,
        config: &observed.config,
        live: &observed.live,
        planned: &observed.planned.state,
        equality: observed.equality(),
        settled: settled.as_ref(),
        masks: &masks,
        ignored: subject.ignored,
    };
    let judged = judge(&signals, digest);
    let wholes = settled
        .as_ref()
        .map(|settled| wholes(&judged, settled, &observed.live));
    Exact::Seen(Box::new(Seen {
        judged,
        wholes: wholes.unwrap_or_default(),
        is_settled: settled.is_some(),
        requires_replace: observed.planned.requires_replace,
        sensitive,
        sides: Sides {
            written: observed.config,
            live: observed.live,
            planned: observed.planned.state,
            settled,
        },
    }))
}

/// Reads one resource for the first time after its approved apply.
pub fn settle(
    provider: &mut dyn ResourceProvider,
    subject: &Subject<'_>,
    digest: &SecretDigest,
    people: &Pseudonymiser,
) -> Settling {
    let observed = match observe(provider, subject) {
        Ok(Some(observed)) => observed,
        Ok(None) => return Settling::Missing,
        Err(why) => return Settling::Gap(why),
    };
    let tested = self_test(
        &observed.live,
        &observed.planned.state,
        &observed.state,
        observed.equality(),
    );
    match tested {
        Err(changed) => Settling::Changed(changed, observed.sensitive),
        Ok(mut masks) => {
            masks.extend(observed.doubtful.iter().cloned());
            let live = &observed.live;
            let private = private(live, observed.sensitive, people);
            Settling::Settled {
                resource: SettledResource::settle(live, &private, masks, digest),
                schema_version: observed.schema.version,
            }
        }
    }
}

/// Names of attributes of which the log has digests alone: secrets, and what names people.
fn private(
    live: &Value,
    mut secrets: BTreeSet<String>,
    people: &Pseudonymiser,
) -> BTreeSet<String> {
    let Value::Object(all) = live else {
        return secrets;
    };
    let names_people = |value: &Value| {
        let own = serde_json::from_str::<crate::model::Value>(&json::write(value));
        own.is_ok_and(|own| people.value(&own) != own)
    };
    let found = all.iter().filter(|(_, value)| names_people(value));
    secrets.extend(found.map(|(name, _)| name.to_string()));
    secrets
}

/// What the schema, the state or the plan marks.
fn secrets(subject: &Subject<'_>, schema: &Schema) -> BTreeSet<String> {
    let mut names = sensitive_names(&schema.block);
    names.extend(subject.state.sensitive.iter().cloned());
    names.extend(marked_names(&subject.planned.after_sensitive));
    names
}

/// A resource as it was applied, as it was written, and as it is.
struct Read {
    schema: Arc<Schema>,
    state: Value,
    /// `None` if it is gone.
    live: Option<Held>,
    config: Value,
    doubtful: BTreeSet<AttributePath>,
    sensitive: BTreeSet<String>,
}

fn said(error: ProviderError) -> String {
    error.to_string()
}

/// `None` if the resource is gone.
fn observe(
    provider: &mut dyn ResourceProvider,
    subject: &Subject<'_>,
) -> Result<Option<Observed>, String> {
    let Read {
        schema,
        state,
        live,
        config,
        doubtful,
        sensitive,
    } = read(provider, subject)?;
    let Some(live) = live else {
        return Ok(None);
    };
    let config = with_ignored(&config, &live.state, subject.ignored);
    let planned = plan(provider, subject, &schema, &live, &config)?;
    Ok(Some(Observed {
        schema,
        state,
        live: live.state,
        config,
        doubtful,
        planned,
        sensitive,
    }))
}

/// What the provider would make of a resource by a configuration.
fn plan(
    provider: &mut dyn ResourceProvider,
    subject: &Subject<'_>,
    schema: &Schema,
    held: &Held,
    config: &Value,
) -> Result<Planned, String> {
    let proposed = proposed_new(&schema.block, &held.state, config);
    let proposal = Proposal {
        prior: &held.state,
        proposed: &proposed,
        config,
        private: &held.private,
    };
    let planned = provider.plan(&subject.state.type_name, proposal);
    planned.map_err(said)
}

fn read(provider: &mut dyn ResourceProvider, subject: &Subject<'_>) -> Result<Read, String> {
    let StateInstance {
        type_name,
        schema_version,
        attributes,
        private,
        ..
    } = subject.state;
    let schema = provider.schema(type_name).map_err(said)?;
    let state = provider.upgrade(type_name, *schema_version, attributes);
    let state = state.map_err(said)?;
    let sensitive = secrets(subject, &schema);
    for name in &sensitive {
        provider.keep_secret(state.get(name).unwrap_or(&Value::Null));
    }
    let held = Held {
        state: state.clone(),
        private: private.clone(),
    };
    let live = provider.read(type_name, &held).map_err(said)?;
    let approved = Approved {
        after: &subject.planned.after,
        after_unknown: &subject.planned.after_unknown,
        is_create: subject.planned.is_create,
        expressions: subject.expressions,
        state: &state,
        dynamic: subject.dynamic,
    };
    let written = reconstruct(&schema, &approved);
    let written = written.map_err(|error| format!("its plan does not fit the schema: {error}"))?;
    Ok(Read {
        schema,
        state,
        live,
        config: written.config,
        doubtful: written.doubtful,
        sensitive,
    })
}
