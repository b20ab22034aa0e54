//! What is known of each attribute: by the schema that was uploaded for a workspace, else by what
//! driftwarden ships.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::inputs::{Failure, whole};
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::redact::SensitiveByType;
use crate::ingest::schema::{AttributeFacts, ProviderSchemas};
use crate::model::AttributePath;
use crate::ports::{Estate, InputError, InputRef, WorkspaceInput};

/// Who says what an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Uploaded,
    Shipped,
}

pub struct Schemas {
    shipped: ProviderSchemas,
    /// By file: one mostly serves many workspaces.
    uploaded: BTreeMap<PathBuf, ProviderSchemas>,
    shipped_secrets: Arc<SensitiveByType>,
    uploaded_secrets: BTreeMap<PathBuf, Arc<SensitiveByType>>,
    pub files: Vec<InputFile>,
}

impl Schemas {
    /// Reads the wanted types.
    ///
    /// # Errors
    /// Every schema that cannot be read.
    pub fn read(
        estate: &dyn Estate,
        workspaces: &[WorkspaceInput],
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Failure> {
        let shipped = ProviderSchemas::shipped(wanted);
        let shipped = shipped.map_err(|error| Failure::Internal(error.to_string()))?;
        let shipped_secrets = Arc::new(secrets(&[&shipped]));
        let mut schemas = Self {
            shipped,
            uploaded: BTreeMap::new(),
            shipped_secrets,
            uploaded_secrets: BTreeMap::new(),
            files: Vec::new(),
        };
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        for input in workspaces.iter().filter_map(|own| own.schema.as_ref()) {
            if !seen.insert(&input.path) {
                continue;
            }
            match one(estate, input, wanted) {
                Ok((read, file)) => schemas.add(input, read, file),
                Err(error) => errors.push(error),
            }
        }
        match errors.is_empty() {
            true => Ok(schemas),
            false => Err(Failure::Inputs(errors)),
        }
    }

    fn add(&mut self, input: &InputRef, read: ProviderSchemas, file: InputFile) {
        // What either of them hides stays hidden.
        let secrets = secrets(&[&self.shipped, &read]);
        let secrets = Arc::new(secrets);
        self.uploaded_secrets.insert(input.path.clone(), secrets);
        self.uploaded.insert(input.path.clone(), read);
        self.files.push(file);
    }

    pub fn uploaded(&self) -> Vec<&ProviderSchemas> {
        self.uploaded.values().collect()
    }

    /// What is a secret in a workspace, whatever plan and state mark.
    pub fn secrets_of(&self, workspace: &WorkspaceInput) -> Arc<SensitiveByType> {
        let uploaded = workspace.schema.as_ref();
        let uploaded = uploaded.and_then(|schema| self.uploaded_secrets.get(&schema.path));
        Arc::clone(uploaded.unwrap_or(&self.shipped_secrets))
    }

    /// What is known of an attribute, and from whom. A type of which the uploaded schema tells is
    /// as that one says.
    pub fn attribute(
        &self,
        workspace: &WorkspaceInput,
        type_name: &str,
        tokens: &[&str],
    ) -> Option<(AttributeFacts<'_>, Origin)> {
        let uploaded = workspace.schema.as_ref();
        let uploaded = uploaded.and_then(|schema| self.uploaded.get(&schema.path));
        let uploaded = uploaded.and_then(|schemas| schemas.resource(type_name));
        match uploaded {
            Some(own) => Some((own.attribute(tokens)?, Origin::Uploaded)),
            None => Some((self.shipped.attribute(type_name, tokens)?, Origin::Shipped)),
        }
    }
}

fn one(
    estate: &dyn Estate,
    input: &InputRef,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(ProviderSchemas, InputFile), InputError> {
    let (bytes, mut file) = whole(estate, input, InputKind::Schema)?;
    let read = ProviderSchemas::parse_only(&bytes, wanted).map_err(|error| InputError {
        what: format!("`{}`: {error}", input.name),
        help: Some(error.help().to_owned()),
    })?;
    file.items = read.types().count() as u64;
    Ok((read, file))
}

fn secrets(schemas: &[&ProviderSchemas]) -> SensitiveByType {
    let mut secrets = SensitiveByType::new();
    for schemas in schemas {
        for name in schemas.types() {
            let paths: Vec<AttributePath> = schemas.sensitive_paths(name.as_str());
            if !paths.is_empty() {
                secrets.entry(name.clone()).or_default().extend(paths);
            }
        }
    }
    secrets
}
