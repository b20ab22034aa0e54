//! Splunk's HTTP Event Collector, waiting for the indexer.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::Around;
use super::answer::Teller;
use super::http::{Answer, Web};
use super::secret::SecretAt;
use crate::config::SplunkChannel;
use crate::model::Page;
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::splunk::{self, Filing};

/// How often the indexer is asked, and the pause before each time.
const ASKED: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

pub struct Splunk {
    name: String,
    url: String,
    token: SecretAt,
    filing: Filing,
    acknowledged: bool,
    web: Web,
    /// By which Splunk knows this sender: a GUID.
    sender: String,
}

impl Splunk {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(name: &str, config: &SplunkChannel, around: &Around<'_>) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        Ok(Self {
            name: name.to_owned(),
            url: config.url.clone(),
            token: SecretAt::new(&config.token, base),
            filing: Filing {
                source: config.source.clone(),
                sourcetype: config.sourcetype.clone(),
                index: config.index.clone(),
            },
            acknowledged: config.acknowledged,
            web: Web::new(ca_file.as_deref(), around.clock)?,
            sender: guid(&format!("{name} {}", base.display())),
        })
    }

    /// Waits until the indexer has what it gave that number to.
    fn indexed(
        &self,
        number: u64,
        headers: &[(&str, &str)],
        teller: &Teller<'_>,
    ) -> Result<(), ChannelError> {
        let url = format!(
            "{}/services/collector/ack?channel={}",
            self.url, self.sender
        );
        let question = json!({ "acks": [number] }).to_string();
        let mut pause = FIRST_PAUSE;
        for _ in 0..ASKED {
            sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
            let answer = self.web.post(&url, headers, question.as_bytes());
            let answer = answer.map_err(|what| teller.passing(&what, None))?;
            teller.judged(&answer)?;
            let body: Json = serde_json::from_str(&answer.body).unwrap_or_default();
            let acks = body
                .get("acks")
                .and_then(|acks| acks.get(number.to_string()));
            if acks.and_then(Json::as_bool) == Some(true) {
                return Ok(());
            }
        }
        Err(teller.passing("taken, but not indexed in time", None))
    }
}

impl Channel for Splunk {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    fn send(&self, page: &Page, _thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let token = self.token.read();
        let token =
            token.map_err(|what| Teller::new(&self.name, Vec::new()).passing(&what, None))?;
        let teller = Teller::new(&self.name, vec![&token]);
        let login = format!("Splunk {}", token.expose());
        let headers = [
            ("content-type", "application/json"),
            ("authorization", login.as_str()),
            ("x-splunk-request-channel", self.sender.as_str()),
        ];
        let url = format!("{}/services/collector/event", self.url);
        let body = splunk::event(page, &self.filing).to_string();
        let answer = self.web.post(&url, &headers, body.as_bytes());
        let answer = answer.map_err(|what| teller.passing(&what, None))?;
        let mut said = teller.judged(&answer)?;
        if self.acknowledged {
            let number = number(&answer).ok_or_else(|| {
                teller.refused(
                    "it gives no number to ask the indexer for; switch indexer acknowledgement on \
                     for the token, or write `acknowledgement = \"none\"`",
                )
            })?;
            self.indexed(number, &headers, &teller)?;
            said.push_str(", indexed");
        }
        Ok(Delivered {
            answer: said,
            thread: None,
        })
    }
}

fn number(answer: &Answer) -> Option<u64> {
    let body: Json = serde_json::from_str(&answer.body).ok()?;
    body.get("ackId")?.as_u64()
}

/// The same for the same sender, in the form of a GUID.
fn guid(of: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(of));
    digits.truncate(32);
    for at in [20, 16, 12, 8] {
        digits.insert(at, '-');
    }
    digits
}
