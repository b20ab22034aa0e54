//! One element of `resource_changes`.

use super::{PlannedAction, PlannedResource, PlannedType};
use crate::ingest::attributes::{self, Attributes, RawValues};
use crate::ingest::fields::{set_once, set_text};
use crate::ingest::json::{Fault, members, quoted};
use crate::ingest::redact::Redactor;
use crate::normalise::catalogue::Catalogue;

/// `None` for what is no resource of ours to watch.
pub(super) fn read(
    raw: &str,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> Result<Option<PlannedResource>, Fault> {
    let fields = Fields::read(raw)?;
    // A deposed object is what a replacement left behind; its address is the new one's.
    if fields.mode.as_deref() == Some("data") || fields.is_deposed {
        return Ok(None);
    }
    let address = fields.address.ok_or("a resource without an `address`")?;
    let lacks = |what: &str| Fault::new(format!("{} has no {what}", quoted(&address)));
    let type_name = fields.type_name.ok_or_else(|| lacks("`type`"))?;
    let change = fields.change.ok_or_else(|| lacks("`change`"))?;
    let change =
        Change::read(change).map_err(|fault| in_resource(&address, fault.within(raw, change)))?;
    let action = change.action.ok_or_else(|| lacks("`actions`"))?;
    let resource = PlannedResource {
        address: address.as_str().into(),
        previous_address: fields.previous_address.map(Into::into),
        kind: PlannedType::Unmapped(type_name.as_str().into()),
        action,
        provider: 0,
        after: Attributes::default(),
        before: None,
    };
    let known = catalogue
        .find(&type_name)
        .and_then(|index| Some((PlannedType::Mapped(index), catalogue.resource(index)?)));
    let mover = || Some((resource.kind.clone(), catalogue.mover(&type_name)?));
    let Some((kind, table)) = known.or_else(mover) else {
        return Ok(Some(resource));
    };
    let read = |values: &str, unknown: &str| {
        let values = RawValues {
            values,
            unknown,
            sensitive: change.sensitive(),
        };
        attributes::read(table, values, false, redactor)
            .map_err(|error| Fault::new(error.to_string()).within(raw, values.values))
            .map_err(|fault| in_resource(&address, fault))
    };
    let after = match present(change.after) {
        Some(after) => read(after, change.after_unknown.unwrap_or_default())?,
        None if action.leaves_a_resource() => {
            return Err(lacks("values `after`, and is not to be deleted"));
        }
        None => Attributes::default(),
    };
    let changes_something = !matches!(action, PlannedAction::NoOp | PlannedAction::Create);
    let before = present(change.before).filter(|_| changes_something);
    Ok(Some(PlannedResource {
        kind,
        after,
        before: before.map(|before| read(before, "")).transpose()?,
        ..resource
    }))
}

/// The values, unless they are null.
pub(super) fn present(values: Option<&str>) -> Option<&str> {
    values.filter(|values| *values != "null")
}

fn in_resource(address: &str, fault: Fault) -> Fault {
    Fault {
        what: format!("{}: {}", quoted(address), fault.what),
        ..fault
    }
}

#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) address: Option<String>,
    pub(super) previous_address: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) type_name: Option<String>,
    pub(super) is_deposed: bool,
    pub(super) change: Option<&'a str>,
}

#[derive(Default)]
pub(super) struct Change<'a> {
    pub(super) action: Option<PlannedAction>,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    pub(super) after_unknown: Option<&'a str>,
    before_sensitive: Option<&'a str>,
    after_sensitive: Option<&'a str>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(raw: &'a str) -> Result<Self, Fault> {
        let mut fields = Self::default();
        for member in members(raw)? {
            let (key, value) = member?;
            fields
                .take(&key, value)
                .map_err(|fault| fault.within(raw, value))?;
        }
        Ok(fields)
    }

    fn take(&mut self, key: &str, value: &'a str) -> Result<(), Fault> {
        match key {
            "address" => set_text(&mut self.address, key, value),
            "previous_address" => set_text(&mut self.previous_address, key, value),
            "mode" => set_text(&mut self.mode, key, value),
            "type" => set_text(&mut self.type_name, key, value),
            "change" => set_once(&mut self.change, key, value),
            "deposed" => {
                self.is_deposed |= value != "null";
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl<'a> Change<'a> {
    pub(super) fn read(raw: &'a str) -> Result<Self, Fault> {
        let mut change = Self::default();
        for member in members(raw)? {
            let (key, value) = member?;
            change
                .take(&key, value)
                .map_err(|fault| fault.within(raw, value))?;
        }
        Ok(change)
    }

    fn take(&mut self, key: &str, value: &'a str) -> Result<(), Fault> {
        match key {
            "actions" => set_once(&mut self.action, key, PlannedAction::read(value)?),
            "before" => set_once(&mut self.before, key, value),
            "after" => set_once(&mut self.after, key, value),
            "after_unknown" => set_once(&mut self.after_unknown, key, value),
            "before_sensitive" => set_once(&mut self.before_sensitive, key, value),
            "after_sensitive" => set_once(&mut self.after_sensitive, key, value),
            _ => Ok(()),
        }
    }

    /// A value that is a secret on one side of the change is mostly the same on the other: what
    /// either side marks is redacted on both.
    pub(super) fn sensitive(&self) -> [&'a str; 2] {
        [self.before_sensitive, self.after_sensitive].map(Option::unwrap_or_default)
    }
}
