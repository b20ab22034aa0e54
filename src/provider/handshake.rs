//! The one line that a provider says on stdout before it serves: where, and in which protocol.

/// The major versions of Terraform's provider protocol that we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    V5,
    V6,
}

/// What a provider offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    pub protocol: Protocol,
    /// The path of its socket.
    pub socket: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    #[error("it is no provider: its first line is no handshake")]
    NoHandshake,
    #[error("it offers protocol {0} of go-plugin, of which only 1 is known")]
    Core(u32),
    #[error("it speaks version {0} of Terraform's provider protocol, of which 5 and 6 are known")]
    Version(u32),
    #[error("it does not offer gRPC on a unix socket")]
    Transport,
    #[error("it wants to speak TLS, for which it was given no certificate")]
    Tls,
}

/// Reads `core|version|network|address|protocol|certificate`; later parts are of no concern here.
///
/// # Errors
/// Another kind of line, and every offer that we cannot take.
pub fn parse(line: &str) -> Result<Handshake, HandshakeError> {
    let mut parts = line.trim_end_matches(['\n', '\r']).split('|');
    let mut next = || parts.next().ok_or(HandshakeError::NoHandshake);
    let (core, version, network, address) = (next()?, next()?, next()?, next()?);
    let number = |text: &str| text.parse().map_err(|_| HandshakeError::NoHandshake);
    match number(core)? {
        1 => {}
        other => return Err(HandshakeError::Core(other)),
    }
    let protocol = match number(version)? {
        5 => Protocol::V5,
        6 => Protocol::V6,
        other => return Err(HandshakeError::Version(other)),
    };
    if network != "unix" || address.is_empty() || parts.next() != Some("grpc") {
        return Err(HandshakeError::Transport);
    }
    match parts.next() {
        None | Some("") => Ok(Handshake {
            protocol,
            socket: address.to_owned(),
        }),
        Some(_) => Err(HandshakeError::Tls),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_that_can_be_taken_is_taken() {
        for (line, protocol) in [
            ("1|5|unix|/run/p.sock|grpc|\n", Protocol::V5),
            ("1|6|unix|/run/p.sock|grpc", Protocol::V6),
            ("1|6|unix|/run/p.sock|grpc||true\r\n", Protocol::V6),
        ] {
            let taken = parse(line).unwrap();
            assert_eq!(taken.protocol, protocol);
            assert_eq!(taken.socket, "/run/p.sock");
        }
    }

    #[test]
    fn every_other_line_is_refused() {
        for (line, why) in [
            ("", HandshakeError::NoHandshake),
            ("This binary is a plugin.", HandshakeError::NoHandshake),
            ("1|5|unix", HandshakeError::NoHandshake),
            ("1|x|unix|/s|grpc|", HandshakeError::NoHandshake),
            ("2|5|unix|/s|grpc|", HandshakeError::Core(2)),
            ("1|4|unix|/s|grpc|", HandshakeError::Version(4)),
            ("1|5|tcp|127.0.0.1:1|grpc|", HandshakeError::Transport),
            ("1|5|unix||grpc|", HandshakeError::Transport),
            ("1|5|unix|/s|netrpc|", HandshakeError::Transport),
            ("1|5|unix|/s|grpc|MIIB", HandshakeError::Tls),
        ] {
            assert_eq!(parse(line).unwrap_err(), why, "{line}");
        }
    }
}
