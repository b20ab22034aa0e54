//! Amazon's services, and the HTTP and TLS that their SDK brings, behind the ports.

mod failure;
mod http;
mod lock;
mod s3;
mod shared;
mod sqs;
mod trail;

pub use http::WebClient;
pub use s3::{Clock, S3Settings, S3Store};
pub use shared::Shared;
pub use sqs::{QueueSettings, SqsQueue};
pub use trail::{EventHistory, LookupSettings};
