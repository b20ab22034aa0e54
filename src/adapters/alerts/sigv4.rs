//! AWS's signature of a request, version 4, for the one request that is made here.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Credentials as AWS gives them out.
#[derive(Clone)]
pub struct AwsKeys {
    pub access_key: String,
    pub secret_key: String,
    pub session: Option<String>,
}

/// What is signed, beside the credentials.
pub(super) struct Signed<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) at: Timestamp,
    pub(super) body: &'a [u8],
}

/// The headers to send: `x-amz-date`, `x-amz-security-token` where there is one, `authorization`.
pub(super) fn headers(keys: &AwsKeys, signed: &Signed<'_>) -> Vec<(&'static str, String)> {
    let time = signed.at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = signed.at.strftime("%Y%m%d").to_string();
    let mut named = vec![
        ("host", signed.host.to_owned()),
        ("x-amz-date", time.clone()),
    ];
    if let Some(session) = &keys.session {
        named.push(("x-amz-security-token", session.clone()));
    }
    let lines: String = named
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let digest = hex::encode(Sha256::digest(signed.body));
    let request = format!("POST\n{}\n\n{lines}\n{names}\n{digest}", signed.path);
    let scope = format!("{day}/{}/{}/aws4_request", signed.region, signed.service);
    let request = hex::encode(Sha256::digest(request));
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{request}");
    let first = format!("AWS4{}", keys.secret_key).into_bytes();
    let words = [day.as_str(), signed.region, signed.service, "aws4_request"];
    let key = words.iter().fold(first, |key, word| mac(&key, word));
    let signature = hex::encode(mac(&key, &text));
    let access = &keys.access_key;
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, Signature={signature}"
    );
    // The host goes out with every request.
    let mut headers: Vec<_> = named.into_iter().skip(1).collect();
    headers.push(("authorization", authorization));
    headers
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes a key of any length.
    let mac = Hmac::<Sha256>::new_from_slice(key);
    mac.map_or_else(
        |_| Vec::new(),
        |mac| mac.chain_update(text).finalize().into_bytes().to_vec(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `post-vanilla` of the suite that AWS publishes for this signature.
    #[test]
    fn a_signature_is_the_published_one() {
        let keys = AwsKeys {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session: None,
        };
        let signed = Signed {
            host: "example.amazonaws.com",
            path: "/",
            region: "us-east-1",
            service: "service",
            at: "2015-08-30T12:36:00Z".parse().unwrap(),
            body: b"",
        };
        let made = headers(&keys, &signed);
        assert_eq!(made[0], ("x-amz-date", "20150830T123600Z".to_owned()));
        assert!(
            made[1].1.ends_with(
                "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
            ),
            "{made:?}"
        );
    }
}
