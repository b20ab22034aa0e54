//! Reading what exact observation goes by.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use sha2::{Digest, Sha256};

use crate::adapters::estate::FileEstate;
use crate::adapters::files::read_text;
use crate::cli::provider::CommonArgs;
use crate::cli::wire::{message, messages};
use crate::config::Config;
use crate::ingest::terraform_source::SourceMap;
use crate::model::Sha256Digest;
use crate::ports::{Estate, InputError, WorkspaceInput};
use crate::provider::exact::{ExactPlan, StateInstance, read_plan, read_state};

pub(super) const MAX_BYTES: u64 = 1 << 30;

/// A workspace, ready to be looked at.
pub struct Inputs {
    pub workspace: String,
    pub plan: ExactPlan,
    pub plan_sha256: Sha256Digest,
    pub states: BTreeMap<String, StateInstance>,
    /// Absent where the configuration names no source.
    pub source: Option<SourceMap>,
    pub settled_file: PathBuf,
}

fn helped(what: String, help: &str) -> anyhow::Error {
    anyhow::anyhow!(message(&InputError {
        what,
        help: Some(help.to_owned()),
    }))
}

impl Inputs {
    /// # Errors
    /// As [`Inputs::of`]; and an address that the plan does not have.
    pub fn read(config: &Config, args: &CommonArgs) -> anyhow::Result<Self> {
        let inputs = Self::of(config, args)?;
        for address in &args.addresses {
            if !inputs.plan.resources.contains_key(address) {
                bail!("the plan has no resource `{address}` that it keeps");
            }
        }
        Ok(inputs)
    }

    /// # Errors
    /// What cannot be read.
    pub fn of(config: &Config, args: &CommonArgs) -> anyhow::Result<Self> {
        let workspace = workspace(config, args)?;
        let plan_path = match (&args.plan, workspace.plans.as_slice()) {
            (Some(given), _) => given.clone(),
            (None, [only]) => only.path.clone(),
            (None, plans) => {
                let what = format!("workspace `{}` has {} plans", workspace.name, plans.len());
                return Err(helped(what, "name the approved one with `--plan FILE`"));
            }
        };
        let (plan, plan_sha256) = plan(&plan_path, &args.addresses)?;
        let Some(state) = &workspace.state else {
            let what = format!("workspace `{}` has no state", workspace.name);
            let help = "give its baseline a `state`: without ids a provider can read nothing";
            return Err(helped(what, help));
        };
        let text = read_text(&state.path, MAX_BYTES)?;
        let states = read_state(&text).with_context(|| format!("`{}`", state.path.display()))?;
        let has_source = !workspace.source.is_empty();
        let source = has_source.then(|| SourceMap::parse(&workspace.source).0);
        let settled_file = args.settled.clone().unwrap_or_else(|| {
            let name = format!("{}.json", workspace.name);
            config.resolve(PathBuf::from("settled").join(name))
        });
        Ok(Self {
            workspace: workspace.name.to_string(),
            plan,
            plan_sha256,
            states,
            source,
            settled_file,
        })
    }
}

fn workspace(config: &Config, args: &CommonArgs) -> anyhow::Result<WorkspaceInput> {
    let estate = FileEstate::new(config);
    let all = estate.workspaces();
    let mut all = all.map_err(|errors| anyhow::anyhow!(messages(&errors)))?;
    let Some(wanted) = &args.workspace else {
        return match (all.pop(), all.len()) {
            (Some(only), 0) => Ok(only),
            (_, others) => {
                let what = format!("the configuration has {} workspaces", others + 1);
                Err(helped(what, "name one with `--workspace NAME`"))
            }
        };
    };
    let found = all.into_iter().find(|own| own.name.as_str() == wanted);
    found.with_context(|| format!("the configuration has no workspace `{wanted}`"))
}

/// Hashes what it hands on.
struct Hashing<R> {
    reader: R,
    digest: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.digest.update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}

fn plan(path: &Path, addresses: &[String]) -> anyhow::Result<(ExactPlan, Sha256Digest)> {
    let wanted: BTreeSet<&str> = addresses.iter().map(String::as_str).collect();
    let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    let mut reader = Hashing {
        reader: file,
        digest: Sha256::new(),
    };
    let plan = read_plan(&mut reader, &|address| {
        wanted.is_empty() || wanted.contains(address)
    });
    let plan = plan.with_context(|| format!("`{}`", path.display()))?;
    Ok((plan, Sha256Digest(reader.digest.finalize().into())))
}
