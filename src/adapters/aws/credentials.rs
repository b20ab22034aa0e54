//! The credentials of the environment, for requests that no SDK makes.

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::failure::innermost;
use super::shared::Shared;

/// Finds credentials as every AWS tool does, and renews them.
#[derive(Debug)]
pub struct EnvironmentKeys {
    shared: Shared,
    provider: Option<SharedCredentialsProvider>,
}

impl EnvironmentKeys {
    pub fn new(shared: &Shared, region: &str) -> Self {
        let provider = shared.sdk_config(region, None).credentials_provider();
        Self {
            shared: shared.clone(),
            provider,
        }
    }

    /// Access key, secret key, session.
    ///
    /// # Errors
    /// There are none.
    pub fn now(&self) -> Result<(String, String, Option<String>), String> {
        let none = || "there are no AWS credentials".to_owned();
        let provider = self.provider.as_ref().ok_or_else(none)?;
        let found = self.shared.block_on(provider.provide_credentials());
        let found = found.map_err(|error| {
            let why = innermost(&error);
            format!("there are no AWS credentials: {why}")
        })?;
        let text = |text: &str| text.to_owned();
        let session = found.session_token().map(text);
        Ok((
            text(found.access_key_id()),
            text(found.secret_access_key()),
            session,
        ))
    }
}
