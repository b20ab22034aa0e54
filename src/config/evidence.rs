//! The block `evidence`: where the log lies, who signs it, how long it is kept.

use std::path::{Component, Path, PathBuf};

use super::blocks::{checked, path};
use super::error::Problems;
use super::sections::Section;
use super::{EvidenceConfig, OutsideConfig, Retention, SignerConfig, values};

const DEFAULT_ORIGIN: &str = "driftwarden.local/evidence";
const ORIGIN_HELP: &str = "write a name such as `bank.example/driftwarden/prod`";

pub(super) fn read(
    section: &Section,
    signer: Option<SignerConfig>,
    outside: OutsideConfig,
    problems: &mut Problems<'_>,
) -> Option<EvidenceConfig> {
    let origin = match section.text("origin") {
        None => DEFAULT_ORIGIN.to_owned(),
        Some(text) => checked(text, values::origin, ORIGIN_HELP, problems)?,
    };
    let dir = path(section, "dir")?;
    let Some(Component::Normal(last)) = dir.components().next_back() else {
        let what = format!("`{}` does not name a folder of its own", dir.display());
        let help = "end it in the name of a folder that holds nothing but the log";
        problems.add_with_help(section.place_of("dir"), what, help);
        return None;
    };
    let keys = path(section, "keys").unwrap_or_else(|| {
        let mut beside = last.to_owned();
        beside.push(".keys");
        dir.with_file_name(beside)
    });
    if plain(&keys).starts_with(plain(&dir)) {
        let what = format!(
            "the keys in `{}` lie inside the evidence folder",
            keys.display()
        );
        let help = "who is handed the evidence would be handed the keys; name a folder outside it";
        problems.add_with_help(section.place_of("keys"), what, help);
        return None;
    }
    let yearly = match section.text("shard") {
        None => false,
        Some(word) if word.text == "yearly" => true,
        Some(word) => {
            let what = format!("unknown shard `{}`", word.text);
            let help = "the only word is `yearly`; leave it out for one log";
            problems.add_with_help(word.offset, what, help);
            false
        }
    };
    let retention = match section.text("retention") {
        None => Retention::default(),
        Some(text) => {
            let help = "write years or days, such as `7y` or `2557d`";
            checked(text, Retention::parse, help, problems)?
        }
    };
    let inception = match section.text("inception") {
        None => None,
        Some(text) => {
            let help = "write the day in UTC as `2026-11-28`";
            Some(checked(text, values::day, help, problems)?)
        }
    };
    Some(EvidenceConfig {
        dir,
        keys,
        origin,
        yearly,
        retention,
        inception,
        signer,
        outside,
    })
}

/// The path with `.` taken out and `..` taken up, by its words alone.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            Component::Prefix(_)
            | Component::RootDir
            | Component::ParentDir
            | Component::Normal(_) => plain.push(component),
        }
    }
    plain
}
