//! Guards of the installation as a whole: mode, freeze windows, stop file.

use super::Question;
use crate::model::{FixMode, StopFile};

pub(super) fn mode(question: &Question<'_>) -> Option<String> {
    match question.policy.mode {
        FixMode::Enforce => None,
        mode @ (FixMode::Off | FixMode::DryRun) => Some(format!("the mode is `{mode}`")),
    }
}

pub(super) fn freeze(question: &Question<'_>) -> Option<String> {
    let now = question.now;
    let mut freezes = question.policy.freezes.iter();
    let own = freezes.find(|own| own.from <= now && now < own.until)?;
    Some(format!(
        "the freeze `{}` holds until {}",
        own.name, own.until
    ))
}

pub(super) fn stop_file(question: &Question<'_>) -> Option<String> {
    match question.stop {
        StopFile::Absent => None,
        StopFile::Present(name) => Some(format!("the stop file `{name}` is there")),
        StopFile::Unknown(why) => Some(format!(
            "whether the stop file is there is not known: {why}"
        )),
    }
}
