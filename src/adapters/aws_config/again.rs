//! Reads single resources again: one query for those of a type and place, and the history for those
//! that it does not show.

use std::collections::BTreeMap;

use super::budget::Purpose;
use super::look::Look;
use super::query::{Names, Within};
use super::recorded::is_of_iam;
use super::rows::Row;
use super::source::{AwsConfigSource, Places};
use crate::model::WhyNotRead;
use crate::ports::{
    CallFailed, CallPlace, NotObserved, Page, ReadAgain, ReadsAgain, Select, WantedResource,
};

/// So many resources are asked for in one query.
const AT_ONCE: usize = 20;
/// So many pages may answer for them.
const MAX_PAGES: usize = 5;

impl ReadsAgain for AwsConfigSource {
    fn read_again(&self, wanted: &[WantedResource]) -> ReadAgain {
        // Nothing of an earlier look keeps it from asking.
        let mut reading = Reading {
            source: self,
            look: Look::default(),
            items: Vec::new(),
            not_observed: Vec::new(),
        };
        let mut groups: BTreeMap<(CallPlace, &str), Vec<&WantedResource>> = BTreeMap::new();
        for one in wanted {
            match self.place_of(one) {
                Some(at) => groups.entry((at, &one.config_type)).or_default().push(one),
                None => reading.miss(
                    one,
                    WhyNotRead::NotRecorded,
                    "the source does not look at the account and Region",
                ),
            }
        }
        for ((at, config_type), all) in groups {
            for some in all.chunks(AT_ONCE) {
                reading.read(&at, config_type, some);
            }
        }
        let items = (!reading.items.is_empty())
            .then(|| format!("{{\"configurationItems\":[{}]}}", reading.items.join(",")));
        ReadAgain {
            items: items.map(String::into_bytes),
            not_observed: reading.not_observed,
        }
    }
}

impl AwsConfigSource {
    /// Whether it is asked for what lies where this resource does.
    pub fn looks_at(&self, wanted: &WantedResource) -> bool {
        self.place_of(wanted).is_some()
    }

    /// Where to ask for a resource.
    fn place_of(&self, wanted: &WantedResource) -> Option<CallPlace> {
        match &self.shared.settings.places {
            Places::Direct { accounts, regions } => {
                let account = accounts.iter().find(|own| **own == wanted.account)?;
                if is_of_iam(&wanted.config_type) {
                    let first = || CallPlace {
                        account: account.clone(),
                        region: regions
                            .first()
                            .cloned()
                            .unwrap_or_else(|| wanted.region.clone()),
                    };
                    return Some(self.look().iam_of(account).unwrap_or_else(first));
                }
                let region = regions.iter().find(|own| **own == wanted.region)?;
                Some(CallPlace {
                    account: account.clone(),
                    region: region.clone(),
                })
            }
            Places::Aggregator { at, accounts, .. } => {
                let is_wanted = accounts.is_empty() || accounts.contains(&wanted.account);
                is_wanted.then(|| at.clone())
            }
        }
    }
}

struct Reading<'s> {
    source: &'s AwsConfigSource,
    look: Look,
    items: Vec<String>,
    not_observed: Vec<NotObserved>,
}

impl Reading<'_> {
    fn miss(&mut self, wanted: &WantedResource, why: WhyNotRead, detail: &str) {
        self.not_observed.push(NotObserved {
            wanted: wanted.clone(),
            why,
            detail: detail.to_owned(),
        });
    }

    fn read(&mut self, at: &CallPlace, config_type: &str, wanted: &[&WantedResource]) {
        let rows = match self.query(at, config_type, wanted) {
            Ok(rows) => rows,
            Err(failed) => {
                for one in wanted {
                    self.miss(one, failed.why, &failed.what);
                }
                return;
            }
        };
        let rows: Vec<Row<'_>> = rows.iter().filter_map(|text| Row::read(text)).collect();
        for one in wanted {
            let own = rows
                .iter()
                .find(|row| row.has_configuration && is(row, one));
            match own {
                Some(row) => self.items.push(row.text.to_owned()),
                None => {
                    let id = one.id.as_deref();
                    let of_row = || rows.iter().find(|row| is(row, one)).map(|row| &*row.id);
                    self.ask_history(at, one, id.or_else(of_row));
                }
            }
        }
    }

    fn query(
        &mut self,
        at: &CallPlace,
        config_type: &str,
        wanted: &[&WantedResource],
    ) -> Result<Vec<String>, CallFailed> {
        let shared = &self.source.shared;
        let (aggregator, api) = match &shared.settings.places {
            Places::Aggregator { name, .. } => {
                (Some(name.as_str()), "SelectAggregateResourceConfig")
            }
            Places::Direct { .. } => (None, "SelectResourceConfig"),
        };
        let names = Names {
            ids: wanted.iter().filter_map(|own| own.id.as_deref()).collect(),
            names: wanted
                .iter()
                .filter_map(|own| own.name.as_deref())
                .collect(),
            arns: wanted.iter().filter_map(|own| own.arn.as_deref()).collect(),
        };
        let Some(expression) = Within::default().of_resources(config_type, &names) else {
            return Ok(Vec::new());
        };
        let select = Select {
            expression: &expression,
            aggregator,
        };
        let (mut rows, mut token) = (Vec::new(), None::<String>);
        for _ in 0..MAX_PAGES {
            let asked = token.as_deref();
            let page = shared.call_patiently(&self.look, at, api, Purpose::Event, &|api| {
                api.select(at, select, asked)
            });
            let Page { rows: more, next } = page?;
            rows.extend(more);
            match next {
                Some(next) => token = Some(next),
                None => return Ok(rows),
            }
        }
        Err(CallFailed {
            why: WhyNotRead::Broken,
            what: "the pages of the answer have no end".to_owned(),
        })
    }

    fn ask_history(&mut self, at: &CallPlace, wanted: &WantedResource, id: Option<&str>) {
        let shared = &self.source.shared;
        let gone = "AWS Config holds nothing of it";
        let (Places::Direct { .. }, Some(id)) = (&shared.settings.places, id) else {
            self.miss(wanted, WhyNotRead::Deleted, gone);
            return;
        };
        let api = "GetResourceConfigHistory";
        let found = shared.call_patiently(&self.look, at, api, Purpose::Event, &|api| {
            api.newest_item(at, &wanted.config_type, id)
        });
        match found {
            Ok(Some(item)) if Row::read(&item).is_some() => self.items.push(item),
            Ok(Some(_)) => self.miss(wanted, WhyNotRead::Broken, "the item makes no sense"),
            Ok(None) => self.miss(wanted, WhyNotRead::Deleted, gone),
            Err(failed) => self.miss(wanted, failed.why, &failed.what),
        }
    }
}

/// Whether a row is what is wanted, by every name that both have.
fn is(row: &Row<'_>, wanted: &WantedResource) -> bool {
    if row
        .account
        .as_deref()
        .is_some_and(|own| own != wanted.account.as_str())
    {
        return false;
    }
    let pairs = [
        (wanted.id.as_deref(), Some(&*row.id)),
        (wanted.name.as_deref(), row.name.as_deref()),
        (wanted.arn.as_deref(), row.arn.as_deref()),
    ];
    pairs
        .into_iter()
        .any(|(wanted, own)| wanted.is_some() && wanted == own)
}
