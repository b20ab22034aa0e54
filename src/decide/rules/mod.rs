//! Rules: the severity, the action and the duties that a deviation gets.
//!
//! A rule set loads whole or not at all. A rule speaks of a deviation if everything in its
//! `match` block holds (a rule without one speaks of all) and its `when` is true. A rule that
//! names no `verdicts` speaks of those that leave something to be done: not of `authorised`,
//! `awaiting_apply` and `late`, so that no topical rule pages anybody for an approved change.
//!
//! Of the rules that speak of a deviation the most specific one decides. The order, most
//! important first ([`Specificity`]): depth of the attribute pointer; exact type before pattern
//! before none; number of tags; how many of workspaces, accounts and regions are named; `when`;
//! `kinds`; `verdicts`. Between equals the higher severity decides, then the rule's id. The order
//! of files and of rules in a file never matters.
//!
//! A `when` that cannot be evaluated counts as true with the action `alert`: a rule that somebody
//! wrote to be told must not fall silent because a value has an unexpected form.

mod defaults;
mod error;
mod explain;
mod fixing;
mod glob;
mod limit;
mod load;
mod matching;
mod pointer;
mod reader;
mod shipped;
mod sla;
mod source;
mod specificity;
mod when;
mod words;

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

pub use self::defaults::without_rule;
pub use self::error::{RuleError, RuleErrors};
pub use self::explain::{Considered, Outcome, UnknownRule};
use self::matching::Match;
pub use self::shipped::FILES as SHIPPED_FILES;
pub use self::source::Place;
pub use self::specificity::{Specificity, TypeReach};
use self::when::{Scene, When};
pub use self::when::{WhenFailure, function_usages};
use crate::model::{
    Action, Attribution, Deviation, Duties, Judgement, RuleId, Ruling, Severity, Sha256Digest,
};

/// What a rule decides on.
#[derive(Clone, Copy, Debug)]
pub struct RuleContext<'a> {
    pub deviation: &'a Deviation,
    pub judgement: &'a Judgement,
    pub attribution: Option<&'a Attribution>,
}

/// One `rule` block.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: RuleId,
    pub place: Place,
    pub severity: Severity,
    pub action: Action,
    pub duties: Duties,
    pub specificity: Specificity,
    matching: Match,
    when: Option<When>,
}

/// A whole set of rules, in the order in which they are asked.
#[derive(Clone, Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    digest: Sha256Digest,
}

impl RuleSet {
    /// Loads files of rules, given as name (for messages) and text.
    ///
    /// # Errors
    ///
    /// Every mistake in every file; with one mistake nothing is loaded.
    pub fn parse<N: AsRef<str>, T: AsRef<str>>(files: &[(N, T)]) -> Result<Self, RuleErrors> {
        let mut rules = load::rules(files)?;
        rules.sort_by(|a, b| {
            (Reverse(&a.specificity), Reverse(a.severity), &a.id).cmp(&(
                Reverse(&b.specificity),
                Reverse(b.severity),
                &b.id,
            ))
        });
        Ok(Self {
            rules,
            digest: digest(files.iter().map(|(_, text)| text.as_ref())),
        })
    }

    /// The rule set that is built in.
    ///
    /// # Errors
    ///
    /// None, as long as the tests pass: they load the shipped set.
    pub fn shipped() -> Result<Self, RuleErrors> {
        Self::parse(SHIPPED_FILES)
    }

    /// Names the rules by content: the same for any order and any names of the files, and for
    /// either kind of line ending.
    pub fn digest(&self) -> Sha256Digest {
        self.digest
    }

    /// In the order in which they are asked: the first that matches decides.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    pub fn len(&self) -> usize {
        self.rules.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id.as_str() == id)
    }

    /// What the rules give the deviation; the built-in default where none speaks of it.
    ///
    /// A deviation that is matched by name only stays below what its fidelity permits, whatever the
    /// rules say.
    pub fn rule(&self, ctx: &RuleContext<'_>) -> Ruling {
        limit::limited(ctx.deviation, self.unlimited(ctx))
    }

    fn unlimited(&self, ctx: &RuleContext<'_>) -> Ruling {
        let mut scene = None;
        for rule in &self.rules {
            if rule.matching.mismatch(ctx).is_some() {
                continue;
            }
            let Some(when) = &rule.when else {
                return rule.ruling();
            };
            match when.holds(scene.get_or_insert_with(|| Scene::new(ctx))) {
                Ok(true) => return rule.ruling(),
                Ok(false) => {}
                Err(failure) => return rule.ruling_after(&failure),
            }
        }
        let (severity, action) = without_rule(ctx.deviation.kind, ctx.judgement.verdict);
        Ruling {
            severity,
            action,
            rule: None,
            duties: Duties::default(),
            notes: Vec::new(),
        }
    }
}

impl Rule {
    /// The text of the `when`, as written.
    pub fn when(&self) -> Option<&str> {
        self.when.as_ref().map(|when| &*when.text)
    }

    fn ruling(&self) -> Ruling {
        Ruling {
            severity: self.severity,
            action: self.action,
            rule: Some(self.id.clone()),
            duties: self.duties.clone(),
            notes: Vec::new(),
        }
    }

    fn ruling_after(&self, failure: &WhenFailure) -> Ruling {
        Ruling {
            action: Action::Alert,
            notes: vec![format!(
                "`when` of rule `{}` could not be evaluated, so it counts as matched with the \
                 action `alert`: {failure}",
                self.id
            )],
            ..self.ruling()
        }
    }
}

fn digest<'t>(texts: impl Iterator<Item = &'t str>) -> Sha256Digest {
    let mut files: Vec<Sha256Digest> = texts
        .map(|text| Sha256Digest::of(text.replace("\r\n", "\n").as_bytes()))
        .collect();
    files.sort_unstable();
    let mut whole = Sha256::new();
    whole.update(b"driftwarden rules v1\n");
    for file in files {
        whole.update(file.0);
    }
    Sha256Digest(whole.finalize().into())
}
