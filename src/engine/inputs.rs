//! The small inputs of a scan, read whole: change records, people, activity, rules.

use std::io::Read;

use crate::decide::rules::RuleSet;
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::json::StreamError;
use crate::ingest::source::Source;
use crate::ingest::{changes, cloudtrail, identity};
use crate::model::{Activity, ChangeRecord, IdentityMap};
use crate::ports::{Estate, EvidenceError, InputError, InputRef};

/// Why a scan could not do its job. Nothing was recorded then.
#[derive(Debug)]
pub enum Failure {
    /// Every input that could not be used.
    Inputs(Vec<InputError>),
    Evidence(EvidenceError),
    /// Something that a release should not have let through.
    Internal(String),
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Self {
        Self::Evidence(error)
    }
}

/// The largest file that is read whole, in bytes.
const MAX_WHOLE: u64 = 512 << 20;

#[derive(Default)]
pub struct SmallInputs {
    pub changes: Vec<ChangeRecord>,
    pub people: Option<IdentityMap>,
    pub activities: Vec<Activity>,
    pub rules: Option<RuleSet>,
    pub files: Vec<InputFile>,
    pub warnings: Vec<String>,
}

impl SmallInputs {
    /// Reads everything, and names everything that is wrong at once.
    pub fn read(estate: &dyn Estate) -> Result<Self, Vec<InputError>> {
        let mut inputs = Self::default();
        let mut errors = Vec::new();
        inputs
            .read_rules(estate)
            .unwrap_or_else(|found| errors.extend(found));
        inputs
            .read_changes(estate)
            .unwrap_or_else(|found| errors.extend(found));
        inputs
            .read_people(estate)
            .unwrap_or_else(|found| errors.push(found));
        inputs
            .read_activity(estate)
            .unwrap_or_else(|found| errors.extend(found));
        if errors.is_empty() {
            Ok(inputs)
        } else {
            Err(errors)
        }
    }

    /// Reads what plans are judged by, and no more.
    pub fn for_plans(estate: &dyn Estate) -> Result<Self, Vec<InputError>> {
        let mut inputs = Self::default();
        inputs.read_changes(estate)?;
        inputs.read_people(estate).map_err(|error| vec![error])?;
        Ok(inputs)
    }

    fn read_rules(&mut self, estate: &dyn Estate) -> Result<(), Vec<InputError>> {
        let rules = match estate.rules()? {
            Some(files) => RuleSet::parse(&files),
            None => RuleSet::shipped(),
        };
        let rules = rules.map_err(|errors| {
            let all = errors.iter().map(|error| InputError {
                what: error.to_string(),
                help: error.help.clone(),
            });
            all.collect::<Vec<_>>()
        })?;
        self.rules = Some(rules);
        Ok(())
    }

    fn read_changes(&mut self, estate: &dyn Estate) -> Result<(), Vec<InputError>> {
        let mut errors = Vec::new();
        for input in estate.changes()? {
            let read = self
                .whole(estate, &input, InputKind::Change)
                .and_then(|bytes| {
                    changes::parse(&input.name, &bytes).map_err(|error| InputError {
                        what: error.to_string(),
                        help: error.help().map(str::to_owned),
                    })
                });
            match read {
                Ok(records) => {
                    self.count(records.len());
                    self.changes.extend(records);
                }
                Err(error) => errors.push(error),
            }
        }
        if let Err(error) = changes::check_unique(&self.changes) {
            let help = error.help().map(str::to_owned);
            errors.push(InputError {
                what: error.to_string(),
                help,
            });
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    fn read_people(&mut self, estate: &dyn Estate) -> Result<(), InputError> {
        let Some(input) = estate.identity() else {
            return Ok(());
        };
        let bytes = self.whole(estate, &input, InputKind::Identity)?;
        let people = identity::parse(&input.name, &bytes).map_err(|error| InputError {
            what: error.to_string(),
            help: error.help().map(str::to_owned),
        })?;
        self.count(people.people().len());
        self.people = Some(people);
        Ok(())
    }

    fn read_activity(&mut self, estate: &dyn Estate) -> Result<(), Vec<InputError>> {
        let mut errors = Vec::new();
        for input in estate.activity()? {
            let read = self
                .whole(estate, &input, InputKind::Activity)
                .and_then(|bytes| {
                    cloudtrail::parse(&input.name, &bytes).map_err(|error| InputError {
                        what: error.to_string(),
                        help: Some(error.help().to_owned()),
                    })
                });
            match read {
                Ok((activities, problems)) => {
                    self.count(activities.len());
                    self.activities.extend(activities);
                    self.warnings
                        .extend(problems.iter().map(ToString::to_string));
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    fn count(&mut self, items: usize) {
        if let Some(file) = self.files.last_mut() {
            file.items = items as u64;
        }
    }

    fn whole(
        &mut self,
        estate: &dyn Estate,
        input: &InputRef,
        kind: InputKind,
    ) -> Result<Vec<u8>, InputError> {
        let (bytes, file) = whole(estate, input, kind)?;
        self.files.push(file);
        Ok(bytes)
    }
}

/// Reads one input whole.
pub fn whole(
    estate: &dyn Estate,
    input: &InputRef,
    kind: InputKind,
) -> Result<(Vec<u8>, InputFile), InputError> {
    let mut source = Source::new(&input.name, estate.open(input)?);
    let mut bytes = Vec::new();
    let read = source.by_ref().take(MAX_WHOLE + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(input, StreamError::Read(error)))?;
    if bytes.len() as u64 > MAX_WHOLE {
        return Err(InputError {
            what: format!("`{}` holds more than {} MiB", input.name, MAX_WHOLE >> 20),
            help: Some("is it the file that you mean? If so, split it".to_owned()),
        });
    }
    let finished = source.finish();
    let (sha256, _) = finished.map_err(|error| unreadable(input, StreamError::Read(error)))?;
    Ok((
        bytes,
        InputFile {
            name: input.name.clone(),
            kind,
            sha256,
            items: 0,
        },
    ))
}

/// What a reader found wrong, with the name of the file.
pub fn unreadable(input: &InputRef, error: StreamError) -> InputError {
    let help = error.help().unwrap_or(
        "write or fetch the file again; a file that is none of yours does not belong where the \
         configuration looks",
    );
    InputError {
        what: format!("`{}`: {error}", input.name),
        help: Some(help.to_owned()),
    }
}
