//! One query on its way through its pages.

use std::collections::BTreeSet;

use super::Types;
use crate::model::Sha256Digest;

/// So many pages in a row may hold nothing and lead on.
const MAX_EMPTY: u32 = 20;

pub(super) struct Query {
    pub(super) types: Types,
    pub(super) expression: String,
    pub(super) token: Option<String>,
    /// Digests of the tokens that led on.
    tokens: BTreeSet<Sha256Digest>,
    empty: u32,
    /// Something of these types was not as it should be.
    pub(super) is_partial: bool,
}

/// What comes after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    On,
    End,
    /// It would go on for ever.
    Endless,
}

impl Query {
    pub(super) fn new(types: Types, expression: String) -> Self {
        Self {
            types,
            expression,
            token: None,
            tokens: BTreeSet::new(),
            empty: 0,
            is_partial: false,
        }
    }

    /// Turns the page: a token that came before leads in a circle.
    pub(super) fn turn(&mut self, next: Option<String>, is_empty: bool) -> Turn {
        self.empty = match is_empty {
            true => self.empty + 1,
            false => 0,
        };
        let Some(next) = next else {
            return Turn::End;
        };
        let is_new = self.tokens.insert(Sha256Digest::of(next.as_bytes()));
        self.token = Some(next);
        match is_new && self.empty <= MAX_EMPTY {
            true => Turn::On,
            false => Turn::Endless,
        }
    }
}
