//! Applies, good and bad.

use std::time::Duration;

use bytes::Bytes;
use driftwarden::adapters::provider::messages::{ApplyRequest, ApplyResponse};
use driftwarden::provider::cty::Value;
use driftwarden::provider::json;
use prost::Message;

use crate::answers::{Answer, error, message, with};
use crate::calls::{IGNORE, Provider};
use crate::schema;

const RESTRICT: &str = "restrict_public_buckets";

impl Provider {
    pub async fn apply(&self, body: Bytes) -> Answer {
        let request = ApplyRequest::decode(body).unwrap();
        assert_eq!(&request.planned_private[..], b"planned");
        let prior = self.decoded(request.prior_state, &request.type_name);
        let mut state = self.decoded(request.planned_state, &request.type_name);
        match self.fault.as_str() {
            "dies-before-apply" => std::process::exit(7),
            "hangs-before-apply" => self.hang().await,
            "refuses-apply" => {
                return message(&ApplyResponse {
                    new_state: self.encoded(&prior, &request.type_name),
                    private: Bytes::new(),
                    diagnostics: error("access denied"),
                    legacy_type_system: false,
                });
            }
            "does-more" => state = with(&state, IGNORE, Value::Bool(false)),
            _ => {}
        }
        if state.is_null() {
            self.take_away(&prior);
        } else {
            if state.get("id").is_some_and(Value::is_unknown) {
                let text = |name| state.get(name).and_then(Value::as_str);
                let grant = text("role").zip(text("policy_arn"));
                let id = match grant {
                    Some((role, policy)) => format!("{role}/{policy}"),
                    None => text("bucket").unwrap_or("t-1").to_owned(),
                };
                state = with(&state, "id", Value::string(id));
            }
            for (name, default) in [
                ("size", Value::int(1)),
                ("zone", Value::string("a")),
                ("seen", Value::int(0)),
            ] {
                if state.get(name).is_some_and(Value::is_unknown) {
                    state = with(&state, name, default);
                }
            }
            if self.is("partial-apply") {
                let (half, was) = match request.type_name.as_str() {
                    schema::BLOCK_NAME => (RESTRICT, None),
                    _ => ("size", prior.get("size").cloned()),
                };
                let was = was.unwrap_or(Value::Null);
                state = with(&state, half, was);
            }
            // One that says it did, and did not.
            if !self.is("idle-apply") {
                std::fs::write(self.file(&state), json::write(&state)).unwrap();
            }
        }
        match self.fault.as_str() {
            "dies-in-apply" => std::process::exit(7),
            "slow-apply" => self.stopped.notified().await,
            "hangs-after-apply" => self.hang().await,
            _ => {}
        }
        let diagnostics = match self.is("partial-apply") {
            true => error("half of it was done"),
            false => Vec::new(),
        };
        message(&ApplyResponse {
            new_state: self.encoded(&state, &request.type_name),
            private: Bytes::from_static(b"applied"),
            diagnostics,
            legacy_type_system: false,
        })
    }

    fn take_away(&self, prior: &Value) {
        match self.fault.as_str() {
            "idle-apply" => {}
            // Something else is there instead.
            "partial-apply" => {
                let other = Value::string("arn:aws:iam::aws:policy/PowerUserAccess");
                let state = with(prior, "policy_arn", other);
                std::fs::write(self.file(prior), json::write(&state)).unwrap();
            }
            _ => std::fs::remove_file(self.file(prior)).unwrap(),
        }
    }

    /// Until it is killed; whoever waits for that is told.
    async fn hang(&self) {
        std::fs::write(self.store.borrow().join(".hangs"), "").unwrap();
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
}
