//! The log of a running engine: one line an event, as logfmt or JSON, to stderr. Under systemd each
//! line begins with its priority, so that the journal knows errors from the rest.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

use super::reason::reason;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Logfmt,
    Json,
}

/// Where lines go, and with what before them.
#[derive(Clone, Copy, Debug)]
pub struct Journal {
    pub form: Form,
    /// Whether the journal reads it: then it wants the priority, and has the time itself.
    pub is_journal: bool,
    pub clock: fn() -> Timestamp,
}

impl Journal {
    /// Takes every event of this program from now on, and what libraries warn of.
    ///
    /// # Errors
    /// The program has a log already.
    pub fn install(self) -> Result<(), String> {
        let subscriber = tracing_subscriber::registry().with(self);
        tracing::subscriber::set_global_default(subscriber).map_err(|error| error.to_string())
    }

    fn line(&self, event: &Event<'_>) -> String {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = *event.metadata().level();
        let mut all: Vec<(String, Shown)> = Vec::new();
        if !self.is_journal {
            all.push(("time".to_owned(), Shown::Text((self.clock)().to_string())));
        }
        let name = level.as_str().to_lowercase();
        all.push(("level".to_owned(), Shown::Text(name)));
        all.append(&mut fields.0);
        let mut line = match self.is_journal {
            true => format!("<{}>", priority(level)),
            false => String::new(),
        };
        match self.form {
            Form::Logfmt => logfmt(&all, &mut line),
            Form::Json => json(&all, &mut line),
        }
        line.push('\n');
        line
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let own = metadata.target().starts_with("driftwarden");
        let least = if own { Level::INFO } else { Level::WARN };
        if *metadata.level() <= least {
            // A log that cannot be written must not stop the work that it tells of.
            let _ = std::io::stderr().write_all(self.line(event).as_bytes());
        }
    }
}

/// The priorities of syslog.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

enum Shown {
    Text(String),
    /// A number or a truth value, which needs no quotes.
    Plain(String),
}

#[derive(Default)]
struct Fields(Vec<(String, Shown)>);

impl Fields {
    fn push(&mut self, field: &Field, value: Shown) {
        let name = match field.name() {
            "message" => "msg",
            name => name,
        };
        self.0.push((name.to_owned(), value));
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, Shown::Text(value.to_owned()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, Shown::Plain(value.to_string()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Shown::Plain(value.to_string()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Shown::Plain(value.to_string()));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        let shown = match value.is_finite() {
            true => Shown::Plain(format!("{value:.3}")),
            false => Shown::Text(value.to_string()),
        };
        self.push(field, shown);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let text = match value.downcast_ref::<std::io::Error>() {
            Some(error) => reason(error),
            None => value.to_string(),
        };
        self.push(field, Shown::Text(text));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, Shown::Text(format!("{value:?}")));
    }
}

fn logfmt(fields: &[(String, Shown)], line: &mut String) {
    for (number, (name, value)) in fields.iter().enumerate() {
        if number > 0 {
            line.push(' ');
        }
        line.push_str(name);
        line.push('=');
        match value {
            Shown::Plain(text) => line.push_str(text),
            Shown::Text(text) => quoted(text, line),
        }
    }
}

/// Bare where that is clear; else in quotes, on one line, and without anything that moves a cursor.
fn quoted(text: &str, line: &mut String) {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_./:+@".contains(c);
    if !text.is_empty() && text.chars().all(is_bare) {
        line.push_str(text);
        return;
    }
    line.push('"');
    for c in text.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            c if is_unsafe(c) => {
                let _ = write!(line, "\\u{{{:x}}}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line.push('"');
}

/// Control characters, and those that turn the direction of text.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn json(fields: &[(String, Shown)], line: &mut String) {
    let mut map = serde_json::Map::new();
    for (name, value) in fields {
        let value = match value {
            Shown::Text(text) => serde_json::Value::String(text.clone()),
            Shown::Plain(text) => serde_json::from_str(text).unwrap_or_default(),
        };
        map.insert(name.clone(), value);
    }
    line.push_str(&serde_json::Value::Object(map).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_whatever_is_in_it() {
        let fields = [
            ("event".to_owned(), Shown::Text("scan_failed".to_owned())),
            ("count".to_owned(), Shown::Plain("3".to_owned())),
            (
                "problem".to_owned(),
                Shown::Text("a \"b\"\n\u{1b}[2J".to_owned()),
            ),
            ("none".to_owned(), Shown::Text(String::new())),
        ];
        let mut line = String::new();
        logfmt(&fields, &mut line);
        assert_eq!(
            line,
            r#"event=scan_failed count=3 problem="a \"b\"\n\u{1b}[2J" none="""#
        );
        let mut line = String::new();
        json(&fields, &mut line);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["count"], 3);
        assert_eq!(value["problem"], "a \"b\"\n\u{1b}[2J");
        assert!(!line.contains('\n'));
    }
}
