//! The configuration file as the running engine reads it, again and again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{no_config, settings};
use super::asked::Asked;
use super::telling::Tellings;
use crate::adapters::estate::FileEstate;
use crate::adapters::files::read_text;
use crate::config::{self, Config, EvidenceConfig, LookupConfig, QueueConfig, RunConfig};
use crate::engine::service::{Installation, Loaded, OutsideBounds, SelfWatch, Timing};
use crate::evidence::record::{InputFile, InputKind};
use crate::model::Sha256Digest;
use crate::ports::InputError;

pub struct ConfiguredSite {
    path: PathBuf,
    /// What cannot change while the log is open.
    evidence: EvidenceConfig,
    inbox: PathBuf,
    run: RunConfig,
    queues: Vec<QueueConfig>,
    lookups: Vec<LookupConfig>,
    keys: Keys,
    threads: usize,
    /// Whether there are sources that are asked.
    asks: bool,
    asked: Arc<Asked>,
    tellings: Tellings,
}

/// The installation's keys.
#[derive(Clone, Copy)]
pub struct Keys {
    pub redaction: [u8; 32],
    pub people: [u8; 32],
}

type Unloaded = (Option<InputFile>, Vec<InputError>);

impl ConfiguredSite {
    pub fn new(
        path: &Path,
        config: &Config,
        keys: Keys,
        threads: usize,
        asked: Arc<Asked>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            evidence: config.evidence.clone(),
            inbox: config.inbox(),
            run: config.run.clone(),
            queues: config.queues.clone(),
            lookups: config.lookups.clone(),
            keys,
            threads,
            asks: !config.live_aws.is_empty(),
            asked,
            tellings: Tellings::default(),
        }
    }

    /// What a running process cannot take up.
    fn fixed(&self, config: &Config) -> Vec<InputError> {
        let mut fixed = Vec::new();
        if config.evidence != self.evidence {
            fixed.push("evidence");
        }
        if config.run.listen != self.run.listen {
            fixed.push("listen` of `run");
        }
        if config.run.log != self.run.log {
            fixed.push("log` of `run");
        }
        if config.inbox() != self.inbox {
            fixed.push("inbox` of `run");
        }
        if config.queues != self.queues {
            fixed.push("activity \"aws_cloudtrail_queue\"");
        }
        // Whether what an event names is read again, or waits for a file.
        if !self.queues.is_empty() && config.live_aws.is_empty() == self.asks {
            fixed.push("live \"aws_config\"");
        }
        if config.lookups != self.lookups {
            fixed.push("activity \"aws_cloudtrail_lookup\"");
        }
        let fixed = fixed.into_iter().map(|word| InputError {
            what: format!("`{word}` was changed, which a running engine cannot take up"),
            help: Some("restart the service, or put it back".to_owned()),
        });
        fixed.collect()
    }
}

impl Installation for ConfiguredSite {
    fn load(&self) -> Result<Loaded, Unloaded> {
        let text = read_text(&self.path, config::MAX_BYTES as u64);
        let text = text.map_err(|error| (None, vec![no_config(&error)]))?;
        let name = self.path.file_name().unwrap_or_default();
        let file = InputFile {
            name: name.to_string_lossy().into_owned(),
            kind: InputKind::Configuration,
            sha256: Sha256Digest::of(text.as_bytes()),
            items: 0,
        };
        let refused = |errors: Vec<InputError>| (Some(file.clone()), errors);
        let config = config::parse(&self.path.display().to_string(), &text);
        let config = config.map_err(|errors| {
            let errors = errors.errors.iter().map(|error| InputError {
                what: error.to_string(),
                help: error.help.clone(),
            });
            refused(errors.collect())
        })?;
        let fixed = self.fixed(&config);
        if !fixed.is_empty() {
            return Err(refused(fixed));
        }
        let settings = settings(&config, self.keys.redaction, self.keys.people, self.threads);
        let mut settings = settings.map_err(|error| {
            let what = format!("{error:#}");
            refused(vec![InputError { what, help: None }])
        })?;
        let sources = self.asked.of(&config).map_err(|error| {
            let what = format!("{error:#}");
            refused(vec![InputError { what, help: None }])
        })?;
        let refreshes = super::super::refreshes::refreshes(&config);
        let config = Arc::new(config);
        let fixing = super::super::fix_desk(&config).map_err(|error| {
            let what = format!("{error:#}");
            refused(vec![InputError { what, help: None }])
        })?;
        let telling = self.tellings.of(&config).map_err(|error| {
            let what = format!("{error:#}");
            refused(vec![InputError { what, help: None }])
        })?;
        settings.lifecycle.confirm_after = config.findings.confirm_after;
        let exact = super::super::looks::exact(&config);
        let estate = FileEstate::new(Arc::clone(&config));
        let estate = estate
            .with_sources(sources)
            .with_refreshes(refreshes)
            .with_exact(exact);
        let run = &config.run;
        let timing = Timing {
            every: run.every,
            jitter_percent: run.jitter_percent,
            debounce: run.debounce,
            patience: run.event_patience,
        };
        let rules = config.rules.as_ref();
        let watch = SelfWatch {
            live_stale_after: run.live_stale_after,
            trail_stale_after: run.trail_stale_after,
            evidence_stale_after: run.evidence_stale_after.unwrap_or(run.every * 4),
            queue_stale_after: run.queue_stale_after,
            queue_lag_after: run.queue_lag_after,
            approved_rules: rules.and_then(|rules| rules.approved_sha256),
        };
        let outside = OutsideBounds {
            after: run.outside_lag_after,
            entries: u64::from(run.outside_lag_records),
        };
        Ok(Loaded {
            file,
            estate: Arc::new(estate),
            settings: Arc::new(settings),
            timing,
            watch,
            telling,
            fixing: Arc::new(fixing),
            outside,
        })
    }
}
