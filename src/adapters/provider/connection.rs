//! gRPC to one provider, call by call.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use prost::Message;
use tokio::net::UnixStream;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;
use tower_service::Service;

use crate::provider::handshake::Protocol;

/// The schema of a large provider has five million bytes; a hostile one has no end.
const MAX_MESSAGE: usize = 256 << 20;

/// A call of the protocol: its name for people, and where it goes in each version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub name: &'static str,
    v5: &'static str,
    v6: &'static str,
}

/// A call whose name is the same in both versions.
macro_rules! call {
    ($name:literal) => {
        call!($name, $name, $name)
    };
    ($name:literal, $v5:literal, $v6:literal) => {
        Call {
            name: $name,
            v5: concat!("/tfplugin5.Provider/", $v5),
            v6: concat!("/tfplugin6.Provider/", $v6),
        }
    };
}

pub(super) const SCHEMA: Call = call!("GetProviderSchema", "GetSchema", "GetProviderSchema");
pub(super) const PREPARE: Call = call!(
    "ValidateProviderConfig",
    "PrepareProviderConfig",
    "ValidateProviderConfig"
);
pub(super) const CONFIGURE: Call = call!("ConfigureProvider", "Configure", "ConfigureProvider");
pub(super) const UPGRADE: Call = call!("UpgradeResourceState");
pub(super) const READ: Call = call!("ReadResource");
pub(super) const PLAN: Call = call!("PlanResourceChange");
pub(super) const APPLY: Call = call!("ApplyResourceChange");
pub(super) const IMPORT: Call = call!("ImportResourceState");
pub(super) const STOP: Call = call!("StopProvider", "Stop", "StopProvider");
pub(super) const SHUTDOWN: Call = Call {
    name: "Shutdown",
    v5: "/plugin.GRPCController/Shutdown",
    v6: "/plugin.GRPCController/Shutdown",
};
pub(super) const HEALTH: Call = Call {
    name: "Check",
    v5: "/grpc.health.v1.Health/Check",
    v6: "/grpc.health.v1.Health/Check",
};

#[derive(Clone, Debug)]
pub(super) struct Connection {
    grpc: Grpc<Channel>,
    protocol: Protocol,
}

impl Connection {
    pub async fn open(
        socket: PathBuf,
        protocol: Protocol,
    ) -> Result<Self, tonic::transport::Error> {
        // The address is for the protocol's sake; the connector alone decides where it goes.
        let endpoint = Endpoint::from_static("http://localhost");
        let channel = endpoint.connect_with_connector(Connector(socket)).await?;
        let grpc = Grpc::new(channel)
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        Ok(Self { grpc, protocol })
    }

    pub async fn call<Q, A>(&self, call: Call, request: Q) -> Result<A, Status>
    where
        Q: Message + Default + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let path = match self.protocol {
            Protocol::V5 => call.v5,
            Protocol::V6 => call.v6,
        };
        let mut grpc = self.grpc.clone();
        grpc.ready()
            .await
            .map_err(|_| Status::unavailable("it is not there any more"))?;
        let codec = ProstCodec::<Q, A>::default();
        let answer = grpc
            .unary(
                Request::new(request),
                PathAndQuery::from_static(path),
                codec,
            )
            .await?;
        Ok(answer.into_inner())
    }
}

/// Connects to a socket, whatever address is asked for.
struct Connector(PathBuf);

impl Service<Uri> for Connector {
    type Response = TokioIo<UnixStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let socket = self.0.clone();
        Box::pin(async move { Ok(TokioIo::new(UnixStream::connect(socket).await?)) })
    }
}
