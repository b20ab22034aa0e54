//! AWS Security Hub by `BatchImportFindings`.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::Clock;
use super::answer::Teller;
use super::http::Web;
use super::secret::Secret;
use super::sigv4::{AwsKeys, Signed, headers};
use crate::config::SecurityHubChannel;
use crate::model::Page;
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::asff::{self, Hub};

const PATH: &str = "/findings/import";

/// Gives the credentials of the moment, or why there are none.
pub type GivesKeys = Box<dyn Fn() -> Result<AwsKeys, String> + Send + Sync>;

pub struct SecurityHub {
    name: String,
    hub: Hub,
    url: String,
    host: String,
    keys: GivesKeys,
    clock: Clock,
    web: Web,
}

impl SecurityHub {
    /// # Errors
    /// The system's certificates cannot be had.
    pub fn new(
        name: &str,
        config: &SecurityHubChannel,
        keys: GivesKeys,
        clock: Clock,
    ) -> Result<Self, String> {
        let region = &config.region;
        let domain = match region.starts_with("cn-") {
            true => "amazonaws.com.cn",
            false => "amazonaws.com",
        };
        let own = || format!("https://securityhub.{region}.{domain}");
        let url = config.endpoint.clone().unwrap_or_else(own);
        let host = url.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default().to_owned();
        Ok(Self {
            name: name.to_owned(),
            hub: Hub {
                account: config.account.clone(),
                region: region.clone(),
            },
            url,
            host,
            keys,
            clock,
            web: Web::new(None, clock)?,
        })
    }
}

impl Channel for SecurityHub {
    fn name(&self) -> &str {
        &self.name
    }

    /// Ten requests a second, account and Region.
    fn pace(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn send(&self, page: &Page, _thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let keys = (self.keys)();
        let keys = keys.map_err(|what| Teller::new(&self.name, Vec::new()).passing(&what, None))?;
        let secrets = [Some(keys.secret_key.clone()), keys.session.clone()];
        let secrets: Vec<Secret> = secrets.into_iter().flatten().map(Secret::from).collect();
        let teller = Teller::new(&self.name, secrets.iter().collect());
        let body = json!({ "Findings": [asff::finding(page, &self.hub)] }).to_string();
        let signed = Signed {
            host: &self.host,
            path: PATH,
            region: &self.hub.region,
            service: "securityhub",
            at: (self.clock)(),
            body: body.as_bytes(),
        };
        let signed = headers(&keys, &signed);
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(signed.iter().map(|(name, value)| (*name, value.as_str())));
        let answer = self
            .web
            .post(&format!("{}{PATH}", self.url), &headers, body.as_bytes());
        let answer = answer.map_err(|what| teller.passing(&what, None))?;
        let said = teller.judged(&answer)?;
        match taken(&answer.body) {
            Some(true) => Ok(Delivered {
                answer: said,
                thread: None,
            }),
            Some(false) => Err(teller.refused(&said)),
            None => Err(teller.passing("its answer cannot be read", answer.wait)),
        }
    }
}

/// It answers 200 to what it does not take, too.
fn taken(body: &str) -> Option<bool> {
    let body: Json = serde_json::from_str(body).ok()?;
    Some(body.get("SuccessCount")?.as_u64()? == 1)
}
