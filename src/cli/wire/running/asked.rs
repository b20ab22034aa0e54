//! The sources that a running engine asks, in scans and for what events name.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::asked::source;
use crate::adapters::aws_config::AwsConfigSource;
use crate::config::{AwsConfigConfig, Config};
use crate::model::WhyNotRead;
use crate::ports::{LiveSource, NotObserved, ReadAgain, ReadsAgain, WantedResource};

/// The sources of a configuration that is read again and again: each keeps its budget and its sessions
/// while its block stays as it is.
#[derive(Default)]
pub struct Asked(Mutex<Vec<(AwsConfigConfig, Arc<AwsConfigSource>)>>);

impl Asked {
    /// # Errors
    /// One needs what this driftwarden was built without.
    pub fn of(&self, config: &Config) -> anyhow::Result<Vec<Arc<dyn LiveSource>>> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = Vec::new();
        for block in &config.live_aws {
            let known = asked.iter().find(|(known, _)| known == block);
            let own = match known {
                Some((_, own)) => Arc::clone(own),
                None => source(block)?,
            };
            kept.push((block.clone(), own));
        }
        *asked = kept;
        let sources = asked.iter().map(|(_, source)| Arc::clone(source));
        Ok(sources
            .map(|source| source as Arc<dyn LiveSource>)
            .collect())
    }

    fn all(&self) -> Vec<Arc<AwsConfigSource>> {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().map(|(_, source)| Arc::clone(source)).collect()
    }
}

/// Each resource is asked of the first source that looks where it lies.
impl ReadsAgain for Asked {
    fn read_again(&self, wanted: &[WantedResource]) -> ReadAgain {
        let mut rest = wanted.to_vec();
        let (mut documents, mut not_observed) = (Vec::new(), Vec::new());
        for source in self.all() {
            let looks_at = |one: &WantedResource| source.looks_at(one);
            let (own, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(looks_at);
            rest = others;
            if !own.is_empty() {
                let read = source.read_again(&own);
                documents.extend(read.items);
                not_observed.extend(read.not_observed);
            }
        }
        not_observed.extend(rest.into_iter().map(|wanted| NotObserved {
            wanted,
            why: WhyNotRead::NotRecorded,
            detail: "no source looks at its account and Region".to_owned(),
        }));
        ReadAgain {
            items: one_document(documents),
            not_observed,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Document<'d> {
    #[serde(borrow, rename = "configurationItems")]
    items: Vec<&'d RawValue>,
}

fn one_document(mut documents: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    if documents.len() < 2 {
        return documents.pop();
    }
    let parsed = documents.iter().filter_map(|document| {
        let document: Document<'_> = serde_json::from_slice(document).ok()?;
        Some(document.items)
    });
    let items = parsed.flatten().collect();
    serde_json::to_vec(&Document { items }).ok()
}
