//! Amazon's services, and the HTTP and TLS that their SDK brings, behind the ports.

mod config;
mod config_read;
mod credentials;
mod failure;
mod http;
mod kms;
mod lock;
mod metered;
mod remediation;
mod s3;
mod shared;
mod sqs;
mod trail;

pub use config::{AwsConfigApi, ConfigAccess};
pub use credentials::EnvironmentKeys;
pub use http::WebClient;
pub use kms::{KmsKeys, KmsSettings};
pub use s3::{Clock, S3Settings, S3Store};
pub use shared::Shared;
pub use sqs::{QueueSettings, SqsQueue};
pub use trail::{EventHistory, LookupSettings};
