//! A mail: subject, text and HTML, and the ids by which mail programs make a thread.

use std::fmt::Write;

use super::limit::fit;
use super::parts::Parts;
use super::{Words, html, message_id};
use crate::model::{Page, Severity};

/// Far below what any server takes.
const MOST_BYTES: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line, without controls.
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The left part of the message's id: the same in every try.
    pub id: String,
    /// `1` to `5`, as `X-Priority` has it.
    pub priority: u8,
}

/// The mail.
pub fn mail(page: &Page, words: &Words) -> Mail {
    let form = |parts: &Parts| Mail {
        subject: parts.headline.clone(),
        text: text(parts),
        html: html::document(parts, words.html.as_deref()),
        id: format!("driftwarden.{}", message_id(page).replace([':', '/'], "_")),
        priority: match page.severity {
            Severity::Critical => 1,
            Severity::High => 2,
            Severity::Medium => 3,
            Severity::Low => 4,
            Severity::Info => 5,
        },
    };
    fit(page, words, form, |mail| {
        mail.text.len() + mail.html.len() <= MOST_BYTES
    })
}

fn text(parts: &Parts) -> String {
    let mut out = format!("{}\n\n", parts.headline);
    if let Some(body) = &parts.body {
        let _ = writeln!(out, "{}", body.trim_end());
    } else {
        for fact in &parts.facts {
            let label = format!("{}:", fact.label);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{label:<15} {}", fact.text);
        }
        if !parts.difference.is_empty() {
            let _ = writeln!(out, "\nApproved (-) against live (+):");
        }
        for line in parts.difference.iter().chain(&parts.members) {
            let _ = writeln!(out, "  {line}");
        }
    }
    let _ = writeln!(out, "\nEvidence: {}", parts.record);
    if let Some(url) = &parts.evidence {
        let _ = writeln!(out, "          {url}");
    }
    if parts.is_short {
        out.push_str("Shortened: the evidence has all of it.\n");
    }
    out
}
