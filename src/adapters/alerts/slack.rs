//! Slack: an app that posts into threads, and incoming webhooks.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::Around;
use super::answer::Teller;
use super::http::{Answer, Web, is_safe};
use super::secret::SecretAt;
use super::words::{Wording, with};
use crate::config::{SlackChannel, SlackWebhookChannel};
use crate::model::{Page, PageStep};
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::template::Reading;
use crate::report::page::{Words, message_id, slack};

/// One message a second and channel.
const PACE: Duration = Duration::from_secs(1);

/// Errors of the API after which another try may help; all others are final.
const PASSING: [&str; 7] = [
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
];

pub struct Slack {
    name: String,
    url: String,
    channel: String,
    token: SecretAt,
    web: Web,
    wording: Wording,
}

impl Slack {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(name: &str, config: &SlackChannel, around: &Around<'_>) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        Ok(Self {
            name: name.to_owned(),
            url: format!("{}/chat.postMessage", config.endpoint),
            channel: config.channel.clone(),
            token: SecretAt::new(&config.token, base),
            web: Web::new(ca_file.as_deref(), around.clock)?,
            wording: Wording::load(&config.templates, base, Reading::Plain, Reading::Slack)?,
        })
    }

    /// `CHANNEL:TS` of an earlier message, if it lies in the channel that is configured now.
    fn parent<'t>(&self, thread: Option<&'t str>) -> Option<&'t str> {
        let (channel, ts) = thread?.split_once(':')?;
        (channel == self.channel).then_some(ts)
    }

    fn message(&self, page: &Page, words: &Words, parent: Option<&str>) -> Json {
        let mut message = slack::message(page, words);
        let Some(object) = message.as_object_mut() else {
            return message;
        };
        let mut put = |name: &str, value: Json| {
            object.insert(name.to_owned(), value);
        };
        put("channel", json!(self.channel));
        put("unfurl_links", json!(false));
        put("unfurl_media", json!(false));
        put("parse", json!("none"));
        let payload = json!({ "message_id": message_id(page), "step": page.step.as_str() });
        put(
            "metadata",
            json!({ "event_type": "driftwarden_page", "event_payload": payload }),
        );
        if let Some(ts) = parent {
            put("thread_ts", json!(ts));
            // That it is over, everybody in the channel is to see.
            put("reply_broadcast", json!(page.step == PageStep::Resolve));
        }
        message
    }
}

impl Channel for Slack {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        PACE
    }

    fn send(&self, page: &Page, thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let token = self.token.read();
        let token =
            token.map_err(|what| Teller::new(&self.name, Vec::new()).passing(&what, None))?;
        let teller = Teller::new(&self.name, vec![&token]);
        let (words, failed) = self.wording.of(page);
        let parent = self.parent(thread);
        let message = self.message(page, &words, parent);
        let bearer = format!("Bearer {}", token.expose());
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("authorization", bearer.as_str()),
        ];
        let answer = self
            .web
            .post(&self.url, &headers, message.to_string().as_bytes());
        let answer = answer.map_err(|what| teller.passing(&what, None))?;
        teller.judged(&answer)?;
        let ts = posted(&answer, &teller)?;
        let own = format!("{}:{ts}", self.channel);
        Ok(Delivered {
            answer: with(
                teller.clean(&format!("{} ok, message {ts}", answer.status)),
                failed,
            ),
            thread: Some(parent.map_or(own, |ts| format!("{}:{ts}", self.channel))),
        })
    }
}

/// The time by which Slack names the message. It answers 200 to what it refuses, too.
fn posted(answer: &Answer, teller: &Teller<'_>) -> Result<String, ChannelError> {
    let lost = || teller.passing("its answer cannot be read", answer.wait);
    let body: Json = serde_json::from_str(&answer.body).map_err(|_| lost())?;
    let field = |name: &str| body.get(name).and_then(Json::as_str);
    match body.get("ok").and_then(Json::as_bool) {
        Some(true) => field("ts").map(str::to_owned).ok_or_else(lost),
        Some(false) => {
            let error = field("error").unwrap_or("no error named");
            match PASSING.contains(&error) {
                true => Err(teller.passing(error, answer.wait)),
                false => Err(teller.refused(error)),
            }
        }
        None => Err(lost()),
    }
}

pub struct SlackWebhook {
    name: String,
    url: SecretAt,
    web: Web,
    wording: Wording,
}

impl SlackWebhook {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(
        name: &str,
        config: &SlackWebhookChannel,
        around: &Around<'_>,
    ) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        Ok(Self {
            name: name.to_owned(),
            url: SecretAt::new(&config.url, base),
            web: Web::new(ca_file.as_deref(), around.clock)?,
            wording: Wording::load(&config.templates, base, Reading::Plain, Reading::Slack)?,
        })
    }
}

impl Channel for SlackWebhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        PACE
    }

    fn send(&self, page: &Page, _thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let (words, failed) = self.wording.of(page);
        let body = slack::message(page, &words).to_string();
        let answer = post_to_secret(&self.name, &self.url, &self.web, &body)?;
        Ok(Delivered {
            answer: with(answer, failed),
            thread: None,
        })
    }
}

/// Posts JSON to an address that is a secret.
pub(super) fn post_to_secret(
    name: &str,
    url: &SecretAt,
    web: &Web,
    body: &str,
) -> Result<String, ChannelError> {
    let url = url.read();
    let url = url.map_err(|what| Teller::new(name, Vec::new()).passing(&what, None))?;
    let teller = Teller::new(name, vec![&url]);
    if !is_safe(url.expose()) {
        return Err(teller.refused("the address in the secret is not `https://…`"));
    }
    let headers = [("content-type", "application/json")];
    let answer = web.post(url.expose(), &headers, body.as_bytes());
    teller.judged(&answer.map_err(|what| teller.passing(&what, None))?)
}
