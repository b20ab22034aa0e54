//! The form of the state file, version 4: a resource holds its instances.

use super::Reading;
use super::instance_key::instance_key;
use crate::ingest::fields::{set_once, set_text};
use crate::ingest::json::{Fault, elements, members};

impl Reading<'_> {
    /// One entry of `resources`, with all its instances.
    pub(super) fn raw_resource(&mut self, raw: &str) -> Result<(), Fault> {
        let mut fields = Fields::default();
        for member in members(raw)? {
            let (key, value) = member?;
            fields
                .take(&key, value)
                .map_err(|fault| fault.within(raw, value))?;
        }
        if fields.mode.as_deref() == Some("data") {
            return Ok(());
        }
        let type_name = fields.type_name.ok_or("a resource without a `type`")?;
        let name = fields.name.ok_or("a resource without a `name`")?;
        let base = match &fields.module {
            Some(module) => format!("{module}.{type_name}.{name}"),
            None => format!("{type_name}.{name}"),
        };
        let instances = fields.instances.unwrap_or("[]");
        for instance in elements(instances).map_err(|error| error.within(raw, instances))? {
            let instance = instance.map_err(|error| error.within(raw, instances))?;
            self.instance(&base, &type_name, instance)
                .map_err(|fault| fault.within(raw, instance))?;
        }
        Ok(())
    }

    fn instance(&mut self, base: &str, type_name: &str, raw: &str) -> Result<(), Fault> {
        let mut fields = Instance::default();
        for member in members(raw)? {
            let (key, value) = member?;
            fields
                .take(&key, value)
                .map_err(|fault| fault.within(raw, value))?;
        }
        if fields.is_deposed {
            return Ok(());
        }
        let address = match fields.index_key {
            Some(index) => format!("{base}[{}]", instance_key(index)?),
            None => base.to_owned(),
        };
        let marks = marks(fields.sensitive_paths.unwrap_or("[]"))?;
        let values = fields.attributes.unwrap_or_default();
        let resource = self.resource(&address, type_name, values, &marks)?;
        self.insert(address, resource)
    }
}

#[derive(Default)]
struct Fields<'a> {
    module: Option<String>,
    mode: Option<String>,
    type_name: Option<String>,
    name: Option<String>,
    instances: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, key: &str, value: &'a str) -> Result<(), Fault> {
        match key {
            "module" => set_text(&mut self.module, key, value),
            "mode" => set_text(&mut self.mode, key, value),
            "type" => set_text(&mut self.type_name, key, value),
            "name" => set_text(&mut self.name, key, value),
            "instances" => set_once(&mut self.instances, key, value),
            _ => Ok(()),
        }
    }
}

#[derive(Default)]
struct Instance<'a> {
    is_deposed: bool,
    index_key: Option<&'a str>,
    attributes: Option<&'a str>,
    sensitive_paths: Option<&'a str>,
}

impl<'a> Instance<'a> {
    fn take(&mut self, key: &str, value: &'a str) -> Result<(), Fault> {
        if value == "null" {
            return Ok(());
        }
        match key {
            "index_key" => set_once(&mut self.index_key, key, value),
            "attributes" => set_once(&mut self.attributes, key, value),
            "sensitive_attributes" => set_once(&mut self.sensitive_paths, key, value),
            "deposed" => {
                self.is_deposed = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// `[[{"type":"get_attr","value":"password"}]]` as marks of the plan's kind: `{"password":true}`.
/// Only the first step counts: more is redacted than need be, never less.
fn marks(raw: &str) -> Result<String, Fault> {
    let mut names = std::collections::BTreeMap::new();
    for path in elements(raw)? {
        let first = elements(path?)?.next().transpose()?;
        // No steps, or one that names no attribute: the whole resource.
        let Some(name) = first.map(step_name).transpose()?.flatten() else {
            return Ok("true".to_owned());
        };
        names.insert(name, true);
    }
    if names.is_empty() {
        return Ok(String::new());
    }
    serde_json::to_string(&names).map_err(|_| Fault::new("`sensitive_attributes` cannot be read"))
}

fn step_name(step: &str) -> Result<Option<String>, Fault> {
    let (mut kind, mut name) = (None, None);
    for member in members(step)? {
        let (key, value) = member?;
        match key.as_ref() {
            "type" => set_text(&mut kind, &key, value)?,
            "value" if value.starts_with('"') => set_text(&mut name, &key, value)?,
            _ => {}
        }
    }
    Ok(name.filter(|_| kind.as_deref() == Some("get_attr")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_cover_at_least_what_is_marked() {
        let path = r#"[{"type":"get_attr","value":"a"},{"type":"index","value":{"value":0,"type":"number"}}]"#;
        assert_eq!(marks(&format!("[{path}]")).unwrap(), r#"{"a":true}"#);
        assert_eq!(marks("[[]]").unwrap(), "true");
        let index_first = r#"[[{"type":"index","value":{"value":"k","type":"string"}}]]"#;
        assert_eq!(marks(index_first).unwrap(), "true");
        assert_eq!(marks("[]").unwrap(), "");
        assert!(marks(r#"{"a":true}"#).is_err());
    }
}
