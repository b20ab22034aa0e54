//! A CloudEvent 1.0 in structured JSON.

use serde_json::{Value as Json, json};

use super::{data, message_id};
use crate::model::{Page, PageSubject};
use crate::report::escape::escape;

/// The event. `id` with `source` is the same in every try, and in no other message.
pub fn event(page: &Page) -> Json {
    let mut event = json!({
        "specversion": "1.0",
        "id": message_id(page),
        "source": source(&page.evidence.origin),
        "type": format!("dev.driftwarden.page.{}.v1", page.step.as_str()),
        "time": page.at,
        "datacontenttype": "application/json",
        "data": data(page),
    });
    if let (Some(subject), Some(event)) = (subject(page), event.as_object_mut()) {
        event.insert("subject".to_owned(), json!(subject));
    }
    event
}

/// A reference as RFC 3986 has it, of the log's origin.
fn source(origin: &str) -> String {
    let mut source = String::from("/driftwarden/");
    for byte in super::cut(origin, 200).bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
        match is_plain {
            true => source.push(char::from(byte)),
            false => source.push_str(&format!("%{byte:02X}")),
        }
    }
    source
}

fn subject(page: &Page) -> Option<String> {
    let name = match &page.subject {
        PageSubject::Finding(one) => {
            let address = one.address.as_ref().map(|id| id.as_str());
            address.or_else(|| one.provider_id.as_ref().map(|id| id.as_str()))?
        }
        PageSubject::Group(_) | PageSubject::Detector { .. } | PageSubject::Plain { .. } => {
            return None;
        }
    };
    Some(super::cut(&escape(name), 500))
}
