//! One look: what its readers share, and what they tell of it in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::recorded::is_of_iam;
use crate::model::{
    AccountId, CallCounts, CallTally, NotRead, ReadWhole, SourceReport, WhyNotRead,
};
use crate::ports::{CallFailed, CallPlace};

/// What is read by one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// Where its calls go.
    pub at: CallPlace,
    /// The account that is wanted of an aggregator; otherwise the place is the one.
    pub of_account: Option<AccountId>,
}

#[derive(Debug, Default)]
pub struct Look {
    pub types: Vec<Box<str>>,
    pub parts: BTreeMap<String, Part>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    not_read: Vec<NotRead>,
    read_whole: Vec<ReadWhole>,
    warnings: BTreeSet<String>,
    calls: BTreeMap<(CallPlace, &'static str), CallCounts>,
    /// Places that gave no answer, or the one interface that the role may not call: in this look they
    /// are asked no more.
    closed: BTreeMap<(CallPlace, Option<&'static str>), CallFailed>,
    /// By account, the Region whose recorder shows IAM.
    iam: BTreeMap<AccountId, CallPlace>,
    /// Accounts in which a Region told what its recorder does.
    told: BTreeSet<AccountId>,
}

impl Look {
    pub fn new(types: &[&str], parts: impl IntoIterator<Item = Part>) -> Self {
        let parts = parts.into_iter().map(|part| (part.name.clone(), part));
        Self {
            types: types.iter().map(|own| Box::from(*own)).collect(),
            parts: parts.collect(),
            state: Mutex::default(),
        }
    }

    /// The same look with these parts.
    #[must_use]
    pub fn with_parts(self, parts: impl IntoIterator<Item = Part>) -> Self {
        let parts = parts.into_iter().map(|part| (part.name.clone(), part));
        Self {
            parts: parts.collect(),
            ..self
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn note_not_read(&self, parts: impl IntoIterator<Item = NotRead>) {
        self.state().not_read.extend(parts);
    }

    pub fn note_read_whole(&self, at: &CallPlace, config_type: &str) {
        self.state().read_whole.push(ReadWhole {
            account: at.account.clone(),
            region: at.region.clone(),
            config_type: config_type.into(),
        });
    }

    pub fn warn(&self, what: String) {
        self.state().warnings.insert(what);
    }

    /// Whether the place is the one that is asked for IAM: the first whose recorder shows it.
    pub fn takes_iam(&self, at: &CallPlace, records: bool) -> bool {
        let mut state = self.state();
        state.told.insert(at.account.clone());
        if !records {
            return false;
        }
        let known = state.iam.entry(at.account.clone());
        known.or_insert_with(|| at.clone()) == at
    }

    /// The Region of the account that is asked for IAM.
    pub fn iam_of(&self, account: &AccountId) -> Option<CallPlace> {
        self.state().iam.get(account).cloned()
    }

    pub fn closed(&self, at: &CallPlace, api: &'static str) -> Option<CallFailed> {
        let state = self.state();
        let closed = |api| state.closed.get(&(at.clone(), api)).cloned();
        closed(None).or_else(|| closed(Some(api)))
    }

    /// Counts what came of a call. A place that refuses or does not answer is left alone for the rest
    /// of the look.
    pub fn note_call(&self, at: &CallPlace, api: &'static str, failed: Option<&CallFailed>) {
        let mut state = self.state();
        let counts = state.calls.entry((at.clone(), api)).or_default();
        let Some(failed) = failed else {
            counts.answered += 1;
            return;
        };
        match failed.why {
            WhyNotRead::Throttled => counts.throttled += 1,
            WhyNotRead::Denied | WhyNotRead::NoCredentials => counts.denied += 1,
            WhyNotRead::OverBudget => counts.withheld += 1,
            WhyNotRead::Unreachable
            | WhyNotRead::Broken
            | WhyNotRead::NotRecorded
            | WhyNotRead::Deleted => counts.failed += 1,
        }
        let closed = match failed.why {
            WhyNotRead::Throttled | WhyNotRead::NoCredentials | WhyNotRead::Unreachable => None,
            WhyNotRead::Denied => Some(api),
            WhyNotRead::OverBudget
            | WhyNotRead::Broken
            | WhyNotRead::NotRecorded
            | WhyNotRead::Deleted => return,
        };
        let first = state.closed.entry((at.clone(), closed));
        first.or_insert_with(|| failed.clone());
    }

    pub fn report(&self, source: &str) -> SourceReport {
        let state = self.state();
        let mut not_read = state.not_read.clone();
        let wanted = self.types.iter().filter(|own| is_of_iam(own));
        let wanted: Vec<&Box<str>> = wanted.collect();
        let without = state.told.iter().filter(|own| !state.iam.contains_key(own));
        for account in without {
            not_read.extend(wanted.iter().map(|config_type| NotRead {
                account: Some(account.clone()),
                region: None,
                config_type: Some((*config_type).clone()),
                resource: None,
                why: WhyNotRead::NotRecorded,
                detail: "no recorder of AWS Config in the Regions that are looked at records the type"
                    .to_owned(),
            }));
        }
        not_read.sort();
        let mut read_whole = state.read_whole.clone();
        read_whole.sort();
        let calls = state.calls.iter().map(|((at, api), counts)| CallTally {
            account: at.account.clone(),
            region: at.region.clone(),
            api,
            counts: *counts,
        });
        SourceReport {
            source: source.to_owned(),
            not_read,
            read_whole,
            calls: calls.collect(),
            warnings: state.warnings.iter().cloned().collect(),
        }
    }
}
