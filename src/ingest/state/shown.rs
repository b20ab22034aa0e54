//! The form of `terraform show -json`: modules within modules.

use std::io::Read;

use super::instance_key::instance_key;
use super::{Reading, StateResource};
use crate::ingest::fields::{set_once, set_text};
use crate::ingest::json::{Fault, JsonStream, StreamError, members, quoted};

impl Reading<'_> {
    pub(super) fn values<R: Read>(
        &mut self,
        stream: &mut JsonStream<R>,
    ) -> Result<(), StreamError> {
        // Of an empty state.
        if stream.peek()? == Some(b'n') {
            return stream.skip();
        }
        stream.object(&mut |stream, key| match key {
            "root_module" => self.module(stream),
            _ => stream.skip(),
        })
    }

    // The stream refuses brackets that are nested too deep, and so modules that are.
    fn module<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<(), StreamError> {
        let mut module = None;
        let mut found = Vec::new();
        stream.object(&mut |stream, key| match key {
            "address" => stream.value(|raw| set_text(&mut module, key, raw)),
            "resources" => stream.array(&mut |stream| {
                found.extend(stream.value(|raw| self.shown_resource(raw))?);
                Ok(())
            }),
            "child_modules" => stream.array(&mut |stream| self.module(stream)),
            _ => stream.skip(),
        })?;
        for (address, resource) in found {
            let address = match &module {
                // Terraform 0.12 wrote the address within the module.
                Some(module) if !is_within(&address, module) => format!("{module}.{address}"),
                _ => address,
            };
            self.insert(address, resource)
                .map_err(|fault| stream.fault(fault))?;
        }
        Ok(())
    }

    fn shown_resource(&self, raw: &str) -> Result<Option<(String, StateResource)>, Fault> {
        let mut fields = Fields::default();
        for member in members(raw)? {
            let (key, value) = member?;
            fields
                .take(&key, value)
                .map_err(|fault| fault.within(raw, value))?;
        }
        if fields.mode.as_deref() == Some("data") || fields.is_deposed {
            return Ok(None);
        }
        let mut address = fields.address.ok_or("a resource without an `address`")?;
        // Terraform 0.12 left the key out of the address.
        if let (Some(index), false) = (fields.index, address.ends_with(']')) {
            address = format!("{address}[{}]", instance_key(index)?);
        }
        let type_name = fields
            .type_name
            .ok_or_else(|| format!("{} has no `type`", quoted(&address)))?;
        let values = fields.values.unwrap_or_default();
        let sensitive = fields.sensitive.unwrap_or_default();
        let resource = self.resource(&address, &type_name, values, sensitive)?;
        Ok(Some((address, resource)))
    }
}

fn is_within(address: &str, module: &str) -> bool {
    let rest = address.strip_prefix(module);
    rest.is_some_and(|rest| rest.starts_with('.'))
}

#[derive(Default)]
struct Fields<'a> {
    address: Option<String>,
    mode: Option<String>,
    type_name: Option<String>,
    is_deposed: bool,
    index: Option<&'a str>,
    values: Option<&'a str>,
    sensitive: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, key: &str, value: &'a str) -> Result<(), Fault> {
        match key {
            "address" => set_text(&mut self.address, key, value),
            "mode" => set_text(&mut self.mode, key, value),
            "type" => set_text(&mut self.type_name, key, value),
            "index" if value != "null" => set_once(&mut self.index, key, value),
            "values" => set_once(&mut self.values, key, value),
            "sensitive_values" => set_once(&mut self.sensitive, key, value),
            "deposed" | "deposed_key" => {
                self.is_deposed |= value != "null";
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
