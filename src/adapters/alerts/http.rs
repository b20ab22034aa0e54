//! One request to a receiver: over TLS or to this machine, within time limits, following nothing.

use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Error};

use super::super::reason::reason;
use super::Clock;
use super::trust::certificates;

const CONNECT_TIME: Duration = Duration::from_secs(5);
/// From looking up the name to the last byte of the answer.
const TIME: Duration = Duration::from_secs(15);
/// So much of an answer is read.
const ANSWER_BYTES: u64 = 64 << 10;
/// A receiver that asks for longer is asked again sooner.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Follows no redirects and tries once. The proxy of the environment is used, but not for this machine.
pub(super) struct Web {
    agent: Agent,
    clock: Clock,
}

/// What came back, whatever its status.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Before then the receiver wants no other try.
    pub(super) wait: Option<Duration>,
    pub(super) body: String,
}

impl Web {
    /// # Errors
    /// What is wrong with the file of certificates.
    pub(super) fn new(ca_file: Option<&Path>, clock: Clock) -> Result<Self, String> {
        let roots = certificates(ca_file)?.into_iter();
        let roots = roots.map(|der| Certificate::from_der(&der).to_owned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::from(roots))
            // Another may be linked beside it: it is never left to chance which one is used.
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(TIME))
            .max_idle_age(Duration::from_secs(30))
            .user_agent(concat!("driftwarden/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            agent: config.new_agent(),
            clock,
        })
    }

    /// Posts a body.
    ///
    /// # Errors
    /// Why there is no answer, without the address, which may be a secret.
    pub(super) fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let mut request = self.agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if is_here(url) {
            request = request.config().proxy(None).build();
        }
        let mut answer = request.send(body).map_err(|error| said(&error))?;
        let header = |name: &str| answer.headers().get(name)?.to_str().ok();
        let wait = header("retry-after").and_then(|text| wait(text, (self.clock)()));
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        // The status says whether a message was taken; what is lost of the rest is not missed, or is by
        // whoever must read it.
        let _ = answer
            .body_mut()
            .as_reader()
            .take(ANSWER_BYTES)
            .read_to_end(&mut body);
        Ok(Answer {
            status,
            wait,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

/// Whether an address may be sent to: `https`, or `http` on this machine.
pub(super) fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<ureq::http::Uri>() else {
        return false;
    };
    let is_plain = !uri.authority().is_some_and(|at| at.as_str().contains('@'));
    match uri.scheme_str() {
        Some("https") => is_plain && uri.host().is_some_and(|host| !host.is_empty()),
        Some("http") => is_plain && is_here(url),
        _ => false,
    }
}

fn is_here(url: &str) -> bool {
    let uri = url.parse::<ureq::http::Uri>();
    let host = uri
        .as_ref()
        .ok()
        .and_then(|uri| uri.host())
        .unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Seconds, or a time as HTTP writes it.
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let then = rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(then.duration_since(now)).ok()?
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

fn said(error: &Error) -> String {
    match error {
        Error::Timeout(_) => "no answer in time".to_owned(),
        Error::HostNotFound => "its name is not known".to_owned(),
        Error::ConnectionFailed => "no connection".to_owned(),
        Error::Io(error) => match error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            Some(error) => tls(error),
            None => reason(error),
        },
        Error::Rustls(error) => tls(error),
        Error::Tls(what) => format!("no TLS: {what}"),
        Error::InvalidProxyUrl | Error::ConnectProxyFailed(_) => {
            "the proxy does not help".to_owned()
        }
        // Whatever else there is may quote the request.
        _ => "the request failed".to_owned(),
    }
}

fn tls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(why) => format!("its certificate is not trusted: {why}"),
        other => format!("no TLS: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_in_the_clear_beyond_this_machine() {
        for good in [
            "https://hooks.example/a?sig=b",
            "http://127.0.0.1:80/a",
            "http://[::1]:80/a",
            "http://localhost/a",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for wrong in [
            "http://hooks.example/a",
            "https://user:key@hooks.example/",
            "http://127.0.0.1@hooks.example/",
            "http://localhost.example/",
            "hooks.example/a",
            "",
        ] {
            assert!(!is_safe(wrong), "{wrong}");
        }
    }

    #[test]
    fn how_long_to_wait_is_read_in_both_forms() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        assert_eq!(wait("7", now), Some(Duration::from_secs(7)));
        assert_eq!(wait("999999", now), Some(LONGEST_WAIT));
        assert_eq!(
            wait("Sat, 28 Nov 2026 12:01:00 GMT", now),
            Some(Duration::from_secs(60))
        );
        for none in ["soon", "-1", "Sat, 28 Nov 2026 11:00:00 GMT"] {
            assert_eq!(wait(none, now), None, "{none}");
        }
    }
}
