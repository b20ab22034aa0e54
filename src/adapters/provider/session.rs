//! A provider over the life of more than one process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message;
use tokio::runtime::{Builder, Runtime};

use super::calls::encode;
use super::child::Launch;
use super::connection::{self, Call};
use super::limits::Limits;
use super::messages::{
    ConfigureRequest, DiagnosticsResponse, Empty, PrepareRequest, PrepareResponse, SchemaResponse,
};
use super::running::{CallFault, Interrupter, Running};
use crate::ports::ProviderError;
use crate::provider::cty::Value;
use crate::provider::scrub::Secrets;

/// A provider, started when it is first asked, and again after it died.
pub struct ProviderSession {
    pub(super) launch: Launch,
    pub(super) limits: Limits,
    pub(super) runtime: Runtime,
    running: Option<Running>,
    config: Option<Value>,
    pub(super) secrets: Secrets,
    deaths: Vec<Instant>,
    pub(super) interrupter: Arc<Interrupter>,
}

/// Nothing of what it was given: neither its environment nor its configuration.
impl std::fmt::Debug for ProviderSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "provider `{}`", self.launch.provider.name())
    }
}

/// Whether a call may be repeated after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Once,
    Never,
}

/// Words in names of environment variables whose values are secret.
const SECRET_WORDS: [&str; 5] = ["KEY", "SECRET", "TOKEN", "PASSWORD", "CREDENTIAL"];

impl ProviderSession {
    /// # Errors
    /// The system gives us nothing to wait on.
    pub fn new(launch: Launch, limits: Limits) -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut secrets = Secrets::default();
        for (name, value) in &launch.environment {
            let name = name.to_string_lossy().to_uppercase();
            if SECRET_WORDS.iter().any(|word| name.contains(word)) {
                secrets.add(&value.to_string_lossy());
            }
        }
        Ok(Self {
            launch,
            limits,
            runtime,
            running: None,
            config: None,
            secrets,
            deaths: Vec::new(),
            interrupter: Arc::default(),
        })
    }

    /// The provider, serving, its schemas known.
    pub(super) fn serving(&mut self, call: Call) -> Result<&mut Running, ProviderError> {
        if let Some(running) = &mut self.running
            && running.process.ended().is_some()
        {
            self.died();
        }
        if self.running.is_none() {
            self.start()?;
        }
        // A provider that is started again is what it was before.
        let before = [
            connection::SCHEMA,
            connection::PREPARE,
            connection::CONFIGURE,
        ];
        let is_before = before.iter().any(|known| known.name == call.name);
        let is_configured = self.running.as_ref().is_some_and(|it| it.is_configured);
        if !is_before
            && !is_configured
            && let Some(config) = self.config.clone()
        {
            self.set_up(&config)?;
        }
        self.running.as_mut().ok_or(ProviderError::GivenUp {
            restarts: self.deaths.len(),
        })
    }

    fn start(&mut self) -> Result<(), ProviderError> {
        const HOUR: Duration = Duration::from_secs(3600);
        self.deaths.retain(|died| died.elapsed() < HOUR);
        if self.deaths.len() > self.limits.restarts_per_hour {
            return Err(ProviderError::GivenUp {
                restarts: self.limits.restarts_per_hour,
            });
        }
        let started = Running::start(&self.runtime, &self.launch, &self.limits);
        let mut running = started.map_err(|error| {
            self.deaths.push(Instant::now());
            ProviderError::NotStarted {
                what: error.to_string(),
            }
        })?;
        let schemas = running.call(
            &self.runtime,
            connection::SCHEMA,
            Empty {},
            self.limits.schema,
            &self.interrupter,
        );
        let schemas: SchemaResponse = match schemas {
            Ok(schemas) => schemas,
            Err(fault) => {
                self.running = Some(running);
                return Err(self.fault(connection::SCHEMA, self.limits.schema, fault).0);
            }
        };
        self.refuse_errors(connection::SCHEMA, &schemas.diagnostics, &self.secrets)?;
        running.keep_schemas(schemas);
        self.running = Some(running);
        Ok(())
    }

    /// Configures whatever process there is.
    pub(super) fn set_up(&mut self, config: &Value) -> Result<(), ProviderError> {
        let call = connection::CONFIGURE;
        let schema = self.provider_schema_of(call)?;
        self.secrets.add_marked(config, &schema.block);
        let encoded = encode(call, config, &schema.value_type)?;
        let prepare = PrepareRequest {
            config: Some(encoded.clone()),
        };
        let limit = self.limits.configure;
        let prepared: PrepareResponse =
            self.ask(connection::PREPARE, limit, prepare, Repeat::Never)?;
        self.refuse_errors(connection::PREPARE, &prepared.diagnostics, &self.secrets)?;
        // Version 6 only validates; where nothing came back, what was given counts.
        let prepared = prepared.prepared_config;
        let prepared = prepared.filter(|given| !given.msgpack.is_empty() || !given.json.is_empty());
        let request = ConfigureRequest {
            terraform_version: self.launch.terraform_version.clone(),
            config: Some(prepared.unwrap_or(encoded)),
        };
        let answer: DiagnosticsResponse = self.ask(call, limit, request, Repeat::Never)?;
        self.refuse_errors(call, &answer.diagnostics, &self.secrets)?;
        if let Some(running) = &mut self.running {
            running.is_configured = true;
        }
        self.config = Some(config.clone());
        Ok(())
    }

    /// One call, with everything that can go wrong with it.
    pub(super) fn ask<Q, A>(
        &mut self,
        call: Call,
        limit: Duration,
        request: Q,
        repeat: Repeat,
    ) -> Result<A, ProviderError>
    where
        Q: Message + Default + Clone + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let mut tries = match repeat {
            Repeat::Once => 2,
            Repeat::Never => 1,
        };
        loop {
            self.serving(call)?;
            let Some(running) = &self.running else {
                return Err(ProviderError::NotConfigured);
            };
            let answer = running.call(
                &self.runtime,
                call,
                request.clone(),
                limit,
                &self.interrupter,
            );
            let fault = match answer {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            tries -= 1;
            let (error, died) = self.fault(call, limit, fault);
            if !died || tries == 0 {
                return Err(error);
            }
        }
    }

    /// What a failed call means, and whether the process died of it.
    fn fault(&mut self, call: Call, limit: Duration, fault: CallFault) -> (ProviderError, bool) {
        let status = match fault {
            CallFault::TooLate => {
                self.too_late(call);
                let error = ProviderError::TooLate {
                    call: call.name,
                    seconds: limit.as_secs(),
                };
                return (error, false);
            }
            CallFault::Status(status) => status,
        };
        // The connection breaks a moment before the process can be seen to have ended.
        let grace = match status.code() {
            tonic::Code::Unavailable | tonic::Code::Unknown | tonic::Code::Internal => {
                Duration::from_millis(500)
            }
            _ => Duration::ZERO,
        };
        let ended = self.running.as_mut().and_then(|running| {
            running.process.wait(grace)?;
            running.process.ended()
        });
        match ended {
            Some(how) => {
                let newest = self.running.as_ref();
                let newest = newest.and_then(|running| running.process.records.newest());
                let how = match newest {
                    Some(record) => {
                        format!("{how}; it said last: {}", self.secrets.scrub(&record))
                    }
                    None => how,
                };
                self.died();
                let call = call.name;
                (ProviderError::Died { call, how }, true)
            }
            None => {
                let what = format!("{:?}: {}", status.code(), status.message());
                let what = self.secrets.scrub(&what);
                let call = call.name;
                (ProviderError::Senseless { call, what }, false)
            }
        }
    }

    /// What changes things is asked to stop first: it may still note what it did.
    fn too_late(&mut self, call: Call) {
        self.deaths.push(Instant::now());
        if let Some(mut running) = self.running.take() {
            match call.name == connection::APPLY.name {
                true => running.end(&self.runtime, self.limits.stop),
                false => running.process.kill(),
            }
        }
    }

    fn died(&mut self) {
        self.running = None;
        self.deaths.push(Instant::now());
    }

    pub(super) fn is_configured(&self) -> bool {
        self.config.is_some()
    }

    pub(super) fn is_running_healthy(&mut self) -> bool {
        let running = self.running.as_mut();
        running.is_some_and(|running| running.is_healthy(&self.runtime, self.limits.stop))
    }

    pub(super) fn end_now(&mut self) {
        if let Some(running) = self.running.take() {
            running.end(&self.runtime, self.limits.stop);
        }
    }
}

impl Drop for ProviderSession {
    fn drop(&mut self) {
        self.end_now();
    }
}
