//! Any receiver of CloudEvents, with signatures as Standard Webhooks has them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::answer::Teller;
use super::http::Web;
use super::secret::{Secret, SecretAt};
use super::{Around, Clock};
use crate::config::WebhookChannel;
use crate::model::Page;
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::{cloudevent, message_id};

/// A shorter key is guessed.
const SHORTEST_KEY: usize = 24;

pub struct Webhook {
    name: String,
    url: String,
    secret: SecretAt,
    token: Option<SecretAt>,
    clock: Clock,
    web: Web,
}

impl Webhook {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(name: &str, config: &WebhookChannel, around: &Around<'_>) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        Ok(Self {
            name: name.to_owned(),
            url: config.url.clone(),
            secret: SecretAt::new(&config.secret, base),
            token: config
                .token
                .as_ref()
                .map(|token| SecretAt::new(token, base)),
            clock: around.clock,
            web: Web::new(ca_file.as_deref(), around.clock)?,
        })
    }

    fn secrets(&self) -> Result<(Secret, Option<Secret>), String> {
        let token = self.token.as_ref().map(SecretAt::read).transpose()?;
        Ok((self.secret.read()?, token))
    }
}

impl Channel for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    fn send(&self, page: &Page, _thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let secrets = self.secrets();
        let (secret, token) =
            secrets.map_err(|what| Teller::new(&self.name, Vec::new()).passing(&what, None))?;
        let mut all = vec![&secret];
        all.extend(&token);
        let teller = Teller::new(&self.name, all);
        let body = cloudevent::event(page).to_string();
        let id = message_id(page);
        let at = (self.clock)().as_second().to_string();
        let signature =
            signature(&secret, &id, &at, &body).map_err(|what| teller.refused(&what))?;
        let bearer = token
            .as_ref()
            .map(|token| format!("Bearer {}", token.expose()));
        let mut headers = vec![
            (
                "content-type",
                "application/cloudevents+json; charset=utf-8",
            ),
            ("idempotency-key", id.as_str()),
            ("webhook-id", id.as_str()),
            ("webhook-timestamp", at.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        if let Some(bearer) = &bearer {
            headers.push(("authorization", bearer));
        }
        let answer = self.web.post(&self.url, &headers, body.as_bytes());
        let answer = answer.map_err(|what| teller.passing(&what, None))?;
        Ok(Delivered {
            answer: teller.judged(&answer)?,
            thread: None,
        })
    }
}

/// `v1,` and the HMAC of id, time and body, in Base64.
fn signature(secret: &Secret, id: &str, at: &str, body: &str) -> Result<String, String> {
    let key = match secret.expose().strip_prefix("whsec_") {
        Some(encoded) => STANDARD
            .decode(encoded)
            .map_err(|_| "the secret is no Base64".to_owned())?,
        None => secret.expose().as_bytes().to_vec(),
    };
    if key.len() < SHORTEST_KEY {
        return Err(format!("the secret is shorter than {SHORTEST_KEY} bytes"));
    }
    let mac = Hmac::<Sha256>::new_from_slice(&key);
    let mut mac = mac.map_err(|_| "the secret is no key".to_owned())?;
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    Ok(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with Python's hmac and base64.
    #[test]
    fn a_signature_is_what_other_libraries_make() {
        let secret = Secret::of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let made = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            made.unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        for short in ["short", "whsec_c2hvcnQ=", "whsec_!"] {
            assert!(
                signature(&Secret::of(short), "a", "1", "").is_err(),
                "{short}"
            );
        }
    }
}
