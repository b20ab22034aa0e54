//! A queue of events in SQS.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageSystemAttributeName, QueueAttributeName,
};
use jiff::Timestamp;

use super::failure::failure;
use super::shared::{OnlyEncrypted, Shared};
use crate::ports::{ActivityQueue, Message, QueueError, RemoteError};

/// Messages in one call, at most; and the longest that a call may wait.
const AT_ONCE: i32 = 10;
const LONG_POLL: i32 = 20;

#[derive(Clone, Debug)]
pub struct QueueSettings {
    pub name: String,
    pub url: String,
    pub region: String,
    pub endpoint: Option<String>,
    pub role: Option<String>,
    pub visibility: Duration,
}

pub struct SqsQueue {
    shared: Shared,
    client: Client,
    settings: QueueSettings,
    seconds: i32,
}

impl SqsQueue {
    /// Nothing is sent before the first request.
    pub fn new(shared: &Shared, settings: QueueSettings) -> Self {
        let endpoint = settings.endpoint.as_deref();
        let config: SdkConfig =
            shared.sdk_config_as(&settings.region, endpoint, settings.role.as_deref());
        let config = aws_sdk_sqs::config::Builder::from(&config)
            .interceptor(OnlyEncrypted)
            .build();
        Self {
            shared: shared.clone(),
            client: Client::from_conf(config),
            seconds: i32::try_from(settings.visibility.as_secs()).unwrap_or(60),
            settings,
        }
    }

    /// Some of a batch may fail while others do not.
    fn each(
        &self,
        receipts: &[String],
        send: impl AsyncFn(&[(String, String)]) -> Result<Option<String>, QueueError>,
    ) -> Result<(), QueueError> {
        let numbered = receipts.iter().enumerate();
        let numbered: Vec<(String, String)> = numbered
            .map(|(number, receipt)| (number.to_string(), receipt.clone()))
            .collect();
        self.shared.block_on(async {
            let mut refused = None;
            for batch in numbered.chunks(usize::try_from(AT_ONCE).unwrap_or(1)) {
                refused = send(batch).await?.or(refused);
            }
            match refused {
                None => Ok(()),
                Some(what) => Err(QueueError { what, help: None }),
            }
        })
    }
}

impl ActivityQueue for SqsQueue {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn lent_for(&self) -> Duration {
        self.settings.visibility
    }

    fn receive(&self) -> Result<Vec<Message>, QueueError> {
        let request = self
            .client
            .receive_message()
            .queue_url(&self.settings.url)
            .max_number_of_messages(AT_ONCE)
            .wait_time_seconds(LONG_POLL)
            .visibility_timeout(self.seconds)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let answer = self.shared.block_on(request.send());
        let answer = answer.map_err(|error| trouble(failure(&self.settings.url, &error)))?;
        let messages = answer.messages.unwrap_or_default().into_iter();
        let messages = messages.filter_map(|message| {
            let attributes = message.attributes.unwrap_or_default();
            let sent_at = attributes.get(&MessageSystemAttributeName::SentTimestamp);
            let sent_at = sent_at.and_then(|text| text.parse().ok());
            Some(Message {
                id: message.message_id.unwrap_or_default(),
                receipt: message.receipt_handle?,
                body: message.body.unwrap_or_default(),
                sent_at: sent_at.and_then(|millis| Timestamp::from_millisecond(millis).ok()),
            })
        });
        Ok(messages.collect())
    }

    fn delete(&self, receipts: &[String]) -> Result<(), QueueError> {
        self.each(receipts, async |batch| {
            let entries = batch.iter().filter_map(|(id, receipt)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(id);
                entry.receipt_handle(receipt).build().ok()
            });
            let request = self.client.delete_message_batch();
            let request = request.queue_url(&self.settings.url);
            let sent = request.set_entries(Some(entries.collect())).send().await;
            let sent = sent.map_err(|error| trouble(failure(&self.settings.url, &error)))?;
            Ok(refused("deleted", &sent.failed))
        })
    }

    fn hold(&self, receipts: &[String]) -> Result<(), QueueError> {
        self.each(receipts, async |batch| {
            let entries = batch.iter().filter_map(|(id, receipt)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id);
                let entry = entry.receipt_handle(receipt);
                entry.visibility_timeout(self.seconds).build().ok()
            });
            let request = self.client.change_message_visibility_batch();
            let request = request.queue_url(&self.settings.url);
            let sent = request.set_entries(Some(entries.collect())).send().await;
            let sent = sent.map_err(|error| trouble(failure(&self.settings.url, &error)))?;
            Ok(refused("held", &sent.failed))
        })
    }

    fn waiting(&self) -> Result<u64, QueueError> {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let request = self.client.get_queue_attributes();
        let request = request
            .queue_url(&self.settings.url)
            .attribute_names(name.clone());
        let answer = self.shared.block_on(request.send());
        let answer = answer.map_err(|error| trouble(failure(&self.settings.url, &error)))?;
        let attributes = answer.attributes.unwrap_or_default();
        let waiting = attributes.get(&name).and_then(|text| text.parse().ok());
        Ok(waiting.unwrap_or_default())
    }
}

fn refused(what: &str, failed: &[aws_sdk_sqs::types::BatchResultErrorEntry]) -> Option<String> {
    let first = failed.first()?;
    let count = failed.len();
    let code = first.code();
    Some(format!("{count} messages could not be {what}: {code}"))
}

pub(super) fn trouble(error: RemoteError) -> QueueError {
    let help = match error {
        RemoteError::Refused { .. } => Some(
            "see that the credentials hold and that the role may receive, delete and hold messages",
        ),
        _ => None,
    };
    QueueError {
        what: error.to_string(),
        help: help.map(str::to_owned),
    }
}
