//! Amazon's services, and the HTTP and TLS that their SDK brings, behind the ports.

mod config;
mod config_read;
mod failure;
mod http;
mod lock;
mod metered;
mod s3;
mod shared;

pub use config::{AwsConfigApi, ConfigAccess};
pub use http::WebClient;
pub use s3::{Clock, S3Settings, S3Store};
pub use shared::Shared;
