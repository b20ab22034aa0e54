//! A live item with what the tables want of it, and where it lies.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::place::arn_place;
use crate::ingest::config_item::Item;
use crate::ingest::json::{self, decode_string};
use crate::model::Value;
use crate::normalise::catalogue::Config;
use crate::normalise::form::Side;
use crate::normalise::project::Slots;

/// A live item with what the tables want of it.
pub(super) struct Live<'a> {
    pub(super) config: &'a Config,
    pub(super) item: &'a Item<'a>,
    pub(super) slots: Slots<'a>,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) time: i64,
    /// The approved resources that are the item, once they were looked up.
    pub(super) owners: OnceCell<Vec<u32>>,
}

impl Live<'_> {
    pub(super) fn raw(&self, slot: usize) -> Option<&str> {
        self.slots.get(slot)?.as_deref()
    }

    pub(super) fn text(&self, slot: usize) -> Option<String> {
        self.text_of(slot).map(Cow::into_owned)
    }

    /// As `text`, for whoever only looks at it.
    pub(super) fn text_of(&self, slot: usize) -> Option<Cow<'_, str>> {
        let text = decode_string(self.raw(slot)?).ok()?;
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn side(&self) -> Side<'_> {
        Side::Live {
            own_id: &self.item.resource_id,
            own_account: self.account,
        }
    }

    pub(super) fn subjects(&self) -> Vec<String> {
        let item = self.item;
        let names = [
            Some(&item.resource_id),
            item.arn.as_ref(),
            item.resource_name.as_ref(),
        ];
        names
            .into_iter()
            .flatten()
            .map(|name| name.to_string())
            .collect()
    }
}

pub(super) fn place<'i>(item: &'i Item<'_>) -> (&'i str, &'i str) {
    let (account, region) = item.arn.as_deref().map(arn_place).unwrap_or_default();
    let named = |name: &'i Option<Cow<'_, str>>| name.as_deref().filter(|name| !name.is_empty());
    (
        named(&item.account).unwrap_or(account),
        named(&item.region).unwrap_or(region),
    )
}

/// The parsed elements of a list, or nothing.
pub(super) fn parsed_list(raw: Option<&str>) -> Result<Vec<Value>, String> {
    match raw
        .map(json::parse)
        .transpose()
        .map_err(|error| error.to_string())?
    {
        Some(Value::List(list)) => Ok(list),
        Some(Value::String(text)) => parsed_list(Some(&text)),
        _ => Ok(Vec::new()),
    }
}
