//! File names as URIs.

use serde::Serialize;

/// What relative URIs are relative to: the root of the Terraform source.
pub(super) const BASE: &str = "%SRCROOT%";

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

impl ArtifactLocation {
    pub(super) fn new(file: &str, index: Option<usize>) -> Self {
        let file = file.replace('\\', "/");
        let absolute = file.starts_with('/');
        let path = file.strip_prefix("./").unwrap_or(&file);
        let path = encode(path);
        Self {
            uri: if absolute {
                format!("file://{path}")
            } else {
                path
            },
            uri_base_id: (!absolute).then_some(BASE),
            index,
        }
    }
}

/// Percent-encodes every byte that is neither unreserved nor a separator of segments.
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// Whether a text from a rule may stand where SARIF asks for a URI.
pub(super) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or(text.strip_prefix("http://"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_names_that_are_no_uris() {
        for (file, uri) in [
            ("modules/web/main.tf", "modules/web/main.tf"),
            ("./main.tf", "main.tf"),
            ("my files/prod#1.tf", "my%20files/prod%231.tf"),
            ("win\\dir\\a.tf", "win/dir/a.tf"),
            ("c:x.tf", "c%3Ax.tf"),
            ("größe.tf", "gr%C3%B6%C3%9Fe.tf"),
        ] {
            let location = ArtifactLocation::new(file, None);
            assert_eq!(location.uri, uri);
            assert_eq!(location.uri_base_id, Some(BASE));
        }
        let absolute = ArtifactLocation::new("/srv/a b.tf", None);
        assert_eq!(absolute.uri, "file:///srv/a%20b.tf");
        assert_eq!(absolute.uri_base_id, None);
    }

    #[test]
    fn only_web_addresses_are_help_uris() {
        assert!(is_web_address("https://runbooks.bank.example/sg-open?x=1"));
        for text in [
            "javascript:alert(1)",
            "https://",
            "see wiki",
            "https://a b",
            "https://a\n",
        ] {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
