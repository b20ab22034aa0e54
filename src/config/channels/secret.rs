//! Secrets: where they lie. The configuration never holds one.

use std::path::PathBuf;

use super::super::error::Problems;
use super::super::sections::Section;

/// Where a secret is read, at every use, so that one that was renewed counts at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file that holds nothing else; white space at its end does not count.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
}

/// `NAME_file` or `NAME_env`: one of the two.
pub(super) fn required(
    section: &Section,
    file: &str,
    env: &str,
    problems: &mut Problems<'_>,
) -> Option<SecretSource> {
    if !section.has(file) && !section.has(env) {
        let what = format!("`{}` has neither `{file}` nor `{env}`", section.spec.name);
        let help = format!(
            "say where the secret lies: `{file} = \"PATH\"`, or `{env} = \"VARIABLE\"`; it is never \
             written here"
        );
        problems.add_with_help(section.offset, what, help);
        return None;
    }
    optional(section, file, env, problems)?
}

/// As [`required`], where there may be none: `Some(None)`. `None`: what is there is wrong.
pub(super) fn optional(
    section: &Section,
    file: &str,
    env: &str,
    problems: &mut Problems<'_>,
) -> Option<Option<SecretSource>> {
    match (section.text(file), section.text(env)) {
        (None, None) => Some(None),
        (Some(path), None) => Some(Some(SecretSource::File(PathBuf::from(&path.text)))),
        (None, Some(name)) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
            if name.text.chars().all(plain) && name.text.starts_with(begins) {
                return Some(Some(SecretSource::Env(name.text.clone())));
            }
            // It may be the secret itself.
            let what = format!("`{env}` does not hold the name of a variable");
            let help = "write the name alone, such as `PAGING_TOKEN`";
            problems.add_with_help(name.offset, what, help);
            None
        }
        (Some(_), Some(second)) => {
            let what = format!("`{file}` and `{env}` are both given");
            problems.add_with_help(second.offset, what, "keep one");
            None
        }
    }
}
