//! Reads one part of a look, page by page, as it is asked for: what was handed on is forgotten. The
//! reader ends well whatever happens, and the look is told what it could not read.

mod query;
mod recorders;

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use self::query::{Query, Turn};
use super::budget::Purpose;
use super::look::{Look, Part};
use super::query::Within;
use super::rows::Row;
use super::source::{NoAnswer, Places, Shared};
use crate::model::{NotRead, WhyNotRead};
use crate::ports::{CallFailed, Page, Recorder, Select};

/// The type under which AWS Config has its recorders.
const RECORDER: &str = "AWS::Config::ConfigurationRecorder";
/// A pause is cut into pieces of this length, so that a scan that is told to stop does.
const PIECE: Duration = Duration::from_millis(200);
/// So many items of one part are asked for one by one, because the query gave no configuration.
const MAX_SINGLE: usize = 200;

/// So many queries in a row may break before that is taken for the place's fault: as many as lead to
/// one type among a hundred.
const MAX_BROKEN: u32 = 8;

type Types = Vec<Box<str>>;

pub struct PartReader {
    shared: Arc<Shared>,
    look: Arc<Look>,
    part: Part,
    within: Within,
    stage: Stage,
    waiting: VecDeque<Types>,
    query: Option<Query>,
    /// Resources of which the query gave no configuration, with what it gave.
    bare: VecDeque<(Box<str>, String, String)>,
    asked_single: usize,
    broken_in_a_row: u32,
    /// Types of which an answer without an item proves that there is none.
    proven: BTreeSet<Box<str>>,
    lost_some: bool,
    has_items: bool,
    bytes: Vec<u8>,
    given: usize,
}

enum Stage {
    Recorders,
    States(Vec<Recorder>),
    Reading,
    Done,
}

impl PartReader {
    pub(super) fn new(shared: Arc<Shared>, look: Arc<Look>, part: Part) -> Self {
        let mut reader = Self {
            within: Within::default(),
            stage: Stage::Recorders,
            waiting: VecDeque::new(),
            query: None,
            bare: VecDeque::new(),
            asked_single: 0,
            broken_in_a_row: 0,
            proven: BTreeSet::new(),
            lost_some: false,
            has_items: false,
            bytes: b"{\"configurationItems\":[".to_vec(),
            given: 0,
            shared,
            look,
            part,
        };
        if let (Some(account), Places::Aggregator { regions, .. }) =
            (&reader.part.of_account, &reader.shared.settings.places)
        {
            reader.within.account = Some(account.to_string());
            let regions = regions.iter().map(ToString::to_string);
            reader.within.regions = regions.collect();
            if !reader.within.regions.is_empty() {
                reader.within.regions.push("global".to_owned());
            }
            let mut types = reader.look.types.clone();
            types.push(RECORDER.into());
            reader.waiting = reader.within.packed(&types).into();
            reader.stage = Stage::Reading;
        }
        reader
    }

    /// One step on: at most one call. `Err` tells how long to wait for the budget.
    fn advance(&mut self) -> Result<(), Duration> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Recorders => self.read_recorders(),
            Stage::States(recorders) => self.read_states(recorders),
            Stage::Reading => {
                self.stage = Stage::Reading;
                self.read_on()
            }
            Stage::Done => Ok(()),
        }
    }

    fn read_on(&mut self) -> Result<(), Duration> {
        if let Some((config_type, id, row)) = self.bare.pop_front() {
            return self.read_single(config_type, id, row);
        }
        let query = match self.query.take() {
            Some(query) => query,
            None => {
                let Some(types) = self.waiting.pop_front() else {
                    self.end();
                    return Ok(());
                };
                let expression = self.within.of_types(&types);
                Query::new(types, expression)
            }
        };
        let aggregator = match &self.shared.settings.places {
            Places::Aggregator { name, .. } => Some(name.as_str()),
            Places::Direct { .. } => None,
        };
        let api = match aggregator {
            Some(_) => "SelectAggregateResourceConfig",
            None => "SelectResourceConfig",
        };
        let select = Select {
            expression: &query.expression,
            aggregator,
        };
        let at = &self.part.at;
        let asked = self
            .shared
            .call(&self.look, at, api, Purpose::Scan, &|api| {
                api.select(at, select, query.token.as_deref())
            });
        match asked {
            Ok(page) => {
                self.broken_in_a_row = 0;
                self.take_page(query, page);
            }
            Err(NoAnswer::Wait(time)) => {
                self.query = Some(query);
                return Err(time);
            }
            Err(NoAnswer::Failed(failed)) => self.take_failure(query, &failed),
        }
        Ok(())
    }

    /// Some types break every query that they are in: halves find them. All other failures are of the
    /// place.
    fn take_failure(&mut self, query: Query, failed: &CallFailed) {
        let Query { mut types, .. } = query;
        self.broken_in_a_row += 1;
        let is_of_types = failed.why == WhyNotRead::Broken && self.broken_in_a_row < MAX_BROKEN;
        if is_of_types && types.len() > 1 {
            let second = types.split_off(types.len() / 2);
            self.waiting.push_front(second);
            self.waiting.push_front(types);
            return;
        }
        self.lose(&types, failed.why, &failed.what);
        if !is_of_types {
            while let Some(types) = self.waiting.pop_front() {
                self.lose(&types, failed.why, &failed.what);
            }
        }
    }

    fn take_page(&mut self, mut query: Query, page: Page<String>) {
        let turn = query.turn(page.next, page.rows.is_empty());
        for row in &page.rows {
            if let Err(what) = self.take_row(row) {
                self.lose(&query.types, WhyNotRead::Broken, &what);
                query.is_partial = true;
            }
        }
        match turn {
            Turn::On => self.query = Some(query),
            Turn::End if query.is_partial => {}
            Turn::End => self.note_whole(&query.types),
            Turn::Endless => {
                let what = "the pages of the answer have no end";
                self.lose(&query.types, WhyNotRead::Broken, what);
            }
        }
    }

    fn take_row(&mut self, text: &str) -> Result<(), String> {
        let row = Row::read(text).ok_or("a row of the answer is no item")?;
        let wanted = self.part.of_account.as_ref();
        let wanted = wanted.unwrap_or(&self.part.at.account);
        if let Some(other) = row.account.as_deref().filter(|own| *own != wanted.as_str()) {
            return Err(format!("a row of the answer is of account `{other}`"));
        }
        let may_ask = self.part.of_account.is_none() && self.asked_single < MAX_SINGLE;
        if row.has_configuration || !may_ask {
            self.give(row.text);
        } else {
            self.asked_single += 1;
            let (config_type, id) = (row.config_type.as_ref().into(), row.id.to_string());
            self.bare.push_back((config_type, id, row.text.to_owned()));
        }
        Ok(())
    }

    /// Asks for the newest item of a resource; without one, what the query gave says that it is there.
    fn read_single(
        &mut self,
        config_type: Box<str>,
        id: String,
        row: String,
    ) -> Result<(), Duration> {
        let api = "GetResourceConfigHistory";
        let at = &self.part.at;
        let asked = self
            .shared
            .call(&self.look, at, api, Purpose::Scan, &|api| {
                api.newest_item(at, &config_type, &id)
            });
        match asked {
            Ok(Some(item)) if Row::read(&item).is_some() => self.give(&item),
            Err(NoAnswer::Wait(time)) => {
                self.bare.push_front((config_type, id, row));
                return Err(time);
            }
            Ok(_) | Err(NoAnswer::Failed(_)) => self.give(&row),
        }
        Ok(())
    }

    fn give(&mut self, item: &str) {
        if self.has_items {
            self.bytes.push(b',');
        }
        self.has_items = true;
        self.bytes.extend_from_slice(item.as_bytes());
    }

    fn note_whole(&self, types: &[Box<str>]) {
        for own in types.iter().filter(|own| self.proven.contains(*own)) {
            self.look.note_read_whole(&self.part.at, own);
        }
    }

    fn lose(&mut self, types: &[Box<str>], why: WhyNotRead, detail: &str) {
        self.lost_some |= why != WhyNotRead::NotRecorded;
        self.look.note_not_read(types.iter().map(|own| NotRead {
            config_type: Some(own.clone()),
            ..self.nothing(why, detail)
        }));
    }

    /// Nothing of the place was read.
    fn end_without(&mut self, failed: &CallFailed) {
        self.lost_some |= failed.why != WhyNotRead::NotRecorded;
        let all = self.nothing(failed.why, &failed.what);
        self.look.note_not_read([all]);
        self.end();
    }

    fn nothing(&self, why: WhyNotRead, detail: &str) -> NotRead {
        let of_account = self.part.of_account.as_ref();
        NotRead {
            account: Some(of_account.unwrap_or(&self.part.at.account).clone()),
            region: match of_account {
                Some(_) => None,
                None => Some(self.part.at.region.clone()),
            },
            config_type: None,
            resource: None,
            why,
            detail: detail.to_owned(),
        }
    }

    fn end(&mut self) {
        self.bytes.extend_from_slice(b"]}");
        self.stage = Stage::Done;
        if !self.lost_some {
            self.shared.note_newest();
        }
    }
}

impl Read for PartReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.bytes.len() && !matches!(self.stage, Stage::Done) {
            self.bytes.clear();
            self.given = 0;
            if let Err(time) = self.advance() {
                self.shared.time.pause(time.min(PIECE));
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        let rest = self.bytes.get(self.given..).unwrap_or_default();
        let count = rest.len().min(into.len());
        if let (Some(into), Some(rest)) = (into.get_mut(..count), rest.get(..count)) {
            into.copy_from_slice(rest);
        }
        self.given += count;
        Ok(count)
    }
}
