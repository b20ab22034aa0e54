//! A message in the form of each channel. Pure: secrets, the clock and sending are for the adapters.
//!
//! Whatever is in a message may be written by an attacker. Controls and what reorders a line are spelled
//! out where [`parts`] takes the message apart; each form then escapes for its own format, and keeps to
//! the limits that its receiver documents by leaving detail out.

pub mod alertmanager;
pub mod asff;
pub mod cloudevent;
mod data;
pub mod email;
mod facts;
mod html;
mod limit;
pub mod pagerduty;
mod parts;
pub mod slack;
pub mod splunk;
pub mod teams;
#[cfg(feature = "paging")]
pub mod template;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::{Page, PageStep};

pub use data::{data, line};
pub use limit::cut;

/// What the user's own templates say in the place of ours. `None`: ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub title: Option<String>,
    pub body: Option<String>,
    /// The second body of a mail.
    pub html: Option<String>,
}

/// The first words of a message: how grave it is, or that it is over, and what it is about.
pub(super) fn headline(page: &Page, words: &Words) -> String {
    let severity = page.severity;
    let title = match &words.title {
        Some(title) => super::escape::escape(title),
        None => {
            // The brackets say it already.
            let twice = format!("{severity}: ");
            super::escape::escape(page.title.strip_prefix(&twice).unwrap_or(&page.title))
        }
    };
    let before = match page.step {
        PageStep::Trigger => format!("[{severity}]"),
        PageStep::Update => format!("[{severity}, update]"),
        PageStep::Acknowledge => "[acknowledged]".to_owned(),
        PageStep::Resolve => "[resolved]".to_owned(),
        PageStep::Note => "[note]".to_owned(),
        PageStep::Test => "[test]".to_owned(),
    };
    cut(&format!("{before} {title}"), 240)
}

/// A time as people read it, to the second.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The alert's key in at most `longest` plain characters: hashed where it is longer or stranger.
pub(super) fn plain_key(key: &str, longest: usize) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    if !key.is_empty() && key.len() <= longest && key.chars().all(is_plain) {
        return key.to_owned();
    }
    hex::encode(Sha256::digest(key))
}

/// One message of one alert, the same in every try.
pub fn message_id(page: &Page) -> String {
    format!("{}.{}", plain_key(&page.key, 128), page.sequence)
}

/// An address that may become a link: of the web, and nothing that ends or fakes one.
pub(super) fn link(url: &str) -> Option<String> {
    const LONGEST: usize = 1_500;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let ends = |c: char| "<>\"'`|\\{}^[]()".contains(c) || c.is_whitespace();
    let is_hostile = url.chars().any(|c| super::escape::is_unsafe(c) || ends(c));
    (is_web && !is_hostile && url.len() <= LONGEST).then(|| url.to_owned())
}
