//! Streams live items through the comparer, several files at a time.

use super::inputs::{Failure, unreadable};
use super::parallel;
use super::progress::{Progress, Step};
use super::refreshing::KeptRefresh;
use crate::decide::compare::{Comparer, Findings, Named};
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::config_item::{self, Item};
use crate::ingest::json::StreamError;
use crate::ingest::source::Source;
use crate::model::SourceReport;
use crate::normalise::equal::Principals;
use crate::ports::{Estate, InputError, InputRef};

#[derive(Default)]
pub struct Live {
    pub findings: Findings,
    pub files: Vec<InputFile>,
    pub bytes: u64,
    pub reports: Vec<SourceReport>,
    /// What refreshes gave, where somebody asks how it was compared.
    pub refreshes: Vec<KeptRefresh>,
}

/// Everything live that there is to read: files, and what sources are asked for.
pub fn inputs(estate: &dyn Estate, types: &[&str]) -> Result<Vec<InputRef>, Failure> {
    let mut inputs = estate.live().map_err(Failure::Inputs)?;
    inputs.extend(estate.asked(types));
    Ok(inputs)
}

/// Reads everything live that the comparer looks at.
pub fn read(
    estate: &dyn Estate,
    comparer: &Comparer<'_>,
    threads: usize,
    progress: &dyn Progress,
    watches: bool,
) -> Result<Live, Failure> {
    let inputs = inputs(estate, &comparer.looks_at())?;
    progress.step(Step::Live, inputs.len());
    let done = parallel::map(&inputs, threads, |input| {
        let done = one(estate, comparer, input, watches);
        progress.advance();
        done
    });
    let mut live = Live {
        findings: findings(watches),
        ..Live::default()
    };
    let mut errors = Vec::new();
    for done in done {
        match done {
            Ok((findings, file, bytes)) => {
                live.findings.absorb(findings);
                live.files.push(file);
                live.bytes += bytes;
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Failure::Inputs(errors));
    }
    live.reports = estate.reports();
    for report in &live.reports {
        comparer.take_report(report, &mut live.findings);
    }
    Ok(live)
}

/// Reads everything live for the users and roles in it. Few estates need it: a policy shows a unique
/// id only where a principal was deleted.
pub fn principals(
    estate: &dyn Estate,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Principals, Failure> {
    let inputs = inputs(estate, &Named::TYPES)?;
    progress.step(Step::Live, inputs.len());
    let done = parallel::map(&inputs, threads, |input| {
        let source = Source::new(&input.name, estate.open(input)?);
        let mut named = Named::default();
        let read = config_item::read(source, &mut |item| {
            named.note(&item);
            Ok(())
        });
        read.map_err(|error| unreadable(input, error))?;
        progress.advance();
        Ok(named)
    });
    let mut all = Named::default();
    let mut errors = Vec::new();
    for done in done {
        match done {
            Ok(named) => all.absorb(named),
            Err(error) => errors.push(error),
        }
    }
    match errors.is_empty() {
        true => Ok(all.principals()),
        false => Err(Failure::Inputs(errors)),
    }
}

/// The items of a document that was heard. It was read before: what cannot be read is not in it.
pub fn each_item(document: &str, visit: &mut dyn FnMut(&Item<'_>)) {
    let read = config_item::read(document.as_bytes(), &mut |item| {
        visit(&item);
        Ok(())
    });
    drop(read);
}

fn findings(watches: bool) -> Findings {
    match watches {
        true => Findings::watching(),
        false => Findings::default(),
    }
}

fn one(
    estate: &dyn Estate,
    comparer: &Comparer<'_>,
    input: &InputRef,
    watches: bool,
) -> Result<(Findings, InputFile, u64), InputError> {
    let source = Source::new(&input.name, estate.open(input)?);
    let mut findings = findings(watches);
    let read = config_item::read(source, &mut |item| {
        comparer.observe(&item, &mut findings);
        Ok(())
    });
    let source = read.map_err(|error| unreadable(input, error))?;
    let finished = source.finish();
    let (sha256, bytes) = finished.map_err(|error| unreadable(input, StreamError::Read(error)))?;
    let items = findings.items;
    let file = InputFile {
        name: input.name.clone(),
        kind: InputKind::Live,
        sha256,
        items,
    };
    Ok((findings, file, bytes))
}
