//! Alertmanager.

use std::path::PathBuf;

use jiff::SignedDuration;

use super::super::address::url;
use super::super::blocks::path;
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::service::bounded;
use super::super::vocabulary::{BlockSpec, Shape, optional, required};
use super::secret::{self, SecretSource};
use super::words::{self, Templates};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertmanagerChannel {
    /// Without `/api/v2/alerts`.
    pub url: String,
    pub login: Login,
    pub ca_file: Option<PathBuf>,
    /// So long an alert stands without being posted again. Default 24 h, from 5 min to 7 days. Danger: while
    /// driftwarden is away for longer, alerts end there, though their findings are open.
    pub lasts: SignedDuration,
    pub templates: Templates,
}

/// How one is let in where the server asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    None,
    Basic {
        username: String,
        password: SecretSource,
    },
    Bearer(SecretSource),
}

pub(in crate::config) static ALERTMANAGER: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("alertmanager"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("url", Shape::Text),
        optional("username", Shape::Text, "none"),
        optional("password_file", Shape::Text, "none"),
        optional("password_env", Shape::Text, "none"),
        optional("token_file", Shape::Text, "none"),
        optional("token_env", Shape::Text, "none"),
        optional("ca_file", Shape::Text, "the system's"),
        optional("lasts", Shape::Text, "`24h`"),
        words::TITLE,
        words::BODY,
    ],
};

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<AlertmanagerChannel> {
    let url = url(section, "url", problems);
    let login = login(section, problems);
    let lasts = match section.has("lasts") {
        false => Some(SignedDuration::from_hours(24)),
        true => {
            let (least, most) = (
                SignedDuration::from_mins(5),
                SignedDuration::from_hours(7 * 24),
            );
            bounded(section, "lasts", least, most, problems)
        }
    };
    Some(AlertmanagerChannel {
        url: url?,
        login: login?,
        ca_file: path(section, "ca_file"),
        lasts: lasts?,
        templates: words::read(section),
    })
}

fn login(section: &Section, problems: &mut Problems<'_>) -> Option<Login> {
    let password = secret::optional(section, "password_file", "password_env", problems)?;
    let token = secret::optional(section, "token_file", "token_env", problems)?;
    let username = section.text("username");
    match (username, password, token) {
        (None, None, None) => Some(Login::None),
        (None, None, Some(token)) => Some(Login::Bearer(token)),
        (Some(username), Some(password), None) => Some(Login::Basic {
            username: username.text.clone(),
            password,
        }),
        (Some(_), None, None) => {
            let help = "add `password_file` or `password_env`";
            problems.add_with_help(
                section.place_of("username"),
                "`username` has no password",
                help,
            );
            None
        }
        (None, Some(_), _) => {
            problems.add_with_help(
                section.offset,
                "a password has no `username`",
                "add `username`",
            );
            None
        }
        (Some(_), _, Some(_)) => {
            let what = "a password and a token are both given";
            problems.add_with_help(
                section.offset,
                what,
                "keep the one that the server asks for",
            );
            None
        }
    }
}
