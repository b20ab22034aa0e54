//! Small files in our own formats (change records, the identity map): JSON or YAML by extension,
//! bounded, with line and column in every message.

mod message;

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use thiserror::Error;

use message::{HELP_MARK, located};

pub(super) use message::did_you_mean;

/// A file that could not be read as what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {message}", place(name, *at))]
pub struct DocumentError {
    /// The file's name as it was given.
    pub name: String,
    /// Line and column, counted from one, where the parser knows them.
    pub at: Option<(usize, usize)>,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl DocumentError {
    pub(super) fn new(name: &str, message: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            at: None,
            message: message.into(),
            help: help.map(str::to_owned),
        }
    }
}

fn place(name: &str, at: Option<(usize, usize)>) -> String {
    match at {
        Some((line, column)) => format!("{name}:{line}:{column}"),
        None => name.to_owned(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
}

/// Reads every document of the file: one for JSON, any number for YAML. Empty YAML documents are
/// left out.
pub(super) fn read<T: DeserializeOwned>(
    name: &str,
    bytes: &[u8],
    limit_bytes: usize,
) -> Result<Vec<T>, DocumentError> {
    let format = format_of(name)?;
    if bytes.len() > limit_bytes {
        let message = format!(
            "{} bytes are more than the {limit_bytes} that such a file may have",
            bytes.len()
        );
        let help = "split it into several files";
        return Err(DocumentError::new(name, message, Some(help)));
    }
    let text = utf8(name, bytes)?;
    match format {
        Format::Json if text.trim().is_empty() => {
            let help = "export the file again, or remove it";
            Err(DocumentError::new(name, "the file is empty", Some(help)))
        }
        Format::Json => match serde_json::from_str(text) {
            Ok(document) => Ok(vec![document]),
            Err(error) => Err(json_error(name, &error)),
        },
        Format::Yaml => read_yaml(name, text),
    }
}

fn format_of(name: &str) -> Result<Format, DocumentError> {
    let lower = name.to_ascii_lowercase();
    match lower.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => Ok(Format::Json),
        Some("yaml" | "yml") => Ok(Format::Yaml),
        Some(_) | None => Err(DocumentError::new(
            name,
            "the file's name does not say whether it is JSON or YAML",
            Some("name it `.json`, `.yaml` or `.yml`"),
        )),
    }
}

fn utf8<'b>(name: &str, bytes: &'b [u8]) -> Result<&'b str, DocumentError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let before = String::from_utf8_lossy(before);
            let last = before.rsplit('\n').next().unwrap_or_default();
            let help =
                "save the file as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`";
            let mut error = DocumentError::new(name, "this is not UTF-8", Some(help));
            error.at = Some((before.matches('\n').count() + 1, last.chars().count() + 1));
            Err(error)
        }
    }
}

fn read_yaml<T: DeserializeOwned>(name: &str, text: &str) -> Result<Vec<T>, DocumentError> {
    if has_aliases(text) {
        return Err(DocumentError::new(
            name,
            "anchors and aliases (`&name`, `*name`) are not accepted",
            Some("write the value out wherever it is needed"),
        ));
    }
    if let Some(at) = too_deep(text) {
        let help = "nothing in such a file nests so deep: export it again";
        let mut error = DocumentError::new(name, "nested too deeply", Some(help));
        error.at = Some(at);
        return Err(error);
    }
    let mut documents = Vec::new();
    for document in serde_norway::Deserializer::from_str(text) {
        // `Option` lets an empty document, such as the one after a last `---`, be nothing.
        match Option::<T>::deserialize(document) {
            Ok(Some(value)) => documents.push(value),
            Ok(None) => {}
            Err(error) => return Err(yaml_error(name, &error)),
        }
    }
    Ok(documents)
}

/// Whether the text may hold an anchor and an alias. A few aliases of a long list make a small file
/// huge; neither of our formats needs them. Errs on the side of yes: quotes and comments are not
/// looked at.
fn has_aliases(text: &str) -> bool {
    let sigil = |wanted: char| {
        let mut before = ' ';
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let names = chars.peek().is_some_and(|next| !next.is_whitespace());
            if c == wanted && names && !before.is_alphanumeric() {
                return true;
            }
            before = c;
        }
        false
    };
    sigil('&') && sigil('*')
}

/// Line and column at which flow brackets are open more than a change record or a person can need. The
/// parser's time grows with the square of the depth before it refuses by itself.
fn too_deep(text: &str) -> Option<(usize, usize)> {
    const DEEPEST: usize = 512;
    let mut open = 0_usize;
    let (mut line, mut column) = (1, 0);
    for letter in text.chars() {
        column += 1;
        match letter {
            '[' | '{' => open += 1,
            ']' | '}' => open = open.saturating_sub(1),
            '\n' => (line, column) = (line + 1, 0),
            _ => {}
        }
        if open > DEEPEST {
            return Some((line, column));
        }
    }
    None
}

fn json_error(name: &str, error: &serde_json::Error) -> DocumentError {
    // The parser counts columns from nought where it has read nothing of a line yet.
    let at = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
    let text = error.to_string();
    let text = text.replace(" column 0", " column 1");
    match error.classify() {
        Category::Syntax => located(name, &format!("not valid JSON: {text}"), at),
        Category::Eof => {
            let help = "the file was cut off, or is still being written: export it again";
            let mut error = DocumentError::new(name, "the file ends in the middle", Some(help));
            error.at = at;
            error
        }
        Category::Data | Category::Io => located(name, &text, at),
    }
}

fn yaml_error(name: &str, error: &serde_norway::Error) -> DocumentError {
    let at = error.location().map(|at| (at.line(), at.column()));
    located(name, &error.to_string(), at)
}

/// What is wrong with a value, and the remedy.
pub(super) struct Invalid {
    pub(super) message: String,
    pub(super) help: String,
}

impl Invalid {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }

    pub(super) fn into_error<E: serde::de::Error>(self) -> E {
        E::custom(format_args!("{}{HELP_MARK}{}", self.message, self.help))
    }
}

/// Reads a text as something of ours. Done while the parser stands at the text, so that its
/// message gives the place.
pub(super) fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Result<T, D::Error> {
    struct Text<F>(F);

    impl<T, F: FnOnce(&str) -> Result<T, Invalid>> Visitor<'_> for Text<F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(Invalid::into_error)
        }
    }

    deserializer.deserialize_str(Text(read))
}

/// Reads `T` from named fields only; a derived struct would take a list of values as well.
pub(super) struct Fields<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fields<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldsVisitor<T> {
            type Value = Fields<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with named fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Fields<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Fields)
            }
        }

        deserializer.deserialize_map(FieldsVisitor(PhantomData))
    }
}
