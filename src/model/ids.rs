//! A newtype per id: an address cannot be passed where a provider id belongs.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into_boxed_str())
            }
        }
    };
}

text_id!(
    /// One Terraform root module and its state: the unit of approval.
    WorkspaceName
);
text_id!(
    /// A resource instance address as Terraform writes it: `module.m[0].aws_instance.web["a"]`.
    Address
);
text_id!(
    /// A Terraform resource type: `aws_security_group`.
    TypeName
);
text_id!(
    /// The twelve digits of an AWS account, or an Azure subscription id.
    AccountId
);
text_id!(
    /// A cloud Region as the provider names it: `eu-west-1`, or `global`.
    Region
);
text_id!(
    /// What the provider calls the resource: `sg-0abc`, an ARN, a bucket name.
    ProviderId
);
text_id!(
    /// A JSON pointer (RFC 6901) in Terraform's attribute names; a tag is at `/tags_all/KEY`.
    AttributePath
);
text_id!(
    /// The number of a change record in the ticket system that holds it.
    ChangeNumber
);
text_id!(
    /// The label of a `rule` block.
    RuleId
);
text_id!(
    /// Names one deviation, values included: the same deviation has the same id in every scan.
    DeviationId
);
text_id!(
    /// Names one alert over its life, for whoever receives its messages.
    AlertKey
);
text_id!(
    /// Names one fix: of one version of a finding, tried for the so manieth time.
    FixId
);
text_id!(
    /// Names what deviates, without values: the deviations of one key are versions of one finding.
    FindingKey
);

impl FindingKey {
    /// The first digits, which tell findings apart; commands say so where they do not.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl AttributePath {
    /// Appends one reference token, escaped as RFC 6901 asks.
    pub fn child(&self, token: &str) -> Self {
        let mut path = String::with_capacity(self.0.len() + token.len() + 1);
        path.push_str(&self.0);
        path.push('/');
        for c in token.chars() {
            match c {
                '~' => path.push_str("~0"),
                '/' => path.push_str("~1"),
                other => path.push(other),
            }
        }
        Self(path.into_boxed_str())
    }

    pub fn root() -> Self {
        Self("".into())
    }

    /// Whether `other` is this attribute or lies within it.
    pub fn holds(&self, other: &Self) -> bool {
        let rest = other.0.strip_prefix(&*self.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The reference tokens, unescaped.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .split('/')
            .skip(1)
            .map(|token| token.replace("~1", "/").replace("~0", "~"))
    }
}

/// A SHA-256 digest, shown as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Digest(pub [u8; 32]);

impl Sha256Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub fn parse(hex_text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(hex_text.trim(), &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}

impl Serialize for Sha256Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a SHA-256 in hex"))
    }
}
