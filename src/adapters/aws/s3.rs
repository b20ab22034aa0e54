//! A mirror in S3.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ObjectLockMode;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::failure::{failure, innermost, status};
use super::lock::{lengthen, must_lock, retain_until};
use super::shared::{OnlyEncrypted, Shared};
use crate::ports::{Object, RemoteError, RemoteStore, Replaced, Stored, Version};

/// Requests at a time.
const AT_ONCE: usize = 16;
/// How often a write is tried that met another one on its way.
const MEETINGS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const BACK_OFF: u32 = 2;
/// One object of the size of which S3 takes a single request.
const LARGEST: u64 = 5 << 30;

/// Tells the time, for how long objects are locked.
pub type Clock = fn() -> Timestamp;

#[derive(Clone, Debug)]
pub struct S3Settings {
    pub bucket: String,
    pub region: String,
    pub endpoint: Option<String>,
    /// Empty, or ends in `/`.
    pub prefix: String,
    pub retention: SignedDuration,
}

/// One bucket with Object Lock, or the part of it below a prefix.
#[derive(Debug)]
pub struct S3Store {
    shared: Shared,
    bucket: Arc<Bucket>,
    checked: std::sync::OnceLock<()>,
}

#[derive(Debug)]
struct Bucket {
    client: Client,
    settings: S3Settings,
    place: String,
    clock: Clock,
}

impl S3Store {
    /// Nothing is sent before the first request.
    pub fn new(shared: &Shared, settings: S3Settings, clock: Clock) -> Self {
        let config = shared.sdk_config(&settings.region, settings.endpoint.as_deref());
        let config = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(settings.endpoint.is_some())
            .interceptor(OnlyEncrypted)
            .build();
        let place = format!("s3://{}/{}", settings.bucket, settings.prefix);
        let bucket = Bucket {
            client: Client::from_conf(config),
            place: place.trim_end_matches('/').to_owned(),
            settings,
            clock,
        };
        Self {
            shared: shared.clone(),
            bucket: Arc::new(bucket),
            checked: std::sync::OnceLock::new(),
        }
    }

    /// Once in a process the bucket is asked whether it locks anything at all.
    fn must_lock(&self) -> Result<(), RemoteError> {
        if self.checked.get().is_none() {
            let Bucket {
                client,
                settings,
                place,
                ..
            } = &*self.bucket;
            self.shared
                .block_on(must_lock(client, &settings.bucket, place))?;
            // Another thread may have been first, with the same answer.
            let _ = self.checked.set(());
        }
        Ok(())
    }

    /// Runs one request for each item, some at a time. Results come in the order of the items.
    fn each<I, T, F>(
        &self,
        items: Vec<I>,
        run: impl Fn(Arc<Bucket>, I) -> F,
    ) -> Result<Vec<T>, RemoteError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, RemoteError>> + Send + 'static,
    {
        self.shared.block_on(async {
            let mut running = JoinSet::new();
            let mut done = Vec::new();
            for (place, item) in items.into_iter().enumerate() {
                let work = run(Arc::clone(&self.bucket), item);
                running.spawn(async move { work.await.map(|result| (place, result)) });
                if running.len() >= AT_ONCE {
                    done.extend(running.join_next().await.map(joined).transpose()?);
                }
            }
            while let Some(result) = running.join_next().await {
                done.push(joined(result)?);
            }
            done.sort_by_key(|(place, _)| *place);
            Ok(done.into_iter().map(|(_, result)| result).collect())
        })
    }
}

fn joined<T>(
    result: Result<Result<T, RemoteError>, tokio::task::JoinError>,
) -> Result<T, RemoteError> {
    result.unwrap_or_else(|error| {
        Err(RemoteError::Unreachable {
            place: "S3".to_owned(),
            what: innermost(&error),
        })
    })
}

impl RemoteStore for S3Store {
    fn place(&self) -> &str {
        &self.bucket.place
    }

    fn keep(&self, objects: &[Object]) -> Result<(), RemoteError> {
        self.must_lock()?;
        let kept = self.each(objects.to_vec(), |bucket, object| async move {
            bucket.keep(object).await
        });
        kept.map(drop)
    }

    fn set(&self, objects: &[Object]) -> Result<(), RemoteError> {
        let set = self.each(objects.to_vec(), |bucket, object| async move {
            let put = bucket.put(&object).send().await;
            put.map(drop)
                .map_err(|error| failure(&bucket.place, &error))
        });
        set.map(drop)
    }

    fn get(&self, name: &str, limit: u64) -> Result<Option<Stored>, RemoteError> {
        self.shared.block_on(self.bucket.get(name, limit))
    }

    fn get_all(&self, names: &[String], limit: u64) -> Result<Vec<Option<Vec<u8>>>, RemoteError> {
        self.each(names.to_vec(), |bucket, name| async move {
            let stored = bucket.get(&name, limit).await?;
            Ok(stored.map(|stored| stored.bytes))
        })
    }

    fn replace(&self, object: &Object, over: Option<&Version>) -> Result<Replaced, RemoteError> {
        self.must_lock()?;
        self.shared.block_on(self.bucket.replace(object, over))
    }

    fn remove(&self, names: &[String]) -> Result<(), RemoteError> {
        let removed = self.each(names.to_vec(), |bucket, name| async move {
            let key = bucket.key(&name);
            let request = bucket.client.delete_object();
            let sent = request
                .bucket(&bucket.settings.bucket)
                .key(key)
                .send()
                .await;
            sent.map(drop)
                .map_err(|error| failure(&bucket.place, &error))
        });
        removed.map(drop)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, RemoteError> {
        self.shared.block_on(self.bucket.list(prefix))
    }
}

impl Bucket {
    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.settings.prefix)
    }

    fn put(&self, object: &Object) -> PutObjectFluentBuilder {
        let digest = BASE64_STANDARD.encode(Sha256::digest(&object.bytes));
        self.client
            .put_object()
            .bucket(&self.settings.bucket)
            .key(self.key(&object.name))
            .checksum_sha256(digest)
            .body(ByteStream::from(object.bytes.clone()))
    }

    async fn keep(&self, object: Object) -> Result<(), RemoteError> {
        let until = retain_until((self.clock)(), self.settings.retention);
        let mut pause = FIRST_PAUSE;
        for _ in 0..MEETINGS {
            let put = self
                .put(&object)
                .if_none_match("*")
                .object_lock_mode(ObjectLockMode::Compliance)
                .object_lock_retain_until_date(until);
            let Err(error) = put.send().await else {
                return Ok(());
            };
            match status(&error) {
                // Something is there: perhaps what an earlier try of ours put.
                Some(412) => {
                    if self.is_kept(&object, until).await? {
                        return Ok(());
                    }
                    // A delete marker came between.
                }
                // Another write to the name was on its way.
                Some(409) => {}
                _ => return Err(failure(&self.place, &error)),
            }
            tokio::time::sleep(pause).await;
            pause *= BACK_OFF;
        }
        Err(RemoteError::Unreachable {
            place: self.place.clone(),
            what: format!("`{}` is being written to all the time", object.name),
        })
    }

    /// Whether what is there is the object, locked as it should be.
    async fn is_kept(
        &self,
        object: &Object,
        until: aws_sdk_s3::primitives::DateTime,
    ) -> Result<bool, RemoteError> {
        let key = self.key(&object.name);
        let request = self.client.get_object().bucket(&self.settings.bucket);
        let found = match request.key(&key).send().await {
            Ok(found) => found,
            Err(error) if status(&error) == Some(404) => return Ok(false),
            Err(error) => return Err(failure(&self.place, &error)),
        };
        let mut found = found;
        let body = std::mem::take(&mut found.body);
        if self.read(body, object.bytes.len() as u64 + 1).await? != object.bytes {
            return Err(RemoteError::Differs {
                place: self.place.clone(),
                name: object.name.clone(),
            });
        }
        let bucket = &self.settings.bucket;
        lengthen(&self.client, bucket, &key, &found, until, &self.place).await?;
        Ok(true)
    }

    async fn get(&self, name: &str, limit: u64) -> Result<Option<Stored>, RemoteError> {
        let request = self.client.get_object().bucket(&self.settings.bucket);
        let found = match request.key(self.key(name)).send().await {
            Ok(found) => found,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_no_such_key()) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(failure(&self.place, &error)),
        };
        let version = Version(found.e_tag().unwrap_or_default().to_owned());
        let bytes = self.read(found.body, limit.min(LARGEST)).await?;
        if bytes.len() as u64 > limit {
            return Err(RemoteError::Refused {
                place: self.place.clone(),
                what: format!("`{name}` is larger than {limit} bytes"),
            });
        }
        Ok(Some(Stored { bytes, version }))
    }

    /// Reads a body, and little more of it than `limit`.
    async fn read(&self, mut body: ByteStream, limit: u64) -> Result<Vec<u8>, RemoteError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| RemoteError::Unreachable {
                place: self.place.clone(),
                what: innermost(&error),
            })?;
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > limit {
                break;
            }
        }
        Ok(bytes)
    }

    async fn replace(
        &self,
        object: &Object,
        over: Option<&Version>,
    ) -> Result<Replaced, RemoteError> {
        let mut pause = FIRST_PAUSE;
        for _ in 0..MEETINGS {
            let put = match over {
                Some(version) => self.put(object).if_match(&version.0),
                None => self.put(object).if_none_match("*"),
            };
            let Err(error) = put.send().await else {
                return Ok(Replaced::Done);
            };
            match status(&error) {
                Some(412 | 404) => {
                    // The answer to an earlier try of this very write may have been lost.
                    let there = self.get(&object.name, object.bytes.len() as u64).await;
                    let same =
                        there.is_ok_and(|there| there.is_some_and(|own| own.bytes == object.bytes));
                    return Ok(match same {
                        true => Replaced::Done,
                        false => Replaced::Conflict,
                    });
                }
                Some(409) => {}
                _ => return Err(failure(&self.place, &error)),
            }
            tokio::time::sleep(pause).await;
            pause *= BACK_OFF;
        }
        Ok(Replaced::Conflict)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, RemoteError> {
        let mut names = Vec::new();
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.settings.bucket)
            .prefix(self.key(prefix))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(&self.place, &error))?;
            let keys = page.contents().iter().filter_map(|object| object.key());
            let own = keys.filter_map(|key| key.strip_prefix(self.settings.prefix.as_str()));
            names.extend(own.map(str::to_owned));
        }
        Ok(names)
    }
}
