//! Why a rule decides, and why another does not.

use std::fmt::Write as _;

use super::when::{Scene, WhenFailure};
use super::{Place, Rule, RuleContext, RuleSet, sla, words};
use crate::model::{DeviationKind, RuleId, Verdict};

/// An id that no rule has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{id}`")]
pub struct UnknownRule {
    pub id: String,
    pub help: String,
}

/// What came of asking one rule about one deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    pub rule: RuleId,
    pub place: Place,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The first rule in order that matches.
    Decides,
    /// The first rule in order, because its `when` could not be evaluated.
    DecidesByFailure(WhenFailure),
    /// It matches too, but a more specific rule decides.
    Outranked,
    /// Something in its `match` block does not hold; the text says what.
    NotMatched(String),
    WhenFalse,
}

impl RuleSet {
    /// Every rule in the order in which it is asked, with what came of it.
    pub fn explain_deviation(&self, ctx: &RuleContext<'_>) -> Vec<Considered> {
        let scene = Scene::new(ctx);
        let mut decided = false;
        let mut considered = Vec::with_capacity(self.len());
        for rule in self.iter() {
            let outcome = match rule.matching.mismatch(ctx) {
                Some(reason) => Outcome::NotMatched(reason),
                None => match rule.when.as_ref().map(|when| when.holds(&scene)) {
                    Some(Ok(false)) => Outcome::WhenFalse,
                    _ if decided => Outcome::Outranked,
                    None | Some(Ok(true)) => Outcome::Decides,
                    Some(Err(failure)) => Outcome::DecidesByFailure(failure),
                },
            };
            decided |= matches!(outcome, Outcome::Decides | Outcome::DecidesByFailure(_));
            considered.push(Considered {
                rule: rule.id.clone(),
                place: rule.place.clone(),
                outcome,
            });
        }
        considered
    }

    /// The rule in words: what it gives, what it matches, how specific it is, which rules of the
    /// set and of the shipped set it goes before or stands in for.
    ///
    /// # Errors
    ///
    /// No rule has the id; the help names the nearest one.
    pub fn explain(&self, id: &str) -> Result<String, UnknownRule> {
        let rule = self.get(id).ok_or_else(|| UnknownRule {
            id: id.to_owned(),
            help: match words::nearest(id, &self.ids()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`driftwarden rules list` shows them all".to_owned(),
            },
        })?;
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = write_rule(&mut text, rule);
        let _ = self.write_order(&mut text, rule);
        Ok(text)
    }

    fn ids(&self) -> Vec<&str> {
        self.iter().map(|rule| rule.id.as_str()).collect()
    }

    fn write_order(&self, out: &mut String, rule: &Rule) -> std::fmt::Result {
        let overlapping = |other: &&Rule| other.matching.overlaps(&rule.matching);
        let before: Vec<&Rule> = self
            .iter()
            .take_while(|other| other.id != rule.id)
            .filter(overlapping)
            .collect();
        let after: Vec<&Rule> = self
            .iter()
            .skip_while(|other| other.id != rule.id)
            .skip(1)
            .filter(overlapping)
            .collect();
        write_rules(out, "asked after", &before)?;
        write_rules(out, "goes before", &after)?;
        let Ok(shipped) = RuleSet::shipped() else {
            return Ok(());
        };
        if shipped.digest() == self.digest() {
            return Ok(());
        }
        let same = |other: &&Rule| other.id == rule.id;
        let stands_in: Vec<&Rule> = shipped.iter().filter(same).collect();
        write_rules(out, "stands in for the shipped", &stands_in)?;
        let left_out: Vec<&Rule> = shipped
            .iter()
            .filter(|other| !same(other) && overlapping(other))
            .filter(|other| other.specificity <= rule.specificity)
            .filter(|other| self.get(other.id.as_str()).is_none())
            .collect();
        write_rules(out, "would go before the shipped", &left_out)
    }
}

fn write_rules(out: &mut String, title: &str, rules: &[&Rule]) -> std::fmt::Result {
    if rules.is_empty() {
        return Ok(());
    }
    const MOST: usize = 12;
    writeln!(out, "{title}")?;
    for rule in rules.iter().take(MOST) {
        let (severity, action) = (rule.severity.as_str(), rule.action.as_str());
        writeln!(out, "  {} ({severity}, {action}) {}", rule.id, rule.place)?;
    }
    match rules.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

fn write_rule(out: &mut String, rule: &Rule) -> std::fmt::Result {
    writeln!(out, "rule {} at {}", rule.id, rule.place)?;
    let duties = &rule.duties;
    if let Some(description) = &duties.description {
        writeln!(out, "  {description}")?;
    }
    writeln!(out, "gives")?;
    row(out, "severity", rule.severity.as_str())?;
    row(out, "action", rule.action.as_str())?;
    for (name, value) in [
        ("owner", duties.owner.clone()),
        ("sla", duties.sla_seconds.map(sla::show_seconds)),
        ("runbook", duties.runbook.clone()),
    ] {
        if let Some(value) = value {
            row(out, name, &value)?;
        }
    }
    list(out, "controls", &duties.controls)?;
    row(out, "fix", &rule.fixes())?;
    writeln!(out, "matches")?;
    let matching = &rule.matching;
    list(out, "types", &matching.types)?;
    list(out, "attributes", &matching.attributes)?;
    let kinds: Vec<&str> = matching
        .kinds
        .iter()
        .map(|kind| DeviationKind::as_str(*kind))
        .collect();
    list(out, "kinds", &kinds)?;
    let verdicts = matching.verdicts().iter();
    let verdicts: Vec<&str> = verdicts.map(|verdict| Verdict::as_str(*verdict)).collect();
    list(out, "verdicts", &verdicts)?;
    list(out, "accounts", &matching.accounts)?;
    list(out, "regions", &matching.regions)?;
    list(out, "workspaces", &matching.workspaces)?;
    let tags: Vec<String> = matching
        .tags
        .iter()
        .map(|(key, pattern)| format!("{key}={pattern}"))
        .collect();
    list(out, "tags", &tags)?;
    if let Some(when) = rule.when() {
        row(out, "when", when)?;
    }
    writeln!(out, "specificity\n  {}", rule.specificity)
}

fn row(out: &mut String, name: &str, value: &str) -> std::fmt::Result {
    writeln!(out, "  {name:<12}{value}")
}

fn list<T: std::fmt::Display>(out: &mut String, name: &str, values: &[T]) -> std::fmt::Result {
    if values.is_empty() {
        return Ok(());
    }
    let values: Vec<String> = values.iter().map(T::to_string).collect();
    row(out, name, &values.join(", "))
}
