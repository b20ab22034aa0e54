//! A value to JSON.

use crate::provider::cty::Value;

/// Writes a value; what is not known becomes null, because JSON has no word for it.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    write_into(value, &mut out);
    out
}

fn write_into(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Unknown(_) => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        // JSON has no infinity either.
        Value::Number(number) if number.is_infinite() => out.push_str("null"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => quote(text, out),
        Value::List(all) | Value::Set(all) | Value::Tuple(all) => {
            out.push('[');
            for (at, element) in all.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_into(element, out);
            }
            out.push(']');
        }
        Value::Map(all) | Value::Object(all) => {
            out.push('{');
            for (at, (name, element)) in all.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                write_into(element, out);
            }
            out.push('}');
        }
        Value::Dynamic(typed) => {
            out.push_str("{\"type\":");
            out.push_str(&typed.0.to_json());
            out.push_str(",\"value\":");
            write_into(&typed.1, out);
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
