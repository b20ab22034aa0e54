//! The blocks of one module: the files of one folder, override files last.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Span;
use hcl_edit::structure::{Block, BlockLabel, Body};

use super::lifecycle::{Lifecycle, NotAReference, Said};
use super::{SourceProblem, paths};
use crate::model::SourceLocation;

#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    resources: BTreeMap<String, BTreeMap<String, Resource>>,
    calls: BTreeMap<String, Call>,
    /// An override file could not be read: what it says of any resource is unknown.
    override_unread: bool,
}

#[derive(Clone, Debug)]
struct Resource {
    location: SourceLocation,
    /// `None` if it could not be read.
    lifecycle: Option<Said>,
    /// Names of its `dynamic` blocks, at any depth.
    dynamic: BTreeSet<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Call {
    pub location: SourceLocation,
    /// The folder of a local module; none for a module that comes from elsewhere.
    pub folder: Option<String>,
}

/// One parsed file.
pub(super) struct File<'t> {
    pub name: &'t str,
    pub text: &'t str,
    pub body: Body,
    pub is_override: bool,
}

/// Terraform merges such a file over the others of its folder.
pub(super) fn is_override(file_name: &str) -> bool {
    let stem = file_name.split('.').next().unwrap_or(file_name);
    stem == "override" || stem.ends_with("_override")
}

impl Folder {
    pub(super) fn resource(&self, type_name: &str, name: &str) -> Option<&SourceLocation> {
        Some(&self.resources.get(type_name)?.get(name)?.location)
    }

    pub(super) fn lifecycle(&self, type_name: &str, name: &str) -> Option<Lifecycle> {
        if self.override_unread {
            return None;
        }
        let resource = self.resources.get(type_name)?.get(name)?;
        resource.lifecycle.clone().map(Said::into_lifecycle)
    }

    pub(super) fn dynamic(&self, type_name: &str, name: &str) -> Option<&BTreeSet<String>> {
        match self.override_unread {
            true => None,
            false => Some(&self.resources.get(type_name)?.get(name)?.dynamic),
        }
    }

    pub(super) fn call(&self, name: &str) -> Option<&Call> {
        self.calls.get(name)
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    pub(super) fn override_failed(&mut self) {
        self.override_unread = true;
    }

    /// Takes in a file; the files that override must come after all others.
    pub(super) fn add(&mut self, file: &File<'_>, here: &str, problems: &mut Vec<SourceProblem>) {
        for block in file.body.blocks() {
            let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("resource", [type_name, name]) => {
                    self.add_resource(file, block, type_name, name, problems);
                }
                ("module", [name]) => self.add_call(file, block, name, here, problems),
                _ => {}
            }
        }
    }

    fn add_resource(
        &mut self,
        file: &File<'_>,
        block: &Block,
        type_name: &str,
        name: &str,
        problems: &mut Vec<SourceProblem>,
    ) {
        let location = file.locate(block.span().map_or(0, |span| span.start));
        let lifecycle = match Said::read(&block.body, &|offset| file.locate(offset)) {
            Ok(said) => Some(said),
            Err(NotAReference(offset)) => {
                let message = "`ignore_changes` holds something that names no attribute";
                problems.push(SourceProblem::at(file.locate(offset), message));
                None
            }
        };
        let mut dynamic = BTreeSet::new();
        add_dynamic(&block.body, &mut dynamic);
        let named = self.resources.entry(type_name.to_owned()).or_default();
        if let Some(known) = named.get_mut(name) {
            known.dynamic.append(&mut dynamic);
        }
        match named.get_mut(name) {
            Some(known) if file.is_override => match (&mut known.lifecycle, lifecycle) {
                (Some(said), Some(other)) => said.overridden_by(other),
                (unknown, _) => *unknown = None,
            },
            Some(known) => {
                let message = format!(
                    "resource `{type_name}.{name}` stands here a second time, first in `{}` at line {}",
                    known.location.file, known.location.line
                );
                known.lifecycle = None;
                problems.push(SourceProblem::at(location, message));
            }
            None => {
                named.insert(
                    name.to_owned(),
                    Resource {
                        location,
                        lifecycle,
                        dynamic,
                    },
                );
            }
        }
    }

    fn add_call(
        &mut self,
        file: &File<'_>,
        block: &Block,
        name: &str,
        here: &str,
        problems: &mut Vec<SourceProblem>,
    ) {
        let location = file.locate(block.span().map_or(0, |span| span.start));
        let source = block.body.get_attribute("source");
        let source = source.and_then(|attribute| attribute.value.as_str());
        let folder = source.and_then(|source| paths::local_folder(here, source));
        match self.calls.get_mut(name) {
            Some(known) if file.is_override => {
                if source.is_some() {
                    known.folder = folder;
                }
            }
            Some(known) => {
                let message = format!(
                    "module `{name}` stands here a second time, first in `{}` at line {}",
                    known.location.file, known.location.line
                );
                problems.push(SourceProblem::at(location, message));
            }
            None => {
                self.calls
                    .insert(name.to_owned(), Call { location, folder });
            }
        }
    }
}

fn add_dynamic(body: &Body, names: &mut BTreeSet<String>) {
    for block in body.blocks() {
        if let ("dynamic", [label]) = (block.ident.as_str(), block.labels.as_slice()) {
            names.insert(label.as_str().to_owned());
        }
        add_dynamic(&block.body, names);
    }
}

impl File<'_> {
    /// Line and column, in characters, of a byte of the file.
    fn locate(&self, offset: usize) -> SourceLocation {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before
            .get(line_start..)
            .map_or(0, |text| text.chars().count())
            + 1;
        SourceLocation {
            file: self.name.to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}
