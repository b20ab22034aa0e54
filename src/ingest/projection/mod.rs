//! The redacted projection of a plan: what the evidence log keeps in place of the file, which holds
//! secrets. One JSON text per line; the same plan always gives the same bytes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::attributes::{Attributes, SECRET};
use super::json;
use super::plan::{Plan, PlannedResource, PlannedType};
use super::secret_tags;
use super::stored::StoredValue;
use crate::model::{Sha256Digest, Value};
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::form::Form;

/// Names the form of the lines; a change of their meaning changes it.
pub const SCHEMA: &str = "driftwarden.plan-projection/1";

#[derive(Serialize)]
struct Header<'a> {
    schema: &'static str,
    plan_sha256: Sha256Digest,
    format_version: &'a str,
    terraform_version: Option<&'a str>,
    timestamp: Option<jiff::Timestamp>,
    resources: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    address: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_address: Option<&'a str>,
    #[serde(rename = "type")]
    type_name: &'a str,
    action: &'static str,
    /// Whether a table knows the type; without one there are no values to show.
    mapped: bool,
    /// Values by JSON pointer.
    after: BTreeMap<String, Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<BTreeMap<String, Shown>>,
}

/// A value as it may be kept.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Known(Value),
    Unknown {
        unknown: bool,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        sensitive: bool,
    },
}

/// The lines of a plan whose file has this digest: a header, then the resources in the order of
/// their addresses. No line holds a newline.
pub fn lines<'a>(
    plan_sha256: Sha256Digest,
    plan: &'a Plan,
    catalogue: &'a Catalogue,
) -> impl Iterator<Item = String> + 'a {
    let header = to_line(&Header {
        schema: SCHEMA,
        plan_sha256,
        format_version: &plan.format_version,
        terraform_version: plan.terraform_version.as_deref(),
        timestamp: plan.timestamp,
        resources: plan.resources.len(),
    });
    let mut resources: Vec<&PlannedResource> = plan.resources.iter().collect();
    resources.sort_by(|one, other| one.address.cmp(&other.address));
    let resources = resources.into_iter();
    std::iter::once(header).chain(resources.map(move |resource| line(resource, catalogue)))
}

fn line(resource: &PlannedResource, catalogue: &Catalogue) -> String {
    let (type_name, table) = match &resource.kind {
        PlannedType::Unmapped(name) => (&**name, None),
        PlannedType::Mapped(index) => {
            let table = catalogue.resource(*index);
            let name = table.map(|table| table.table.type_name.as_str());
            (name.unwrap_or_default(), table)
        }
    };
    let values = |attributes: &Attributes| match table {
        Some(table) => shown(attributes, table),
        None => BTreeMap::new(),
    };
    to_line(&Line {
        address: &resource.address,
        previous_address: resource.previous_address.as_deref(),
        type_name,
        action: resource.action.as_str(),
        mapped: table.is_some(),
        after: values(&resource.after),
        before: resource.before.as_ref().map(values),
    })
}

fn shown(attributes: &Attributes, table: &Resource) -> BTreeMap<String, Shown> {
    let known = attributes.stored.iter().filter_map(|value| {
        let shown = Shown::Known(redacted(value, table.form_of(value.slot)));
        Some((pointer(table, value.slot)?, shown))
    });
    let unknown = attributes.unknown.iter().filter_map(|marked| {
        let shown = Shown::Unknown {
            unknown: true,
            sensitive: marked & SECRET != 0,
        };
        Some((pointer(table, usize::from(marked & !SECRET))?, shown))
    });
    known.chain(unknown).collect()
}

/// The digest is not shown: whoever gets hold of the key could try secrets on it.
fn redacted(value: StoredValue<'_>, form: Form) -> Value {
    if value.sensitive {
        return Value::Sensitive(Sha256Digest([0; 32]));
    }
    // It was parsed when the plan was read.
    let mut value = secret_tags::opened(form, json::parse(value.text).unwrap_or_default());
    if let Value::Map(tags) = &mut value {
        for tag in tags.values_mut() {
            if let Value::Sensitive(digest) = tag {
                *digest = Sha256Digest([0; 32]);
            }
        }
    }
    value
}

fn pointer(table: &Resource, slot: usize) -> Option<String> {
    match table.table.attributes.get(slot) {
        Some(row) => Some(row.pointer.to_string()),
        None if slot == table.id_slot => Some("/id".to_owned()),
        None if slot == table.arn_slot => Some("/arn".to_owned()),
        None if slot == table.region_slot => Some("/region".to_owned()),
        None => None,
    }
}

fn to_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
