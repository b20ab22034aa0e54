//! The estate as a configuration names it: files and folders.

use std::borrow::Borrow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::files::{
    FileError, FileErrors, change_files, collect_rules, collect_terraform_source, collect_waivers,
    expand, open, workspaces,
};
use crate::config::{Config, parse_waivers};
use crate::evidence::record::{InputFile, InputKind};
use crate::model::{Sha256Digest, SourceReport};
use crate::ports::{
    Estate, ExactReading, Freshness, InputError, InputRef, LiveSource, StateRefresh, Waivers,
    WorkspaceInput,
};

/// Over a configuration that is lent or shared.
pub struct FileEstate<C> {
    config: C,
    /// Sources that are asked, beside the files.
    sources: Vec<Arc<dyn LiveSource>>,
    refreshes: Vec<Arc<dyn StateRefresh>>,
    exact: Option<Arc<dyn ExactReading>>,
}

impl<C: Borrow<Config> + Sync> FileEstate<C> {
    pub fn new(config: C) -> Self {
        Self {
            config,
            sources: Vec::new(),
            refreshes: Vec::new(),
            exact: None,
        }
    }

    /// With these sources beside the files.
    #[must_use]
    pub fn with_sources(self, sources: Vec<Arc<dyn LiveSource>>) -> Self {
        Self { sources, ..self }
    }

    /// With these workspaces refreshed, too.
    #[must_use]
    pub fn with_refreshes(self, refreshes: Vec<Arc<dyn StateRefresh>>) -> Self {
        Self { refreshes, ..self }
    }

    /// With exact looks at the workspaces that have them.
    #[must_use]
    pub fn with_exact(self, exact: Option<Arc<dyn ExactReading>>) -> Self {
        Self { exact, ..self }
    }

    fn config(&self) -> &Config {
        self.config.borrow()
    }

    /// Paths below the configuration are named relative to it, so that two checkouts give the same
    /// evidence.
    fn input(&self, path: PathBuf) -> InputRef {
        let name = path.strip_prefix(&self.config().base_dir).unwrap_or(&path);
        InputRef {
            name: name.display().to_string(),
            path: path.clone(),
            source: None,
        }
    }

    fn inputs(&self, paths: Vec<PathBuf>) -> Vec<InputRef> {
        paths.into_iter().map(|path| self.input(path)).collect()
    }

    fn source(&self, dir: &Path) -> Result<Vec<(String, String)>, Vec<InputError>> {
        collect_terraform_source(dir).map_err(errors)
    }
}

impl<C: Borrow<Config> + Sync> Estate for FileEstate<C> {
    fn workspaces(&self) -> Result<Vec<WorkspaceInput>, Vec<InputError>> {
        let mut found = Vec::new();
        let mut wrong = Vec::new();
        for files in workspaces(self.config()).map_err(errors)? {
            let source = match files
                .source
                .as_deref()
                .map(|dir| self.source(dir))
                .transpose()
            {
                Ok(source) => source.unwrap_or_default(),
                Err(errors) => {
                    wrong.extend(errors);
                    continue;
                }
            };
            found.push(WorkspaceInput {
                name: files.name,
                plans: self.inputs(files.plans),
                state: files.state.map(|path| self.input(path)),
                schema: files.schema.map(|path| self.input(path)),
                source,
                source_dir: files
                    .source
                    .map_or_else(String::new, |dir| self.input(dir).name),
                assumed: files.assumed,
            });
        }
        if wrong.is_empty() {
            Ok(found)
        } else {
            Err(wrong)
        }
    }

    fn exact(&self) -> Option<&dyn ExactReading> {
        self.exact.as_deref()
    }

    fn live(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        let patterns: Vec<&String> = self
            .config()
            .live
            .iter()
            .flat_map(|live| &live.files)
            .collect();
        let paths = expand(&patterns, &self.config().base_dir).map_err(errors)?;
        Ok(self.inputs(paths))
    }

    fn asks(&self) -> bool {
        !self.sources.is_empty() || !self.refreshes.is_empty()
    }

    fn asked(&self, types: &[&str]) -> Vec<InputRef> {
        let parts = self.sources.iter().flat_map(|source| {
            let parts = source.begin(types).into_iter();
            parts.map(|name| InputRef {
                path: PathBuf::new(),
                name,
                source: Some(source.name().to_owned()),
            })
        });
        parts.collect()
    }

    fn reports(&self) -> Vec<SourceReport> {
        self.sources.iter().map(|source| source.report()).collect()
    }

    fn refreshes(&self) -> Vec<Arc<dyn StateRefresh>> {
        self.refreshes.clone()
    }

    fn changes(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        match &self.config().changes {
            None => Ok(Vec::new()),
            Some(changes) => change_files(&self.config().resolve(&changes.dir))
                .map(|paths| self.inputs(paths))
                .map_err(|error| vec![input_error(&error)]),
        }
    }

    fn activity(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        let patterns: Vec<&String> = self
            .config()
            .activity
            .iter()
            .flat_map(|activity| &activity.files)
            .collect();
        let paths = expand(&patterns, &self.config().base_dir).map_err(errors)?;
        Ok(self.inputs(paths))
    }

    fn identity(&self) -> Option<InputRef> {
        let identity = self.config().identity.as_ref()?;
        Some(self.input(self.config().resolve(&identity.file)))
    }

    fn rules(&self) -> Result<Option<Vec<(String, String)>>, Vec<InputError>> {
        let rules = self.config().rules.as_ref();
        rules
            .map(|rules| collect_rules(&rules.dirs, &self.config().base_dir))
            .transpose()
            .map_err(errors)
    }

    fn waivers(&self) -> Result<Waivers, Vec<InputError>> {
        let Some(waivers) = &self.config().waivers else {
            return Ok(Waivers::default());
        };
        let files = collect_waivers(&waivers.dir, &self.config().base_dir).map_err(errors)?;
        let (mut found, mut wrong) = (Waivers::default(), Vec::new());
        for (name, text) in files {
            match parse_waivers(&name, &text) {
                Ok(waivers) => {
                    found.files.push(InputFile {
                        name,
                        kind: InputKind::Waivers,
                        sha256: Sha256Digest::of(text.as_bytes()),
                        items: waivers.len() as u64,
                    });
                    found.waivers.extend(waivers);
                }
                Err(errors) => wrong.extend(errors.errors.iter().map(|error| InputError {
                    what: error.to_string(),
                    help: error.help.clone(),
                })),
            }
        }
        match wrong.is_empty() {
            true => Ok(found),
            false => Err(wrong),
        }
    }

    fn freshness(&self) -> Vec<Freshness> {
        let config = self.config();
        let live = config.live.iter();
        let live = live.map(|live| (false, &live.name, &live.files));
        let trails = config.activity.iter();
        let trails = trails.map(|trail| (true, &trail.name, &trail.files));
        let sources = live.chain(trails);
        let files = sources.map(|(is_trail, name, patterns)| Freshness {
            is_trail,
            source: name.clone(),
            newest: newest(expand(patterns, &config.base_dir).unwrap_or_default()),
        });
        let asked = self.sources.iter().map(|source| Freshness {
            is_trail: false,
            source: source.name().to_owned(),
            newest: source.newest(),
        });
        files.chain(asked).collect()
    }

    fn open(&self, input: &InputRef) -> Result<Box<dyn Read + Send>, InputError> {
        if let Some(name) = &input.source {
            let source = self.sources.iter().find(|own| own.name() == name);
            return match source {
                Some(source) => source.open(&input.name),
                None => Err(InputError {
                    what: format!("`{}` is of no source that is configured", input.name),
                    help: None,
                }),
            };
        }
        match open(&input.path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(input_error(&error)),
        }
    }
}

/// When the newest of the files was written.
fn newest(files: Vec<PathBuf>) -> Option<Timestamp> {
    let times = files.into_iter().filter_map(|file| {
        let written = std::fs::metadata(file).and_then(|found| found.modified());
        Timestamp::try_from(written.ok()?).ok()
    });
    times.max()
}

fn errors(errors: FileErrors) -> Vec<InputError> {
    errors.0.iter().map(input_error).collect()
}

fn input_error(error: &FileError) -> InputError {
    InputError {
        what: error.to_string(),
        help: error.help(),
    }
}
