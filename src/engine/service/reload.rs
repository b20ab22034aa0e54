//! What is in force, and how something else comes to be: read, checked, and taken whole or not at
//! all, area by area.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::super::comparing::refuse_double_claims;
use super::super::fixing::FixDesk;
use super::super::inputs::{Failure, SmallInputs};
use super::super::look::known;
use super::super::plans::Reading;
use super::super::progress::Silent;
use super::super::scan::Settings;
use super::carrying::Bounds;
use super::halt::Halt;
use super::held::{self, Area, Content, HeldEstate};
use super::paging::Telling;
use crate::decide::compare::Comparer;
use crate::evidence::ledger::Ledger;
use crate::evidence::record::{InputFile, digest_in_force};
use crate::ingest::redact::Redactor;
use crate::model::Sha256Digest;
use crate::ports::{Estate, EvidenceError, InputError, ReadOnlyEvidence};

/// When the engine does what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub every: SignedDuration,
    pub jitter_percent: u32,
    pub debounce: SignedDuration,
    /// So long an event waits for a newer observation of its resource.
    pub patience: SignedDuration,
}

/// What the detector watches about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfWatch {
    pub live_stale_after: Option<SignedDuration>,
    pub trail_stale_after: Option<SignedDuration>,
    pub evidence_stale_after: SignedDuration,
    /// Nothing heard of a queue for so long.
    pub queue_stale_after: Option<SignedDuration>,
    pub queue_lag_after: SignedDuration,
    pub approved_rules: Option<Sha256Digest>,
}

/// A configuration as it was read, with what it leads to.
#[derive(Clone)]
pub struct Loaded {
    pub file: InputFile,
    pub estate: Arc<dyn Estate + Send + Sync>,
    pub settings: Arc<Settings>,
    pub timing: Timing,
    pub watch: SelfWatch,
    pub telling: Telling,
    pub fixing: Arc<FixDesk>,
    pub outside: Bounds,
}

/// Where the configuration comes from.
pub trait Installation: Send {
    /// Reads it afresh.
    ///
    /// # Errors
    /// The file as far as it could be read, and everything that is wrong with it.
    fn load(&self) -> Result<Loaded, (Option<InputFile>, Vec<InputError>)>;
}

/// What the engine scans by.
#[derive(Clone)]
pub struct InForce {
    pub loaded: Loaded,
    pub estate: HeldEstate,
}

impl InForce {
    /// Over all areas with their files.
    pub fn digest(&self) -> Sha256Digest {
        let configuration = std::slice::from_ref(&self.loaded.file);
        let first = (Area::Configuration.name(), configuration);
        let contents = self.estate.contents.iter();
        let others = contents.map(|(area, content)| (area.name(), &*content.files));
        digest_in_force(std::iter::once(first).chain(others))
    }
}

/// Something that was not taken.
pub struct Refusal {
    pub area: Area,
    pub files: Vec<InputFile>,
    pub problems: Vec<InputError>,
}

/// What became of a reload.
#[derive(Default)]
pub struct Reloaded {
    /// Newly in force, with their files.
    pub accepted: Vec<(Area, Vec<InputFile>)>,
    pub refused: Vec<Refusal>,
}

/// Reads everything for the first time: all of it is good, or the engine does not start. What this
/// version has recorded as in force is not checked again: the first scan reads all of it anyway.
pub fn begin(
    installation: &dyn Installation,
    version: &str,
    ledger: &Ledger,
    halt: &Arc<Halt>,
    now: Timestamp,
) -> Result<(InForce, Reloaded), Vec<InputError>> {
    let loaded = installation.load().map_err(|(_, problems)| problems)?;
    let in_force = written(loaded, halt)?;
    let before = ledger.in_force();
    let before = before.filter(|before| before.version == version);
    if before.is_none_or(|before| before.digest != in_force.digest()) {
        check_plans(&in_force.estate, &in_force.loaded.settings, ledger, now)?;
    }
    let mut accepted = vec![(Area::Configuration, vec![in_force.loaded.file.clone()])];
    let contents = in_force.estate.contents.iter();
    accepted.extend(contents.map(|(area, content)| (area.clone(), content.files.clone())));
    let reloaded = Reloaded {
        accepted,
        refused: Vec::new(),
    };
    Ok((in_force, reloaded))
}

/// Reads everything again, and takes what is other and good.
pub fn again(
    in_force: &mut InForce,
    installation: &dyn Installation,
    ledger: &Ledger,
    halt: &Arc<Halt>,
    now: Timestamp,
) -> Reloaded {
    let mut done = Reloaded::default();
    match installation.load() {
        Err((file, problems)) => done.refused.push(Refusal {
            area: Area::Configuration,
            files: file.into_iter().collect(),
            problems,
        }),
        Ok(loaded) if loaded.file.sha256 == in_force.loaded.file.sha256 => {}
        Ok(loaded) => {
            let file = loaded.file.clone();
            match whole(loaded, ledger, halt, now) {
                Ok(new) => {
                    done.accepted.push((Area::Configuration, vec![file]));
                    *in_force = new;
                    return done;
                }
                Err(problems) => done.refused.push(Refusal {
                    area: Area::Configuration,
                    files: vec![file],
                    problems,
                }),
            }
        }
    }
    areas(in_force, ledger, now, &mut done);
    done
}

/// Everything that a configuration names, all of it good.
fn whole(
    loaded: Loaded,
    ledger: &Ledger,
    halt: &Arc<Halt>,
    now: Timestamp,
) -> Result<InForce, Vec<InputError>> {
    let in_force = written(loaded, halt)?;
    check_plans(&in_force.estate, &in_force.loaded.settings, ledger, now)?;
    Ok(in_force)
}

/// The same, but plans may still be wrong.
fn written(loaded: Loaded, halt: &Arc<Halt>) -> Result<InForce, Vec<InputError>> {
    let mut contents = BTreeMap::new();
    let mut problems = Vec::new();
    for (area, content) in held::read(&*loaded.estate, None)? {
        match content {
            Ok(content) => {
                contents.insert(area, content);
            }
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let fresh = Arc::clone(&loaded.estate);
    let estate = HeldEstate::new(contents, fresh, Arc::clone(halt));
    check_written(&estate)?;
    Ok(InForce { loaded, estate })
}

fn areas(in_force: &mut InForce, ledger: &Ledger, now: Timestamp, done: &mut Reloaded) {
    let fresh = Arc::clone(in_force.estate.fresh());
    let contents = match held::read(&*fresh, Some(&in_force.estate.contents)) {
        Ok(contents) => contents,
        Err(problems) => {
            done.refused.push(Refusal {
                area: Area::Configuration,
                files: Vec::new(),
                problems,
            });
            return;
        }
    };
    let mut plans = Vec::new();
    // A workspace whose files are gone by the configuration's own patterns is no longer approved.
    let gone: Vec<Area> = in_force
        .estate
        .contents
        .keys()
        .filter(|area| !contents.contains_key(area))
        .cloned()
        .collect();
    for area in gone {
        in_force.estate.contents.remove(&area);
        done.accepted.push((area, Vec::new()));
    }
    for (area, content) in contents {
        let content = match content {
            Ok(content) => content,
            Err(problems) => {
                done.refused.push(Refusal {
                    area,
                    files: Vec::new(),
                    problems,
                });
                continue;
            }
        };
        let before = in_force.estate.contents.get(&area);
        if before.is_some_and(|before| before.is_same(&content)) {
            continue;
        }
        let candidate = in_force.estate.with(area.clone(), content.clone());
        let checked = match &area {
            Area::Plans(own) => {
                let alone = candidate.narrowed(&|workspace| workspace == own);
                check_plans(&alone, &in_force.loaded.settings, ledger, now)
            }
            Area::Configuration | Area::Rules | Area::Changes | Area::Identity | Area::Waivers => {
                check_written(&candidate)
            }
        };
        match checked {
            Ok(()) if matches!(area, Area::Plans(_)) => plans.push((area, content)),
            Ok(()) => {
                done.accepted.push((area, content.files));
                in_force.estate = candidate;
            }
            Err(problems) => done.refused.push(Refusal {
                area,
                files: content.files,
                problems,
            }),
        }
    }
    take_plans(in_force, plans, ledger, now, done);
}

/// Plans are good alone; they must be good together, too.
fn take_plans(
    in_force: &mut InForce,
    plans: Vec<(Area, Content)>,
    ledger: &Ledger,
    now: Timestamp,
    done: &mut Reloaded,
) {
    if plans.is_empty() {
        return;
    }
    let mut candidate = in_force.estate.clone();
    for (area, content) in &plans {
        candidate.contents.insert(area.clone(), content.clone());
    }
    match check_plans(&candidate, &in_force.loaded.settings, ledger, now) {
        Ok(()) => {
            in_force.estate = candidate;
            let plans = plans.into_iter();
            done.accepted
                .extend(plans.map(|(area, content)| (area, content.files)));
        }
        Err(problems) => {
            for (area, content) in plans {
                done.refused.push(Refusal {
                    area,
                    files: content.files,
                    problems: problems.clone(),
                });
            }
        }
    }
}

fn check_written(estate: &HeldEstate) -> Result<(), Vec<InputError>> {
    match SmallInputs::written(estate) {
        (_, problems) if problems.is_empty() => Ok(()),
        (_, problems) => Err(problems),
    }
}

fn check_plans(
    estate: &HeldEstate,
    settings: &Settings,
    ledger: &Ledger,
    now: Timestamp,
) -> Result<(), Vec<InputError>> {
    let checked = try_plans(estate, settings, ledger, now);
    checked.map_err(|failure| match failure {
        Failure::Inputs(problems) => problems,
        Failure::Evidence(EvidenceError { what, help }) => vec![InputError { what, help }],
        Failure::Internal(what) => vec![InputError { what, help: None }],
    })
}

fn try_plans(
    estate: &HeldEstate,
    settings: &Settings,
    ledger: &Ledger,
    now: Timestamp,
) -> Result<(), Failure> {
    let (mut inputs, problems) = SmallInputs::written(estate);
    if !problems.is_empty() {
        return Err(Failure::Inputs(problems));
    }
    let (catalogue, schemas) = known(estate, &mut inputs)?;
    let redactor = Redactor::new(&settings.redaction_key);
    let reading = Reading {
        estate,
        catalogue: &catalogue,
        redactor: &redactor,
        schemas: &schemas,
        settings,
        progress: &Silent,
    };
    let plans = reading.read(now, &inputs, &mut ReadOnlyEvidence(ledger))?;
    let comparer = Comparer::new(&catalogue, &plans.approved, &settings.scope, &redactor);
    refuse_double_claims(&comparer)
}
