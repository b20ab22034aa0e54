//! A plan far larger than memory should have to hold.
#![cfg(test)]

use std::io::{self, Read};

use driftwarden::ingest::plan;
use driftwarden::ingest::redact::Redactor;
use driftwarden::normalise::catalogue::Catalogue;

/// A plan of about `bytes` bytes, made while it is read: each resource stands in the planned values,
/// in the changes and in the prior state.
struct Synthetic {
    resources: u64,
    next: u64,
    part: usize,
    pending: Vec<u8>,
    at: usize,
    given: u64,
}

const PARTS: [(&str, &str); 3] = [
    (
        r#"{"format_version":"1.2","planned_values":{"root_module":{"resources":["#,
        "]}}",
    ),
    (r#","resource_changes":["#, "]"),
    (
        r#","prior_state":{"values":{"root_module":{"resources":["#,
        "]}}}}",
    ),
];

impl Synthetic {
    fn new(bytes: u64) -> Self {
        let one = 3 * (TEXT_LENGTH as u64 + 200);
        Self {
            resources: bytes / one,
            next: 0,
            part: 0,
            pending: Vec::new(),
            at: 0,
            given: 0,
        }
    }

    fn make_more(&mut self) {
        self.at = 0;
        self.pending.clear();
        let Some((before, behind)) = PARTS.get(self.part) else {
            return;
        };
        let number = self.next;
        if number == 0 {
            self.pending.extend(before.bytes());
        } else {
            self.pending.push(b',');
        }
        let text = "x".repeat(TEXT_LENGTH);
        let values = format!(r#"{{"delay_seconds":{},"note":"{text}"}}"#, number % 900);
        let element = format!(
            r#"{{"address":"aws_sqs_queue.q[{number}]","mode":"managed","type":"aws_sqs_queue","change":{{"actions":["create"],"after":{values}}}}}"#
        );
        self.pending.extend(element.bytes());
        self.next += 1;
        if self.next == self.resources {
            self.pending.extend(behind.bytes());
            self.next = 0;
            self.part += 1;
        }
    }
}

const TEXT_LENGTH: usize = 20_000;

impl Read for Synthetic {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.pending.len() {
            self.make_more();
        }
        let mut rest = self.pending.get(self.at..).unwrap_or_default();
        let count = rest.read(into)?;
        self.at += count;
        self.given += count as u64;
        Ok(count)
    }
}

/// The most memory that this process ever held, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}

/// 16 MB always; 500 MB where `DRIFTWARDEN_LARGE=1` asks for it.
#[test]
fn takes_bounded_memory() {
    let is_large = std::env::var_os("DRIFTWARDEN_LARGE").is_some_and(|value| value == "1");
    let bytes: u64 = if is_large { 500_000_000 } else { 16_000_000 };
    let (catalogue, redactor) = (Catalogue::builtin().unwrap(), Redactor::new(&[1; 32]));
    let before = peak();
    let (plan, reader) = plan::read(Synthetic::new(bytes), &catalogue, &redactor).unwrap();
    let grown = peak().saturating_sub(before);
    println!(
        "{} bytes, {} resources, {grown} bytes more at the peak",
        reader.given,
        plan.resources.len()
    );
    assert_eq!(plan.resources.len() as u64, reader.resources);
    assert!(reader.given > bytes / 10 * 9);
    // Other tests of the same process may grow meanwhile; alone it is under 10 MiB.
    assert!(!is_large || grown < 64 << 20, "{grown}");
}
