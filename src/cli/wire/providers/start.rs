//! Starting the providers that a plan was made with, each once for every configuration of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::read::Inputs;
use crate::adapters::files::read_text;
use crate::adapters::provider::{
    Launch, Limits, ProviderSession, Supply, SupplyError, VerifiedProvider,
};
use crate::cli::provider::CommonArgs;
use crate::cli::wire::message;
use crate::cli::wire::refreshes::environment;
use crate::ports::{InputError, ResourceProvider};
use crate::provider::exact::provider_config;
use crate::provider::lock::{self, ProviderName};

const MAX_BYTES: u64 = 16 << 20;

/// Attributes that the operator gives, by key and name, raw.
type Given = BTreeMap<String, BTreeMap<String, Box<str>>>;

/// Providers that were started, by the key of their configuration.
pub struct Providers {
    sessions: BTreeMap<String, Result<ProviderSession, String>>,
    verified: BTreeMap<String, VerifiedProvider>,
    given: Given,
    environment: Vec<(OsString, OsString)>,
    work_dir: Option<PathBuf>,
}

impl Providers {
    /// Verifies every provider that the resources need, before any is started.
    pub fn open(inputs: &Inputs, args: &CommonArgs) -> anyhow::Result<Self> {
        let text = read_text(&args.lock, MAX_BYTES)?;
        let locked = lock::parse(&text).with_context(|| format!("`{}`", args.lock.display()))?;
        let supply = Supply {
            folders: args.from.clone(),
            unpack_dir: std::env::temp_dir(),
        };
        let mut verified = BTreeMap::new();
        for planned in inputs.plan.resources.values() {
            let full = &planned.provider_name;
            if verified.contains_key(full) {
                continue;
            }
            let name = ProviderName::parse(full)?;
            let Some(own) = locked.get(&name) else {
                let what = format!("`{}` does not lock provider `{name}`", args.lock.display());
                bail!(message(&InputError {
                    what,
                    help: Some("give the lock file that the plan was made with".to_owned()),
                }));
            };
            let found = supply.find(&name, own).map_err(refused)?;
            verified.insert(full.clone(), found);
        }
        Ok(Self {
            sessions: BTreeMap::new(),
            verified,
            given: given(args)?,
            environment: environment(&args.env),
            work_dir: args.work_dir.clone(),
        })
    }

    /// The provider under a key of the plan's configuration, started and configured.
    pub fn of(&mut self, inputs: &Inputs, key: &str) -> Result<&mut dyn ResourceProvider, String> {
        if !self.sessions.contains_key(key) {
            let started = self.start(inputs, key);
            self.sessions.insert(key.to_owned(), started);
        }
        match self.sessions.get_mut(key) {
            Some(Ok(session)) => Ok(session),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("provider configuration `{key}` is not known")),
        }
    }

    fn start(&self, inputs: &Inputs, key: &str) -> Result<ProviderSession, String> {
        let launch = Launch {
            provider: self.verified(inputs, key)?.clone(),
            environment: self.environment.clone(),
            work_dir: self.work_dir.clone(),
            runtime_dir: std::env::temp_dir(),
            launcher: Some(PathBuf::from("/proc/self/exe")),
            terraform_version: inputs.plan.terraform_version.clone(),
        };
        let session = ProviderSession::new(launch, Limits::default());
        let mut session = session.map_err(|error| error.to_string())?;
        let schema = session
            .provider_schema()
            .map_err(|error| error.to_string())?;
        let none = BTreeMap::new();
        let given = self.given.get(key).unwrap_or(&none);
        let config = provider_config(&schema, &inputs.plan, key, given).map_err(|error| {
            format!("{error}; give it with `--provider-config FILE`, as JSON by key")
        })?;
        session
            .configure(&config)
            .map_err(|error| error.to_string())?;
        Ok(session)
    }

    fn verified(&self, inputs: &Inputs, key: &str) -> Result<&VerifiedProvider, String> {
        let unknown = || format!("the plan does not tell which provider `{key}` is");
        let full = match inputs.plan.providers.get(key) {
            Some(configured) => configured.full_name.clone(),
            // A provider without a block of its own.
            None => {
                let kind = key.rsplit(':').next().unwrap_or(key);
                let mut names = self.verified.keys();
                let named = names.find(|full| full.rsplit('/').next() == Some(kind));
                named.ok_or_else(unknown)?.clone()
            }
        };
        self.verified.get(&full).ok_or_else(unknown)
    }

    pub fn described(&self) -> Vec<String> {
        self.verified.values().map(described).collect()
    }

    pub fn described_for(&self, inputs: &Inputs, address: &str) -> String {
        let planned = inputs.plan.resources.get(address);
        let verified = planned.and_then(|planned| self.verified.get(&planned.provider_name));
        verified.map_or_else(String::new, described)
    }
}

fn described(verified: &VerifiedProvider) -> String {
    format!(
        "{} {} {}",
        verified.name(),
        verified.version(),
        verified.known_by()
    )
}

fn refused(error: SupplyError) -> anyhow::Error {
    anyhow::anyhow!(message(&InputError {
        what: error.to_string(),
        help: Some(error.help().to_owned()),
    }))
}

fn given(args: &CommonArgs) -> anyhow::Result<Given> {
    let Some(path) = &args.provider_config else {
        return Ok(Given::new());
    };
    let text = read_text(path, MAX_BYTES)?;
    type Raw = BTreeMap<String, BTreeMap<String, Box<serde_json::value::RawValue>>>;
    // The parser's own message could quote a secret.
    let Ok(raw) = serde_json::from_str::<Raw>(&text) else {
        bail!(
            "`{}` must hold an object of objects, as JSON",
            path.display()
        );
    };
    let all = raw.into_iter().map(|(key, attributes)| {
        let attributes = attributes.into_iter();
        let attributes = attributes.map(|(name, raw)| (name, Box::<str>::from(raw.get())));
        (key, attributes.collect())
    });
    Ok(all.collect())
}
