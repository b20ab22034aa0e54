//! What refreshing a workspace tells of its approved resources, beside what live items tell.
//!
//! The two stand side by side: an item may be older and show what Terraform does not know, a refresh
//! is of now and shows what no item carries. That a resource is there or gone is as the refresh has
//! it; a difference that either shows stands.

mod attributes;
mod beside;
mod echoes;
mod join;
mod moved;
mod named;
mod readings;
mod same;
mod sight;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::beside::Children;
pub(super) use self::join::Known;
pub use self::named::{NamedSays, NamedSight};
pub use self::sight::RefreshSight;
use super::{Comparer, Fate, Findings, Found};
use crate::decide::baseline::{Approved, ApprovedResource};
use crate::ingest::plan::{Drift, Refresh, RefreshedResource, Values};
use crate::ingest::state::StateHead;
use crate::model::{AttributePath, Gap, GapReason, Sha256Digest, WhyNotRead, WorkspaceName};
use crate::normalise::Tier;
use crate::normalise::catalogue::ResourceIx;
use crate::normalise::table::Member;

/// What a refresh of one workspace gave.
pub struct RefreshSeen<'r> {
    /// The user's name for the source.
    pub source: &'r str,
    pub workspace: &'r WorkspaceName,
    pub refresh: &'r Refresh,
    /// What plans approve of resources that no reviewed table knows, by address, as far as known.
    pub approved: &'r BTreeMap<Box<str>, Values>,
    /// Those of them that their plan made, where the state is the one from after its apply: no plan
    /// could show yet how the provider reads back what it leaves open.
    pub left_open: &'r BTreeSet<Box<str>>,
    /// Whether anybody but the provider sets an attribute of a type; `None` where no schema tells.
    pub is_settable: &'r dyn Fn(&str, &[&str]) -> Option<bool>,
    pub now: Timestamp,
}

/// Resources whose approved values are wanted, by the plan that has them.
pub type WantedValues = BTreeMap<Sha256Digest, BTreeSet<Box<str>>>;

/// What refreshes told, as far as it is about approved resources.
#[derive(Debug, Default)]
pub(super) struct Told {
    resources: BTreeMap<u32, Presence>,
    differences: Vec<Found>,
    unclear: Vec<Unclear>,
    /// Rows that were compared with a result.
    compared: BTreeSet<(u32, usize)>,
    /// What became of other rows, and of attributes of types without any, where that was asked.
    fates: Vec<(u32, usize, Fate)>,
    named: Vec<(u32, Box<str>, Fate)>,
    /// Why nothing is told of the resources of a workspace, by its number.
    lost: BTreeMap<u32, String>,
    sources: BTreeMap<u32, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    There,
    Gone,
    /// The state that was refreshed does not hold it.
    NotHeld,
}

/// An attribute of which a refresh does not tell whether it is as approved.
#[derive(Debug)]
struct Unclear {
    resource: u32,
    attribute: AttributePath,
    why: String,
}

impl Told {
    /// What became of rows that a refresh shows.
    pub(super) fn fates(&self) -> impl Iterator<Item = (u32, usize, Fate)> + '_ {
        let compared = self.compared.iter();
        let compared = compared.map(|(number, slot)| (*number, *slot, Fate::Equal));
        compared.chain(self.fates.iter().copied())
    }

    /// The same of attributes, by name, of types without reviewed rows.
    pub(super) fn named(&self) -> impl Iterator<Item = (u32, &str, Fate)> {
        let named = self.named.iter();
        named.map(|(number, name, fate)| (*number, &**name, *fate))
    }

    pub(super) fn take_differences(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.differences)
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.resources.extend(other.resources);
        self.differences.extend(other.differences);
        self.unclear.extend(other.unclear);
        self.compared.extend(other.compared);
        self.fates.extend(other.fates);
        self.named.extend(other.named);
        self.lost.extend(other.lost);
        self.sources.extend(other.sources);
    }
}

/// Whether the state that was refreshed is the one that is given for the workspace, or a later one.
///
/// # Errors
/// Why not, in words.
pub fn is_same_state(
    workspace: &WorkspaceName,
    given: &StateHead,
    refreshed: &StateHead,
) -> Result<(), String> {
    if let (Some(given), Some(own)) = (&given.lineage, &refreshed.lineage)
        && given != own
    {
        return Err(format!(
            "its state has the lineage `{own}`, and the one that is given for `{workspace}` has \
             `{given}`: the folder is of another workspace"
        ));
    }
    match (given.serial, refreshed.serial) {
        (Some(given), Some(own)) if own < given => Err(format!(
            "its state has the serial {own}, and the one that is given for `{workspace}` already \
             {given}: the folder sees an older state"
        )),
        _ => Ok(()),
    }
}

impl Comparer<'_> {
    /// The resources of a workspace of which only a plan tells what is approved.
    pub fn wanted_values(&self, workspace: &WorkspaceName) -> WantedValues {
        let mut wanted = WantedValues::new();
        for (_, resource) in self.of_workspace(workspace) {
            if let (None, Some(plan)) = (self.reviewed(resource), self.approved.plan_of(resource)) {
                let own = wanted.entry(plan).or_default();
                own.insert(resource.address.clone());
            }
        }
        wanted
    }

    /// Takes in what a refresh gave.
    ///
    /// # Errors
    /// Why it is not of this workspace; then nothing is taken in.
    pub fn refreshed(&self, seen: &RefreshSeen<'_>, findings: &mut Findings) -> Result<(), String> {
        let RefreshSeen {
            source,
            workspace,
            refresh,
            ..
        } = *seen;
        let (looking, own) = self.looking(seen, findings.watch.is_some());
        let mut told = Told::default();
        let mut is_known = false;
        for (number, resource) in &own {
            let (presence, address, there) = looking.presence(resource);
            is_known |= presence != Presence::NotHeld;
            told.resources.insert(*number, presence);
            if let (Presence::There, Some(there)) = (presence, there) {
                looking.attributes((*number, resource), (address, there), &mut told);
            }
        }
        let held = refresh.resources.len() + refresh.drift.len();
        if !is_known && held > 0 && !own.is_empty() {
            return Err(format!(
                "nothing in its state is in the plans of `{workspace}`: the folder is of another \
                 workspace"
            ));
        }
        if let Some(number) = number_of(self.approved, workspace) {
            told.sources.insert(number, source.to_owned());
        }
        findings.refreshed.absorb(told);
        Ok(())
    }

    /// A look, and the resources that it is about.
    fn looking<'l>(
        &'l self,
        seen: &'l RefreshSeen<'l>,
        watches: bool,
    ) -> (Looking<'l>, Vec<(u32, &'l ApprovedResource)>) {
        let own: Vec<_> = self.of_workspace(seen.workspace).collect();
        let apart = own.iter().filter_map(|(number, resource)| {
            Some((self.prepared.index.parent(*number), resource.resource?))
        });
        let looking = Looking {
            comparer: self,
            seen,
            apart: apart.collect(),
            children: self.children(),
            watches,
        };
        (looking, own)
    }

    /// A refresh gave nothing: that is a gap of the workspace, and says nothing of its resources.
    pub fn not_refreshed(
        &self,
        (source, workspace): (&str, &WorkspaceName),
        (why, detail): (WhyNotRead, &str),
        findings: &mut Findings,
    ) {
        let told = format!("`{source}` tells nothing of `{workspace}`: {detail}");
        if let Some(number) = number_of(self.approved, workspace) {
            findings.refreshed.lost.insert(number, told.clone());
        }
        findings.gaps.push(Gap {
            workspace: Some(workspace.clone()),
            address: None,
            attribute: None,
            type_name: None,
            account: None,
            region: None,
            reason: reason(why),
            detail: told,
        });
    }

    fn children(&self) -> Children {
        let mut children = Children::new();
        for (number, resource) in (0u32..).zip(&self.approved.resources) {
            let table = resource.resource.and_then(|at| self.catalogue.resource(at));
            if table.is_some_and(|table| !matches!(table.table.member, Member::Whole)) {
                let parent = self.prepared.index.parent(number);
                children.entry(parent).or_default().push(number);
            }
        }
        children
    }

    fn of_workspace(
        &self,
        workspace: &WorkspaceName,
    ) -> impl Iterator<Item = (u32, &ApprovedResource)> {
        let number = number_of(self.approved, workspace);
        let all = (0u32..).zip(&self.approved.resources);
        all.filter(move |(_, own)| Some(own.workspace) == number && own.unapproved().is_none())
    }

    /// The reviewed table of a resource.
    pub(super) fn reviewed(&self, resource: &ApprovedResource) -> Option<ResourceIx> {
        let at = resource.resource?;
        let table = self.catalogue.resource(at)?;
        (table.table.tier == Tier::Reviewed).then_some(at)
    }
}

/// A look at the resources of one workspace.
struct Looking<'l> {
    comparer: &'l Comparer<'l>,
    seen: &'l RefreshSeen<'l>,
    /// Types of what the workspace approves, with what each lies within, as far as that is known.
    apart: BTreeSet<(Option<u32>, ResourceIx)>,
    children: Children,
    /// Whether to keep what became of each attribute.
    watches: bool,
}

impl<'l> Looking<'l> {
    /// Whether a resource is there, under which address, and what is there.
    fn presence<'r>(
        &self,
        resource: &'r ApprovedResource,
    ) -> (Presence, &'r str, Option<&'l RefreshedResource>)
    where
        'l: 'r,
    {
        let refresh = self.seen.refresh;
        let address = refresh.address(&resource.address);
        let drift = refresh.drift.get(address);
        let there = refresh.resources.get(address);
        let presence = match (there, drift) {
            (_, Some(Drift::Gone)) => Presence::Gone,
            (Some(_), Some(Drift::Changed(_)) | None) => Presence::There,
            (None, Some(Drift::Changed(_)) | None) => Presence::NotHeld,
        };
        (presence, address, there)
    }
}

fn number_of(approved: &Approved, workspace: &WorkspaceName) -> Option<u32> {
    let at = approved
        .workspaces
        .iter()
        .position(|own| own == workspace)?;
    u32::try_from(at).ok()
}

fn reason(why: WhyNotRead) -> GapReason {
    super::not_read::reason(why)
}
