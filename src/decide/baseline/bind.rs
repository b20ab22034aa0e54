//! Values that were unknown at plan time, from the state after apply.

use super::state::Unknown;
use crate::decide::value::{approved_digest, unreadable};
use crate::ingest::attributes::{Attributes, SECRET, WRITTEN, slot_of};
use crate::ingest::redact::Redactor;
use crate::ingest::stored::{Stored, StoredValue};
use crate::normalise::catalogue::Resource;
use crate::normalise::form::Form;

/// Puts the values that are unknown in from the state. A secret that the state does not mark becomes
/// the digest that a live value is compared with; one that cannot be read stays unknown.
pub(super) fn bind(
    attributes: Attributes,
    state: Option<&Stored>,
    resource: Option<&Resource>,
    redactor: &Redactor,
    unknown: &mut Vec<Unknown>,
) -> Stored {
    let Some(state) = state.filter(|_| !attributes.unknown.is_empty()) else {
        return attributes.stored;
    };
    let mut texts: Vec<(StoredValue<'_>, Option<String>)> = attributes
        .stored
        .iter()
        .map(|value| (value, None))
        .collect();
    for marked in &attributes.unknown {
        let (slot, secret) = (slot_of(*marked), marked & SECRET != 0);
        let Some(value) = state.get(slot) else {
            continue;
        };
        let form = resource.map_or(Form::Scalar, |resource| resource.form_of(slot));
        let text = match secret && !value.sensitive {
            true => match approved_digest(form, value.text, redactor) {
                Ok(digest) => Some(digest.to_string()),
                Err(error) => {
                    unknown.push((slot, unreadable("state's", &error)));
                    continue;
                }
            },
            false => None,
        };
        let value = StoredValue {
            sensitive: value.sensitive || secret,
            from_state: true,
            is_written: marked & WRITTEN != 0,
            ..value
        };
        texts.push((value, text));
    }
    texts.sort_by_key(|(value, _)| value.slot);
    Stored::pack(texts.iter().map(|(value, digest)| match digest {
        Some(digest) => StoredValue {
            text: digest,
            ..*value
        },
        None => *value,
    }))
}
