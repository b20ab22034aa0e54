//! Message texts. SARIF gives brackets and braces a meaning; a name must not get it.

use serde::Serialize;

use super::super::escape::escape;

#[derive(Debug, Serialize)]
pub(super) struct Message {
    text: String,
}

impl Message {
    /// `](` would make a link of a foreign name, a brace a placeholder.
    pub(super) fn new(text: &str) -> Self {
        let lines: Vec<_> = text.lines().map(escape).collect();
        let text = lines.join("\n").replace("](", "] (");
        let text = text.replace('{', "{{").replace('}', "}}");
        Self { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_make_no_links_and_no_placeholders() {
        let message = Message::new("bucket [safe](https://evil.example) {0}\nnext\u{202e}");
        let safe = "bucket [safe] (https://evil.example) {{0}}\nnext\\u{{202e}}";
        assert_eq!(message.text, safe);
    }
}
