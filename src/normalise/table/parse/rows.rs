//! The rows of a type: which live value each attribute is compared with, and which are set aside.

use std::collections::BTreeMap;

use super::super::gates::approved_value;
use super::super::raw::{FullAttribute, NullMeaning, RawAttribute};
use super::super::{Absent, AttributeRow, Moved};
use crate::model::{AttributePath, TypeName};
use crate::normalise::form::Form;
use crate::normalise::path::Path;

pub(super) fn rows(
    attributes: BTreeMap<String, RawAttribute>,
    not_comparable: &BTreeMap<String, String>,
) -> Result<Vec<AttributeRow>, String> {
    let row = |(name, raw): (String, RawAttribute)| {
        let below = format!("{name}.");
        let aside = not_comparable
            .keys()
            .filter_map(|key| key.strip_prefix(&below));
        let aside: Vec<Path> = aside.map(Path::parse).collect();
        let row = raw.row(&name, aside)?;
        let is_blocks = row.form.is_blocks();
        if !is_blocks && !row.aside.is_empty() {
            return Err(format!("`{name}` is compared as a whole"));
        }
        Ok(row)
    };
    attributes.into_iter().map(row).collect()
}

impl RawAttribute {
    fn row(self, name: &str, aside: Vec<Path>) -> Result<AttributeRow, String> {
        let full = match self {
            Self::Full(full) => *full,
            Self::Plain(live) => FullAttribute {
                live,
                form: Form::default(),
                values: BTreeMap::new(),
                absent: Absent::default(),
                null: NullMeaning::default(),
                default: None,
                separate: Vec::new(),
                unless: None,
                fold_keys: false,
                moved: None,
                moved_within: BTreeMap::new(),
            },
        };
        if full.fold_keys && !matches!(full.form, Form::Tags | Form::Map) {
            return Err(format!("`{name}` has no keys to fold"));
        }
        let approved = Path::parse(name);
        let default = full.default.map(|value| approved_value(full.form, &value));
        Ok(AttributeRow {
            pointer: approved.pointer(),
            approved,
            live: full
                .live
                .split('|')
                .map(|path| Path::parse(path.trim()))
                .collect(),
            form: full.form,
            values: full.values,
            absent: full.absent,
            null_is_any: full.null != NullMeaning::Unset,
            zero_is_any: full.null == NullMeaning::AnyOrZero,
            default: default.transpose()?,
            aside,
            separate: full.separate.into_iter().map(TypeName::from).collect(),
            by_name: false,
            unless: full.unless.map(|name| Path::parse(&name).pointer()),
            folds_keys: full.fold_keys,
            moved: full.moved.map(Moved::of).transpose()?.map(Box::new),
            moved_within: Moved::within(full.form, full.moved_within)?,
        })
    }
}

pub(super) fn reasons(raw: BTreeMap<String, String>) -> BTreeMap<AttributePath, String> {
    raw.into_iter()
        .map(|(name, why)| (Path::parse(&name).pointer(), why))
        .collect()
}
