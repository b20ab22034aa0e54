//! Mail by SMTP.

use std::path::PathBuf;

use super::super::blocks::{all, checked, path};
use super::super::error::Problems;
use super::super::sections::Section;
use super::super::vocabulary::{BlockSpec, Shape, optional, required};
use super::secret::{self, SecretSource};
use super::words::{self, Templates};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailChannel {
    /// The server's name, which its certificate must bear.
    pub server: String,
    /// Default 587, or 465 where TLS comes first.
    pub port: u16,
    pub tls: MailTls,
    pub from: String,
    /// Each gets the same mail and sees the others; never empty.
    pub to: Vec<String>,
    pub login: Option<(String, SecretSource)>,
    /// Absent: the certificates that the system trusts.
    pub ca_file: Option<PathBuf>,
    pub templates: Templates,
}

/// There is no mail without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Begun with STARTTLS; a server that does not offer it is refused.
    StartTls,
    /// From the first byte on.
    Wrapper,
}

pub(in crate::config) static EMAIL: BlockSpec = BlockSpec {
    name: "channel",
    kind: Some("email"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("server", Shape::Text),
        optional("port", Shape::Number, "`587`, or `465` with the wrapper"),
        optional("tls", Shape::Text, "`starttls`"),
        required("from", Shape::Text),
        required("to", Shape::Texts),
        optional("username", Shape::Text, "none"),
        optional("password_file", Shape::Text, "none"),
        optional("password_env", Shape::Text, "none"),
        optional("ca_file", Shape::Text, "the system's"),
        words::TITLE,
        words::BODY,
        words::HTML,
    ],
};

const ADDRESS_HELP: &str = "write the address alone, such as `oncall@bank.example`";

pub(super) fn read(section: &Section, problems: &mut Problems<'_>) -> Option<EmailChannel> {
    let help = "write the server's name, such as `smtp.bank.example`";
    let server = checked(section.text("server")?, host, help, problems);
    let tls = match section.text("tls") {
        None => Some(MailTls::StartTls),
        Some(word) => checked(word, tls, "write `starttls` or `wrapper`", problems),
    };
    let port = match (section.text("port"), tls) {
        (Some(text), _) => checked(text, port, "write a port from 1 to 65535", problems),
        (None, Some(MailTls::Wrapper)) => Some(465),
        (None, Some(MailTls::StartTls) | None) => Some(587),
    };
    let from = checked(section.text("from")?, address, ADDRESS_HELP, problems);
    let to = all(section, "to", address, ADDRESS_HELP, problems);
    let login = login(section, problems);
    (!to.is_empty()).then_some(())?;
    Some(EmailChannel {
        server: server?,
        port: port?,
        tls: tls?,
        from: from?,
        to,
        login: login?,
        ca_file: path(section, "ca_file"),
        templates: words::read(section),
    })
}

fn login(section: &Section, problems: &mut Problems<'_>) -> Option<Option<(String, SecretSource)>> {
    let password = secret::optional(section, "password_file", "password_env", problems)?;
    match (section.text("username"), password) {
        (None, None) => Some(None),
        (Some(name), Some(password)) => Some(Some((name.text.clone(), password))),
        (Some(name), None) => {
            let help = "add `password_file` or `password_env`";
            problems.add_with_help(name.offset, "`username` has no password", help);
            None
        }
        (None, Some(_)) => {
            problems.add_with_help(
                section.offset,
                "a password has no `username`",
                "add `username`",
            );
            None
        }
    }
}

fn host(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    match text.len() <= 253 && text.chars().all(plain) && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no name of a server")),
    }
}

fn port(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| format!("`{text}` is no port"))
}

fn tls(word: &str) -> Result<MailTls, String> {
    match word {
        "starttls" => Ok(MailTls::StartTls),
        "wrapper" => Ok(MailTls::Wrapper),
        _ => Err(format!("unknown way of TLS `{word}`")),
    }
}

/// An address alone, of plain characters.
fn address(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_+=".contains(c);
    let parts = text.split_once('@');
    let is_good = parts.is_some_and(|(local, domain)| {
        let named = |part: &str| !part.is_empty() && part.chars().all(plain);
        let domain_is_good = !domain.contains(['_', '+', '=']) && !domain.starts_with('.');
        named(local) && named(domain) && domain_is_good
    });
    match is_good && text.len() <= 254 {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no address of mail")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_address_and_nothing_else() {
        for good in [
            "oncall@bank.example",
            "a.b+drift@mail.bank.example",
            "root@localhost",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for wrong in [
            "oncall",
            "@bank.example",
            "oncall@",
            "a@b@c",
            "On Call <oncall@bank.example>",
            "oncall@bank.example, other@bank.example",
            "oncall@bank.example\r\nBcc: x@y.example",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
