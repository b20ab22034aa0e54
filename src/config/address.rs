//! Addresses to send to: nothing goes in the clear beyond this machine.

use std::net::IpAddr;

use super::blocks::checked;
use super::error::Problems;
use super::sections::Section;

pub(super) fn url(
    section: &Section,
    attribute: &str,
    problems: &mut Problems<'_>,
) -> Option<String> {
    let help = "write `https://HOST/PATH`; plain `http://` goes to this machine alone";
    checked(section.text(attribute)?, endpoint, help, problems)
}

/// An address to send to: `https`, or `http` on this machine. No `/` at its end.
pub(super) fn endpoint(text: &str) -> Result<String, String> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or_else(|| format!("`{text}` is no address"))?;
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err("the address holds a user name or a password".to_owned());
    }
    if text.contains(['?', '#', '\\']) || text.contains(char::is_whitespace) {
        return Err(format!("`{text}` holds more than host, port and path"));
    }
    let host = host(authority).ok_or_else(|| format!("`{text}` has no host"))?;
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    match scheme {
        "https" => {}
        "http" if is_here => {}
        "http" => return Err(format!("`{text}` would be reached in the clear")),
        _ => return Err(format!("`{text}` is neither `https` nor `http`")),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            (host, after.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port_is_good = port.is_none_or(|port| port.parse::<u16>().is_ok());
    (!host.is_empty() && port_is_good).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_in_the_clear_beyond_this_machine() {
        for good in [
            "https://s3.eu-central-1.amazonaws.com",
            "http://127.0.0.1:4566",
            "http://[::1]:4566/",
            "http://localhost/tsa",
        ] {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for wrong in [
            "http://witness.example",
            "http://127.0.0.1.example",
            "http://127.0.0.1@example.com",
            "http://localhost.example:80",
            "https://user:secret@host",
            "ftp://localhost",
            "localhost:80",
            "https://",
            "https://host:port",
            "https://host/?q=1",
        ] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
    }
}
