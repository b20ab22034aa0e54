//! Alertmanager by its API v2.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;

use super::answer::Teller;
use super::http::Web;
use super::secret::{Secret, SecretAt};
use super::words::{Wording, with};
use super::{Around, Clock};
use crate::config::{AlertmanagerChannel, Login};
use crate::model::Page;
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::alertmanager::{Labels, alerts, labels};
use crate::report::page::template::Reading;

pub struct Alertmanager {
    name: String,
    url: String,
    login: Entry,
    lasts: SignedDuration,
    clock: Clock,
    web: Web,
    wording: Wording,
}

enum Entry {
    Open,
    Basic {
        username: String,
        password: SecretAt,
    },
    Bearer(SecretAt),
}

impl Alertmanager {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(
        name: &str,
        config: &AlertmanagerChannel,
        around: &Around<'_>,
    ) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        let login = match &config.login {
            Login::None => Entry::Open,
            Login::Basic { username, password } => Entry::Basic {
                username: username.clone(),
                password: SecretAt::new(password, base),
            },
            Login::Bearer(token) => Entry::Bearer(SecretAt::new(token, base)),
        };
        let plain = Reading::Plain;
        Ok(Self {
            name: name.to_owned(),
            url: format!("{}/api/v2/alerts", config.url),
            login,
            lasts: config.lasts,
            clock: around.clock,
            web: Web::new(ca_file.as_deref(), around.clock)?,
            wording: Wording::load(&config.templates, base, plain, plain)?,
        })
    }

    /// The header that lets one in, and the secret in it.
    fn entry(&self) -> Result<Option<(String, Secret)>, String> {
        Ok(match &self.login {
            Entry::Open => None,
            Entry::Basic { username, password } => {
                let password = password.read()?;
                let both = STANDARD.encode(format!("{username}:{}", password.expose()));
                Some((format!("Basic {both}"), password))
            }
            Entry::Bearer(token) => {
                let token = token.read()?;
                Some((format!("Bearer {}", token.expose()), token))
            }
        })
    }
}

impl Channel for Alertmanager {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    /// An Alertmanager that was restarted knows no alert of before; and twice before an alert would end,
    /// should one post be lost.
    fn again_after(&self) -> Option<Duration> {
        let often = SignedDuration::from_mins(5);
        Duration::try_from((self.lasts / 3).min(often)).ok()
    }

    fn send(&self, page: &Page, thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let entry = self.entry();
        let entry =
            entry.map_err(|what| Teller::new(&self.name, Vec::new()).passing(&what, None))?;
        let secrets = entry.iter().map(|(_, secret)| secret).collect();
        let teller = Teller::new(&self.name, secrets);
        let (words, failed) = self.wording.of(page);
        let first = thread.and_then(|thread| serde_json::from_str::<Labels>(thread).ok());
        let labels = first.unwrap_or_else(|| labels(page));
        let body = alerts(page, &words, &labels, (self.clock)(), self.lasts);
        let mut headers = vec![("content-type", "application/json")];
        if let Some((header, _)) = &entry {
            headers.push(("authorization", header.as_str()));
        }
        let answer = self
            .web
            .post(&self.url, &headers, body.to_string().as_bytes());
        let answer = answer.map_err(|what| teller.passing(&what, None))?;
        Ok(Delivered {
            answer: with(teller.judged(&answer)?, failed),
            thread: serde_json::to_string(&labels).ok(),
        })
    }
}
