//! What an answer means: taken, to be tried again, or never taken.

use std::time::Duration;

use super::http::Answer;
use super::secret::Secret;
use crate::ports::ChannelError;
use crate::report::escape::escape;
use crate::report::page::cut;

/// Says of one channel what went wrong. Secrets are taken out of every text.
pub(super) struct Teller<'a> {
    channel: &'a str,
    secrets: Vec<&'a Secret>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(channel: &'a str, secrets: Vec<&'a Secret>) -> Self {
        Self { channel, secrets }
    }

    pub(super) fn passing(&self, what: &str, wait: Option<Duration>) -> ChannelError {
        ChannelError::Passing {
            channel: self.channel.to_owned(),
            what: self.clean(what),
            wait,
        }
    }

    pub(super) fn refused(&self, what: &str) -> ChannelError {
        ChannelError::Refused {
            channel: self.channel.to_owned(),
            what: self.clean(what),
        }
    }

    /// One short line, safe to print, without secrets.
    pub(super) fn clean(&self, text: &str) -> String {
        let hushed = self.secrets.iter();
        let hushed = hushed.fold(text.to_owned(), |text, secret| secret.hush(&text));
        let words: Vec<&str> = hushed.split_whitespace().collect();
        escape(&cut(&words.join(" "), 200)).into_owned()
    }

    /// The answer in few words, where the receiver took the message.
    ///
    /// # Errors
    /// It did not.
    pub(super) fn judged(&self, answer: &Answer) -> Result<String, ChannelError> {
        let status = answer.status;
        let said = self.clean(&format!("{status} {}", answer.body));
        match status {
            200..=299 => Ok(said),
            300..=399 => Err(self.refused(&format!(
                "{status}: it sends elsewhere, which is not followed"
            ))),
            // Too early, too many, or its own fault.
            408 | 425 | 429 | 500..=599 => Err(self.passing(&said, answer.wait)),
            _ => Err(self.refused(&said)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Result<String, ChannelError> {
        let secret = Secret::of("s3cr3t-key");
        let answer = Answer {
            status,
            wait: Some(Duration::from_secs(3)),
            body: body.to_owned(),
        };
        Teller::new("ops", vec![&secret]).judged(&answer)
    }

    #[test]
    fn an_answer_is_taken_passing_or_final() {
        assert_eq!(
            judged(202, "{\"status\":\n \"success\"}").unwrap(),
            "202 {\"status\": \"success\"}"
        );
        for passing in [408, 425, 429, 500, 502, 503, 504] {
            let error = judged(passing, "later").unwrap_err();
            assert!(
                matches!(&error, ChannelError::Passing { wait: Some(wait), .. } if wait.as_secs() == 3),
                "{error}"
            );
        }
        for refused in [301, 307, 400, 401, 403, 404, 410, 413, 422] {
            let error = judged(refused, "no").unwrap_err();
            assert!(matches!(error, ChannelError::Refused { .. }), "{error}");
        }
    }

    #[test]
    fn what_is_told_is_one_safe_line_without_secrets() {
        let error = judged(400, "bad key s3cr3t-key\n\u{1b}[2J\u{202e}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`ops` refuses a message: 400 bad key (secret) \\u{1b}[2J\\u{202e}"
        );
        let long = judged(400, &"x".repeat(1_000)).unwrap_err().to_string();
        assert!(long.chars().count() < 250, "{long}");
    }
}
