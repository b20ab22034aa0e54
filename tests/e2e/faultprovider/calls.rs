//! The provider's answers, good and bad.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use driftwarden::adapters::provider::messages::*;
use driftwarden::provider::cty::{Type, Value};
use driftwarden::provider::handshake::Protocol;
use driftwarden::provider::json::{self, Objects};
use driftwarden::provider::msgpack;
use prost::Message;

use crate::answers::{Answer, error, message, with};
use crate::schema;

pub const IGNORE: &str = "ignore_public_acls";
const POLICY: &str = "block_public_policy";

fn attribute(name: &str) -> AttributePath {
    AttributePath {
        steps: vec![Step {
            selector: Some(Selector::AttributeName(name.to_owned())),
        }],
    }
}

pub struct Provider {
    pub fault: String,
    protocol: Protocol,
    types: [(&'static str, Type); 5],
    pub store: RefCell<PathBuf>,
    /// Stop was called.
    pub stopped: tokio::sync::Notify,
}

impl Provider {
    pub fn new(fault: String, protocol: &str) -> Self {
        let protocol = schema::protocol(protocol);
        Self {
            fault,
            protocol,
            types: schema::types(protocol),
            store: RefCell::default(),
            stopped: tokio::sync::Notify::new(),
        }
    }

    pub fn is(&self, fault: &str) -> bool {
        self.fault == fault
    }

    /// Once only, over all processes that share a store.
    fn once(&self, fault: &str) -> bool {
        let marker = self.store.borrow().join(format!(".{fault}"));
        self.is(fault) && std::fs::File::create_new(marker).is_ok()
    }

    fn own(&self, type_name: &str) -> &Type {
        let mut types = self.types.iter();
        &types.find(|(name, _)| *name == type_name).unwrap().1
    }

    pub fn encoded(&self, value: &Value, type_name: &str) -> Option<DynamicValue> {
        Some(DynamicValue {
            msgpack: msgpack::write(value, self.own(type_name)).unwrap().into(),
            json: Bytes::new(),
        })
    }

    pub fn decoded(&self, value: Option<DynamicValue>, type_name: &str) -> Value {
        msgpack::read(&value.unwrap().msgpack, self.own(type_name)).unwrap()
    }

    pub fn file(&self, state: &Value) -> PathBuf {
        let id = state.get("id").and_then(Value::as_str).unwrap_or("none");
        let name = id.replace('/', "+");
        self.store.borrow().join(format!("{name}.json"))
    }

    pub async fn answer(&self, call: &str, body: Bytes) -> Answer {
        match call {
            "GetSchema" | "GetProviderSchema" => self.schema(),
            "PrepareProviderConfig" => {
                let request = PrepareRequest::decode(body).unwrap();
                message(&PrepareResponse {
                    prepared_config: request.config,
                    diagnostics: Vec::new(),
                })
            }
            "Configure" | "ConfigureProvider" => self.configure(body),
            "UpgradeResourceState" => self.upgrade(body),
            "ReadResource" => self.read(body).await,
            "PlanResourceChange" => self.plan(body),
            "ApplyResourceChange" => self.apply(body).await,
            "ImportResourceState" => self.import(body),
            "Check" => message(&HealthResponse {
                status: if self.is("unhealthy") { 2 } else { 1 },
            }),
            "Stop" | "StopProvider" => {
                self.stopped.notify_waiters();
                message(&StopResponse::default())
            }
            "Shutdown" if self.is("does-not-end") => message(&Empty {}),
            "Shutdown" => {
                tokio::task::spawn_local(async {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    std::process::exit(0);
                });
                message(&Empty {})
            }
            _ => message(&PrepareResponse::default()),
        }
    }

    fn schema(&self) -> Answer {
        match self.fault.as_str() {
            "huge-schema" => message(&schema::response(self.protocol, 20_000)),
            "schema-of-garbage" => Answer::Message(vec![0x0a, 0x05, 0xff]),
            "schema-refused" => Answer::Status("12", "not%20implemented"),
            _ => message(&schema::response(self.protocol, 0)),
        }
    }

    fn configure(&self, body: Bytes) -> Answer {
        let request = ConfigureRequest::decode(body).unwrap();
        let own = schema::provider(self.protocol).value_type;
        let config = msgpack::read(&request.config.unwrap().msgpack, &own).unwrap();
        let store = config.get("store").and_then(Value::as_str).unwrap();
        *self.store.borrow_mut() = PathBuf::from(store);
        if self.is("dies-when-configured") {
            std::process::exit(9);
        }
        let mut diagnostics = Vec::new();
        if self.is("bad-credentials") {
            // A provider knows no resource's secrets yet.
            diagnostics = error("invalid token tok-0123456789");
            diagnostics[0].detail = "tok-0123456789 has expired".to_owned();
        }
        message(&DiagnosticsResponse { diagnostics })
    }

    /// Version 0 called `name` `title`.
    fn upgrade(&self, body: Bytes) -> Answer {
        let request = UpgradeRequest::decode(body).unwrap();
        let raw = request.raw_state.unwrap().json;
        let mut text = String::from_utf8(raw.to_vec()).unwrap();
        if request.version == 0 {
            text = text.replace("\"title\"", "\"name\"");
        }
        let value = json::read(&text, self.own(&request.type_name), Objects::Lenient).unwrap();
        message(&UpgradeResponse {
            upgraded_state: self.encoded(&value, &request.type_name),
            diagnostics: Vec::new(),
        })
    }

    async fn read(&self, body: Bytes) -> Answer {
        let request = ReadRequest::decode(body).unwrap();
        let state = self.decoded(request.current_state, &request.type_name);
        match self.fault.as_str() {
            "slow-read" => tokio::time::sleep(Duration::from_secs(600)).await,
            "slow-until-stopped" => {
                self.stopped.notified().await;
                let diagnostics = error("interrupted");
                return message(&ReadResponse {
                    diagnostics,
                    ..ReadResponse::default()
                });
            }
            "dies-in-read" => std::process::exit(7),
            "dies-once" if self.once("dies-once") => {
                eprintln!(
                    r#"{{"@level":"error","@message":"panic with tok-0123456789","body":"x"}}"#
                );
                tokio::time::sleep(Duration::from_millis(50)).await;
                std::process::exit(7);
            }
            "garbage" => {
                let new_state = Some(DynamicValue {
                    msgpack: Bytes::from_static(b"\x81\xa5hello\xc3"),
                    json: Bytes::new(),
                });
                return message(&ReadResponse {
                    new_state,
                    ..ReadResponse::default()
                });
            }
            "refuses-read" => {
                return message(&ReadResponse {
                    diagnostics: error("cannot reach the service"),
                    ..ReadResponse::default()
                });
            }
            _ => {}
        }
        let read = match std::fs::read_to_string(self.file(&state)) {
            Ok(text) => json::read(&text, self.own(&request.type_name), Objects::Lenient).unwrap(),
            Err(_) => Value::Null,
        };
        // Somebody works on it right now: no two reads are the same.
        let read = match read.get(IGNORE) {
            Some(Value::Bool(_)) if self.is("drifts") => {
                let at = std::fs::read_dir(&*self.store.borrow()).unwrap().count();
                std::fs::write(self.store.borrow().join(format!(".read-{at}")), "").unwrap();
                with(&read, IGNORE, Value::Bool(at.is_multiple_of(2)))
            }
            // A grant goes and comes while it is looked at.
            _ if request.type_name == schema::GRANT_NAME && self.once("goes") => read,
            _ if request.type_name == schema::GRANT_NAME && self.is("goes") => Value::Null,
            _ => read,
        };
        let mut private = request.private.to_vec();
        private.extend_from_slice(b"+read");
        message(&ReadResponse {
            new_state: self.encoded(&read, &request.type_name),
            diagnostics: Vec::new(),
            private: private.into(),
        })
    }

    fn plan(&self, body: Bytes) -> Answer {
        let request = PlanRequest::decode(body).unwrap();
        let prior = self.decoded(request.prior_state, &request.type_name);
        let proposed = self.decoded(request.proposed_new_state, &request.type_name);
        let mut requires_replace = Vec::new();
        let mut planned = proposed.clone();
        if prior.is_null() && !proposed.is_null() {
            for name in ["id", "size", "zone", "seen"] {
                if planned.get(name).is_some_and(Value::is_null) {
                    planned = with(&planned, name, Value::unknown());
                }
            }
        } else if !proposed.is_null() && prior.get("name") != proposed.get("name") {
            requires_replace.push(attribute("name"));
        }
        // A provider for which `Zone` and `zone` are one.
        let zone = |value: &Value| {
            value
                .get("zone")
                .and_then(Value::as_str)
                .map(str::to_lowercase)
        };
        if zone(&planned).is_some() && zone(&planned) == zone(&prior) {
            planned = with(&planned, "zone", prior.get("zone").unwrap().clone());
        }
        match self.fault.as_str() {
            "lying-plan" => planned = prior,
            "kept" if proposed.is_null() => planned = prior,
            "stops" => std::fs::write(self.store.borrow().join(".stop"), "").unwrap(),
            "plans-more" => planned = with(&planned, IGNORE, Value::Bool(false)),
            "plans-otherwise" if prior.get(POLICY) == Some(&Value::Bool(false)) => {
                planned = with(&planned, POLICY, Value::Null)
            }
            "replaces" => requires_replace.push(attribute("bucket")),
            _ => {}
        }
        if planned.get("once").is_some() {
            planned = with(&planned, "once", Value::Null);
        }
        message(&PlanResponse {
            planned_state: self.encoded(&planned, &request.type_name),
            requires_replace,
            planned_private: Bytes::from_static(b"planned"),
            diagnostics: Vec::new(),
            legacy_type_system: self.protocol == Protocol::V5,
        })
    }

    fn import(&self, body: Bytes) -> Answer {
        let request = ImportRequest::decode(body).unwrap();
        if self.is("refuses-import") {
            return message(&ImportResponse {
                imported_resources: Vec::new(),
                diagnostics: error("cannot import"),
            });
        }
        let empty = json::read("{}", self.own(&request.type_name), Objects::Lenient).unwrap();
        let id = match self.is("imports-another") {
            true => "app/arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned(),
            false => request.id.clone(),
        };
        let state = with(&empty, "id", Value::string(id));
        let only = ImportedResource {
            type_name: request.type_name.clone(),
            state: self.encoded(&state, &request.type_name),
            private: Bytes::new(),
        };
        let beside = self.is("imports-more").then(|| only.clone());
        message(&ImportResponse {
            imported_resources: [only].into_iter().chain(beside).collect(),
            diagnostics: Vec::new(),
        })
    }
}
