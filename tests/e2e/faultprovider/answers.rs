//! What an answer is made of.

use driftwarden::adapters::provider::messages::Diagnostic;
use driftwarden::provider::cty::Value;
use prost::Message;

pub enum Answer {
    Message(Vec<u8>),
    Status(&'static str, &'static str),
}

pub fn message(message: &impl Message) -> Answer {
    Answer::Message(message.encode_to_vec())
}

pub fn error(summary: &str) -> Vec<Diagnostic> {
    vec![Diagnostic {
        severity: 1,
        summary: summary.to_owned(),
        detail: "token tok-0123456789 and secret hunter2hunter2 were refused".to_owned(),
        attribute: None,
    }]
}

pub fn with(value: &Value, name: &str, new: Value) -> Value {
    let Value::Object(mut all) = value.clone() else {
        return value.clone();
    };
    all.insert(name.into(), new);
    Value::Object(all)
}
