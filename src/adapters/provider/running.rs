//! A provider that serves: its process, the way to it, and its schemas.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tonic::Status;

use super::child::{ChildProcess, Launch, StartError};
use super::connection::{self, Call, Connection};
use super::limits::Limits;
use super::messages::{Empty, HealthRequest, HealthResponse, SchemaResponse, StopResponse};
use super::schema_messages::{self, SchemaFault};
use crate::ports::Interrupt;
use crate::provider::handshake::Protocol;
use crate::provider::schema::Schema;

/// Of grpc.health.v1: it serves.
const SERVING: i32 = 1;

#[derive(Debug)]
pub(super) struct Running {
    pub process: ChildProcess,
    connection: Connection,
    pub protocol: Protocol,
    /// Encoded, of every type.
    schemas: SchemaResponse,
    /// Of the types that were asked for.
    decoded: BTreeMap<String, Arc<Schema>>,
    pub is_configured: bool,
}

/// A call without an answer.
#[derive(Debug)]
pub(super) enum CallFault {
    TooLate,
    Status(Status),
}

/// Another thread's word that a call should come to an end.
#[derive(Debug, Default)]
pub(super) struct Interrupter(Notify);

impl Interrupt for Interrupter {
    fn interrupt(&self) {
        self.0.notify_waiters();
    }
}

impl Running {
    pub fn start(runtime: &Runtime, launch: &Launch, limits: &Limits) -> Result<Self, StartError> {
        let process = ChildProcess::start(launch, limits.start)?;
        let socket = PathBuf::from(&process.handshake.socket);
        let protocol = process.handshake.protocol;
        let opened = runtime.block_on(async {
            tokio::time::timeout(limits.start, Connection::open(socket, protocol)).await
        });
        let connection = match opened {
            Ok(Ok(connection)) => connection,
            Ok(Err(_)) => return Err(StartError::Socket),
            Err(_) => return Err(StartError::Silent(limits.start)),
        };
        Ok(Self {
            process,
            connection,
            protocol,
            schemas: SchemaResponse::default(),
            decoded: BTreeMap::new(),
            is_configured: false,
        })
    }

    pub fn call<Q, A>(
        &self,
        runtime: &Runtime,
        call: Call,
        request: Q,
        limit: Duration,
        interrupter: &Interrupter,
    ) -> Result<A, CallFault>
    where
        Q: Message + Default + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let answer = async {
            let answer = self.connection.call(call, request);
            let mut answer = std::pin::pin!(answer);
            tokio::select! {
                answer = &mut answer => return answer,
                () = interrupter.0.notified() => {}
            }
            // Asked beside the call, which goes on until the provider ends it.
            let connection = self.connection.clone();
            tokio::spawn(async move {
                let stop = connection.call::<Empty, StopResponse>(connection::STOP, Empty {});
                drop(stop.await);
            });
            answer.await
        };
        let answered = runtime.block_on(async { tokio::time::timeout(limit, answer).await });
        match answered {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(status)) => Err(CallFault::Status(status)),
            Err(_) => Err(CallFault::TooLate),
        }
    }

    pub fn keep_schemas(&mut self, schemas: SchemaResponse) {
        self.schemas = schemas;
    }

    pub fn provider_schema(&mut self) -> Result<Arc<Schema>, SchemaFault> {
        let encoded = self.schemas.provider.clone();
        self.decoded_as("", &encoded)
    }

    /// `None` for a type that the provider does not have.
    pub fn schema(&mut self, type_name: &str) -> Result<Option<Arc<Schema>>, SchemaFault> {
        let Some(encoded) = self.schemas.resource_schemas.get(type_name).cloned() else {
            return Ok(None);
        };
        self.decoded_as(type_name, &encoded).map(Some)
    }

    fn decoded_as(&mut self, name: &str, encoded: &[u8]) -> Result<Arc<Schema>, SchemaFault> {
        if let Some(known) = self.decoded.get(name) {
            return Ok(Arc::clone(known));
        }
        let schema = Arc::new(schema_messages::decode(encoded, self.protocol)?);
        self.decoded.insert(name.to_owned(), Arc::clone(&schema));
        Ok(schema)
    }

    pub fn is_healthy(&mut self, runtime: &Runtime, limit: Duration) -> bool {
        if self.process.ended().is_some() {
            return false;
        }
        let request = HealthRequest {
            service: "plugin".to_owned(),
        };
        let never = Interrupter::default();
        let answer: Result<HealthResponse, _> =
            self.call(runtime, connection::HEALTH, request, limit, &never);
        answer.is_ok_and(|answer| answer.status == SERVING)
    }

    /// Asks, then tells, then makes it end. A provider that has crashed answers nothing, at once.
    pub fn end(mut self, runtime: &Runtime, limit: Duration) {
        let never = Interrupter::default();
        let _: Result<StopResponse, _> =
            self.call(runtime, connection::STOP, Empty {}, limit, &never);
        let _: Result<Empty, _> = self.call(runtime, connection::SHUTDOWN, Empty {}, limit, &never);
        if self.process.wait(limit).is_none() {
            self.process.kill();
        }
    }
}
