//! Blocks against the vocabulary: what is unknown, missing, given twice or of the wrong shape is
//! told here, once for all blocks, and what remains is text with its place.

use std::collections::BTreeMap;

use hcl_edit::structure::{Attribute, Block, Structure};

use super::document::{Document, start_of};
use super::error::{Problems, place};
use super::literal::{Placed, Setting, setting};
use super::vocabulary::{BlockSpec, Shape};
use super::words::{listed, suggest};

const MAX_BLOCKS: usize = 5_000;

/// One block that the vocabulary knows.
pub(super) struct Section {
    pub(super) spec: &'static BlockSpec,
    /// The user's own name for it; empty where the block has none.
    pub(super) name: Placed,
    pub(super) offset: usize,
    settings: BTreeMap<&'static str, Setting>,
}

impl Section {
    pub(super) fn text(&self, name: &str) -> Option<&Placed> {
        match self.settings.get(name)? {
            Setting::One(placed) => Some(placed),
            Setting::Many(..) => None,
        }
    }

    /// The elements of a list; none where it is not given.
    pub(super) fn texts(&self, name: &str) -> &[Placed] {
        match self.settings.get(name) {
            Some(Setting::Many(_, elements)) => elements,
            Some(Setting::One(_)) | None => &[],
        }
    }

    /// Where an attribute's value starts.
    pub(super) fn place_of(&self, name: &str) -> usize {
        match self.settings.get(name) {
            Some(Setting::One(placed)) => placed.offset,
            Some(Setting::Many(offset, _)) => *offset,
            None => self.offset,
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.settings.contains_key(name)
    }
}

pub(super) fn read(
    document: &Document,
    known: &[&'static BlockSpec],
    problems: &mut Problems<'_>,
) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut blocks = 0;
    for structure in document.body.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let key = real_name(attribute, document);
                let what = format!("`{key}` stands outside every block");
                let help = match blocks_in(None, known).any(|spec| spec.name == key) {
                    true => format!("`{key}` is a block: write `{key} {{ … }}`"),
                    false => known_blocks(key, None, known),
                };
                problems.add_with_help(start_of(&attribute.key), what, help);
            }
            Structure::Block(block) => {
                blocks += 1;
                if blocks > MAX_BLOCKS {
                    let what = format!("the file has more than {MAX_BLOCKS} blocks");
                    problems.add(start_of(&block.ident), what);
                    break;
                }
                section(block, None, known, document, problems, &mut sections);
            }
        }
    }
    sections
}

/// The known blocks that may stand in that block, or at the top of the file.
fn blocks_in<'k>(
    within: Option<&'static str>,
    known: &'k [&'static BlockSpec],
) -> impl Iterator<Item = &'static BlockSpec> + 'k {
    let own = move |spec: &&BlockSpec| spec.within == within;
    known.iter().copied().filter(own)
}

fn known_blocks(
    unknown: &str,
    within: Option<&'static str>,
    known: &[&'static BlockSpec],
) -> String {
    suggest(unknown, blocks_in(within, known).map(|spec| spec.name))
}

fn real_name<'a>(attribute: &'a Attribute, document: &'a Document) -> &'a str {
    let renamed = document.repeated.get(&start_of(&attribute.key));
    renamed.map_or(attribute.key.as_str(), String::as_str)
}

fn section(
    block: &Block,
    within: Option<&'static str>,
    known: &[&'static BlockSpec],
    document: &Document,
    problems: &mut Problems<'_>,
    sections: &mut Vec<Section>,
) {
    let offset = start_of(&block.ident);
    let Some((spec, name)) = identify(block, within, known, problems) else {
        return;
    };
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut settings = BTreeMap::new();
    for structure in block.body.iter() {
        let attribute = match structure {
            Structure::Attribute(attribute) => attribute,
            Structure::Block(inner) => {
                let word = inner.ident.as_str();
                if blocks_in(Some(spec.name), known).any(|own| own.name == word) {
                    section(inner, Some(spec.name), known, document, problems, sections);
                } else {
                    refuse_inner(inner, spec, known, problems);
                }
                continue;
            }
        };
        let at = start_of(&attribute.key);
        let key = real_name(attribute, document);
        let Some(known) = spec.attribute(key) else {
            let what = format!("unknown attribute `{key}` in `{}`", spec.name);
            let help = suggest(key, spec.attributes.iter().map(|known| known.name));
            problems.add_with_help(at, what, help);
            continue;
        };
        if let Some(first) = seen.get(known.name) {
            let first = place(&problems.locate(*first));
            let what = format!("`{key}` is given twice in `{}`", spec.name);
            problems.add_with_help(at, what, format!("the first is at {first}; keep one"));
            continue;
        }
        seen.insert(known.name, at);
        if let Some(setting) = setting(known.name, known.shape, &attribute.value, problems) {
            settings.insert(known.name, setting);
        }
    }
    for known in spec.attributes {
        if known.required && !seen.contains_key(known.name) {
            let what = format!("`{}` lacks the attribute `{}`", spec.name, known.name);
            problems.add_with_help(offset, what, format!("add {}", example(known)));
        }
    }
    sections.push(Section {
        spec,
        name,
        offset,
        settings,
    });
}

fn example(known: &super::vocabulary::AttributeSpec) -> String {
    match known.shape {
        Shape::Text => format!("`{} = \"…\"`", known.name),
        Shape::Texts => format!("`{} = [\"…\"]`", known.name),
        Shape::Number => format!("`{} = 2`", known.name),
    }
}

fn refuse_inner(
    inner: &Block,
    spec: &BlockSpec,
    known: &[&'static BlockSpec],
    problems: &mut Problems<'_>,
) {
    let name = inner.ident.as_str();
    let what = format!("unknown block `{name}` in `{}`", spec.name);
    let help = match spec.attribute(name) {
        Some(own) => format!("it is an attribute: {}", example(own)),
        None => {
            let attributes = spec.attributes.iter().map(|own| own.name);
            let inner = blocks_in(Some(spec.name), known).map(|own| own.name);
            suggest(name, attributes.chain(inner))
        }
    };
    problems.add_with_help(start_of(&inner.ident), what, help);
}

/// Which block this is by its first word and its labels.
fn identify(
    block: &Block,
    within: Option<&'static str>,
    known: &[&'static BlockSpec],
    problems: &mut Problems<'_>,
) -> Option<(&'static BlockSpec, Placed)> {
    let word = block.ident.as_str();
    let offset = start_of(&block.ident);
    let same_word: Vec<_> = blocks_in(within, known)
        .filter(|spec| spec.name == word)
        .collect();
    let Some(first) = same_word.first() else {
        let what = format!("unknown block `{word}`");
        let elsewhere = known.iter().find(|spec| spec.name == word);
        let help = match elsewhere.and_then(|spec| spec.within) {
            Some(outer) => format!("it stands within `{outer}`"),
            None => known_blocks(word, within, known),
        };
        problems.add_with_help(offset, what, help);
        return None;
    };
    let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
    let expected = usize::from(first.kind.is_some()) + usize::from(first.named);
    if labels.len() != expected {
        let forms: Vec<_> = same_word.iter().map(|spec| spec.form()).collect();
        let what = format!(
            "`{word}` has {}, not {expected}",
            count_labels(labels.len())
        );
        let help = format!("write {}", listed(forms.iter().map(String::as_str)));
        problems.add_with_help(offset, what, help);
        return None;
    }
    let spec = match (first.kind, labels.first()) {
        (Some(_), Some(kind)) => {
            let found = same_word.iter().find(|spec| spec.kind == Some(kind));
            if found.is_none() {
                let at = block.labels.first().map_or(offset, start_of);
                let kinds = same_word.iter().filter_map(|spec| spec.kind);
                let what = format!("unknown kind `{kind}` of `{word}`");
                problems.add_with_help(at, what, suggest(kind, kinds));
            }
            found?
        }
        _ => first,
    };
    let name = match (spec.named, block.labels.last()) {
        (true, Some(label)) => Placed {
            text: label.as_str().to_owned(),
            offset: start_of(label),
        },
        _ => Placed {
            text: String::new(),
            offset,
        },
    };
    Some((spec, name))
}

fn count_labels(count: usize) -> String {
    match count {
        0 => "no label".to_owned(),
        1 => "1 label".to_owned(),
        more => format!("{more} labels"),
    }
}
