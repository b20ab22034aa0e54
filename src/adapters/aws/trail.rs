//! CloudTrail's event history: ninety days of calls, two requests a second.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use jiff::Timestamp;

use super::failure::failure;
use super::shared::{OnlyEncrypted, Shared};
use super::sqs::trouble;
use crate::ports::{ActivityLookup, Found, QueueError};

/// Events in one answer, at most.
const PAGE: i32 = 50;
/// Two requests a second is what AWS allows an account in a Region; others may ask as well.
const BETWEEN_CALLS: Duration = Duration::from_millis(550);

#[derive(Clone, Debug)]
pub struct LookupSettings {
    pub name: String,
    pub region: String,
    pub endpoint: Option<String>,
    pub role: Option<String>,
    pub window: Duration,
    /// Requests in one search, at most.
    pub calls: u32,
}

pub struct EventHistory {
    shared: Shared,
    client: Client,
    settings: LookupSettings,
}

impl EventHistory {
    /// Nothing is sent before the first request.
    pub fn new(shared: &Shared, settings: LookupSettings) -> Self {
        let endpoint = settings.endpoint.as_deref();
        let config = shared.sdk_config_as(&settings.region, endpoint, settings.role.as_deref());
        let config = aws_sdk_cloudtrail::config::Builder::from(&config)
            .interceptor(OnlyEncrypted)
            .build();
        Self {
            shared: shared.clone(),
            client: Client::from_conf(config),
            settings,
        }
    }

    async fn search(&self, from: Timestamp, until: Timestamp) -> Result<Found, QueueError> {
        // What only reads is most of a trail, and is of no use.
        let writes = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::ReadOnly)
            .attribute_value("false")
            .build()
            .map_err(|error| QueueError {
                what: error.to_string(),
                help: None,
            })?;
        let place = format!("CloudTrail in {}", self.settings.region);
        let mut found: Vec<(i64, String)> = Vec::new();
        let mut known = BTreeSet::new();
        let mut next: Option<String> = None;
        let mut cut_off = None;
        for call in 0..self.settings.calls {
            let begun = Instant::now();
            let request = self.client.lookup_events();
            let request = request
                .lookup_attributes(writes.clone())
                .start_time(DateTime::from_secs(from.as_second()))
                .end_time(DateTime::from_secs(until.as_second()))
                .max_results(PAGE)
                .set_next_token(next.take());
            let answer = request.send().await;
            let answer = answer.map_err(|error| trouble(failure(&place, &error)))?;
            for event in answer.events.unwrap_or_default() {
                let Event {
                    event_id,
                    event_time,
                    cloud_trail_event,
                    ..
                } = event;
                let seconds = event_time.map_or(0, |at| at.secs());
                // The newest come first: what is left out at the end is older than the last one.
                cut_off = Timestamp::from_second(seconds).ok();
                if let (true, Some(text)) = (known.insert(event_id), cloud_trail_event) {
                    found.push((seconds, text));
                }
            }
            next = answer.next_token;
            if next.is_none() || call + 1 == self.settings.calls {
                break;
            }
            let rest = BETWEEN_CALLS.saturating_sub(begun.elapsed());
            tokio::time::sleep(rest).await;
        }
        found.sort();
        Ok(Found {
            records: found.into_iter().map(|(_, text)| text).collect(),
            cut_off: cut_off.filter(|_| next.is_some()),
        })
    }
}

impl ActivityLookup for EventHistory {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn window(&self) -> Duration {
        self.settings.window
    }

    fn look_up(&self, from: Timestamp, until: Timestamp) -> Result<Found, QueueError> {
        self.shared.block_on(self.search(from, until))
    }
}
