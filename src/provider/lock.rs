//! `.terraform.lock.hcl`: which version of each provider a plan was made with, and what its package must
//! look like.

use std::collections::BTreeMap;
use std::fmt;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::ingest::hcl;

/// A provider's full name: `registry.terraform.io/hashicorp/aws`. Its parts are safe as names of
/// folders.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProviderName {
    host: String,
    namespace: String,
    kind: String,
}

/// What a lock file says of one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Safe as a folder's name.
    pub version: String,
    pub hashes: Vec<LockedHash>,
}

/// A checksum that a package may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockedHash {
    /// Of the files of the package, as base64.
    H1(String),
    /// Of the archive, as hexadecimal digits.
    Zh(String),
    /// Of a later Terraform.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    #[error("line {line}: {what}")]
    Syntax { line: usize, what: String },
    #[error("`{0}` is no full name of a provider (HOST/NAMESPACE/TYPE)")]
    Name(String),
    #[error("`{0}` is locked without a version that can be read")]
    Version(ProviderName),
    #[error("`{0}` is locked without checksums that can be read")]
    Hashes(ProviderName),
    #[error("`{0}` is locked twice")]
    Twice(ProviderName),
}

impl ProviderName {
    /// # Errors
    /// Anything but three parts of letters, digits, `.`, `-` and `_`.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let wrong = || LockError::Name(text.chars().take(100).collect());
        let mut parts = text.split('/');
        let mut next = || {
            let part = parts.next().unwrap_or_default();
            match is_safe(part) {
                true => Ok(part.to_owned()),
                false => Err(wrong()),
            }
        };
        let name = Self {
            host: next()?,
            namespace: next()?,
            kind: next()?,
        };
        match parts.next() {
            None => Ok(name),
            Some(_) => Err(wrong()),
        }
    }

    /// Host, namespace and type.
    pub fn parts(&self) -> [&str; 3] {
        [&self.host, &self.namespace, &self.kind]
    }

    /// The last part: `aws`.
    pub fn kind(&self) -> &str {
        &self.kind
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.namespace, self.kind)
    }
}

impl fmt::Display for LockedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::H1(hash) => write!(f, "h1:{hash}"),
            Self::Zh(hash) => write!(f, "zh:{hash}"),
            Self::Other(hash) => f.write_str(hash),
        }
    }
}

/// Whether it can be the name of one folder and nothing else; a host may have a port.
fn is_safe(part: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || ".-_+:".contains(c);
    !part.is_empty() && part.len() <= 200 && !part.starts_with('.') && part.chars().all(known)
}

/// Every provider of a lock file.
///
/// # Errors
/// A file that is not HCL, or says something of a provider that cannot be understood.
pub fn parse(text: &str) -> Result<BTreeMap<ProviderName, Locked>, LockError> {
    let body = hcl::body(text).map_err(|error| LockError::Syntax {
        line: error.line(),
        what: error.what(),
    })?;
    let mut all = BTreeMap::new();
    for block in body
        .blocks()
        .filter(|block| block.ident.as_str() == "provider")
    {
        let (name, locked) = provider(block)?;
        if all.insert(name.clone(), locked).is_some() {
            return Err(LockError::Twice(name));
        }
    }
    Ok(all)
}

fn provider(block: &Block) -> Result<(ProviderName, Locked), LockError> {
    let label = match block.labels.as_slice() {
        [label] => label.as_str(),
        _ => "",
    };
    let name = ProviderName::parse(label)?;
    let version = text(&block.body, "version").filter(|version| is_safe(version));
    let Some(version) = version else {
        return Err(LockError::Version(name));
    };
    let Some(hashes) = hashes(&block.body) else {
        return Err(LockError::Hashes(name));
    };
    Ok((name, Locked { version, hashes }))
}

fn text(body: &Body, name: &str) -> Option<String> {
    let value = &body.get_attribute(name)?.value;
    value.as_str().map(str::to_owned)
}

/// `None` where one of them is no text: a lock that is half understood locks nothing.
fn hashes(body: &Body) -> Option<Vec<LockedHash>> {
    let Some(attribute) = body.get_attribute("hashes") else {
        return Some(Vec::new());
    };
    let Expression::Array(all) = &attribute.value else {
        return None;
    };
    all.iter()
        .map(|one| one.as_str().map(LockedHash::parse))
        .collect()
}

impl LockedHash {
    fn parse(text: &str) -> Self {
        match text.split_once(':') {
            Some(("h1", hash)) => Self::H1(hash.to_owned()),
            Some(("zh", hash)) => Self::Zh(hash.to_ascii_lowercase()),
            Some(_) | None => Self::Other(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
# This file is maintained automatically by "terraform init".
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.0"
  hashes = [
    "h1:abc=",
    "zh:00FF",
    "x9:later",
  ]
}
"#;

    #[test]
    fn a_lock_file_is_read() {
        let all = parse(LOCK).unwrap();
        let name = ProviderName::parse("registry.terraform.io/hashicorp/aws").unwrap();
        let locked = all.get(&name).unwrap();
        assert_eq!(locked.version, "5.100.0");
        let hashes: Vec<String> = locked.hashes.iter().map(ToString::to_string).collect();
        assert_eq!(hashes, ["h1:abc=", "zh:00ff", "x9:later"]);
    }

    #[test]
    fn what_cannot_be_understood_locks_nothing() {
        for (from, to, error) in [
            ("5.100.0", "../../tmp", "without a version"),
            ("\"5.100.0\"", "5", "without a version"),
            ("\"x9:later\"", "7", "without checksums"),
            ("hashicorp/aws", "hashicorp/..", "no full name"),
            ("hashicorp/aws", "aws", "no full name"),
            ("hashicorp/aws", "hashicorp/aws/x", "no full name"),
            ("hashes = [", "hashes = ", "line"),
        ] {
            let wrong = LOCK.replace(from, to);
            let found = parse(&wrong).unwrap_err().to_string();
            assert!(found.contains(error), "{found}");
        }
        let twice = parse(&LOCK.repeat(2)).unwrap_err().to_string();
        assert!(twice.contains("locked twice"), "{twice}");
    }
}
