//! One finding, or one attribute, taken apart: a look, then the live items once more for those that
//! tell about the resource.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::inputs::{Failure, unreadable};
use super::look::{Look, Looking};
use super::parallel;
use super::progress::{Progress, Step};
use super::scan::Settings;
use crate::decide::compare::{Comparer, Sight};
use crate::decide::explain::{Explaining, rows_of};
use crate::ingest::config_item;
use crate::ingest::source::Source;
use crate::model::{
    Address, AttributePath, Explanation, FindingKey, Judged, PlanUsed, RecordedFinding,
    Sha256Digest, WorkspaceName,
};
use crate::ports::{Estate, EvidenceSink, InputError, InputRef};

/// What is to be explained.
#[derive(Clone, Debug)]
pub enum Question {
    /// The beginning of a finding's key or of a deviation's id.
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
    let looking = Looking {
        estate,
        settings,
        progress,
        watches: false,
    };
    let mut look = looking.look(evidence, clock())?;
    let judged = std::mem::take(&mut look.assessment.deviations);
    let asked = match question {
        Question::Finding(beginning) => finding(beginning, judged, recorded)?,
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

/// What the question turned out to be about.
#[derive(Default)]
struct Asked {
    judged: Vec<Judged>,
    recorded: Option<RecordedFinding>,
    number: Option<u32>,
    attribute: Option<AttributePath>,
}

impl Asked {
    /// The approved resource, and the attribute, where the finding is about one.
    fn subject(&self) -> Option<(WorkspaceName, Address, Option<AttributePath>)> {
        let now = self.judged.first().map(|judged| &judged.deviation);
        let now = now.and_then(|now| {
            Some((
                now.workspace.clone()?,
                now.address.clone()?,
                now.attribute.clone(),
            ))
        });
        let then = || {
            let recorded = self.recorded.as_ref()?;
            Some((
                recorded.workspace.clone()?,
                recorded.address.clone()?,
                recorded.attribute.clone(),
            ))
        };
        now.or_else(then)
    }
}

fn refused(what: String, help: &str) -> Failure {
    Failure::Inputs(vec![InputError {
        what,
        help: Some(help.to_owned()),
    }])
}

/// Findings that an ambiguous beginning names, at most.
const SHOWN: usize = 5;

fn finding(
    beginning: &str,
    judged: Vec<Judged>,
    recorded: Vec<RecordedFinding>,
) -> Result<Asked, Failure> {
    let begins = |text: &str| !beginning.is_empty() && text.starts_with(beginning);
    let is_meant = |judged: &Judged| {
        let deviation = &judged.deviation;
        begins(deviation.finding_key().as_str()) || begins(deviation.id().as_str())
    };
    let now = judged.iter().filter(|judged| is_meant(judged));
    let now = now.map(|judged| judged.deviation.finding_key());
    let then = recorded
        .iter()
        .filter(|own| begins(own.finding.as_str()) || own.deviations.iter().any(|id| begins(id)));
    let keys: BTreeSet<FindingKey> = now.chain(then.map(|own| own.finding.clone())).collect();
    let mut each = keys.iter();
    let Some(key) = each.next() else {
        return Err(refused(
            format!("no finding and no deviation begins with `{beginning}`"),
            "`driftwarden findings` lists the open ones, `driftwarden scan --format json` what the \
             inputs show now; for an attribute in which nothing deviates, give its ADDRESS and its \
             ATTRIBUTE",
        ));
    };
    if each.next().is_some() {
        let shown: Vec<&str> = keys.iter().take(SHOWN).map(FindingKey::as_str).collect();
        let more = if keys.len() > SHOWN { ", …" } else { "" };
        return Err(refused(
            format!(
                "`{beginning}` is the beginning of more than one finding: {}{more}",
                shown.join(", ")
            ),
            "give more of its digits",
        ));
    }
    Ok(Asked {
        judged: judged
            .into_iter()
            .filter(|judged| judged.deviation.finding_key() == *key)
            .collect(),
        recorded: recorded.into_iter().find(|own| own.finding == *key),
        ..Asked::default()
    })
}

/// The approved resources of an address, by number.
fn find(look: &Look, workspace: Option<&WorkspaceName>, address: &Address) -> Vec<u32> {
    let approved = &look.plans.approved;
    let numbered = (0u32..).zip(&approved.resources);
    let found = numbered.filter(|(_, own)| {
        let named = approved.workspace(own.workspace);
        *own.address == *address.as_str() && workspace.is_none_or(|wanted| named == Some(wanted))
    });
    found.map(|(number, _)| number).collect()
}

fn of_attribute(
    look: &Look,
    workspace: Option<&WorkspaceName>,
    address: &Address,
    attribute: &AttributePath,
    judged: Vec<Judged>,
) -> Result<Asked, Failure> {
    let approved = &look.plans.approved;
    let found = find(look, workspace, address);
    let of = |number: u32| {
        let at = usize::try_from(number).ok()?;
        approved.workspace(approved.resources.get(at)?.workspace)
    };
    let number = match found[..] {
        [number] => number,
        [] => {
            return Err(refused(
                format!("no plan has the address `{address}`"),
                "give it as Terraform writes it, in quotes where it has brackets: \
                 'module.web.aws_instance.front[0]'",
            ));
        }
        _ => {
            let names = found.iter().filter_map(|number| of(*number));
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            return Err(refused(
                format!(
                    "`{address}` is in more than one workspace: {}",
                    names.join(", ")
                ),
                "name the one with `--workspace`",
            ));
        }
    };
    let workspace = of(number).cloned();
    let concerns = |judged: &Judged| {
        let deviation = &judged.deviation;
        let own = deviation.attribute.as_ref();
        deviation.address.as_ref() == Some(address)
            && deviation.workspace == workspace
            && own.is_none_or(|own| own.holds(attribute) || attribute.holds(own))
    };
    Ok(Asked {
        judged: judged.into_iter().filter(concerns).collect(),
        recorded: None,
        number: Some(number),
        attribute: Some(attribute.clone()),
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
    let state = own.next().and_then(|own| own.state.as_ref());
    let address = Address::from(&*resource.address);
    let source = workspace.and_then(|workspace| look.plans.locate(workspace, &address));
    let explaining = Explaining {
        catalogue: &look.catalogue,
        approved,
        redactor: &look.redactor,
        resource,
        sights: &sights,
        state: state.map(|state| state.name.as_str()),
        source,
        plan: &|digest| plan_used(look, workspace, digest),
    };
    Ok(explaining.explain(attribute))
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

/// What every live item shows of one approved resource, with its file.
fn sights(
    looking: &Looking<'_>,
    look: &Look,
    number: u32,
    slots: &[usize],
) -> Result<Vec<(String, Sight)>, Failure> {
    let settings = looking.settings;
    let approved = &look.plans.approved;
    let comparer = Comparer::new(&look.catalogue, approved, &settings.scope, &look.redactor);
    let inputs = looking.estate.live().map_err(Failure::Inputs)?;
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
