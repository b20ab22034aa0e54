//! Rule files to rules: everything that is wrong is said at once.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body, Structure};

use super::Rule;
use super::error::{RuleError, RuleErrors};
use super::glob::Glob;
use super::matching::Match;
use super::pointer::PointerPattern;
use super::reader::{Fields, Reader};
use super::sla;
use super::source::{Place, SourceFile};
use super::specificity::Specificity;
use super::when::When;
use super::words;
use crate::ingest::hcl::{self, NotHcl, Unclosed};
use crate::model::{Action, DeviationKind, Duties, RuleId, Severity, Verdict};

const RULE_WORDS: [&str; 9] = [
    "description",
    "match",
    "when",
    "severity",
    "action",
    "owner",
    "sla",
    "runbook",
    "controls",
];
const MATCH_WORDS: [&str; 8] = [
    "types",
    "attributes",
    "kinds",
    "verdicts",
    "accounts",
    "regions",
    "workspaces",
    "tags",
];

pub(super) fn rules<N: AsRef<str>, T: AsRef<str>>(
    files: &[(N, T)],
) -> Result<Vec<Rule>, RuleErrors> {
    let mut errors = Vec::new();
    let mut rules: Vec<Rule> = Vec::new();
    let mut places: BTreeMap<RuleId, Place> = BTreeMap::new();
    for (name, text) in files {
        let file = SourceFile::new(name.as_ref(), text.as_ref());
        for rule in file_rules(&file, &mut errors) {
            if let Some(first) = places.get(&rule.id) {
                let what = format!("rule `{}` is defined twice", rule.id);
                errors.push(RuleError::new(rule.place.clone(), what).help(format!(
                    "it is first at {first}; rename or remove one of them"
                )));
                continue;
            }
            places.insert(rule.id.clone(), rule.place.clone());
            rules.push(rule);
        }
    }
    // A file that was cut off to nothing would change every severity in silence.
    if let (Some((name, text)), true) = (files.first(), rules.is_empty() && errors.is_empty()) {
        let place = SourceFile::new(name.as_ref(), text.as_ref()).at(1, 1);
        let help = "write one, or name no rule files: the shipped rules hold then";
        errors.push(RuleError::new(place, "the rule files hold no rule").help(help));
    }
    match RuleErrors::sorted(errors) {
        Some(errors) => Err(errors),
        None => Ok(rules),
    }
}

fn file_rules(file: &SourceFile<'_>, errors: &mut Vec<RuleError>) -> Vec<Rule> {
    let body = match hcl::body(file.text) {
        Ok(body) => body,
        Err(error) => {
            let place = file.at(error.line(), error.column());
            let (what, help) = match &error {
                NotHcl::Unclosed(_) => (error.what(), Unclosed::HELP),
                NotHcl::Parser(_) => (
                    format!("not valid HCL: {}", error.what()),
                    "look here and in the lines above for a quote, bracket or brace without its pair",
                ),
            };
            errors.push(RuleError::new(place, what).help(help));
            return Vec::new();
        }
    };
    let mut reader = Reader { file, errors };
    let mut rules = Vec::new();
    for structure in body.iter() {
        match structure {
            Structure::Block(block) if block.has_ident("rule") => {
                rules.extend(rule(block, &mut reader));
            }
            Structure::Block(block) => {
                let what = format!("unknown block `{}`", block.ident.as_str());
                reader.error(
                    block.ident.span(),
                    what,
                    "a rule file holds `rule` blocks only",
                );
            }
            Structure::Attribute(attribute) => {
                let what = format!("unknown attribute `{}`", attribute.key.as_str());
                reader.error(
                    attribute.key.span(),
                    what,
                    "a rule file holds `rule` blocks only",
                );
            }
        }
    }
    rules
}

/// The rule, or nothing if what it needs most is wrong; the errors say what.
fn rule(block: &Block, reader: &mut Reader<'_, '_>) -> Option<Rule> {
    let id = rule_id(block, reader);
    let shown = id.as_ref().map_or("?", RuleId::as_str).to_owned();
    let context = format!("rule `{shown}`");
    let fields = reader.fields(&block.body, &context, &RULE_WORDS, &["match"]);
    let duties = duties(&fields, reader);
    let severity = reader.word(
        &fields,
        "severity",
        Severity::ALL.map(Severity::as_str),
        Severity::parse,
    );
    let action = reader.word(
        &fields,
        "action",
        Action::ALL.map(Action::as_str),
        Action::parse,
    );
    for (name, found) in [
        ("severity", fields.has("severity")),
        ("action", fields.has("action")),
    ] {
        if !found {
            let known = match name {
                "severity" => words::list(&Severity::ALL.map(Severity::as_str)),
                _ => words::list(&Action::ALL.map(Action::as_str)),
            };
            reader.error(
                block.ident.span(),
                format!("{context} has no `{name}`"),
                format!("add `{name} = ...`, one of {known}"),
            );
        }
    }
    let matching = match fields.block("match") {
        Some(found) => match_block(found, &context, reader),
        None => Match::default(),
    };
    let when = fields
        .value("when")
        .map(|expression| When::compile(expression, reader.file, reader.errors));
    Some(Rule {
        id: id?,
        place: reader.file.place(block.ident.span()),
        severity: severity?,
        action: action?,
        duties,
        specificity: Specificity::of(&matching, when.is_some()),
        matching,
        when,
    })
}

fn rule_id(block: &Block, reader: &mut Reader<'_, '_>) -> Option<RuleId> {
    const LONGEST: usize = 80;
    let [label] = block.labels.as_slice() else {
        reader.error(
            block.ident.span(),
            format!("a rule has one label, its id, not {}", block.labels.len()),
            "write `rule \"my-rule\" { ... }`",
        );
        return None;
    };
    let id = label.as_str();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.is_empty() || id.len() > LONGEST || !id.chars().all(fits) {
        reader.error(
            label.span(),
            format!("`{}` is no rule id", id.escape_debug()),
            format!("use letters, digits, `-`, `_` and `.`, at most {LONGEST} of them"),
        );
        return None;
    }
    Some(RuleId::from(id))
}

fn duties(fields: &Fields<'_>, reader: &mut Reader<'_, '_>) -> Duties {
    let sla_seconds = reader.text(fields, "sla").and_then(|(text, span)| {
        let seconds = sla::parse_seconds(&text);
        if seconds.is_none() {
            reader.error(
                span,
                format!("`{text}` is no duration"),
                "write a whole number and a unit: `15m`, `4h`, `2d`",
            );
        }
        seconds
    });
    let runbook = reader.text(fields, "runbook").and_then(|(url, span)| {
        let is_url = url.strip_prefix("https://").is_some_and(|rest| {
            !rest.is_empty() && !rest.starts_with('/') && !url.contains(char::is_whitespace)
        });
        if !is_url {
            reader.error(
                span,
                format!("`{url}` is no runbook address"),
                "write a whole URL that begins with `https://`",
            );
        }
        is_url.then_some(url)
    });
    Duties {
        description: reader.text(fields, "description").map(|(text, _)| text),
        owner: reader.text(fields, "owner").map(|(text, _)| text),
        sla_seconds,
        runbook,
        controls: reader.strings(fields, "controls", |text| Ok(text.to_owned())),
    }
}

fn match_block(block: &Block, context: &str, reader: &mut Reader<'_, '_>) -> Match {
    let context = format!("`match` of {context}");
    if !block.labels.is_empty() {
        let what = format!("{context} has a label");
        reader.error(block.ident.span(), what, "write `match { ... }`");
    }
    let fields = reader.fields(&block.body, &context, &MATCH_WORDS, &[]);
    if is_empty(&block.body) {
        reader.error(
            block.ident.span(),
            format!("{context} is empty"),
            "name what the rule is about, or remove the block to match everything",
        );
    }
    let place = |text: &str| Ok(Glob::new(text));
    let matching = Match {
        types: reader.strings(&fields, "types", type_glob),
        attributes: reader.strings(&fields, "attributes", |text| {
            PointerPattern::parse(text).map_err(|what| {
                let what = format!("`{text}` is no attribute pointer: it {what}");
                (
                    what,
                    "write it as in `/ingress` or `/tags_all/Owner`".to_owned(),
                )
            })
        }),
        kinds: reader.words(
            &fields,
            "kinds",
            DeviationKind::ALL.map(DeviationKind::as_str),
            DeviationKind::parse,
        ),
        verdicts: reader.words(
            &fields,
            "verdicts",
            Verdict::ALL.map(Verdict::as_str),
            |word| {
                Verdict::ALL
                    .into_iter()
                    .find(|verdict| verdict.as_str() == word)
            },
        ),
        accounts: reader.strings(&fields, "accounts", place),
        regions: reader.strings(&fields, "regions", place),
        workspaces: reader.strings(&fields, "workspaces", place),
        tags: reader.tags(&fields, "tags"),
    };
    if matching.is_of_resources_only() && !matching.attributes.is_empty() {
        reader.error(
            block.ident.span(),
            format!("{context} can never hold: only `changed` deviations have an attribute"),
            "add `changed` to `kinds`, or remove `attributes`",
        );
    }
    matching
}

fn is_empty(body: &Body) -> bool {
    body.iter().next().is_none()
}

fn type_glob(text: &str) -> Result<Glob, (String, String)> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_*?".contains(c);
    if text.chars().all(fits) {
        return Ok(Glob::new(text));
    }
    Err((
        format!("`{text}` is no type or pattern of types"),
        "use small letters, digits, `_`, `*` and `?`, as in `aws_s3_bucket_*`".to_owned(),
    ))
}
