//! Having a checkpoint time stamped (RFC 3161 over HTTP).

use super::error::RemoteLogError;
use super::witness::named;
use crate::evidence::timestamp::{MAX_TOKEN_BYTES, TimestampQuery};
use crate::ports::{Http, HttpRequest, RemoteError};

/// One time stamping authority to ask.
#[derive(Clone, Debug)]
pub struct Authority {
    /// As messages name it.
    pub place: String,
    pub url: String,
}

impl Authority {
    /// A token over these bytes: the whole answer, after it was shown to be about them.
    pub fn stamp(
        &self,
        http: &dyn Http,
        stamped: &[u8],
        nonce: [u8; 16],
    ) -> Result<Vec<u8>, RemoteLogError> {
        let query = TimestampQuery::new(stamped, nonce);
        let body = query.to_der();
        let request = HttpRequest {
            url: &self.url,
            content_type: "application/timestamp-query",
            body: &body,
        };
        let answer = http.post(&request, MAX_TOKEN_BYTES);
        let answer = answer.map_err(|error| named(error, &self.place))?;
        match answer.status {
            200 => {}
            429 | 500..=599 => {
                return Err(RemoteLogError::Remote(RemoteError::Unreachable {
                    place: self.place.clone(),
                    what: format!("it answers with status {}", answer.status),
                }));
            }
            status => return Err(self.answer(format!("it answers with status {status}"))),
        }
        match query.check(&answer.body) {
            Ok(_) => Ok(answer.body),
            Err(error) => Err(self.answer(error.to_string())),
        }
    }

    fn answer(&self, what: String) -> RemoteLogError {
        RemoteLogError::Answer {
            place: self.place.clone(),
            what,
        }
    }
}
