//! The source as a whole.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::budget::{Grant, Limits, Purpose};
use super::look::{Look, Part};
use super::meter::{Meter, Time};
use super::pages::PartReader;
use crate::model::{AccountId, NotRead, Region, SourceReport, WhyNotRead};
use crate::ports::{CallFailed, CallPlace, ConfigApi, Gathered, InputError, LiveSource, Page};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub name: String,
    pub places: Places,
    pub limits: Limits,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Places {
    /// Every account in every Region.
    Direct {
        accounts: Vec<AccountId>,
        regions: Vec<Region>,
    },
    /// What an aggregator gathers; all of it where a list is empty.
    Aggregator {
        name: String,
        /// Whose it is, and where.
        at: CallPlace,
        accounts: Vec<AccountId>,
        regions: Vec<Region>,
    },
}

/// AWS Config of some accounts and Regions, or of an aggregator.
pub struct AwsConfigSource {
    pub(super) shared: Arc<Shared>,
}

/// What the source and its readers share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) api: Box<dyn ConfigApi>,
    pub(super) meter: Meter,
    pub(super) time: Arc<dyn Time>,
    pub(super) look: Mutex<Arc<Look>>,
    pub(super) newest: Mutex<Option<Timestamp>>,
}

/// Why a call was not made, or gave nothing.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// It may be sent once so much time has passed.
    Wait(Duration),
    Failed(CallFailed),
}

impl AwsConfigSource {
    /// `api` is metered by `meter`, too.
    pub fn new(settings: Settings, api: Box<dyn ConfigApi>, meter: Meter) -> Self {
        let time = Arc::clone(&meter.time);
        Self {
            shared: Arc::new(Shared {
                settings,
                api,
                meter,
                time,
                look: Mutex::default(),
                newest: Mutex::new(None),
            }),
        }
    }

    pub(super) fn look(&self) -> Arc<Look> {
        let look = self.shared.look.lock();
        Arc::clone(&look.unwrap_or_else(PoisonError::into_inner))
    }

    /// The accounts of an aggregator, and what it cannot show of them.
    fn gathered(
        &self,
        look: &Look,
        name: &str,
        at: &CallPlace,
    ) -> Result<BTreeSet<AccountId>, CallFailed> {
        let mut accounts = BTreeSet::new();
        let mut tokens = BTreeSet::new();
        let mut token: Option<String> = None;
        loop {
            let api = "DescribeConfigurationAggregatorSourcesStatus";
            let asked = token.as_deref();
            let page = self
                .shared
                .call_patiently(look, at, api, Purpose::Scan, &|api| {
                    api.gathered(at, name, asked)
                });
            let Page { rows, next } = page?;
            for Gathered {
                account,
                region,
                failure,
            } in rows
            {
                look.note_not_read(failure.map(|failure| NotRead {
                    account: Some(account.clone()),
                    region,
                    config_type: None,
                    resource: None,
                    why: WhyNotRead::Unreachable,
                    detail: format!("the aggregator is not up to date: {failure}"),
                }));
                accounts.insert(account);
            }
            let Some(next) = next else {
                return Ok(accounts);
            };
            if !tokens.insert(next.clone()) {
                return Err(CallFailed {
                    why: WhyNotRead::Broken,
                    what: "the pages of the aggregator's accounts have no end".to_owned(),
                });
            }
            token = Some(next);
        }
    }

    fn parts(&self, types: &[&str]) -> Look {
        let source = &self.shared.settings.name;
        match &self.shared.settings.places {
            Places::Direct { accounts, regions } => {
                let places = accounts.iter().flat_map(|account| {
                    regions.iter().map(move |region| CallPlace {
                        account: account.clone(),
                        region: region.clone(),
                    })
                });
                let parts = places.map(|at| Part {
                    name: format!("aws_config/{source}/{}/{}", at.account, at.region),
                    at,
                    of_account: None,
                });
                Look::new(types, parts)
            }
            Places::Aggregator {
                name, at, accounts, ..
            } => self.aggregated(types, name, at, accounts),
        }
    }

    fn aggregated(
        &self,
        types: &[&str],
        name: &str,
        at: &CallPlace,
        accounts: &[AccountId],
    ) -> Look {
        let source = &self.shared.settings.name;
        let first = Look::new(types, []);
        let gathered = self.gathered(&first, name, at);
        let wanted: BTreeSet<AccountId> = accounts.iter().cloned().collect();
        let (all, failed) = match gathered {
            Ok(gathered) if wanted.is_empty() => (gathered, None),
            Ok(gathered) => {
                first.note_not_read(wanted.difference(&gathered).map(|account| NotRead {
                    account: Some(account.clone()),
                    region: None,
                    config_type: None,
                    resource: None,
                    why: WhyNotRead::NotRecorded,
                    detail: format!("the aggregator `{name}` does not gather the account"),
                }));
                (gathered.intersection(&wanted).cloned().collect(), None)
            }
            Err(failed) => (BTreeSet::new(), Some(failed)),
        };
        first.note_not_read(failed.map(|failed| NotRead {
            account: None,
            region: None,
            config_type: None,
            resource: None,
            why: failed.why,
            detail: failed.what,
        }));
        let parts = all.into_iter().map(|account| Part {
            name: format!("aws_config/{source}/{account}"),
            at: at.clone(),
            of_account: Some(account),
        });
        first.with_parts(parts)
    }
}

impl Shared {
    /// Makes one call if the budget and what came before let it.
    pub(super) fn call<T>(
        &self,
        look: &Look,
        at: &CallPlace,
        api: &'static str,
        purpose: Purpose,
        send: &dyn Fn(&dyn ConfigApi) -> Result<T, CallFailed>,
    ) -> Result<T, NoAnswer> {
        if let Some(failed) = look.closed(at, api) {
            return Err(NoAnswer::Failed(failed));
        }
        let done = match self.meter.take(at, api, purpose) {
            Grant::Wait(time) => return Err(NoAnswer::Wait(time)),
            Grant::Never => Err(CallFailed {
                why: WhyNotRead::OverBudget,
                what: format!(
                    "more than {} calls of `{api}` in one scan",
                    self.settings.limits.per_scan
                ),
            }),
            Grant::Go => send(&*self.api),
        };
        look.note_call(at, api, done.as_ref().err());
        done.map_err(NoAnswer::Failed)
    }

    /// As [`Shared::call`], and waits for the budget: at most for the rest of its minute.
    pub(super) fn call_patiently<T>(
        &self,
        look: &Look,
        at: &CallPlace,
        api: &'static str,
        purpose: Purpose,
        send: &dyn Fn(&dyn ConfigApi) -> Result<T, CallFailed>,
    ) -> Result<T, CallFailed> {
        for _ in 0..2 {
            match self.call(look, at, api, purpose, send) {
                Ok(answer) => return Ok(answer),
                Err(NoAnswer::Failed(failed)) => return Err(failed),
                Err(NoAnswer::Wait(time)) => self.time.pause(time),
            }
        }
        Err(CallFailed {
            why: WhyNotRead::OverBudget,
            what: format!(
                "more than {} calls of `{api}` in a minute",
                self.settings.limits.per_minute
            ),
        })
    }

    pub(super) fn note_newest(&self) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        *newest = Some(self.time.wall());
    }
}

impl LiveSource for AwsConfigSource {
    fn name(&self) -> &str {
        &self.shared.settings.name
    }

    fn begin(&self, types: &[&str]) -> Vec<String> {
        self.shared.meter.begin_scan();
        let look = Arc::new(self.parts(types));
        let parts = look.parts.keys().cloned().collect();
        let mut current = self
            .shared
            .look
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *current = look;
        parts
    }

    fn open(&self, part: &str) -> Result<Box<dyn Read + Send>, InputError> {
        let look = self.look();
        let Some(part) = look.parts.get(part).cloned() else {
            return Err(InputError {
                what: format!("`{part}` is no part of what is being looked at"),
                help: None,
            });
        };
        Ok(Box::new(PartReader::new(
            Arc::clone(&self.shared),
            look,
            part,
        )))
    }

    fn report(&self) -> SourceReport {
        self.look().report(&self.shared.settings.name)
    }

    fn newest(&self) -> Option<Timestamp> {
        *self
            .shared
            .newest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
