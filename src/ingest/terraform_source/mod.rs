//! Terraform source: where the block of a resource stands, and what its author told Terraform to
//! ignore. Works on the text of a set of files; nothing is evaluated and no module is fetched.

mod address;
mod folder;
mod lifecycle;
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use address::{Parts, split as split_address};
pub use lifecycle::{Ignore, Lifecycle};

use crate::ingest::hcl::{self, NotHcl};
use crate::model::{Address, SourceLocation};
use folder::{File, Folder};

/// The blocks of a root module and of the modules in the same set of files.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    root: Option<String>,
    folders: BTreeMap<String, Folder>,
}

/// Something in the source that could not be used. The rest of the source still counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProblem {
    /// Absent where the trouble is the set of files as a whole.
    pub location: Option<SourceLocation>,
    pub message: String,
}

impl SourceMap {
    /// Reads files given as (relative name, text). Names that do not end in `.tf` or `.tofu` are
    /// left out. The root module is the top folder or, if that holds no files, the one folder that
    /// no other calls as a module.
    pub fn parse(files: &[(String, String)]) -> (Self, Vec<SourceProblem>) {
        let (mut map, mut problems) = Self::read(files);
        map.root = map.find_root();
        if map.root.is_none() && !map.folders.is_empty() {
            problems.push(SourceProblem {
                location: None,
                message: "cannot tell which folder of the source is the root module".to_owned(),
            });
        }
        (map, problems)
    }

    /// As [`SourceMap::parse`], with the root module's folder given.
    pub fn parse_in(files: &[(String, String)], root: &str) -> (Self, Vec<SourceProblem>) {
        let (mut map, mut problems) = Self::read(files);
        let root = paths::normal(root);
        if !map.folders.contains_key(&root) {
            problems.push(SourceProblem {
                location: None,
                message: format!("the folder `{root}` holds no Terraform source"),
            });
        }
        map.root = Some(root);
        (map, problems)
    }

    /// Where the `resource` block of an address stands. For a resource of a module that is not in
    /// the set of files, where the nearest known `module` block stands.
    pub fn locate(&self, address: &Address) -> Option<SourceLocation> {
        let parts = address::split(address.as_str())?;
        match self.find(&parts)? {
            Found::Module(folder, call) => folder
                .resource(parts.type_name, parts.name)
                .or(call)
                .cloned(),
            Found::OnlyCall(call) => Some(call.clone()),
        }
    }

    /// What the author told Terraform to ignore. `None` if that cannot be known from the set of
    /// files: then nothing may be taken as ignored, and nothing as not ignored.
    pub fn lifecycle(&self, address: &Address) -> Option<Lifecycle> {
        let parts = address::split(address.as_str())?;
        match self.find(&parts)? {
            Found::Module(folder, _) => folder.lifecycle(parts.type_name, parts.name),
            Found::OnlyCall(_) => None,
        }
    }

    /// The names of the resource's `dynamic` blocks, which a plan's configuration leaves out. `None` if
    /// that cannot be known from the set of files.
    pub fn dynamic_blocks(&self, address: &Address) -> Option<BTreeSet<String>> {
        let parts = address::split(address.as_str())?;
        match self.find(&parts)? {
            Found::Module(folder, _) => folder.dynamic(parts.type_name, parts.name).cloned(),
            Found::OnlyCall(_) => None,
        }
    }

    fn find(&self, parts: &Parts<'_>) -> Option<Found<'_>> {
        let mut folder = self.folders.get(self.root.as_ref()?)?;
        let mut nearest = None;
        for module in &parts.modules {
            let Some(call) = folder.call(module) else {
                return nearest.map(Found::OnlyCall);
            };
            nearest = Some(&call.location);
            let known = call.folder.as_ref().and_then(|name| self.folders.get(name));
            match known {
                Some(next) => folder = next,
                None => return nearest.map(Found::OnlyCall),
            }
        }
        Some(Found::Module(folder, nearest))
    }

    fn read(files: &[(String, String)]) -> (Self, Vec<SourceProblem>) {
        let mut map = Self::default();
        let mut problems = Vec::new();
        let mut parsed: Vec<(String, File<'_>)> = Vec::new();
        for (name, text) in files {
            let (folder, file_name) = paths::split_file(name);
            if file_name.ends_with(".tf.json") || file_name.ends_with(".tofu.json") {
                let start = SourceLocation {
                    file: name.clone(),
                    line: 1,
                    column: 1,
                };
                let message = "source in JSON is not read; its resources have no location";
                problems.push(SourceProblem::at(start, message));
                if folder::is_override(file_name) {
                    map.folders.entry(folder).or_default().override_failed();
                }
                continue;
            }
            if !file_name.ends_with(".tf") && !file_name.ends_with(".tofu") {
                continue;
            }
            let is_override = folder::is_override(file_name);
            let known = map.folders.entry(folder.clone()).or_default();
            match hcl::body(text) {
                Ok(body) => parsed.push((
                    folder,
                    File {
                        name,
                        text,
                        body,
                        is_override,
                    },
                )),
                Err(error) => {
                    if is_override {
                        known.override_failed();
                    }
                    problems.push(SourceProblem::unparsed(name, &error));
                }
            }
        }
        // Terraform reads the files of a folder by name, those that override after the others.
        parsed.sort_by(|a, b| (a.1.is_override, a.1.name).cmp(&(b.1.is_override, b.1.name)));
        for (folder, file) in &parsed {
            if let Some(known) = map.folders.get_mut(folder) {
                known.add(file, folder, &mut problems);
            }
        }
        problems.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        (map, problems)
    }

    fn find_root(&self) -> Option<String> {
        if self.folders.contains_key("") {
            return Some(String::new());
        }
        let called: BTreeSet<&String> = self
            .folders
            .values()
            .flat_map(Folder::calls)
            .filter_map(|c| c.folder.as_ref())
            .collect();
        let mut callers: Vec<&String> = self
            .folders
            .keys()
            .filter(|folder| !called.contains(folder))
            .collect();
        callers.sort_by_key(|folder| paths::depth(folder));
        match callers.as_slice() {
            [only] => Some((*only).clone()),
            [first, second, ..] if paths::depth(first) < paths::depth(second) => {
                Some((*first).clone())
            }
            _ => None,
        }
    }
}

enum Found<'m> {
    /// The folder of the resource's module, and the call that led there.
    Module(&'m Folder, Option<&'m SourceLocation>),
    OnlyCall(&'m SourceLocation),
}

impl SourceProblem {
    fn at(location: SourceLocation, message: impl Into<String>) -> Self {
        Self {
            location: Some(location),
            message: message.into(),
        }
    }

    fn unparsed(file: &str, error: &NotHcl) -> Self {
        let location = SourceLocation {
            file: file.to_owned(),
            line: u32::try_from(error.line()).unwrap_or(u32::MAX),
            column: u32::try_from(error.column()).unwrap_or(u32::MAX),
        };
        Self::at(location, error.what())
    }

    fn sort_key(&self) -> (Option<(&str, u32, u32)>, &str) {
        let place = self
            .location
            .as_ref()
            .map(|l| (l.file.as_str(), l.line, l.column));
        (place, &self.message)
    }
}

impl fmt::Display for SourceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(SourceLocation { file, line, column }) = &self.location {
            write!(f, "{file}:{line}:{column}: ")?;
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests;
