//! CloudTrail: which call changed what, and who made it. Reads trail files, EventBridge events and
//! one record per line. Records are read one by one, borrowed; no tree of an event is ever built.

mod actor;
mod documents;
mod problem;
mod record;
mod subjects;
#[cfg(test)]
mod tests;

pub use problem::{Error, Problem, Reason, Refusal};

use crate::ingest::json_fault;
use crate::model::{AccountId, Activity, Region};
use documents::Located;
use record::{Flag, Record};

/// First words of calls that only read, for records of versions that do not say `readOnly`.
const READING: [&str; 11] = [
    "BatchGet", "Check", "Describe", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search",
    "Select",
];

/// Reads one file. Calls that only read, calls on data and insights are left out: they change no
/// configuration. Failed calls are kept and marked.
///
/// # Errors
/// A file that is not JSON or holds no trail record at all. A record that cannot be used while
/// others can is a [`Problem`].
pub fn parse(name: &str, bytes: &[u8]) -> Result<(Vec<Activity>, Vec<Problem>), Error> {
    let refused = |refusal| Error::new(name, refusal);
    let text = json_fault::checked(bytes).map_err(|fault| refused(Refusal::Unreadable(fault)))?;
    let mut activities = Vec::new();
    let mut problems = Vec::new();
    for Located { number, text } in documents::records(text).map_err(refused)? {
        match record(&text) {
            Ok(Some(activity)) => activities.push(activity),
            Ok(None) => {}
            Err(reason) => problems.push(Problem {
                file: name.to_owned(),
                record: number,
                reason,
            }),
        }
    }
    let nothing_else = activities.is_empty() && !problems.is_empty();
    if nothing_else
        && problems
            .iter()
            .all(|problem| problem.reason == Reason::Wrapped)
    {
        return Err(refused(Refusal::Wrapped));
    }
    Ok((activities, problems))
}

/// Reads one record; `None` where it changed no configuration.
///
/// # Errors
/// Why it cannot be used.
pub fn record(text: &str) -> Result<Option<Activity>, Reason> {
    if !text.trim_start().starts_with('{') {
        return Err(Reason::NotARecord);
    }
    let record: Record<'_> = json_fault::read(text).map_err(Reason::unreadable)?;
    if record.event_version.is_some() {
        return activity(record);
    }
    let detail = documents::detail(text)?;
    activity(json_fault::read(&detail).map_err(Reason::unreadable)?)
}

fn activity(record: Record<'_>) -> Result<Option<Activity>, Reason> {
    let version = record.event_version.as_deref().ok_or(Reason::NotARecord)?;
    if version.split('.').next() != Some("1") {
        return Err(Reason::UnknownVersion(version.chars().take(20).collect()));
    }
    let source = record
        .event_source
        .as_deref()
        .ok_or(Reason::Missing("eventSource"))?;
    let call = record
        .event_name
        .as_deref()
        .ok_or(Reason::Missing("eventName"))?;
    if !changes_configuration(&record, call) {
        return Ok(None);
    }
    let at = record
        .event_time
        .as_deref()
        .ok_or(Reason::Missing("eventTime"))?;
    let at = at.parse().map_err(|_| Reason::BadTime)?;
    let event_id = record
        .event_id
        .as_deref()
        .ok_or(Reason::Missing("eventID"))?;
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    Ok(Some(Activity {
        event_id: event_id.to_owned(),
        at,
        call: format!("{service}:{call}"),
        actor: actor::actor(&record),
        account: account(&record),
        region: record.aws_region.as_deref().map(Region::from),
        succeeded: record.error_code.as_deref().is_none_or(str::is_empty),
        subjects: subjects(record),
    }))
}

fn changes_configuration(record: &Record<'_>, call: &str) -> bool {
    let about_data = match record.event_category.as_deref() {
        Some("Management") | None => record.management_event == Flag::No,
        Some(_) => true,
    };
    let reads = match record.read_only {
        Flag::Yes => true,
        Flag::No => false,
        Flag::Unsaid => READING.iter().any(|word| call.starts_with(word)),
    };
    !about_data && !reads
}

/// The account whose resources the call acted on; that of the caller if the record says no more.
fn account(record: &Record<'_>) -> Option<AccountId> {
    let caller = || record.user_identity.as_ref()?.account_id.as_deref();
    let account = record.recipient_account_id.as_deref().or_else(caller)?;
    (!account.is_empty()).then(|| AccountId::from(account))
}

fn subjects(record: Record<'_>) -> Vec<String> {
    let mut subjects = record.request_parameters.0;
    subjects.extend(record.response_elements.0);
    subjects.extend(record.resources.0);
    subjects.extend(record.additional_event_data.0);
    subjects.extend(record.service_event_details.0);
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}
