//! The estate that the engine scans: what people write as it is held, what machines write as it lies there.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::cycle::beating;
use super::super::gathering::Gathered;
use super::super::halt::{Halt, Halting};
use super::super::packed::Packed;
use super::{Area, Content};
use crate::model::{Address, ExactLook, SourceReport, WorkspaceName};
use crate::ports::{
    Estate, ExactReading, ExactWanted, Freshness, InputError, InputRef, StateRefresh, Waivers,
    WorkspaceInput,
};

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
