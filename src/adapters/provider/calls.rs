//! The calls of the port, each in the words of the protocol.

use std::sync::Arc;

use super::connection::{self, Call};
use super::messages::{
    ApplyRequest, ApplyResponse, AttributePath as WirePath, Diagnostic as WireDiagnostic,
    DynamicValue, ImportRequest, ImportResponse, PlanRequest, PlanResponse, RawState, ReadRequest,
    ReadResponse, Selector, UpgradeRequest, UpgradeResponse,
};
use super::session::{ProviderSession, Repeat};
use crate::model::AttributePath;
use crate::ports::{
    Applied, Diagnostic, Held, Imported, Interrupt, Planned, Proposal, ProviderError,
    ResourceProvider,
};
use crate::provider::cty::{Type, Value};
use crate::provider::json::{self, Objects};
use crate::provider::msgpack;
use crate::provider::schema::Schema;
use crate::provider::scrub::Secrets;

/// The code of a diagnostic that is an error.
const ERROR: i32 = 1;

impl ResourceProvider for ProviderSession {
    fn provider_schema(&mut self) -> Result<Arc<Schema>, ProviderError> {
        self.provider_schema_of(connection::SCHEMA)
    }

    fn schema(&mut self, type_name: &str) -> Result<Arc<Schema>, ProviderError> {
        let found = self.serving(connection::SCHEMA)?.schema(type_name);
        let found = found.map_err(|fault| senseless(connection::SCHEMA, &fault))?;
        found.ok_or_else(|| ProviderError::NoSuchType {
            type_name: type_name.to_owned(),
        })
    }

    fn configure(&mut self, config: &Value) -> Result<(), ProviderError> {
        self.set_up(config)
    }

    fn upgrade(
        &mut self,
        type_name: &str,
        version: i64,
        attributes: &str,
    ) -> Result<Value, ProviderError> {
        let call = connection::UPGRADE;
        let schema = self.schema_for(call, type_name)?;
        let request = UpgradeRequest {
            type_name: type_name.to_owned(),
            version,
            raw_state: Some(RawState {
                json: bytes::Bytes::copy_from_slice(attributes.as_bytes()),
            }),
        };
        let limit = self.limits.read;
        let answer: UpgradeResponse = self.ask(call, limit, request, Repeat::Once)?;
        self.refuse_with(call, &answer.diagnostics, |secrets| {
            // Not today's type, perhaps; as much of it as is.
            if let Ok(value) = json::read(attributes, &schema.value_type, Objects::Lenient) {
                secrets.add_marked(&value, &schema.block);
            }
        })?;
        decode(call, answer.upgraded_state, &schema.value_type)
    }

    fn read(&mut self, type_name: &str, held: &Held) -> Result<Option<Held>, ProviderError> {
        let call = connection::READ;
        let schema = self.schema_for(call, type_name)?;
        let request = ReadRequest {
            type_name: type_name.to_owned(),
            current_state: Some(encode(call, &held.state, &schema.value_type)?),
            private: held.private.clone().into(),
            provider_meta: None,
        };
        let answer: ReadResponse = self.ask(call, self.limits.read, request, Repeat::Once)?;
        self.refuse_with(call, &answer.diagnostics, |secrets| {
            secrets.add_marked(&held.state, &schema.block);
        })?;
        match decode(call, answer.new_state, &schema.value_type)? {
            Value::Null => Ok(None),
            state => Ok(Some(Held {
                state,
                private: answer.private.to_vec(),
            })),
        }
    }

    fn plan(&mut self, type_name: &str, proposal: Proposal<'_>) -> Result<Planned, ProviderError> {
        let call = connection::PLAN;
        let schema = self.schema_for(call, type_name)?;
        let own = &schema.value_type;
        let request = PlanRequest {
            type_name: type_name.to_owned(),
            prior_state: Some(encode(call, proposal.prior, own)?),
            proposed_new_state: Some(encode(call, proposal.proposed, own)?),
            config: Some(encode(call, proposal.config, own)?),
            prior_private: proposal.private.to_vec().into(),
            provider_meta: None,
        };
        let answer: PlanResponse = self.ask(call, self.limits.read, request, Repeat::Once)?;
        let secrets = |secrets: &mut Secrets| {
            secrets.add_marked(proposal.prior, &schema.block);
            secrets.add_marked(proposal.proposed, &schema.block);
            secrets.add_marked(proposal.config, &schema.block);
        };
        let warnings = self.refuse_with(call, &answer.diagnostics, secrets)?;
        Ok(Planned {
            state: decode(call, answer.planned_state, own)?,
            requires_replace: answer.requires_replace.iter().map(pointer).collect(),
            private: answer.planned_private.to_vec(),
            legacy_types: answer.legacy_type_system,
            warnings,
        })
    }

    fn apply(
        &mut self,
        type_name: &str,
        prior: &Value,
        config: &Value,
        planned: &Planned,
    ) -> Result<Applied, ProviderError> {
        let call = connection::APPLY;
        let schema = self.schema_for(call, type_name)?;
        let own = &schema.value_type;
        let request = ApplyRequest {
            type_name: type_name.to_owned(),
            prior_state: Some(encode(call, prior, own)?),
            planned_state: Some(encode(call, &planned.state, own)?),
            config: Some(encode(call, config, own)?),
            planned_private: planned.private.clone().into(),
            provider_meta: None,
        };
        let answer: ApplyResponse = self.ask(call, self.limits.apply, request, Repeat::Never)?;
        let mut secrets = self.secrets.clone();
        for value in [prior, config, &planned.state] {
            secrets.add_marked(value, &schema.block);
        }
        let diagnostics = told(&answer.diagnostics, &secrets);
        Ok(Applied {
            held: Held {
                state: decode(call, answer.new_state, own)?,
                private: answer.private.to_vec(),
            },
            diagnostics,
        })
    }

    fn import(&mut self, type_name: &str, id: &str) -> Result<Vec<Imported>, ProviderError> {
        let call = connection::IMPORT;
        self.schema_for(call, type_name)?;
        let request = ImportRequest {
            type_name: type_name.to_owned(),
            id: id.to_owned(),
        };
        let answer: ImportResponse = self.ask(call, self.limits.read, request, Repeat::Never)?;
        self.refuse_errors(call, &answer.diagnostics, &self.secrets)?;
        let mut found = Vec::new();
        for one in answer.imported_resources {
            let schema = self.schema_for(call, &one.type_name)?;
            let held = Held {
                state: decode(call, one.state, &schema.value_type)?,
                private: one.private.to_vec(),
            };
            found.push(Imported {
                type_name: one.type_name,
                held,
            });
        }
        Ok(found)
    }

    fn is_healthy(&mut self) -> bool {
        self.is_running_healthy()
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::clone(&self.interrupter) as Arc<dyn Interrupt>
    }

    fn keep_secret(&mut self, value: &Value) {
        self.secrets.add_all(value);
    }

    fn end(&mut self) {
        self.end_now();
    }
}

impl ProviderSession {
    pub(super) fn provider_schema_of(&mut self, call: Call) -> Result<Arc<Schema>, ProviderError> {
        let schema = self.serving(call)?.provider_schema();
        schema.map_err(|fault| senseless(connection::SCHEMA, &fault))
    }

    fn schema_for(&mut self, call: Call, type_name: &str) -> Result<Arc<Schema>, ProviderError> {
        if !self.is_configured() && call.name != connection::UPGRADE.name {
            return Err(ProviderError::NotConfigured);
        }
        self.schema(type_name)
    }

    pub(super) fn refuse_errors(
        &self,
        call: Call,
        given: &[WireDiagnostic],
        secrets: &Secrets,
    ) -> Result<Vec<Diagnostic>, ProviderError> {
        let diagnostics = told(given, secrets);
        match diagnostics.iter().any(|one| one.is_error) {
            false => Ok(diagnostics),
            true => Err(ProviderError::Refused {
                call: call.name,
                diagnostics,
            }),
        }
    }

    /// As above; secrets are gathered only where something was said.
    fn refuse_with(
        &self,
        call: Call,
        given: &[WireDiagnostic],
        gather: impl FnOnce(&mut Secrets),
    ) -> Result<Vec<Diagnostic>, ProviderError> {
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let mut secrets = self.secrets.clone();
        gather(&mut secrets);
        self.refuse_errors(call, given, &secrets)
    }
}

fn told(given: &[WireDiagnostic], secrets: &Secrets) -> Vec<Diagnostic> {
    let one = |given: &WireDiagnostic| Diagnostic {
        is_error: given.severity == ERROR,
        summary: secrets.scrub(&given.summary),
        detail: secrets.scrub(&given.detail),
        attribute: given.attribute.as_ref().map(pointer),
    };
    given.iter().map(one).collect()
}

fn pointer(path: &WirePath) -> AttributePath {
    let steps = path.steps.iter();
    let steps = steps.filter_map(|step| step.selector.as_ref());
    steps.fold(AttributePath::root(), |path, step| match step {
        Selector::AttributeName(name) | Selector::ElementKeyString(name) => path.child(name),
        Selector::ElementKeyInt(at) => path.child(&at.to_string()),
    })
}

fn senseless(call: Call, what: &dyn std::error::Error) -> ProviderError {
    ProviderError::Senseless {
        call: call.name,
        what: what.to_string(),
    }
}

/// Absent stands for null.
fn decode(call: Call, given: Option<DynamicValue>, own: &Type) -> Result<Value, ProviderError> {
    let Some(given) = given else {
        return Ok(Value::Null);
    };
    if !given.msgpack.is_empty() {
        let value = msgpack::read(&given.msgpack, own);
        return value.map_err(|error| senseless(call, &error));
    }
    if given.json.is_empty() {
        return Ok(Value::Null);
    }
    let text = std::str::from_utf8(&given.json).map_err(|error| senseless(call, &error))?;
    json::read(text, own, Objects::Exact).map_err(|error| senseless(call, &error))
}

pub(super) fn encode(call: Call, value: &Value, own: &Type) -> Result<DynamicValue, ProviderError> {
    let encoded = msgpack::write(value, own).map_err(|error| ProviderError::Unfit {
        call: call.name,
        what: error.to_string(),
    })?;
    Ok(DynamicValue {
        msgpack: encoded.into(),
        json: bytes::Bytes::new(),
    })
}
