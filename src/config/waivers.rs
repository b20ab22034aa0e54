//! Waiver files: HCL of one kind of block, read and refused as the configuration is.

use jiff::Timestamp;

use super::blocks::{checked, name};
use super::document;
use super::error::{ConfigErrors, Problems, place};
use super::sections::{self, Section};
use super::vocabulary::WAIVER;
use crate::model::{ChangeNumber, DeviationId, FindingKey, Sha256Digest, Waiver};

/// Reads a file of waivers. Whether they stand is decided elsewhere.
///
/// # Errors
/// Everything that is wrong, each with its place.
pub fn parse(file_name: &str, text: &str) -> Result<Vec<Waiver>, ConfigErrors> {
    let mut problems = Problems::new(file_name, text);
    let sha256 = Sha256Digest::of(text.as_bytes());
    let waivers = document::parse(text, &mut problems).map(|document| {
        let sections = sections::read(&document, &[&WAIVER], &mut problems);
        refuse_namesakes(&sections, &mut problems);
        let waivers = sections
            .iter()
            .filter_map(|section| waiver(section, file_name, sha256, &mut problems));
        waivers.collect::<Vec<_>>()
    });
    problems.finish(waivers)
}

fn waiver(
    section: &Section,
    file: &str,
    sha256: Sha256Digest,
    problems: &mut Problems<'_>,
) -> Option<Waiver> {
    let text = |name: &str| section.text(name).map(|placed| placed.text.clone());
    let own = name(section, problems);
    let finding = checked(section.text("finding")?, key, KEY_HELP, problems);
    let deviation = match section.text("deviation") {
        Some(placed) => Some(checked(placed, key, KEY_HELP, problems)?),
        None => None,
    };
    let expires = checked(section.text("expires")?, time, TIME_HELP, problems);
    Some(Waiver {
        name: own?,
        finding: FindingKey::from(finding?),
        deviation: deviation.map(DeviationId::from),
        owner: text("owner")?,
        reason: text("reason")?,
        expires: expires?,
        change: ChangeNumber::from(text("change")?),
        approved_by: text("approved_by")?,
        place: place(&problems.locate(section.offset)),
        file: file.to_owned(),
        sha256,
    })
}

const KEY_HELP: &str =
    "`driftwarden findings --format json` has the whole key, and the deviation, of each finding";
const TIME_HELP: &str = "write a time such as `2026-12-31T18:00:00Z`";

fn key(text: &str) -> Result<String, String> {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    match text.len() == 32 && text.bytes().all(is_hex) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no key of 32 lower-case hex digits")),
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is no time"))
}

fn refuse_namesakes(sections: &[Section], problems: &mut Problems<'_>) {
    let mut seen = std::collections::BTreeSet::new();
    for section in sections {
        if !seen.insert(&section.name.text) {
            let what = format!("`waiver` has the name `{}` twice", section.name.text);
            problems.add_with_help(section.offset, what, "give each its own name");
        }
    }
}
