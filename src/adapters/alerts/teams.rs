//! Microsoft Teams, by a workflow's webhook.

use std::time::Duration;

use super::Around;
use super::http::Web;
use super::secret::SecretAt;
use super::slack::post_to_secret;
use super::words::{Wording, with};
use crate::config::TeamsChannel;
use crate::model::Page;
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::teams;
use crate::report::page::template::Reading;

pub struct Teams {
    name: String,
    url: SecretAt,
    web: Web,
    wording: Wording,
}

impl Teams {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(name: &str, config: &TeamsChannel, around: &Around<'_>) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        Ok(Self {
            name: name.to_owned(),
            url: SecretAt::new(&config.url, base),
            web: Web::new(ca_file.as_deref(), around.clock)?,
            wording: Wording::load(&config.templates, base, Reading::Plain, Reading::Markdown)?,
        })
    }
}

impl Channel for Teams {
    fn name(&self) -> &str {
        &self.name
    }

    /// Four requests a second.
    fn pace(&self) -> Duration {
        Duration::from_millis(300)
    }

    /// A workflow gives no name to what it posts, so there are no threads.
    fn send(&self, page: &Page, _thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let (words, failed) = self.wording.of(page);
        let body = teams::message(page, &words).to_string();
        let answer = post_to_secret(&self.name, &self.url, &self.web, &body)?;
        Ok(Delivered {
            answer: with(answer, failed),
            thread: None,
        })
    }
}
