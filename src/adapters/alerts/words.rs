//! The user's templates, read and checked when channels are made.

use std::path::Path;

use super::super::reason::reason;
use crate::config::Templates;
use crate::model::Page;
use crate::report::page::Words;
use crate::report::page::template::{Reading, Template};

#[derive(Clone, Debug, Default)]
pub(super) struct Wording {
    title: Option<Template>,
    body: Option<Template>,
    html: Option<Template>,
}

impl Wording {
    /// `title` and `body` are what the receiver reads them as.
    ///
    /// # Errors
    /// What is wrong with a template.
    pub(super) fn load(
        templates: &Templates,
        base: &Path,
        title: Reading,
        body: Reading,
    ) -> Result<Self, String> {
        let load = |path: &Option<std::path::PathBuf>, reading| {
            let Some(path) = path else { return Ok(None) };
            let place = base.join(path);
            let text = std::fs::read_to_string(&place);
            let name = path.display().to_string();
            let text = text.map_err(|error| format!("`{name}`: {}", reason(&error)))?;
            Template::new(&name, &text, reading).map(Some)
        };
        Ok(Self {
            title: load(&templates.title, title)?,
            body: load(&templates.body, body)?,
            html: load(&templates.html, Reading::Html)?,
        })
    }

    /// The words for one message. A template that fails on it gives way to our own words, and is named.
    pub(super) fn of(&self, page: &Page) -> (Words, Option<String>) {
        let mut failed = None;
        let mut render = |template: &Option<Template>| match template.as_ref()?.render(page) {
            Ok(text) if text.is_empty() => None,
            Ok(text) => Some(text),
            Err(what) => {
                failed = Some(what);
                None
            }
        };
        let words = Words {
            title: render(&self.title),
            body: render(&self.body),
            html: render(&self.html),
        };
        (words, failed)
    }
}

/// An answer, with a word on a template that did not serve.
pub(super) fn with(answer: String, failed: Option<String>) -> String {
    match failed {
        Some(what) => format!("{answer} (by our own words: {what})"),
        None => answer,
    }
}
