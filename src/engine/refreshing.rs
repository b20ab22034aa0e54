//! Has the states of workspaces refreshed, and takes in what that shows of their resources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::inputs::{Failure, unreadable};
use super::live::Live;
use super::look::Looking;
use super::parallel;
use super::plans::Plans;
use super::progress::Step;
use super::schemas::Schemas;
use crate::decide::compare::{Comparer, RefreshSeen, is_same_state};
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::json::StreamError;
use crate::ingest::plan::{Refresh, Values, approved_values, read_refresh, read_values};
use crate::ingest::redact::Redactor;
use crate::ingest::source::Source;
use crate::ingest::state;
use crate::model::{NotRead, SourceReport, WhyNotRead, WorkspaceName};
use crate::normalise::Catalogue;
use crate::ports::{InputError, NotRefreshed, StateRefresh, WorkspaceInput};

/// What refreshes are taken in by.
pub(super) struct Refreshing<'a> {
    pub(super) looking: &'a Looking<'a>,
    pub(super) comparer: &'a Comparer<'a>,
    pub(super) catalogue: &'a Catalogue,
    pub(super) redactor: &'a Redactor,
    pub(super) schemas: &'a Schemas,
    pub(super) plans: &'a Plans,
    pub(super) now: Timestamp,
}

type Addresses = BTreeSet<Box<str>>;

/// What a refresh of one workspace showed.
pub(super) struct KeptRefresh {
    pub(super) workspace: WorkspaceName,
    /// As the manifest of a scan names it.
    pub(super) name: String,
    pub(super) refresh: Refresh,
    pub(super) approved: BTreeMap<Box<str>, Values>,
    pub(super) left_open: Addresses,
}

impl KeptRefresh {
    pub(super) fn seen<'s>(
        &'s self,
        is_settable: &'s dyn Fn(&str, &[&str]) -> Option<bool>,
        now: Timestamp,
    ) -> RefreshSeen<'s> {
        RefreshSeen {
            source: &self.name,
            workspace: &self.workspace,
            refresh: &self.refresh,
            approved: &self.approved,
            left_open: &self.left_open,
            is_settable,
            now,
        }
    }
}

/// What one refresh gave, read.
struct Read<'w> {
    workspace: &'w WorkspaceInput,
    refresh: Refresh,
    /// Of resources that no reviewed table knows, by address.
    approved: BTreeMap<Box<str>, Values>,
    /// Those that their plan made, where nothing was applied since.
    left_open: Addresses,
    file: InputFile,
    bytes: u64,
}

/// Why one gave nothing, or why the look cannot go on.
enum Lost {
    Gap(NotRefreshed),
    Input(InputError),
}

impl From<NotRefreshed> for Lost {
    fn from(why: NotRefreshed) -> Self {
        Self::Gap(why)
    }
}

impl Refreshing<'_> {
    /// Refreshes every workspace that can be, several at a time.
    pub(super) fn all(&self, live: &mut Live) -> Result<(), Failure> {
        let Looking {
            estate,
            settings,
            progress,
            ..
        } = self.looking;
        let sources = estate.refreshes();
        if sources.is_empty() {
            return Ok(());
        }
        let workspaces = estate.workspaces().map_err(Failure::Inputs)?;
        progress.step(Step::Live, sources.len());
        let done = parallel::map(&sources, settings.threads, |source| {
            let done = self.one(source, &workspaces);
            progress.advance();
            done
        });
        if estate.is_stopped() {
            return Err(Failure::Inputs(vec![InputError {
                what: "the engine is stopping".to_owned(),
                help: None,
            }]));
        }
        let mut errors = Vec::new();
        for (source, done) in sources.iter().zip(done) {
            match done.and_then(|read| self.take(source, read, live)) {
                Ok(()) => live.reports.push(report(source, None)),
                Err(Lost::Input(error)) => errors.push(error),
                Err(Lost::Gap(NotRefreshed { why, detail })) => {
                    let own = (source.name(), source.workspace());
                    let findings = &mut live.findings;
                    self.comparer.not_refreshed(own, (why, &detail), findings);
                    live.reports.push(report(source, Some((why, detail))));
                }
            }
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(Failure::Inputs(errors)),
        }
    }

    fn take(
        &self,
        source: &Arc<dyn StateRefresh>,
        read: Read<'_>,
        live: &mut Live,
    ) -> Result<(), Lost> {
        let is_settable = |type_name: &str, attribute: &[&str]| {
            is_settable(self.schemas, read.workspace, type_name, attribute)
        };
        let seen = RefreshSeen {
            source: source.name(),
            workspace: source.workspace(),
            refresh: &read.refresh,
            approved: &read.approved,
            left_open: &read.left_open,
            is_settable: &is_settable,
            now: self.now,
        };
        let taken = self.comparer.refreshed(&seen, &mut live.findings);
        taken.map_err(broken)?;
        if self.looking.asked.is_some() {
            live.refreshes.push(KeptRefresh {
                workspace: source.workspace().clone(),
                name: read.file.name.clone(),
                refresh: read.refresh,
                approved: read.approved,
                left_open: read.left_open,
            });
        }
        live.files.push(read.file);
        live.bytes += read.bytes;
        Ok(())
    }

    fn one<'w>(
        &self,
        source: &Arc<dyn StateRefresh>,
        workspaces: &'w [WorkspaceInput],
    ) -> Result<Read<'w>, Lost> {
        let name = source.workspace();
        let workspace = workspaces.iter().find(|own| own.name == *name);
        let workspace =
            workspace.ok_or_else(|| broken(format!("no `baseline` makes a workspace `{name}`")))?;
        let estate = self.looking.estate;
        let refreshed = source.refresh(&|| estate.is_stopped())?;
        let unclear = |what: &str, error: &dyn std::fmt::Display| {
            broken(format!("{what} cannot be read: {error}"))
        };
        let head = state::head(refreshed.state);
        let head = head.map_err(|error| unclear("the state that it pulled", &error))?;
        let given = self.plans.state_heads.get(name);
        if let Some(given) = given {
            is_same_state(name, given, &head).map_err(broken)?;
        }
        let is_given = given.is_some_and(|given| given.is(&head));
        let shown = format!("refresh of `{name}` by `{}`", source.name());
        let redactor = self
            .redactor
            .with_schema(self.schemas.secrets_of(workspace));
        let plan = Source::new(&shown, refreshed.plan);
        let read = read_refresh(plan, self.catalogue, &redactor);
        let (refresh, plan) = read.map_err(|error| unclear("what it found", &error))?;
        let finished = plan.finish();
        let (sha256, bytes) =
            finished.map_err(|error| unclear("what it found", &StreamError::Read(error)))?;
        let file = InputFile {
            name: shown,
            kind: InputKind::Live,
            sha256,
            items: refresh.resources.len() as u64,
        };
        let (approved, new) = self.approved(workspace, &redactor)?;
        Ok(Read {
            workspace,
            refresh,
            approved,
            left_open: if is_given { new } else { Addresses::new() },
            file,
            bytes,
        })
    }

    /// What the plans of a workspace approve of resources that no reviewed table knows, and which of them
    /// their plan makes.
    fn approved(
        &self,
        workspace: &WorkspaceInput,
        redactor: &Redactor,
    ) -> Result<(BTreeMap<Box<str>, Values>, Addresses), Lost> {
        let estate = self.looking.estate;
        let (mut approved, mut new) = (BTreeMap::new(), Addresses::new());
        let ranked = self.plans.ranked.get(&workspace.name);
        for (digest, wanted) in self.comparer.wanted_values(&workspace.name) {
            let metas = ranked.into_iter().flatten().map(|own| &own.standing.plan);
            let mut metas = metas.filter(|meta| meta.digest == digest);
            let input = metas.find_map(|meta| {
                let mut plans = workspace.plans.iter();
                plans.find(|plan| plan.name == meta.file)
            });
            let Some(input) = input else { continue };
            let plan = Source::new(&input.name, estate.open(input).map_err(Lost::Input)?);
            let read = read_values(plan, &mut |planned| {
                if wanted.contains(planned.address) {
                    let values = approved_values(
                        planned.type_name,
                        planned.values,
                        planned.unknown,
                        &planned.sensitive,
                        redactor,
                    );
                    approved.insert(planned.address.into(), values?);
                    if planned.is_new {
                        new.insert(planned.address.into());
                    }
                }
                Ok(())
            });
            let plan = read.map_err(|error| Lost::Input(unreadable(input, error)))?;
            let finished = plan.finish();
            let finished = finished
                .map_err(|error| Lost::Input(unreadable(input, StreamError::Read(error))))?;
            if finished.0 != digest {
                return Err(Lost::Input(InputError {
                    what: format!("`{}` changed while it was read", input.name),
                    help: Some("let whatever writes it finish, then run this again".to_owned()),
                }));
            }
        }
        Ok((approved, new))
    }
}

/// Whether anybody but the provider sets an attribute; `None` where no schema tells.
pub(super) fn is_settable(
    schemas: &Schemas,
    workspace: &WorkspaceInput,
    type_name: &str,
    attribute: &[&str],
) -> Option<bool> {
    let known = schemas.attribute(workspace, type_name, attribute);
    known.map(|(facts, _)| !facts.is_computed_only())
}

fn broken(detail: String) -> Lost {
    Lost::Gap(NotRefreshed {
        why: WhyNotRead::Broken,
        detail,
    })
}

/// For whoever watches the sources: the gaps are told apart, because they are of one workspace.
fn report(source: &Arc<dyn StateRefresh>, lost: Option<(WhyNotRead, String)>) -> SourceReport {
    let not_read = lost.map(|(why, detail)| NotRead {
        account: None,
        region: None,
        config_type: None,
        resource: None,
        why,
        detail,
    });
    SourceReport {
        source: source.name().to_owned(),
        not_read: not_read.into_iter().collect(),
        ..SourceReport::default()
    }
}
