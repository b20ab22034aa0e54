//! A message taken apart into what every form is made of: plain, safe, short texts in reading order.

use super::facts::{detector, finding, group, of_page};
use super::limit::cut;
use super::{Words, headline, link};
use crate::model::{Page, PageSubject, PagedFinding};
use crate::report::diff;
use crate::report::escape::{escape, escape_lines};
use crate::report::units::counted;

/// How much a form has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    Full,
    Short,
    /// The facts alone, in few words.
    Bare,
}

impl Detail {
    /// The longest text of a fact, in characters.
    pub(super) fn text(self) -> usize {
        match self {
            Self::Full => 600,
            Self::Short => 200,
            Self::Bare => 80,
        }
    }

    fn lines(self) -> usize {
        match self {
            Self::Full => 12,
            Self::Short => 6,
            Self::Bare => 0,
        }
    }

    fn body(self) -> usize {
        match self {
            Self::Full => 9_000,
            Self::Short => 2_500,
            Self::Bare => 500,
        }
    }
}

/// One thing to know, under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) headline: String,
    /// What the user's template says; it stands for facts, difference and members.
    pub(super) body: Option<String>,
    pub(super) facts: Vec<Fact>,
    /// What was approved and what is live, line by line, with `-` and `+`.
    pub(super) difference: Vec<String>,
    /// The findings of a group, one a line.
    pub(super) members: Vec<String>,
    pub(super) runbook: Option<String>,
    pub(super) evidence: Option<String>,
    /// Where the record lies, in words.
    pub(super) record: String,
    /// Whether something was left out.
    pub(super) is_short: bool,
}

/// Takes a message apart.
pub(super) fn parts(page: &Page, words: &Words, detail: Detail) -> Parts {
    let (mut facts, difference, members) = match &page.subject {
        PageSubject::Finding(one) => (finding(one), difference(one), Vec::new()),
        PageSubject::Group(one) => {
            let members: Vec<String> = one.some.iter().map(member).collect();
            (group(one), Vec::new(), members)
        }
        PageSubject::Detector { what, consequence } => {
            (detector(what, consequence), Vec::new(), Vec::new())
        }
        PageSubject::Plain { text } => {
            let text = escape_lines(text);
            let lines = text.lines().map(str::to_owned).collect();
            (Vec::new(), Vec::new(), lines)
        }
    };
    facts.extend(of_page(page));
    let mut is_short = detail != Detail::Full;
    for fact in &mut facts {
        // A command that is cut is no command.
        let most = if fact.label == super::facts::NEXT {
            600
        } else {
            detail.text()
        };
        shorten(&mut fact.text, most, &mut is_short);
    }
    let difference = some_of(difference, detail, &mut is_short);
    let members = some_of(members, detail, &mut is_short);
    let origin = cut(&escape(&page.evidence.origin), 200);
    let body = words.body.as_ref().map(|body| {
        let mut body = escape_lines(body);
        shorten(&mut body, detail.body(), &mut is_short);
        body
    });
    Parts {
        headline: headline(page, words),
        body,
        facts,
        difference,
        members,
        runbook: page.runbook.as_deref().and_then(link),
        evidence: page.evidence.url.as_deref().and_then(link),
        record: format!("entry {} of the log {origin}", page.evidence.entry),
        is_short,
    }
}

fn shorten(text: &mut String, most: usize, is_short: &mut bool) {
    if text.chars().nth(most).is_some() {
        *text = cut(text, most);
        *is_short = true;
    }
}

/// The first lines, and how many more there are.
fn some_of(lines: Vec<String>, detail: Detail, is_short: &mut bool) -> Vec<String> {
    let left_out = lines.len().saturating_sub(detail.lines());
    let mut some: Vec<String> = lines.into_iter().take(detail.lines()).collect();
    for line in &mut some {
        shorten(line, detail.text().min(300), is_short);
    }
    if left_out > 0 {
        some.push(format!("… {}", counted(left_out, "more line")));
        *is_short = true;
    }
    some
}

fn difference(one: &PagedFinding) -> Vec<String> {
    if one.approved.is_null() && one.live.is_null() {
        return Vec::new();
    }
    let lines = diff::lines(&one.approved, &one.live).into_iter();
    lines
        .map(|line| format!("{} {}", line.side.sign(), escape(&line.text)))
        .collect()
}

fn member(one: &PagedFinding) -> String {
    let what = super::facts::what(one);
    let verdict = one.verdict;
    match &one.who {
        Some(who) => format!("{what}: {verdict}, by {}", escape(&who.name)),
        None => format!("{what}: {verdict}"),
    }
}
