//! Values that were unknown at plan time, from the state after apply.

use crate::ingest::attributes::{Attributes, SECRET};
use crate::ingest::redact::Redactor;
use crate::ingest::stored::{Stored, StoredValue};

/// Puts the values that are unknown in from the state.
pub(super) fn bind(attributes: Attributes, state: Option<&Stored>, redactor: &Redactor) -> Stored {
    let Some(state) = state.filter(|_| !attributes.unknown.is_empty()) else {
        return attributes.stored;
    };
    let mut texts: Vec<(StoredValue<'_>, Option<String>)> = attributes
        .stored
        .iter()
        .map(|value| (value, None))
        .collect();
    for marked in &attributes.unknown {
        let (slot, secret) = (usize::from(marked & !SECRET), marked & SECRET != 0);
        let Some(value) = state.get(slot) else {
            continue;
        };
        let digest = (secret && !value.sensitive).then(|| redactor.digest(value.text).to_string());
        let sensitive = value.sensitive || secret;
        texts.push((
            StoredValue {
                sensitive,
                from_state: true,
                ..value
            },
            digest,
        ));
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
