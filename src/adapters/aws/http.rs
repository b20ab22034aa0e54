//! Plain requests, over the TLS that the SDK links anyway.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest as SdkRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::failure::innermost;
use super::shared::Shared;
use crate::ports::{Http, HttpAnswer, HttpRequest, RemoteError};

/// From the first byte sent to the last one read.
const TIME: Duration = Duration::from_secs(10);

/// Follows no redirects, sends no credentials, tries once.
#[derive(Debug)]
pub struct WebClient {
    shared: Shared,
    connector: Connector,
}

impl WebClient {
    pub fn new(shared: &Shared) -> Self {
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build();
        Self {
            shared: shared.clone(),
            connector,
        }
    }

    async fn send(&self, request: &HttpRequest<'_>, limit: u64) -> Result<HttpAnswer, RemoteError> {
        let refused = |what: String| RemoteError::Refused {
            place: request.url.to_owned(),
            what,
        };
        let lost = |what: String| RemoteError::Unreachable {
            place: request.url.to_owned(),
            what,
        };
        let sent = http::Request::post(request.url)
            .header("content-type", request.content_type)
            .header(
                "user-agent",
                concat!("driftwarden/", env!("CARGO_PKG_VERSION")),
            )
            .body(SdkBody::from(request.body))
            .map_err(|error| refused(innermost(&error)))?;
        let sent = SdkRequest::try_from(sent).map_err(|error| refused(innermost(&error)))?;
        let answer = self.connector.call(sent).await;
        let answer = answer.map_err(|error| lost(innermost(&error)))?;
        let status = answer.status().as_u16();
        let mut stream = ByteStream::new(answer.into_body());
        let mut body = Vec::new();
        while let Some(chunk) = stream.next().await {
            body.extend_from_slice(&chunk.map_err(|error| lost(innermost(&error)))?);
            if body.len() as u64 > limit {
                return Err(refused(format!("its answer is larger than {limit} bytes")));
            }
        }
        Ok(HttpAnswer { status, body })
    }
}

impl Http for WebClient {
    fn post(&self, request: &HttpRequest<'_>, limit: u64) -> Result<HttpAnswer, RemoteError> {
        let sent = async { tokio::time::timeout(TIME, self.send(request, limit)).await };
        self.shared.block_on(sent).unwrap_or_else(|_| {
            Err(RemoteError::Unreachable {
                place: request.url.to_owned(),
                what: "no answer in time".to_owned(),
            })
        })
    }
}
