//! Which approved resource an element of a list is.

use std::collections::BTreeMap;

use super::{Comparer, made};
use crate::decide::baseline::ApprovedResource;
use crate::ingest::redact::Redactor;
use crate::model::Value;
use crate::normalise::catalogue::Resource;
use crate::normalise::cidr;
use crate::normalise::path::{Path, find};

/// Which of the alternative keys an element of a list has, and its parts.
pub(super) type ElementKey = (usize, Vec<String>);

/// The approved elements of one list that were not found yet.
#[derive(Default)]
pub(super) struct Expected {
    open: BTreeMap<ElementKey, u32>,
    /// Those of which a part of the key is a secret.
    secret: Vec<(SecretKey, u32)>,
}

/// The number of the key among the alternatives, and its parts, in the open or as digests.
type SecretKey = (usize, Vec<KeyPart>);

enum KeyPart {
    Open(String),
    Digest(String),
}

impl Expected {
    /// Whether the resource has a key.
    pub(super) fn add(
        &mut self,
        table: &Resource,
        resource: &ApprovedResource,
        number: u32,
    ) -> bool {
        match (element_key(table, resource), secret_key(table, resource)) {
            (Some(key), _) => drop(self.open.insert(key, number)),
            (None, Some(key)) => self.secret.push((key, number)),
            (None, None) => return false,
        }
        true
    }

    /// Takes out the one that a live element is.
    pub(super) fn take(
        &mut self,
        table: &Resource,
        key: &ElementKey,
        element: &Value,
        redactor: &Redactor,
    ) -> Option<u32> {
        self.open.remove(key).or_else(|| {
            let mut secret = self.secret.iter();
            let at = secret.position(|(known, _)| is_element(table, known, element, redactor))?;
            Some(self.secret.swap_remove(at).1)
        })
    }

    /// Whether an element that nobody approved may be what a secret names.
    pub(super) fn has_secret(&self) -> bool {
        !self.secret.is_empty()
    }

    /// What was not found: those with keys in the open, then those with secrets.
    pub(super) fn rest(self) -> (impl Iterator<Item = u32>, impl Iterator<Item = u32>) {
        let secret = self.secret.into_iter().map(|(_, number)| number);
        (self.open.into_values(), secret)
    }
}

impl Comparer<'_> {
    /// The id by which Terraform would import the element.
    pub(super) fn element_id(
        &self,
        table: &Resource,
        live: &super::live::Live<'_>,
        key: &[String],
    ) -> String {
        let owner = table.key_slots.first().and_then(|pairs| pairs.first());
        let owner = owner
            .and_then(|(_, slot)| live.text(*slot))
            .unwrap_or_default();
        id_within(table, &owner, key)
    }
}

/// The id by which Terraform would import an element of an owner of that name.
pub(in crate::decide) fn id_within(table: &Resource, owner: &str, key: &[String]) -> String {
    let is_attachment = table.table.type_name.as_str().ends_with("_attachment");
    let separator = if is_attachment { '/' } else { ':' };
    format!("{owner}{separator}{}", key.join(":"))
}

pub(super) fn element_key(table: &Resource, resource: &ApprovedResource) -> Option<ElementKey> {
    first_key(table, |(slot, _)| {
        let value = resource.stored.get(*slot)?;
        let text = (!value.sensitive).then(|| made::scalar_text(value.text))?;
        (!text.is_empty()).then_some(text)
    })
}

pub(super) fn live_key(table: &Resource, element: &Value) -> Option<ElementKey> {
    first_key(table, |(_, path)| {
        made::text_of(find(element, &path.captured)?)
    })
}

fn first_key(
    table: &Resource,
    text: impl Fn(&(usize, Path)) -> Option<String>,
) -> Option<ElementKey> {
    let mut keys = table
        .element_slots
        .iter()
        .enumerate()
        .filter_map(|(kind, parts)| {
            // One range of addresses has several names.
            let parts = parts.iter().map(|part| Some(cidr::canonical(&text(part)?)));
            Some((kind, parts.collect::<Option<Vec<_>>>()?))
        });
    keys.next()
}

fn secret_key(table: &Resource, resource: &ApprovedResource) -> Option<SecretKey> {
    let mut keys = table.element_slots.iter().enumerate();
    keys.find_map(|(kind, parts)| {
        let parts = parts.iter().map(|(slot, _)| {
            let value = resource.stored.get(*slot)?;
            match value.sensitive {
                true => Some(KeyPart::Digest(value.text.to_owned())),
                false => Some(KeyPart::Open(cidr::canonical(&made::scalar_text(
                    value.text,
                )))),
            }
        });
        Some((kind, parts.collect::<Option<Vec<_>>>()?))
    })
}

fn is_element(
    table: &Resource,
    (kind, approved): &SecretKey,
    element: &Value,
    redactor: &Redactor,
) -> bool {
    let slots = table.element_slots.get(*kind).into_iter().flatten();
    let mut parts = slots.zip(approved);
    parts.all(|((slot, path), approved)| {
        let Some(found) = find(element, &path.captured) else {
            return false;
        };
        match approved {
            KeyPart::Open(approved) => {
                made::text_of(found).is_some_and(|text| cidr::canonical(&text) == *approved)
            }
            KeyPart::Digest(digest) => {
                redactor.secret(table.form_of(*slot), found).to_string() == *digest
            }
        }
    })
}
