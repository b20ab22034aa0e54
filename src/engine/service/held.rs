//! What people write, as it was last found good. It is kept in memory, packed, so that a file that is
//! half written or wrong takes nothing out of force; no copy of a plan comes to lie on a disk.

mod estate;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::packed::Packed;
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::source::Source;
use crate::model::{Sha256Digest, WorkspaceName};
use crate::ports::{Estate, InputError, InputRef, Waivers, WorkspaceInput};
pub use estate::HeldEstate;

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
