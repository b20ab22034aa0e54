//! Object Lock: what a bucket must have, and until when its objects are locked.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    ObjectLockEnabled, ObjectLockMode, ObjectLockRetention, ObjectLockRetentionMode,
};
use jiff::{SignedDuration, Timestamp};

use super::failure::{failure, status};
use crate::ports::RemoteError;

/// By so much an object may be locked for less long than it would be if it were put now.
const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// Refuses a bucket without Object Lock: what is put there could be deleted.
pub async fn must_lock(client: &Client, bucket: &str, place: &str) -> Result<(), RemoteError> {
    let asked = client.get_object_lock_configuration().bucket(bucket).send();
    let enabled = match asked.await {
        Ok(answer) => answer
            .object_lock_configuration()
            .and_then(|found| found.object_lock_enabled())
            .is_some_and(|found| *found == ObjectLockEnabled::Enabled),
        Err(error) => {
            let code = error
                .as_service_error()
                .and_then(|error| error.meta().code());
            match (status(&error), code) {
                (Some(404), Some("ObjectLockConfigurationNotFoundError")) => false,
                _ => return Err(failure(place, &error)),
            }
        }
    };
    match enabled {
        true => Ok(()),
        false => Err(RemoteError::Refused {
            place: place.to_owned(),
            what: "the bucket has no Object Lock, so that what is put there can be deleted"
                .to_owned(),
        }),
    }
}

/// Until when an object that is put now is locked.
pub fn retain_until(now: Timestamp, retention: SignedDuration) -> DateTime {
    let until = now.checked_add(retention).unwrap_or(Timestamp::MAX);
    DateTime::from_secs(until.as_second())
}

/// Locks an object that is there for as long as it would be if it were put now.
pub async fn lengthen(
    client: &Client,
    bucket: &str,
    key: &str,
    found: &GetObjectOutput,
    until: DateTime,
    place: &str,
) -> Result<(), RemoteError> {
    let is_locked = found.object_lock_mode() == Some(&ObjectLockMode::Compliance);
    let ends = found
        .object_lock_retain_until_date()
        .map_or(0, DateTime::secs);
    if is_locked && ends.saturating_add(SLACK.as_secs()) >= until.secs() {
        return Ok(());
    }
    let retention = ObjectLockRetention::builder()
        .mode(ObjectLockRetentionMode::Compliance)
        .retain_until_date(until)
        .build();
    let put = client
        .put_object_retention()
        .bucket(bucket)
        .key(key)
        .set_version_id(found.version_id().map(str::to_owned))
        .retention(retention);
    match put.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(failure(place, &error)),
    }
}
