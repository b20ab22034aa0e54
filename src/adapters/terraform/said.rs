//! What a failed command said: its first line alone, without the secrets that it was given.

use std::ffi::OsString;

use crate::model::WhyNotRead;

/// Values that must not be shown, the longest first.
pub(super) struct Scrub(Vec<String>);

/// Parts of the names of variables that hold secrets.
const SECRET: [&str; 13] = [
    "SECRET",
    "TOKEN",
    "PASS",
    "PWD",
    "KEY",
    "CREDENTIAL",
    "PRIVATE",
    "AUTH",
    "SAS",
    "CERT",
    "SIGNATURE",
    "CONNECTION",
    "TF_VAR_",
];
const SHOWN: &str = "(sensitive value)";
/// Shorter texts are parts of ordinary words.
const MIN_LENGTH: usize = 4;
const MAX_CHARS: usize = 300;

impl Scrub {
    pub fn of(environment: &[(OsString, OsString)]) -> Self {
        let mut secrets = Vec::new();
        for (name, value) in environment {
            let name = name.to_string_lossy().to_uppercase();
            let value = value.to_string_lossy();
            let is_secret = SECRET.iter().any(|part| name.contains(part));
            if is_secret {
                secrets.push(value.to_string());
                secrets.extend(value.lines().map(str::to_owned));
            }
            secrets.extend(login(&value).map(str::to_owned));
        }
        secrets.retain(|secret| secret.trim().len() >= MIN_LENGTH);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// The first line that tells of an error, on one line, of bounded length.
    pub fn first_error(&self, stderr: &str) -> Option<String> {
        let lines = || {
            let lines = stderr.lines();
            let lines =
                lines.map(|line| line.trim_matches(|c: char| c.is_whitespace() || is_frame(c)));
            lines.filter(|line| !line.is_empty())
        };
        let error = lines().find_map(|line| line.strip_prefix("Error: "));
        let mut text = error.or_else(|| lines().next())?.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.as_str(), SHOWN);
        }
        let mut text: String = text.chars().filter(|c| !c.is_control()).collect();
        if let Some((at, _)) = text.char_indices().nth(MAX_CHARS) {
            text.truncate(at);
            text.push('…');
        }
        Some(text)
    }
}

/// Terraform draws a frame around what it says.
fn is_frame(c: char) -> bool {
    matches!(c, '╷' | '│' | '╵')
}

/// The password within an address such as a proxy's.
fn login(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (login, _) = rest.split_once('@')?;
    Some(
        login
            .split_once(':')
            .map_or(login, |(_, password)| password),
    )
}

/// What kept it from reading. The text is only looked at.
pub(super) fn why(stderr: &str) -> WhyNotRead {
    let stderr = stderr.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    if says(&[
        "accessdenied",
        "access denied",
        "unauthorizedoperation",
        "not authorized",
        "forbidden",
    ]) {
        WhyNotRead::Denied
    } else if says(&[
        "no valid credential",
        "expiredtoken",
        "expired token",
        "could not find default credentials",
    ]) {
        WhyNotRead::NoCredentials
    } else if says(&["throttl", "rate exceeded", "too many requests"]) {
        WhyNotRead::Throttled
    } else {
        WhyNotRead::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(variables: &[(&str, &str)]) -> Scrub {
        let variables = variables.iter();
        let variables: Vec<_> = variables
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        Scrub::of(&variables)
    }

    #[test]
    fn only_the_first_error_is_told_and_without_secrets() {
        let scrub = scrub(&[
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
            ("TF_VAR_greeting", "hunter2"),
            ("db_password", "line one\nline two"),
            ("HTTPS_PROXY", "http://ben:geheim@proxy:3128"),
            ("AWS_REGION", "eu-west-1"),
            ("SHORT_KEY", "abc"),
        ]);
        let said = "╷\n│ Warning: old\n╵\n╷\n│ Error: abc: wJalrXUtnFEMI, hunter2 or line two by geheim in eu-west-1\n│ \n│ more\n╵";
        assert_eq!(
            scrub.first_error(said).as_deref(),
            Some(
                "abc: (sensitive value), (sensitive value) or (sensitive value) by (sensitive value) \
                 in eu-west-1"
            )
        );
        assert_eq!(scrub.first_error("\n  \n"), None);
        assert_eq!(
            scrub.first_error("a \u{1b}[1mb\nc").as_deref(),
            Some("a [1mb")
        );
        let long = "é".repeat(1000);
        assert_eq!(
            scrub.first_error(&long).map(|text| text.chars().count()),
            Some(MAX_CHARS + 1)
        );
    }

    #[test]
    fn what_kept_it_from_reading_is_told_apart() {
        assert_eq!(why("Error: AccessDenied: no"), WhyNotRead::Denied);
        assert_eq!(
            why("No valid credential sources found"),
            WhyNotRead::NoCredentials
        );
        assert_eq!(why("ThrottlingException"), WhyNotRead::Throttled);
        assert_eq!(why("Error: no such host"), WhyNotRead::Unreachable);
    }
}
