//! One finding, or one attribute, taken apart: a look, then the live items once more for those that
//! tell about the resource.

mod question;

use std::cmp::Reverse;

use jiff::Timestamp;

use self::question::{find, finding, of_attribute, of_resource};
use super::inputs::{Failure, unreadable};
use super::live;
use super::look::{Look, Looking};
use super::parallel;
use super::progress::{Progress, Step};
use super::refreshing::is_settable;
use super::scan::Settings;
use super::schemas::Origin;
use crate::decide::compare::{Comparer, Sight};
use crate::decide::explain::{Declared, Explaining, rows_of};
use crate::ingest::config_item;
use crate::ingest::schema::word;
use crate::ingest::source::Source;
use crate::model::{
    Address, AttributePath, Explanation, Gap, Judged, PlanUsed, RecordedFinding, RowUsed,
    Sha256Digest, TypeName, WorkspaceName,
};
use crate::ports::{Estate, EvidenceSink, InputError, InputRef, WorkspaceInput};

/// What is to be explained.
#[derive(Clone, Debug)]
pub enum Question {
    /// The beginning of a finding's key or of a deviation's id; or the address of an approved resource with
    /// one finding.
    Finding(String),
    Attribute {
        workspace: Option<WorkspaceName>,
        address: Address,
        attribute: AttributePath,
    },
}

/// The answer. At least one of the three is there.
pub struct Answer {
    /// Deviations that the inputs show now: of the finding, or of the attribute.
    pub judged: Vec<Judged>,
    /// What the log knows of the finding.
    pub recorded: Option<RecordedFinding>,
    /// How the resource and the attribute stand now; `None` where nothing approved is concerned.
    pub explanation: Option<Explanation>,
}

/// Explains, and records nothing. `recorded` are the findings that the log knows.
///
/// # Errors
/// As a scan; a question that names nothing, or more than one thing.
pub fn explain(
    estate: &dyn Estate,
    evidence: &mut dyn EvidenceSink,
    settings: &Settings,
    recorded: Vec<RecordedFinding>,
    question: &Question,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> Result<Answer, Failure> {
    let named = match question {
        Question::Finding(named) => Address::from(named.as_str()),
        Question::Attribute { address, .. } => address.clone(),
    };
    let looking = Looking {
        estate,
        settings,
        progress,
        watches: false,
        sweep: None,
        asked: Some(&named),
        heard: None,
    };
    let mut look = looking.look(evidence, clock())?;
    let judged = std::mem::take(&mut look.assessment.deviations);
    let asked = match question {
        Question::Finding(key) => match find(&look, None, &named)[..] {
            [] => finding(key, judged, recorded)?,
            ref found => of_resource(&look, found, &named, judged, recorded)?,
        },
        Question::Attribute {
            workspace,
            address,
            attribute,
        } => of_attribute(&look, workspace.as_ref(), address, attribute, judged)?,
    };
    let explanation = match asked.number {
        Some(number) => {
            let attribute = asked.attribute.as_ref();
            Some(take_apart(&looking, &look, number, attribute)?)
        }
        None => {
            let subject = asked.subject();
            let number = subject.and_then(|(workspace, address, _)| {
                find(&look, Some(&workspace), &address).first().copied()
            });
            let attribute = asked.subject().and_then(|(.., attribute)| attribute);
            number
                .map(|number| take_apart(&looking, &look, number, attribute.as_ref()))
                .transpose()?
        }
    };
    Ok(Answer {
        judged: asked.judged,
        recorded: asked.recorded,
        explanation,
    })
}

fn take_apart(
    looking: &Looking<'_>,
    look: &Look,
    number: u32,
    attribute: Option<&AttributePath>,
) -> Result<Explanation, Failure> {
    let approved = &look.plans.approved;
    let at = usize::try_from(number).ok();
    let resource = at.and_then(|at| approved.resources.get(at));
    let resource = resource.ok_or_else(|| Failure::Internal("a resource is lost".to_owned()))?;
    let table = resource.resource.and_then(|at| look.catalogue.resource(at));
    let slots = match (table, attribute) {
        (Some(table), Some(attribute)) => rows_of(table, attribute),
        _ => Vec::new(),
    };
    let mut sights = sights(looking, look, number, &slots)?;
    sights.sort_by_key(|(file, sight)| {
        (
            Reverse(sight.captured_at),
            Reverse(sight.is_there),
            file.clone(),
        )
    });
    let workspace = approved.workspace(resource.workspace);
    let workspaces = looking.estate.workspaces().map_err(Failure::Inputs)?;
    let mut own = workspaces.iter().filter(|own| Some(&own.name) == workspace);
    let own = own.next();
    let state = own.and_then(|own| own.state.as_ref());
    let address = Address::from(&*resource.address);
    let source = workspace.and_then(|workspace| look.plans.sources.locate(workspace, &address));
    let refreshed = workspace.zip(own).and_then(|(name, own)| {
        let kept = look.refreshes.iter().find(|kept| kept.workspace == *name)?;
        let is_settable = |type_name: &str, attribute: &[&str]| {
            is_settable(&look.schemas, own, type_name, attribute)
        };
        let comparer = comparer(looking, look);
        comparer.refresh_sight(&kept.seen(&is_settable, look.began), number, &slots)
    });
    let exact = workspace.and_then(|name| {
        let key = (name.clone(), address.clone());
        look.exactly.looks.get(&key)
    });
    let explaining = Explaining {
        catalogue: &look.catalogue,
        approved,
        redactor: &look.redactor,
        principals: &look.principals,
        resource,
        sights: &sights,
        refreshed: refreshed.as_ref(),
        exact,
        state: state.map(|state| state.name.as_str()),
        source,
        authors: &look.plans.sources,
        declared: &|type_name, attribute| declared(look, own?, type_name, attribute),
        plan: &|digest| plan_used(look, workspace, digest),
    };
    let mut explanation = explaining.explain(attribute);
    let aside = look.assessment.set_aside.iter();
    let aside = aside.filter(|own| Some(&own.workspace) == workspace && own.address == address);
    explanation.remarks.extend(aside.map(|own| {
        let place = own.attribute.as_ref().map_or("", |at| at.as_str());
        let (kind, why) = (own.kind.as_str(), own.why());
        format!("{kind} {place} is set aside: {why}").replace("  ", " ")
    }));
    let gaps = look.assessment.gaps.iter();
    let gaps = gaps.filter(|gap| gap.workspace.as_ref() == workspace && workspace.is_some());
    let gaps: Vec<String> = gaps
        .filter_map(|gap| unseen(gap, &explanation, attribute))
        .collect();
    explanation.remarks.extend(gaps);
    Ok(explanation)
}

/// What a gap of the workspace says of the resource, or of the attribute, and no row does.
fn unseen(
    gap: &Gap,
    explanation: &Explanation,
    attribute: Option<&AttributePath>,
) -> Option<String> {
    let is_of = match &gap.address {
        Some(own) => *own == explanation.address,
        // Of the workspace as a whole.
        None => gap.type_name.is_none(),
    };
    let is_said = |row: &RowUsed| {
        let problem = row.live.as_ref().and_then(|live| live.problem.as_ref());
        problem == Some(&gap.detail) || row.outcome.contains(&gap.detail)
    };
    let word = match (&gap.attribute, attribute) {
        (None, _) => "not seen",
        (Some(own), Some(asked)) if own.holds(asked) || asked.holds(own) => "not comparable",
        (Some(_), _) => return None,
    };
    let is_new = is_of && !explanation.rows.iter().any(is_said);
    is_new.then(|| format!("{word}: {}", gap.detail))
}

fn declared(
    look: &Look,
    workspace: &WorkspaceInput,
    type_name: &TypeName,
    attribute: &AttributePath,
) -> Option<Declared> {
    let tokens: Vec<String> = attribute.tokens().collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let known = look
        .schemas
        .attribute(workspace, type_name.as_str(), &tokens);
    let (facts, origin) = known?;
    Some(Declared {
        kind: word(facts.collection),
        is_computed: facts.is_computed_only(),
        by: match origin {
            Origin::Uploaded => "the uploaded schema",
            Origin::Shipped => "the schema as driftwarden ships it",
        },
    })
}

fn plan_used(look: &Look, workspace: Option<&WorkspaceName>, sha256: Sha256Digest) -> PlanUsed {
    let ranked = workspace.and_then(|workspace| look.plans.ranked.get(workspace));
    let mut ranked = ranked.into_iter().flatten();
    let ranked = ranked.find(|ranked| ranked.standing.plan.digest == sha256);
    let change = ranked.and_then(|ranked| ranked.standing.change());
    PlanUsed {
        sha256,
        file: ranked.map(|ranked| ranked.standing.plan.file.clone()),
        change: change.map(|change| change.number.clone()),
    }
}

fn comparer<'l>(looking: &'l Looking<'_>, look: &'l Look) -> Comparer<'l> {
    let (approved, scope) = (&look.plans.approved, &looking.settings.scope);
    Comparer::new(&look.catalogue, approved, scope, &look.redactor)
        .with_authors(&look.plans.sources)
        .knowing(look.principals.clone())
}

/// What every live item shows of one approved resource, with its file.
fn sights(
    looking: &Looking<'_>,
    look: &Look,
    number: u32,
    slots: &[usize],
) -> Result<Vec<(String, Sight)>, Failure> {
    let settings = looking.settings;
    let comparer = comparer(looking, look);
    let inputs = live::inputs(looking.estate, &comparer.looks_at())?;
    looking.progress.step(Step::Live, inputs.len());
    let done = parallel::map(&inputs, settings.threads, |input| {
        let seen = in_file(looking.estate, &comparer, input, number, slots);
        looking.progress.advance();
        seen
    });
    let mut sights = Vec::new();
    let mut errors = Vec::new();
    for done in done {
        match done {
            Ok(found) => sights.extend(found),
            Err(error) => errors.push(error),
        }
    }
    match errors.is_empty() {
        true => Ok(sights),
        false => Err(Failure::Inputs(errors)),
    }
}

fn in_file(
    estate: &dyn Estate,
    comparer: &Comparer<'_>,
    input: &InputRef,
    number: u32,
    slots: &[usize],
) -> Result<Vec<(String, Sight)>, InputError> {
    let source = Source::new(&input.name, estate.open(input)?);
    let mut sights = Vec::new();
    let read = config_item::read(source, &mut |item| {
        let sight = comparer.sight(&item, number, slots);
        sights.extend(sight.map(|sight| (input.name.clone(), sight)));
        Ok(())
    });
    read.map_err(|error| unreadable(input, error))?;
    Ok(sights)
}
