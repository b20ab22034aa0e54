//! PagerDuty by its Events API v2.

use std::time::Duration;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::Around;
use super::answer::Teller;
use super::http::Web;
use super::secret::{Secret, SecretAt};
use super::words::{Wording, with};
use crate::config::PagerDutyChannel;
use crate::model::{Page, PageStep};
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::pagerduty::{self, Event};
use crate::report::page::template::Reading;

pub struct PagerDuty {
    name: String,
    endpoint: String,
    key: SecretAt,
    web: Web,
    wording: Wording,
}

impl PagerDuty {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(name: &str, config: &PagerDutyChannel, around: &Around<'_>) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        let plain = Reading::Plain;
        Ok(Self {
            name: name.to_owned(),
            endpoint: config.endpoint.clone(),
            key: SecretAt::new(&config.routing_key, base),
            web: Web::new(ca_file.as_deref(), around.clock)?,
            wording: Wording::load(&config.templates, base, plain, plain)?,
        })
    }

    fn post(&self, path: &str, mut event: Json, key: &Secret) -> Result<String, ChannelError> {
        let teller = Teller::new(&self.name, vec![key]);
        if let Some(event) = event.as_object_mut() {
            event.insert("routing_key".to_owned(), json!(key.expose()));
        }
        let url = format!("{}{path}", self.endpoint);
        let headers = [("content-type", "application/json")];
        let answer = self.web.post(&url, &headers, event.to_string().as_bytes());
        let answer = answer.map_err(|what| teller.passing(&what, None))?;
        teller.judged(&answer)
    }
}

impl Channel for PagerDuty {
    fn name(&self) -> &str {
        &self.name
    }

    /// 120 events a minute and key.
    fn pace(&self) -> Duration {
        Duration::from_millis(500)
    }

    fn send(&self, page: &Page, thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let teller = Teller::new(&self.name, Vec::new());
        let key = self
            .key
            .read()
            .map_err(|what| teller.passing(&what, None))?;
        let own = fingerprint(&key);
        let ends = matches!(page.step, PageStep::Acknowledge | PageStep::Resolve);
        if ends && thread.is_some_and(|thread| thread != own) {
            // PagerDuty would answer 202, and drop it.
            return Err(teller.refused(
                "the alert was opened with another routing key; put that key back, or end the \
                 alert by hand",
            ));
        }
        let (words, failed) = self.wording.of(page);
        let answer = match pagerduty::event(page, &words) {
            Event::Alert(event) => self.post("/v2/enqueue", event, &key)?,
            Event::Change(event) => self.post("/v2/change/enqueue", event, &key)?,
        };
        if page.step == PageStep::Test {
            self.post("/v2/enqueue", pagerduty::resolve(page), &key)?;
        }
        Ok(Delivered {
            answer: with(answer, failed),
            thread: Some(own),
        })
    }
}

/// Tells one routing key from another, and nothing of either.
fn fingerprint(key: &Secret) -> String {
    let digest = hex::encode(Sha256::digest(format!(
        "driftwarden routing key {}",
        key.expose()
    )));
    format!("key-{}", digest.get(..16).unwrap_or_default())
}
