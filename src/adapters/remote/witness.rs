//! Asking a witness to cosign (C2SP tlog-witness): it sees a proof that the log only grew since it last
//! looked, and remembers.

use super::error::RemoteLogError;
use crate::adapters::store::EvidenceReader;
use crate::evidence::cosignature::{WitnessKey, Witnessed};
use crate::evidence::proof::{head_at, prove_consistency};
use crate::ports::{Http, HttpAnswer, HttpRequest, RemoteError};

/// The witness may have moved on between its answer and the next question.
const TRIES: u32 = 3;
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// One witness to ask.
#[derive(Clone, Debug)]
pub struct Watcher {
    /// As messages name it.
    pub place: String,
    pub url: String,
    pub key: WitnessKey,
}

impl Watcher {
    /// Has the log's newest checkpoint cosigned. `known` is the size that it is thought to know.
    pub fn cosign(
        &self,
        http: &dyn Http,
        log: &EvidenceReader,
        known: u64,
    ) -> Result<Witnessed, RemoteLogError> {
        let head = log.checkpoint().head();
        let url = format!("{}/add-checkpoint", self.url);
        let mut old = known.min(head.size);
        for _ in 0..TRIES {
            let body = self.question(log, old)?;
            let request = HttpRequest {
                url: &url,
                content_type: "text/plain",
                body: &body,
            };
            let answer = http.post(&request, MAX_ANSWER_BYTES);
            let answer = answer.map_err(|error| self.named(error))?;
            match answer.status {
                200 => return self.read(log, &answer.body),
                409 => old = self.conflict(head.size, old, &answer)?,
                422 => {
                    return Err(self.diverged(old, "it does not see the log grow to this root"));
                }
                status => return Err(self.refusal(status)),
            }
        }
        Err(RemoteLogError::Contended {
            place: self.place.clone(),
        })
    }

    fn question(&self, log: &EvidenceReader, old: u64) -> Result<Vec<u8>, RemoteLogError> {
        let head = log.checkpoint().head();
        let earlier = head_at(log.folder(), head, old)?;
        let proof = prove_consistency(log.folder(), head, earlier)?;
        let mut body = format!("old {old}\n");
        for hash in proof {
            body.push_str(&format!("{hash}\n"));
        }
        body.push('\n');
        let mut body = body.into_bytes();
        body.extend_from_slice(log.checkpoint().note());
        Ok(body)
    }

    fn read(&self, log: &EvidenceReader, body: &[u8]) -> Result<Witnessed, RemoteLogError> {
        let lines = String::from_utf8_lossy(body);
        let found = self.key.find(log.checkpoint().note(), &lines);
        found.map_err(|error| self.answer(error.to_string()))
    }

    /// The size that the witness says it knows; an alarm if this log never had it.
    fn conflict(&self, size: u64, old: u64, answer: &HttpAnswer) -> Result<u64, RemoteLogError> {
        let text = String::from_utf8_lossy(&answer.body);
        let known: u64 = text
            .trim()
            .parse()
            .map_err(|_| self.answer("it names no size in its conflict".to_owned()))?;
        if known > size {
            return Err(RemoteLogError::Ahead {
                place: self.place.clone(),
                there: known,
                here: size,
            });
        }
        // It was asked about the very size that it knows: only the root can be another.
        if known == old && old == size {
            return Err(self.diverged(known, "the roots differ"));
        }
        Ok(known)
    }

    fn diverged(&self, there: u64, why: &str) -> RemoteLogError {
        RemoteLogError::Diverged {
            place: self.place.clone(),
            there,
            why: why.to_owned(),
        }
    }

    fn refusal(&self, status: u16) -> RemoteLogError {
        let why = match status {
            403 | 404 => format!("it does not know this log, or not its key (status {status})"),
            429 | 500..=599 => {
                return RemoteError::Unreachable {
                    place: self.place.clone(),
                    what: format!("it answers with status {status}"),
                }
                .into();
            }
            _ => format!("it answers with status {status}"),
        };
        self.answer(why)
    }

    fn answer(&self, what: String) -> RemoteLogError {
        RemoteLogError::Answer {
            place: self.place.clone(),
            what,
        }
    }

    fn named(&self, error: RemoteError) -> RemoteLogError {
        named(error, &self.place)
    }
}

/// The error of a request, under the name that the user gave to whom it went.
pub fn named(error: RemoteError, place: &str) -> RemoteLogError {
    let place = place.to_owned();
    match error {
        RemoteError::Unreachable { what, .. } => RemoteError::Unreachable { place, what }.into(),
        RemoteError::Refused { what, .. } => RemoteError::Refused { place, what }.into(),
        RemoteError::Differs { name, .. } => RemoteError::Differs { place, name }.into(),
    }
}
