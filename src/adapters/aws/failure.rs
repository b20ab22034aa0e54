//! The SDK's errors in our words: what may pass, and what does not.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::ports::RemoteError;

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
