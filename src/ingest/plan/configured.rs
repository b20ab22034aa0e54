//! What a plan's configuration says of the resources that it plans: by which configuration of its provider
//! each is made, and what of it was written inline.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use super::configuration::{Written, module};
use super::refresh::without_keys;
use super::{IgnoredTags, PlannedResource, PlannedType, ProviderKey, ignored_tags};
use crate::ingest::attributes::{WRITTEN, slot_of};
use crate::ingest::json::{Fault, JsonStream, StreamError, members};
use crate::normalise::catalogue::{Catalogue, Resource};

/// What is kept of the configuration, by address without instance keys: who else than the provider's
/// default configuration makes a resource, and which attributes are written that a resource of its own
/// could hold, too.
#[derive(Debug, Default)]
pub(super) struct Configured {
    providers: BTreeMap<Box<str>, ProviderKey>,
    inline: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    pub(super) ignored_tags: IgnoredTags,
}

impl Configured {
    pub(super) fn read<R: Read>(
        stream: &mut JsonStream<R>,
        catalogue: &Catalogue,
    ) -> Result<Self, StreamError> {
        let mut own = Self::default();
        if stream.peek()? != Some(b'{') {
            stream.skip()?;
            return Ok(own);
        }
        stream.object(&mut |stream, key| match key {
            "root_module" => module(stream, "", &mut |module, raw| {
                own.take(module, raw, catalogue)
            }),
            "provider_config" => {
                own.ignored_tags = stream.value(ignored_tags::read)?;
                Ok(())
            }
            _ => stream.skip(),
        })?;
        Ok(own)
    }

    fn take(&mut self, module: &str, raw: &str, catalogue: &Catalogue) -> Result<(), Fault> {
        let written = Written::read(raw)?;
        let (Some(address), Some(type_name)) = (written.address, written.type_name) else {
            return Ok(());
        };
        let table = catalogue.find(&type_name);
        let Some(table) = table.and_then(|at| catalogue.resource(at)) else {
            return Ok(());
        };
        let address: Box<str> = format!("{module}{address}").into();
        let key = written.provider.as_deref().map_or(0, provider_key);
        if key != 0 {
            self.providers.insert(address.clone(), key);
        }
        let inline = inline_names(table);
        if let (Some(expressions), false) = (written.expressions, inline.is_empty()) {
            let mut names = BTreeSet::new();
            for member in members(expressions)? {
                let name = member?.0;
                if inline.contains(&*name) {
                    names.insert(name.into());
                }
            }
            if !names.is_empty() {
                self.inline.insert(address, names);
            }
        }
        Ok(())
    }

    pub(super) fn tell(&self, planned: &mut [PlannedResource], catalogue: &Catalogue) {
        if self.providers.is_empty() && self.inline.is_empty() {
            return;
        }
        for resource in planned {
            let PlannedType::Mapped(at) = resource.kind else {
                continue;
            };
            let address = without_keys(&resource.address);
            resource.provider = self.providers.get(&address).copied().unwrap_or_default();
            let (Some(names), Some(table)) = (self.inline.get(&address), catalogue.resource(at))
            else {
                continue;
            };
            for unknown in &mut resource.after.unknown {
                let row = table.table.attributes.get(slot_of(*unknown));
                let name = row.and_then(|row| first_name(row.pointer.as_str()));
                if name.is_some_and(|name| names.contains(name)) {
                    *unknown |= WRITTEN;
                }
            }
        }
    }
}

/// Attributes that resources of their own can hold, too.
fn inline_names(table: &Resource) -> BTreeSet<&str> {
    let rows = table.table.attributes.iter();
    let rows = rows.filter(|row| !row.separate.is_empty());
    rows.filter_map(|row| first_name(row.pointer.as_str()))
        .collect()
}

fn first_name(pointer: &str) -> Option<&str> {
    pointer.split('/').nth(1)
}

/// Zero for a provider's default configuration.
pub(super) fn provider_key(name: &str) -> ProviderKey {
    if !name.contains(['.', ':']) {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() as ProviderKey).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::plan::read;
    use crate::ingest::test_support::{catalogue, redactor};

    fn planned(after_unknown: &str, expressions: &str, provider: &str) -> PlannedResource {
        let plan = format!(
            r#"{{"format_version":"1.2","resource_changes":[
                {{"address":"module.m[\"a.b\"].aws_iam_role.r[0]","mode":"managed","type":"aws_iam_role",
                  "change":{{"actions":["create"],"before":null,"after":{{"name":"r"}},
                             "after_unknown":{after_unknown}}}}}],
               "configuration":{{"root_module":{{"module_calls":{{"m":{{"module":{{"resources":[
                {{"address":"aws_iam_role.r","type":"aws_iam_role","provider_config_key":"{provider}",
                  "expressions":{expressions}}}]}}}}}}}}}}}}"#
        );
        let (mut plan, _) = read(plan.as_bytes(), &catalogue(), &redactor()).unwrap();
        plan.resources.remove(0)
    }

    fn written(after_unknown: &str, expressions: &str) -> usize {
        let unknown = planned(after_unknown, expressions, "aws").after.unknown;
        unknown.iter().filter(|slot| *slot & WRITTEN != 0).count()
    }

    #[test]
    fn what_an_author_wrote_is_no_mere_reading_back() {
        let open = r#"{"managed_policy_arns":true,"path":true}"#;
        assert_eq!(written(open, r#"{"managed_policy_arns":{}}"#), 1);
        assert_eq!(written(open, r#"{"path":{}}"#), 0);
        assert_eq!(written(open, "{}"), 0);
        // A dynamic block is in no expression; how many there are says that somebody wrote them.
        assert_eq!(
            written(r#"{"inline_policy":[{},{"policy":true}]}"#, "{}"),
            1
        );
    }

    #[test]
    fn the_default_configuration_of_a_provider_is_none_of_its_others() {
        let provider = |name| planned("{}", "{}", name).provider;
        assert_eq!(provider("aws"), 0);
        assert_ne!(provider("aws.audit"), 0);
        assert_ne!(provider("aws.audit"), provider("aws.dr"));
        assert_eq!(provider("aws.audit"), provider("aws.audit"));
    }
}
