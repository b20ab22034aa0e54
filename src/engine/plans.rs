//! Reads plans and states, ranks them by their approvals, and builds the approved side.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs, unreadable, whole};
use super::progress::{Progress, Step};
use super::{parallel, scan::Settings};
use crate::decide::approvals::{PlanStanding, RankedPlan, Standing, rank_plans};
use crate::decide::baseline::{Approved, EligiblePlan, PlanUse, WorkspaceInputs};
use crate::evidence::ledger::Ledger;
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::json::StreamError;
use crate::ingest::plan::{self, Plan};
use crate::ingest::projection;
use crate::ingest::redact::{Redactor, SensitiveByType};
use crate::ingest::schema::ProviderSchemas;
use crate::ingest::source::Source;
use crate::ingest::state::{self, State};
use crate::ingest::terraform_source::{SourceMap, SourceProblem};
use crate::model::{Address, IdentityMap, PlanMeta, Sha256Digest, SourceLocation, WorkspaceName};
use crate::normalise::Catalogue;
use crate::ports::{Estate, EvidenceSink, InputError, InputRef, WorkspaceInput};

/// The approved side of a scan.
#[derive(Default)]
pub struct Plans {
    pub approved: Approved,
    pub ranked: BTreeMap<WorkspaceName, Vec<RankedPlan>>,
    /// With the folder that each one was read from.
    pub sources: BTreeMap<WorkspaceName, (String, SourceMap)>,
    pub files: Vec<InputFile>,
    /// Redacted forms of plans that the log did not hold yet, by the digest of the plan.
    pub blobs: BTreeMap<Sha256Digest, Sha256Digest>,
    pub warnings: Vec<String>,
    pub plan_bytes: u64,
    pub plan_count: u64,
}

impl Plans {
    pub fn locate(&self, workspace: &WorkspaceName, address: &Address) -> Option<SourceLocation> {
        let (dir, map) = self.sources.get(workspace)?;
        map.locate(address).map(|location| within(dir, location))
    }
}

/// One plan or state file of one workspace.
enum Job<'w> {
    Plan(&'w WorkspaceInput, &'w InputRef),
    State(&'w WorkspaceInput, &'w InputRef),
}

enum Done {
    Plan(ReadPlan),
    State(State),
}

struct ReadPlan {
    meta: PlanMeta,
    plan: Plan,
    /// The redacted form, where the log does not hold it yet.
    projection: Option<Vec<u8>>,
}

#[derive(Default)]
struct ReadWorkspace {
    plans: Vec<ReadPlan>,
    state: Option<State>,
}

/// Workspaces that are read before they are put together: enough to keep every thread busy, few
/// enough that what was read does not pile up.
const BATCH: usize = 64;

pub struct Reading<'a> {
    pub estate: &'a dyn Estate,
    pub catalogue: &'a Catalogue,
    pub redactor: &'a Redactor,
    pub settings: &'a Settings,
    pub progress: &'a dyn Progress,
}

impl Reading<'_> {
    /// Reads every plan and state, several at a time, and puts the plans' redacted forms into the
    /// evidence log.
    pub fn read(
        &self,
        now: Timestamp,
        inputs: &SmallInputs,
        evidence: &mut dyn EvidenceSink,
    ) -> Result<Plans, Failure> {
        let workspaces = self.estate.workspaces().map_err(Failure::Inputs)?;
        let mut plans = Plans::default();
        let schemas = self.schemas(&workspaces, &mut plans.files)?;
        let files = workspaces
            .iter()
            .map(|own| own.plans.len() + usize::from(own.state.is_some()));
        self.progress.step(Step::Plans, files.sum());
        let mut errors = Vec::new();
        for batch in workspaces.chunks(BATCH) {
            let mut read =
                self.read_batch(batch, &schemas, evidence.ledger(), &mut plans, &mut errors);
            if !errors.is_empty() {
                // Go on only to name everything that is wrong.
                continue;
            }
            for workspace in batch {
                if let Some(read) = read.remove(&workspace.name) {
                    self.add(now, workspace, read, inputs, evidence, &mut plans)?;
                }
            }
        }
        if errors.is_empty() {
            Ok(plans)
        } else {
            Err(Failure::Inputs(errors))
        }
    }

    fn read_batch<'w>(
        &self,
        batch: &'w [WorkspaceInput],
        schemas: &Schemas,
        ledger: &Ledger,
        plans: &mut Plans,
        errors: &mut Vec<InputError>,
    ) -> BTreeMap<&'w WorkspaceName, ReadWorkspace> {
        let jobs: Vec<Job<'_>> = batch
            .iter()
            .flat_map(|workspace| {
                let plans = workspace
                    .plans
                    .iter()
                    .map(move |plan| Job::Plan(workspace, plan));
                plans.chain(
                    workspace
                        .state
                        .iter()
                        .map(move |state| Job::State(workspace, state)),
                )
            })
            .collect();
        let done = parallel::map(&jobs, self.settings.threads, |job| {
            let done = self.one(job, schemas, ledger);
            self.progress.advance();
            done
        });
        let mut read: BTreeMap<&WorkspaceName, ReadWorkspace> = BTreeMap::new();
        for (job, done) in jobs.iter().zip(done) {
            let (Job::Plan(workspace, _) | Job::State(workspace, _)) = job;
            let place = read.entry(&workspace.name).or_default();
            match done {
                Ok((Done::Plan(plan), file, bytes)) => {
                    plans.plan_bytes += bytes;
                    plans.plan_count += 1;
                    plans.files.push(file);
                    place.plans.push(plan);
                }
                Ok((Done::State(state), file, _)) => {
                    plans.files.push(file);
                    place.state = Some(state);
                }
                Err(error) => errors.push(error),
            }
        }
        read
    }

    fn one(
        &self,
        job: &Job<'_>,
        schemas: &Schemas,
        ledger: &Ledger,
    ) -> Result<(Done, InputFile, u64), InputError> {
        let (Job::Plan(workspace, input) | Job::State(workspace, input)) = job;
        let schema = workspace
            .schema
            .as_ref()
            .and_then(|schema| schemas.get(&schema.path));
        let redactor = match schema {
            Some(schema) => self.redactor.with_schema(Arc::clone(schema)),
            None => self.redactor.clone(),
        };
        let source = Source::new(&input.name, self.estate.open(input)?);
        let wrong = |error: StreamError| unreadable(input, error);
        let lost = |error: std::io::Error| wrong(StreamError::Read(error));
        match job {
            Job::Plan(..) => {
                let (plan, source) =
                    plan::read(source, self.catalogue, &redactor).map_err(wrong)?;
                let (digest, bytes) = source.finish().map_err(lost)?;
                let file = input_file(input, InputKind::Plan, digest, plan.resources.len());
                let meta = PlanMeta {
                    digest,
                    file: input.name.clone(),
                    format_version: plan.format_version.clone(),
                    terraform_version: plan.terraform_version.clone(),
                    timestamp: plan.timestamp,
                    resources: plan.resources.len() as u64,
                };
                let is_new = ledger.plan(&workspace.name, digest).is_none();
                let projection = is_new.then(|| {
                    let lines = projection::lines(digest, &plan, self.catalogue);
                    lines.flat_map(|line| (line + "\n").into_bytes()).collect()
                });
                Ok((
                    Done::Plan(ReadPlan {
                        meta,
                        plan,
                        projection,
                    }),
                    file,
                    bytes,
                ))
            }
            Job::State(..) => {
                let (state, source) =
                    state::read(source, self.catalogue, &redactor).map_err(wrong)?;
                let (digest, bytes) = source.finish().map_err(lost)?;
                let file = input_file(input, InputKind::State, digest, state.resources.len());
                Ok((Done::State(state), file, bytes))
            }
        }
    }

    /// What the provider's schema marks as sensitive is a secret, whatever the plan says. One file
    /// mostly serves many workspaces.
    fn schemas(
        &self,
        workspaces: &[WorkspaceInput],
        files: &mut Vec<InputFile>,
    ) -> Result<Schemas, Failure> {
        let mut schemas = Schemas::new();
        let mut errors = Vec::new();
        for schema in workspaces
            .iter()
            .filter_map(|workspace| workspace.schema.as_ref())
        {
            if schemas.contains_key(&schema.path) {
                continue;
            }
            match self.schema(schema) {
                Ok((sensitive, file)) => {
                    files.push(file);
                    schemas.insert(schema.path.clone(), Arc::new(sensitive));
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(schemas)
        } else {
            Err(Failure::Inputs(errors))
        }
    }

    fn schema(&self, schema: &InputRef) -> Result<(SensitiveByType, InputFile), InputError> {
        let (bytes, mut file) = whole(self.estate, schema, InputKind::Schema)?;
        let wanted = |name: &str| self.catalogue.find(name).is_some();
        let read = ProviderSchemas::parse_only(&bytes, &wanted).map_err(|error| InputError {
            what: format!("`{}`: {error}", schema.name),
            help: Some(error.help().to_owned()),
        })?;
        file.items = read.types().count() as u64;
        let sensitive = read.types().map(|name| {
            let paths = read.sensitive_paths(name.as_str());
            (name.clone(), paths.into_iter().collect())
        });
        Ok((sensitive.collect(), file))
    }

    /// A plan as the log keeps it. Tags and policies tell who owns what by e-mail address.
    fn without_people<'p>(&self, plan: &'p [u8], inputs: &SmallInputs) -> Cow<'p, [u8]> {
        match std::str::from_utf8(plan) {
            Ok(text) if text.contains('@') => {
                let nobody = IdentityMap::default();
                let map = inputs.people.as_ref().unwrap_or(&nobody);
                let people = Pseudonymiser::new(&self.settings.people_key, map);
                Cow::Owned(people.mails(text).into_bytes())
            }
            _ => Cow::Borrowed(plan),
        }
    }

    fn add(
        &self,
        now: Timestamp,
        workspace: &WorkspaceInput,
        read: ReadWorkspace,
        inputs: &SmallInputs,
        evidence: &mut dyn EvidenceSink,
        plans: &mut Plans,
    ) -> Result<(), Failure> {
        let metas: Vec<PlanMeta> = read.plans.iter().map(|read| read.meta.clone()).collect();
        let ranked = rank_plans(
            &metas,
            &workspace.name,
            workspace.assumed,
            &inputs.changes,
            inputs.people.as_ref(),
            &self.settings.policy,
            now,
        );
        let mut by_digest: BTreeMap<Sha256Digest, ReadPlan> = read
            .plans
            .into_iter()
            .map(|read| (read.meta.digest, read))
            .collect();
        let mut eligible = Vec::new();
        for plan in &ranked {
            let Some(read) = by_digest.remove(&plan.standing.plan.digest) else {
                continue;
            };
            if let Some(projection) = &read.projection {
                let blob = evidence.put_blob(&self.without_people(projection, inputs))?;
                plans.blobs.insert(read.meta.digest, blob);
            }
            let ReadPlan {
                meta, plan: read, ..
            } = read;
            eligible.push(EligiblePlan {
                meta,
                plan: read,
                good_for: good_for(&plan.standing),
            });
        }
        let assembly = WorkspaceInputs {
            name: workspace.name.clone(),
            plans: eligible,
            state: read.state,
            applied_before: evidence.ledger().applied(),
        };
        plans
            .approved
            .assemble(assembly, self.catalogue, self.redactor);
        plans.ranked.insert(workspace.name.clone(), ranked);
        if !workspace.source.is_empty() {
            let (map, problems) = SourceMap::parse(&workspace.source);
            let dir = &workspace.source_dir;
            plans.warnings.extend(problems.into_iter().map(|problem| {
                let location = problem.location.map(|location| within(dir, location));
                SourceProblem {
                    location,
                    ..problem
                }
                .to_string()
            }));
            let source = (dir.clone(), map);
            plans.sources.insert(workspace.name.clone(), source);
        }
        Ok(())
    }
}

/// What the schemas mark, by the file that says so.
type Schemas = BTreeMap<PathBuf, Arc<SensitiveByType>>;

fn good_for(standing: &PlanStanding) -> PlanUse {
    match standing.standing {
        Standing::Approved | Standing::Assumed => PlanUse::Baseline,
        Standing::Emergency { .. } => PlanUse::Pending,
        Standing::Indeterminate | Standing::Unapproved => PlanUse::Nothing,
    }
}

/// The location with the folder that the source was read from, so that `main.tf` of one workspace is
/// told from that of another.
fn within(dir: &str, location: SourceLocation) -> SourceLocation {
    let file = match dir.trim_end_matches('/') {
        "" | "." => location.file,
        dir => format!("{dir}/{}", location.file),
    };
    SourceLocation { file, ..location }
}

fn input_file(input: &InputRef, kind: InputKind, sha256: Sha256Digest, items: usize) -> InputFile {
    InputFile {
        name: input.name.clone(),
        kind,
        sha256,
        items: items as u64,
    }
}
