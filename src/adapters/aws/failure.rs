//! The SDK's errors in our words: what may pass, and what does not.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::ErrorMetadata;

use crate::model::WhyNotRead;
use crate::ports::{CallFailed, RemoteError};

/// The longest text of a service that is passed on.
const LONGEST: usize = 200;

/// The status of the answer, if there was one.
pub fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

pub fn failure<E>(place: &str, error: &SdkError<E, HttpResponse>) -> RemoteError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let place = place.to_owned();
    let what = words(error);
    let passes = match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        SdkError::ServiceError(_) => {
            let status = status(error).unwrap_or(0);
            status == 429 || status == 408 || status >= 500
        }
        // No credentials, an address that is none.
        _ => false,
    };
    match passes {
        true => RemoteError::Unreachable { place, what },
        false => RemoteError::Refused { place, what },
    }
}

/// Why a call of ours got no answer from anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Answerless {
    #[error("the limit on calls forbids another try")]
    OverBudget,
}

/// Whether the text of an answer that refuses names such a code.
pub fn is_throttle(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    THROTTLES.iter().any(|code| text.contains(code))
}

/// Codes of services that were asked too often.
const THROTTLES: [&str; 7] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "LimitExceededException",
];

/// Codes that tell of credentials rather than of rights.
const NO_CREDENTIALS: [&str; 7] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "MissingAuthenticationToken",
];

/// A call without an answer to work with, as a source tells it.
pub fn call_failed<E>(api: &str, error: &SdkError<E, HttpResponse>) -> CallFailed
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let why = why(error);
    let what = match why {
        WhyNotRead::OverBudget => format!("`{api}` was throttled, and {}", Answerless::OverBudget),
        WhyNotRead::NoCredentials => {
            format!(
                "`{api}` needs credentials that hold: {}",
                of_service(error).unwrap_or_else(|| words(error))
            )
        }
        WhyNotRead::Throttled
        | WhyNotRead::Denied
        | WhyNotRead::Unreachable
        | WhyNotRead::Broken
        | WhyNotRead::NotRecorded
        | WhyNotRead::Deleted => format!("`{api}`: {}", words(error)),
    };
    CallFailed { why, what }
}

fn why<E>(error: &SdkError<E, HttpResponse>) -> WhyNotRead
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if is_over_budget(error) {
        return WhyNotRead::OverBudget;
    }
    match error {
        SdkError::TimeoutError(_) => WhyNotRead::Unreachable,
        SdkError::ResponseError(_) => WhyNotRead::Broken,
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            match status(error).unwrap_or(0) {
                _ if THROTTLES.contains(&code) => WhyNotRead::Throttled,
                _ if NO_CREDENTIALS.contains(&code) => WhyNotRead::NoCredentials,
                429 => WhyNotRead::Throttled,
                401 | 403 => WhyNotRead::Denied,
                500.. => WhyNotRead::Unreachable,
                _ if code.contains("AccessDenied") => WhyNotRead::Denied,
                _ => WhyNotRead::Broken,
            }
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => WhyNotRead::Broken,
        _ => undelivered(error),
    }
}

/// A request that did not leave, or whose answer did not come: for want of credentials, which another
/// call may have been to bring, or of a connection.
fn undelivered(error: &(dyn Error + 'static)) -> WhyNotRead {
    let causes = causes(error);
    let of_credentials = causes.iter().position(|own| own.is::<CredentialsError>());
    let within = causes.iter().skip(of_credentials.map_or(0, |at| at + 1));
    let is_lost = within.filter(|own| own.is::<ConnectorError>()).count() > 0;
    match of_credentials.is_some() {
        true if innermost(error).contains("throttl") => WhyNotRead::Throttled,
        true if is_lost => WhyNotRead::Unreachable,
        true => WhyNotRead::NoCredentials,
        false => WhyNotRead::Unreachable,
    }
}

fn is_over_budget(error: &(dyn Error + 'static)) -> bool {
    causes(error)
        .iter()
        .any(|own| own.downcast_ref() == Some(&Answerless::OverBudget))
}

/// An error and what caused it, the outermost first.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut all = Vec::new();
    let mut cause = Some(error);
    while let Some(own) = cause {
        all.push(own);
        cause = own.source();
    }
    all
}

/// What another service said that was asked for credentials.
fn of_service(error: &(dyn Error + 'static)) -> Option<String> {
    let causes = causes(error);
    let mut causes = causes.iter().skip(1);
    let said = causes.find_map(|own| own.downcast_ref::<ErrorMetadata>())?;
    let message = short(said.message()?);
    Some(format!("{message} ({})", said.code().unwrap_or("no code")))
}

fn words<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let SdkError::ServiceError(service) = error {
        let service = service.err();
        let code = service.code().unwrap_or("no code");
        let status = status(error).unwrap_or(0);
        return match service.message() {
            Some(message) => format!("{} ({code}, status {status})", short(message)),
            None => format!("{code}, status {status}"),
        };
    }
    if let SdkError::TimeoutError(_) = error {
        return "no answer in time".to_owned();
    }
    innermost(error)
}

/// The last cause says what happened; those above say only who noticed.
pub fn innermost(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    let text = last.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    short(&words.to_lowercase())
}

fn short(text: &str) -> String {
    let plain = text.chars().filter(|c| !c.is_control());
    let plain: String = plain.take(LONGEST).collect();
    plain.trim_end_matches('.').to_owned()
}
