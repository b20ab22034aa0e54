//! What people write, as it was last found good. It is kept in memory, packed, so that a file that is
//! half written or wrong takes nothing out of force; no copy of a plan comes to lie on a disk.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::cycle::beating;
use super::gathering::Gathered;
use super::halt::{Halt, Halting};
use super::packed::Packed;
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::source::Source;
use crate::model::{Address, ExactLook, Sha256Digest, SourceReport, WorkspaceName};
use crate::ports::{
    Estate, ExactReading, ExactWanted, Freshness, InputError, InputRef, StateRefresh, Waivers,
    WorkspaceInput,
};

/// What is accepted or refused as one: a mistake in one leaves the others to go on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    Configuration,
    Rules,
    Changes,
    Identity,
    Waivers,
    Plans(WorkspaceName),
}

impl Area {
    pub fn name(&self) -> String {
        match self {
            Self::Configuration => "configuration".to_owned(),
            Self::Rules => "rules".to_owned(),
            Self::Changes => "changes".to_owned(),
            Self::Identity => "identity".to_owned(),
            Self::Waivers => "waivers".to_owned(),
            Self::Plans(workspace) => format!("plans {workspace}"),
        }
    }

    /// Whether a message about it may name a person, whom the log does not name.
    pub fn names_people(&self) -> bool {
        match self {
            Self::Changes | Self::Identity | Self::Waivers => true,
            Self::Configuration | Self::Rules | Self::Plans(_) => false,
        }
    }
}

/// The content of one area.
#[derive(Clone, Default)]
pub struct Content {
    workspace: Option<WorkspaceInput>,
    inputs: Vec<InputRef>,
    rules: Option<Vec<(String, String)>>,
    waivers: Waivers,
    packed: BTreeMap<PathBuf, Arc<Packed>>,
    /// Every file with its digest; by these, contents are compared.
    pub files: Vec<InputFile>,
    assumed: bool,
}

impl Content {
    pub fn is_same(&self, other: &Self) -> bool {
        self.files == other.files
            && self.assumed == other.assumed
            && self.inputs == other.inputs
            && self.rules.is_some() == other.rules.is_some()
    }

    fn take(
        &mut self,
        reading: &Reading<'_>,
        input: &InputRef,
        kind: InputKind,
    ) -> Result<(), InputError> {
        if self.packed.contains_key(&input.path) {
            return Ok(());
        }
        let packed = reading.packed(input)?;
        self.files.push(InputFile {
            name: input.name.clone(),
            kind,
            sha256: packed.sha256,
            items: 0,
        });
        self.packed.insert(input.path.clone(), packed);
        Ok(())
    }
}

/// What is read, and what was read before: the same bytes are not packed again.
struct Reading<'r> {
    estate: &'r dyn Estate,
    before: Option<&'r BTreeMap<Area, Content>>,
}

impl Reading<'_> {
    fn packed(&self, input: &InputRef) -> Result<Arc<Packed>, InputError> {
        let lost = |error: std::io::Error| InputError {
            what: format!("`{}` cannot be read: {}", input.name, error.kind()),
            help: None,
        };
        let mut contents = self.before.into_iter().flat_map(BTreeMap::values);
        let known = contents.find_map(|content| content.packed.get(&input.path));
        if let Some(known) = known {
            let read = Source::new("", self.estate.open(input)?).finish();
            if read.map_err(lost)?.0 == known.sha256 {
                return Ok(Arc::clone(known));
            }
        }
        let packed = Packed::read(self.estate.open(input)?);
        Ok(Arc::new(packed.map_err(lost)?))
    }
}

/// The content of every area, or why it cannot be had.
pub type Contents = BTreeMap<Area, Result<Content, Vec<InputError>>>;

/// Reads every area afresh. `before` is what was read the last time.
pub fn read(
    estate: &dyn Estate,
    before: Option<&BTreeMap<Area, Content>>,
) -> Result<Contents, Vec<InputError>> {
    let reading = Reading { estate, before };
    let mut contents = Contents::new();
    contents.insert(Area::Rules, rules(estate));
    contents.insert(Area::Changes, changes(&reading));
    contents.insert(Area::Identity, identity(&reading));
    contents.insert(Area::Waivers, waivers(estate));
    for workspace in estate.workspaces()? {
        let area = Area::Plans(workspace.name.clone());
        let content = plans(&reading, workspace).map_err(|error| vec![error]);
        contents.insert(area, content);
    }
    Ok(contents)
}

fn rules(estate: &dyn Estate) -> Result<Content, Vec<InputError>> {
    let rules = estate.rules()?;
    let files = rules.iter().flatten();
    let files = files.map(|(name, text)| text_file(name, text, InputKind::Rules));
    Ok(Content {
        files: files.collect(),
        rules,
        ..Content::default()
    })
}

fn changes(reading: &Reading<'_>) -> Result<Content, Vec<InputError>> {
    let mut content = Content {
        inputs: reading.estate.changes()?,
        ..Content::default()
    };
    let mut errors = Vec::new();
    for input in content.inputs.clone() {
        let taken = content.take(reading, &input, InputKind::Change);
        errors.extend(taken.err());
    }
    match errors.is_empty() {
        true => Ok(content),
        false => Err(errors),
    }
}

fn identity(reading: &Reading<'_>) -> Result<Content, Vec<InputError>> {
    let mut content = Content::default();
    if let Some(input) = reading.estate.identity() {
        let taken = content.take(reading, &input, InputKind::Identity);
        taken.map_err(|error| vec![error])?;
        content.inputs.push(input);
    }
    Ok(content)
}

fn waivers(estate: &dyn Estate) -> Result<Content, Vec<InputError>> {
    let waivers = estate.waivers()?;
    Ok(Content {
        files: waivers.files.clone(),
        waivers,
        ..Content::default()
    })
}

fn plans(reading: &Reading<'_>, workspace: WorkspaceInput) -> Result<Content, InputError> {
    let mut content = Content {
        assumed: workspace.assumed,
        ..Content::default()
    };
    for plan in &workspace.plans {
        content.take(reading, plan, InputKind::Plan)?;
    }
    if let Some(state) = &workspace.state {
        content.take(reading, state, InputKind::State)?;
    }
    if let Some(schema) = &workspace.schema {
        content.take(reading, schema, InputKind::Schema)?;
    }
    let source = workspace.source.iter();
    let source = source.map(|(name, text)| text_file(name, text, InputKind::Source));
    content.files.extend(source);
    content.workspace = Some(workspace);
    Ok(content)
}

fn text_file(name: &str, text: &str, kind: InputKind) -> InputFile {
    InputFile {
        name: name.to_owned(),
        kind,
        sha256: Sha256Digest::of(text.as_bytes()),
        items: 0,
    }
}

/// An estate of which everything that people write is held, and what machines write is read where it
/// lies.
#[derive(Clone)]
pub struct HeldEstate {
    pub contents: BTreeMap<Area, Content>,
    fresh: Arc<dyn Estate + Send + Sync>,
    /// What sources gave before, beside the engine's other work.
    gathered: Option<Arc<Gathered>>,
    halt: Arc<Halt>,
}

impl HeldEstate {
    pub fn new(
        contents: BTreeMap<Area, Content>,
        fresh: Arc<dyn Estate + Send + Sync>,
        halt: Arc<Halt>,
    ) -> Self {
        Self {
            contents,
            fresh,
            gathered: None,
            halt,
        }
    }

    /// With what was gathered, in place of asking again.
    #[must_use]
    pub fn having(&self, gathered: Gathered) -> Self {
        Self {
            gathered: Some(Arc::new(gathered)),
            ..self.clone()
        }
    }

    /// The same, but for one area.
    #[must_use]
    pub fn with(&self, area: Area, content: Content) -> Self {
        let mut other = self.clone();
        other.contents.insert(area, content);
        other
    }

    /// Only the plans of these workspaces.
    #[must_use]
    pub fn narrowed(&self, keep: &dyn Fn(&WorkspaceName) -> bool) -> Self {
        let mut other = self.clone();
        other.contents.retain(|area, _| match area {
            Area::Plans(workspace) => keep(workspace),
            Area::Configuration | Area::Rules | Area::Changes | Area::Identity | Area::Waivers => {
                true
            }
        });
        other
    }

    /// What is not held, as it lies there now.
    pub fn fresh(&self) -> &Arc<dyn Estate + Send + Sync> {
        &self.fresh
    }
}

impl Estate for HeldEstate {
    fn workspaces(&self) -> Result<Vec<WorkspaceInput>, Vec<InputError>> {
        let contents = self.contents.values();
        Ok(contents
            .filter_map(|content| content.workspace.clone())
            .collect())
    }

    fn live(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        self.fresh.live()
    }

    fn asked(&self, types: &[&str]) -> Vec<InputRef> {
        match &self.gathered {
            Some(gathered) => gathered.parts(),
            None => self.fresh.asked(types),
        }
    }

    fn asked_since(&self) -> Option<Timestamp> {
        self.gathered.as_ref().map(|gathered| gathered.began)
    }

    fn reports(&self) -> Vec<SourceReport> {
        match &self.gathered {
            Some(gathered) => gathered.reports.clone(),
            None => self.fresh.reports(),
        }
    }

    fn refreshes(&self) -> Vec<Arc<dyn StateRefresh>> {
        match &self.gathered {
            Some(gathered) => gathered.refreshes(),
            None => self.fresh.refreshes(),
        }
    }

    fn is_stopped(&self) -> bool {
        self.halt.is_stopped_at_work()
    }

    fn changes(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        let changes = self.contents.get(&Area::Changes);
        Ok(changes.map_or_else(Vec::new, |content| content.inputs.clone()))
    }

    fn activity(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        self.fresh.activity()
    }

    fn identity(&self) -> Option<InputRef> {
        let identity = self.contents.get(&Area::Identity)?;
        identity.inputs.first().cloned()
    }

    fn rules(&self) -> Result<Option<Vec<(String, String)>>, Vec<InputError>> {
        let rules = self.contents.get(&Area::Rules);
        Ok(rules.and_then(|content| content.rules.clone()))
    }

    fn waivers(&self) -> Result<Waivers, Vec<InputError>> {
        let waivers = self.contents.get(&Area::Waivers);
        Ok(waivers.map_or_else(Waivers::default, |content| content.waivers.clone()))
    }

    fn exact(&self) -> Option<&dyn ExactReading> {
        self.fresh.exact().map(|_| self as &dyn ExactReading)
    }

    fn freshness(&self) -> Vec<Freshness> {
        self.fresh.freshness()
    }

    fn open(&self, input: &InputRef) -> Result<Box<dyn Read + Send>, InputError> {
        let mut contents = self.contents.values();
        let packed = contents.find_map(|content| content.packed.get(&input.path));
        let gathered = || self.gathered.as_ref()?.part(input);
        let inner = match packed.or_else(gathered) {
            Some(packed) => Packed::open(packed),
            None => self.fresh.open(input)?,
        };
        Ok(Box::new(Halting::new(inner, Arc::clone(&self.halt))))
    }
}

/// Until the engine is to stop.
impl ExactReading for HeldEstate {
    fn looks_at(&self, workspace: &WorkspaceName) -> bool {
        let inner = self.fresh.exact();
        inner.is_some_and(|inner| inner.looks_at(workspace))
    }

    fn look(
        &self,
        wanted: ExactWanted<'_>,
        goes_on: &dyn Fn() -> bool,
    ) -> BTreeMap<Address, ExactLook> {
        let goes_on = || !self.halt.is_stopped() && goes_on();
        let inner = self.fresh.exact();
        // A provider may take its time, and tells nobody.
        let look = |inner: &dyn ExactReading| beating(&self.halt, || inner.look(wanted, &goes_on));
        inner.map_or_else(BTreeMap::new, look)
    }
}
