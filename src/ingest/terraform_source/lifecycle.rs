//! What the author of a resource asked Terraform to leave alone. Plan JSON does not hold it.

use hcl_edit::Span;
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Block, Body};

use crate::ingest::hcl;
use crate::model::{AttributePath, SourceLocation};

/// The `lifecycle` block of a resource, as far as drift is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    pub ignore_changes: Ignore,
    /// Where `ignore_changes` stands; `None` where nothing is said.
    pub ignored_at: Option<SourceLocation>,
    /// Also set when the source gives an expression that cannot be read without evaluating it.
    pub prevent_destroy: bool,
}

/// Which changes Terraform is told to ignore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignore {
    All,
    /// The value at each pointer and whatever it holds; empty if nothing is ignored.
    Paths(Vec<AttributePath>),
}

impl Default for Ignore {
    fn default() -> Self {
        Self::Paths(Vec::new())
    }
}

/// What one block says; an override file may say the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    ignore_changes: Option<(Ignore, SourceLocation)>,
    prevent_destroy: Option<bool>,
}

/// An element of `ignore_changes` that is no reference, at this byte of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotAReference(pub usize);

impl Said {
    /// Reads the `lifecycle` block in the body of a resource. `locate` gives the place of a byte.
    pub(super) fn read(
        resource: &Body,
        locate: &dyn Fn(usize) -> SourceLocation,
    ) -> Result<Self, NotAReference> {
        let mut said = Self::default();
        for block in resource.get_blocks("lifecycle") {
            said.read_block(block, locate)?;
        }
        Ok(said)
    }

    fn read_block(
        &mut self,
        block: &Block,
        locate: &dyn Fn(usize) -> SourceLocation,
    ) -> Result<(), NotAReference> {
        if let Some(attribute) = block.body.get_attribute("ignore_changes") {
            let at = locate(attribute.span().map_or(0, |span| span.start));
            self.ignore_changes = Some((ignore(&attribute.value)?, at));
        }
        if let Some(attribute) = block.body.get_attribute("prevent_destroy") {
            // An expression might turn out true, and true is the careful reading.
            self.prevent_destroy = Some(attribute.value.as_bool().unwrap_or(true));
        }
        Ok(())
    }

    /// Terraform replaces argument by argument.
    pub(super) fn overridden_by(&mut self, other: Self) {
        let Self {
            ignore_changes,
            prevent_destroy,
        } = other;
        self.ignore_changes = ignore_changes.or(self.ignore_changes.take());
        self.prevent_destroy = prevent_destroy.or(self.prevent_destroy);
    }

    pub(super) fn into_lifecycle(self) -> Lifecycle {
        let (ignore_changes, ignored_at) = self.ignore_changes.unzip();
        Lifecycle {
            ignore_changes: ignore_changes.unwrap_or_default(),
            ignored_at,
            prevent_destroy: self.prevent_destroy.unwrap_or(false),
        }
    }
}

fn ignore(value: &Expression) -> Result<Ignore, NotAReference> {
    let refused = |place: &Expression| NotAReference(place.span().map_or(0, |span| span.start));
    if value
        .as_variable()
        .is_some_and(|word| word.as_str() == "all")
    {
        return Ok(Ignore::All);
    }
    let elements = value.as_array().ok_or_else(|| refused(value))?;
    let mut paths = Vec::with_capacity(elements.len());
    for element in elements {
        paths.push(pointer(element).ok_or_else(|| refused(element))?);
    }
    paths.sort();
    paths.dedup();
    Ok(Ignore::Paths(paths))
}

/// `tags["Owner"]` becomes `/tags/Owner`. Old sources write the reference as a string.
fn pointer(element: &Expression) -> Option<AttributePath> {
    let root = AttributePath::root();
    if let Some(text) = element.as_str() {
        let inner = hcl::expression(text).ok()?;
        return if inner.is_str() {
            None
        } else {
            pointer(&inner)
        };
    }
    if let Some(name) = element.as_variable() {
        return Some(root.child(name.as_str()));
    }
    let traversal = element.as_traversal()?;
    let mut path = root.child(traversal.expr.as_variable()?.as_str());
    for operator in &traversal.operators {
        path = match operator.value() {
            TraversalOperator::GetAttr(name) => path.child(name.as_str()),
            TraversalOperator::LegacyIndex(index) => path.child(&index.value().to_string()),
            TraversalOperator::Index(key) => match (key.as_str(), key.as_number()) {
                (Some(text), _) => path.child(text),
                (None, Some(number)) => path.child(&number.as_u64()?.to_string()),
                (None, None) => return None,
            },
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => return None,
        };
    }
    Some(path)
}
