//! Tags that a provider's configuration tells it to leave alone (`ignore_tags`).

use std::collections::BTreeMap;

use super::ProviderKey;
use super::configured::provider_key;
use crate::ingest::json::{Fault, parse};
use crate::model::Value;

/// By the configuration of the provider.
pub type IgnoredTags = BTreeMap<ProviderKey, TagPatterns>;

/// Tags by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagPatterns {
    keys: Vec<String>,
    prefixes: Vec<String>,
}

impl TagPatterns {
    pub fn hold(&self, key: &str) -> bool {
        let mut prefixes = self.prefixes.iter();
        self.keys.iter().any(|own| own == key) || prefixes.any(|own| key.starts_with(own.as_str()))
    }
}

/// Of `provider_config`: what is written there as it is. What an expression makes is not known.
pub(super) fn read(raw: &str) -> Result<IgnoredTags, Fault> {
    if !raw.contains("ignore_tags") {
        return Ok(IgnoredTags::new());
    }
    let all = parse(raw)?;
    let all = all.as_map().into_iter().flatten();
    let found = all.filter_map(|(name, provider)| {
        let block = provider.at(["expressions", "ignore_tags", "0"])?;
        let texts = |of: &str| {
            let list = block.at([of, "constant_value"]).and_then(Value::as_list);
            let texts = list.into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        };
        let patterns = TagPatterns {
            keys: texts("keys"),
            prefixes: texts("key_prefixes"),
        };
        Some((provider_key(name), patterns))
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_known_and_what_is_made_is_not() {
        let raw = r#"{"aws":{"expressions":{"ignore_tags":[{"keys":{"constant_value":["scanner"]},
            "key_prefixes":{"constant_value":["audit:"]}}]}},
            "aws.dr":{"expressions":{"ignore_tags":[{"keys":{"references":["var.x"]}}]}},
            "aws.none":{"expressions":{}}}"#;
        let found = read(raw).unwrap();
        let own = &found[&0];
        for (key, holds) in [
            ("scanner", true),
            ("audit:", true),
            ("audit:at", true),
            ("Scanner", false),
            ("scanner2", false),
            ("audit", false),
        ] {
            assert_eq!(own.hold(key), holds, "{key}");
        }
        assert_eq!(found[&provider_key("aws.dr")], TagPatterns::default());
        assert_eq!(found.len(), 2);
        assert_eq!(read("{}").unwrap(), IgnoredTags::new());
    }
}
