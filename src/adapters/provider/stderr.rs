//! A provider's log. It is read so that the provider does not block, and almost nothing is kept.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex};

use serde::Deserialize;

const MAX_LINE: u64 = 64 * 1024;
const KEPT: usize = 20;
const MAX_MESSAGE: usize = 300;

/// The newest error records: the message of each, without its fields, which may hold whole answers.
#[derive(Clone, Debug, Default)]
pub(super) struct ErrorRecords(Arc<Mutex<VecDeque<String>>>);

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "@level")]
    level: String,
    #[serde(rename = "@message")]
    message: String,
}

impl ErrorRecords {
    /// Reads to the end, on a thread of its own that ends with the provider.
    pub fn drain(&self, stderr: impl Read + Send + 'static) {
        let records = self.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stderr);
            let mut line = Vec::new();
            let mut goes_on = false;
            loop {
                line.clear();
                match reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
                // What follows in an overlong line is no record.
                let begins = !std::mem::replace(&mut goes_on, line.last() != Some(&b'\n'));
                if begins && let Some(message) = message(&line) {
                    records.keep(message);
                }
            }
        });
    }

    fn keep(&self, message: String) {
        // A poisoned lock means that a thread panicked while pushing: nothing to hold on to.
        if let Ok(mut kept) = self.0.lock() {
            if kept.len() >= KEPT {
                kept.pop_front();
            }
            kept.push_back(message);
        }
    }

    pub fn newest(&self) -> Option<String> {
        self.0.lock().ok()?.back().cloned()
    }
}

fn message(line: &[u8]) -> Option<String> {
    let record: Record = serde_json::from_slice(line).ok()?;
    if record.level != "error" {
        return None;
    }
    // The first line alone: what follows is often an answer of the cloud.
    let first = record.message.lines().next().unwrap_or_default();
    Some(first.chars().take(MAX_MESSAGE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_an_error_is_kept_and_only_its_message() {
        let error =
            br#"{"@level":"error","@message":"call failed\n<body>s3cr3t</body>","body":"s3cr3t"}"#;
        assert_eq!(message(error).unwrap(), "call failed");
        assert!(message(br#"{"@level":"debug","@message":"s3cr3t"}"#).is_none());
        assert!(message(b"s3cr3t in plain text").is_none());
    }
}
