//! What was reviewed: which changes do not disrupt, which types are pure configuration or pure
//! grants, and which run or hold data. As data beside the code, so that it can be read and reviewed
//! without it.

use serde::Deserialize;
use thiserror::Error;

use super::{Importing, Question, way};
use crate::model::{AttributePath, FixWay, TypeName, fits};

const REVIEWED: &str = include_str!("reviewed.toml");

/// The lists as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    #[serde(default)]
    set_back: Vec<Attributes>,
    #[serde(default)]
    put_back: Vec<Reviewed>,
    #[serde(default)]
    take_away: Vec<Grant>,
    #[serde(default)]
    protected: Vec<Reviewed>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attributes {
    #[serde(rename = "type")]
    type_name: String,
    attributes: Vec<String>,
    why: String,
}

/// One row: a type, or for protected ones a pattern, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviewed {
    #[serde(rename = "type")]
    type_name: String,
    why: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    #[serde(rename = "type")]
    type_name: String,
    why: String,
    /// Without it, only people take one away.
    import: Option<Importing>,
}

#[derive(Debug, Error)]
pub enum ListsError {
    #[error("the reviewed lists cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    #[error("`{0}` has no reason")]
    NoReason(String),
    #[error("`{0}` is protected, and is to be made or removed")]
    Protected(String),
    #[error("how `{0}` is imported: {1}")]
    Import(String, String),
}

impl Lists {
    /// Those that are built in.
    ///
    /// # Errors
    /// None, as long as the tests pass: they read them.
    pub fn reviewed() -> Result<Self, ListsError> {
        let lists: Self = toml::from_str(REVIEWED)?;
        lists.checked()
    }

    fn checked(self) -> Result<Self, ListsError> {
        let set_back = self.set_back.iter();
        let set_back = set_back.map(|row| (&row.type_name, &row.why));
        let put_back = self.put_back.iter().map(|row| (&row.type_name, &row.why));
        let take_away = self.take_away.iter().map(|row| (&row.type_name, &row.why));
        let protected = self.protected.iter().map(|row| (&row.type_name, &row.why));
        let made_or_removed = put_back.chain(take_away);
        let mut all = made_or_removed.clone().chain(set_back).chain(protected);
        if let Some((name, _)) = all.find(|(_, why)| why.trim().is_empty()) {
            return Err(ListsError::NoReason(name.clone()));
        }
        let mut both = made_or_removed.filter(|(name, _)| self.protects(name).is_some());
        if let Some((name, _)) = both.next() {
            return Err(ListsError::Protected(name.clone()));
        }
        let mut imports = self.take_away.iter();
        let fault = imports.find_map(|row| Some((row, row.import.as_ref()?.fault()?)));
        match fault {
            Some((row, fault)) => Err(ListsError::Import(row.type_name.clone(), fault)),
            None => Ok(self),
        }
    }

    /// How a provider finds one that is to be taken away.
    pub fn importing(&self, type_name: &TypeName) -> Option<&Importing> {
        let mut rows = self.take_away.iter();
        let row = rows.find(|row| row.type_name == type_name.as_str())?;
        row.import.as_ref()
    }

    fn protects(&self, type_name: &str) -> Option<&Reviewed> {
        let mut rows = self.protected.iter();
        rows.find(|row| fits(&row.type_name, type_name))
    }

    /// Whether an attribute may be set back: the pointer names it, or lies within it.
    fn may_set_back(&self, type_name: &TypeName, attribute: &AttributePath) -> bool {
        let Some(first) = attribute.tokens().next() else {
            return false;
        };
        let mut rows = self.set_back.iter();
        rows.any(|row| row.type_name == type_name.as_str() && row.attributes.contains(&first))
    }

    /// Every row of what may be fixed: the way, the type, and of what is set back, the attributes.
    pub fn rows(&self) -> Vec<(FixWay, &str, &[String])> {
        let set_back = self.set_back.iter();
        let mut rows: Vec<(FixWay, &str, &[String])> = set_back
            .map(|row| (FixWay::SetBack, row.type_name.as_str(), &*row.attributes))
            .collect();
        let none: &[String] = &[];
        let put_back = self.put_back.iter();
        rows.extend(put_back.map(|row| (FixWay::PutBack, row.type_name.as_str(), none)));
        let take_away = self.take_away.iter();
        rows.extend(take_away.map(|row| (FixWay::TakeAway, row.type_name.as_str(), none)));
        rows
    }
}

/// Only what is on a reviewed list is fixed, and of it only what the configuration allows.
pub(super) fn reviewed(question: &Question<'_>) -> Option<String> {
    let subject = question.subject;
    let type_name = &subject.type_name;
    if let Some(allow) = &question.policy.allow
        && !allow.iter().any(|own| fits(own, type_name.as_str()))
    {
        return Some(format!("`allow` does not name {type_name}"));
    }
    let lists = question.lists;
    let own = type_name.as_str();
    let is_put_back = lists.put_back.iter().any(|row| row.type_name == own);
    let is_taken_away = lists.take_away.iter().any(|row| row.type_name == own);
    match way(subject) {
        None => Some(format!("no fix is known for `{}`", subject.kind.as_str())),
        Some(FixWay::SetBack) => match &subject.attribute {
            Some(own) if lists.may_set_back(type_name, own) => None,
            Some(own) => Some(format!(
                "{type_name} {own} is not on the list of changes that do not disrupt"
            )),
            None => Some("it names no attribute".to_owned()),
        },
        Some(FixWay::PutBack) => (!is_put_back).then(|| {
            format!("{type_name} is not on the list of pure configuration that is put back")
        }),
        Some(FixWay::TakeAway) => (!is_taken_away)
            .then(|| format!("{type_name} is not on the list of pure grants that are taken away")),
    }
}

/// Nothing that runs or holds data is made or removed by a fix.
pub(super) fn protected(question: &Question<'_>) -> Option<String> {
    let makes_or_removes = match way(question.subject)? {
        FixWay::PutBack | FixWay::TakeAway => true,
        FixWay::SetBack => false,
    };
    let type_name = question.subject.type_name.as_str();
    let row = question.lists.protects(type_name)?;
    makes_or_removes.then(|| format!("{type_name} is protected: {}", row.why))
}

pub(super) fn denied(question: &Question<'_>) -> Option<String> {
    let subject = question.subject;
    let policy = question.policy;
    let type_name = subject.type_name.as_str();
    let any = |patterns: &[String], text: &str| patterns.iter().any(|own| fits(own, text));
    let attribute = subject.attribute.as_ref();
    let attribute = attribute.map(|own| format!("{type_name}{own}"));
    if any(&policy.deny_types, type_name) {
        return Some(format!("`deny_types` names {type_name}"));
    }
    if let Some(own) = attribute.filter(|own| any(&policy.deny_attributes, own)) {
        return Some(format!("`deny_attributes` names {own}"));
    }
    let workspace = subject.touches();
    let own = workspace.filter(|own| any(&policy.deny_workspaces, own.as_str()))?;
    Some(format!("`deny_workspaces` names {own}"))
}

#[cfg(test)]
impl Lists {
    /// Lists of a test's own.
    pub(crate) fn of(text: &str) -> Self {
        toml::from_str(text).unwrap()
    }

    pub(crate) fn check_of(text: &str) -> Result<(), ListsError> {
        Self::of(text).checked().map(drop)
    }
}
