//! The users and roles that the items of IAM show, by ARN and unique id.

use std::collections::BTreeMap;

use super::millis;
use crate::ingest::config_item::{Item, Status};
use crate::normalise::equal::Principals;

/// What items say of who has a name: the newest counts, in whatever order they come.
#[derive(Debug, Default)]
pub struct Named(BTreeMap<Box<str>, (i64, Option<Box<str>>)>);

impl Named {
    /// The types of Config whose items name them.
    pub const TYPES: [&str; 2] = ["AWS::IAM::Role", "AWS::IAM::User"];

    pub fn note(&mut self, item: &Item<'_>) {
        let is_principal = Self::TYPES.contains(&&*item.resource_type);
        let Some(arn) = item.arn.as_deref().filter(|_| is_principal) else {
            return;
        };
        let id = match item.status {
            Status::Present => Some(&*item.resource_id),
            Status::Deleted => None,
            Status::NotRecorded => return,
        };
        // Some channels give the name in place of the id.
        let is_id = |id: &&str| id.starts_with("AROA") || id.starts_with("AIDA");
        let found = (millis(item.captured_at), id.filter(is_id).map(Box::from));
        self.newest(arn.into(), found);
    }

    pub fn absorb(&mut self, other: Self) {
        for (arn, found) in other.0 {
            self.newest(arn, found);
        }
    }

    fn newest(&mut self, arn: Box<str>, found: (i64, Option<Box<str>>)) {
        let known = self.0.entry(arn).or_insert_with(|| found.clone());
        if *known < found {
            *known = found;
        }
    }

    pub fn principals(&self) -> Principals {
        let mut principals = Principals::default();
        for (arn, (_, id)) in &self.0 {
            if let Some(id) = id {
                principals.add(arn, id);
            }
        }
        principals
    }
}
