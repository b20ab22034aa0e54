//! What exact reading takes from a plan: values, what was unknown, and the expressions of the
//! configuration, raw.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use crate::ingest::json::{
    Fault, JsonError, JsonStream, StreamError, decode_string, elements, members,
};
use crate::ingest::terraform_source::split_address;

/// Modules may call modules this deep.
const MAX_MODULES: usize = 50;

/// The document is no plan, or not one that can be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanFault {
    #[error(transparent)]
    Unreadable(#[from] StreamError),
    #[error("it is no plan: it has no `resource_changes` and no `configuration`")]
    NoPlan,
}

#[derive(Clone, Debug, Default)]
pub struct ExactPlan {
    pub terraform_version: String,
    /// Managed resources by address, without those that the plan destroys.
    pub resources: BTreeMap<String, PlannedResource>,
    /// Providers as they are configured, by key: `aws`, `aws.dr`, `module.m:aws`.
    pub providers: BTreeMap<String, ConfiguredProvider>,
    /// Values of the root module's variables, raw.
    pub variables: BTreeMap<String, Box<str>>,
    written: BTreeMap<Place, Written>,
}

/// One resource of a plan, raw.
#[derive(Clone, Debug)]
pub struct PlannedResource {
    pub type_name: String,
    pub provider_name: String,
    /// Everything in it comes from its author or from defaults; otherwise also from what was there.
    pub is_create: bool,
    pub after: Box<str>,
    pub after_unknown: Box<str>,
    pub after_sensitive: Box<str>,
}

#[derive(Clone, Debug)]
pub struct ConfiguredProvider {
    pub full_name: String,
    pub expressions: Box<str>,
}

/// Names of modules, and of the resource in the last of them.
type Place = (Vec<String>, String);

/// What an author wrote.
#[derive(Clone, Debug)]
struct Written {
    provider_key: String,
    expressions: Box<str>,
}

impl ExactPlan {
    /// The expressions of a resource and the key of its provider's configuration.
    pub fn written(&self, address: &str) -> Option<(&str, &str)> {
        let parts = split_address(address)?;
        let modules: Vec<String> = parts.modules.iter().map(ToString::to_string).collect();
        let name = format!("{}.{}", parts.type_name, parts.name);
        let written = self.written.get(&(modules, name))?;
        Some((&written.expressions, &written.provider_key))
    }
}

/// Reads a plan, keeping the resources that are wanted.
///
/// # Errors
/// A document that is not well formed, or no plan.
pub fn read_plan<R: Read>(
    reader: R,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<ExactPlan, PlanFault> {
    let mut plan = ExactPlan::default();
    let mut seen = (false, false);
    let mut stream = JsonStream::new(reader);
    stream.object(&mut |stream, key| match key {
        "terraform_version" => {
            plan.terraform_version = stream.value(|raw| Ok(decode_string(raw)?.into_owned()))?;
            Ok(())
        }
        "resource_changes" => {
            seen.0 = true;
            stream.array(&mut |stream| stream.value(|raw| plan.change(raw, wanted)))
        }
        "configuration" => {
            seen.1 = true;
            stream.value(|raw| plan.configuration(raw))
        }
        "variables" => stream.value(|raw| plan.variables(raw)),
        _ => stream.skip(),
    })?;
    stream.finish()?;
    match seen {
        (true, true) => Ok(plan),
        _ => Err(PlanFault::NoPlan),
    }
}

/// The members of an object by name.
pub(super) type Fields<'a> = BTreeMap<Cow<'a, str>, &'a str>;

pub(super) fn fields(raw: &str) -> Result<Fields<'_>, JsonError> {
    members(raw)?.collect()
}

pub(super) fn text(fields: &Fields<'_>, name: &str) -> Option<String> {
    let raw = fields.get(name)?;
    decode_string(raw).ok().map(Cow::into_owned)
}

impl ExactPlan {
    fn change(&mut self, raw: &str, wanted: &dyn Fn(&str) -> bool) -> Result<(), Fault> {
        let resource = fields(raw)?;
        let (Some(address), Some(type_name)) =
            (text(&resource, "address"), text(&resource, "type"))
        else {
            return Ok(());
        };
        let is_deposed = resource.get("deposed").is_some_and(|raw| *raw != "null");
        if text(&resource, "mode").as_deref() != Some("managed") || is_deposed || !wanted(&address)
        {
            return Ok(());
        }
        let change = fields(resource.get("change").copied().unwrap_or("{}"))?;
        let raw = |name: &str| Box::<str>::from(change.get(name).copied().unwrap_or("null"));
        if &*raw("after") == "null" {
            return Ok(());
        }
        let actions = elements(change.get("actions").copied().unwrap_or("[]"))?;
        let actions: Vec<&str> = actions.collect::<Result<_, _>>()?;
        self.resources.insert(
            address,
            PlannedResource {
                type_name,
                provider_name: text(&resource, "provider_name").unwrap_or_default(),
                is_create: actions.contains(&"\"create\""),
                after: raw("after"),
                after_unknown: raw("after_unknown"),
                after_sensitive: raw("after_sensitive"),
            },
        );
        Ok(())
    }

    fn variables(&mut self, raw: &str) -> Result<(), Fault> {
        for member in members(raw)? {
            let (name, variable) = member?;
            if let Some(value) = fields(variable)?.get("value") {
                self.variables.insert(name.into_owned(), (*value).into());
            }
        }
        Ok(())
    }

    fn configuration(&mut self, raw: &str) -> Result<(), Fault> {
        let whole = fields(raw)?;
        for member in members(whole.get("provider_config").copied().unwrap_or("{}"))? {
            let (key, provider) = member?;
            let provider = fields(provider)?;
            let configured = ConfiguredProvider {
                full_name: text(&provider, "full_name").unwrap_or_default(),
                expressions: provider.get("expressions").copied().unwrap_or("{}").into(),
            };
            self.providers.insert(key.into_owned(), configured);
        }
        let root = whole.get("root_module").copied().unwrap_or("{}");
        self.module(root, &mut Vec::new())
    }

    fn module(&mut self, raw: &str, path: &mut Vec<String>) -> Result<(), Fault> {
        if path.len() > MAX_MODULES {
            return Err("modules call modules without end".into());
        }
        let module = fields(raw)?;
        for resource in elements(module.get("resources").copied().unwrap_or("[]"))? {
            let resource = fields(resource?)?;
            let names = (text(&resource, "type"), text(&resource, "name"));
            let (Some(type_name), Some(name)) = names else {
                continue;
            };
            if text(&resource, "mode").as_deref() != Some("managed") {
                continue;
            }
            let written = Written {
                provider_key: text(&resource, "provider_config_key").unwrap_or_default(),
                expressions: resource.get("expressions").copied().unwrap_or("{}").into(),
            };
            self.written
                .insert((path.clone(), format!("{type_name}.{name}")), written);
        }
        for call in members(module.get("module_calls").copied().unwrap_or("{}"))? {
            let (name, call) = call?;
            if let Some(inner) = fields(call)?.get("module") {
                path.push(name.into_owned());
                self.module(inner, path)?;
                path.pop();
            }
        }
        Ok(())
    }
}
