//! From the file's form to the compact one. Equal names are stored once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::raw::{AttributeForm, BlockForm, Name, NestedBlockForm, Nesting, TypeForm};
use super::shape::{Field, Flags, ScalarType, Shape};

#[derive(Default)]
pub(super) struct Names(BTreeSet<Arc<str>>);

impl Names {
    pub(super) fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

/// The fields of a block, sorted by name.
pub(super) fn fields(block: &BlockForm<'_>, names: &mut Names) -> Box<[Field]> {
    let mut fields = Vec::new();
    for (name, form) in block.attributes.iter().flatten() {
        fields.push(attribute(name, form, names));
    }
    for (name, form) in block.block_types.iter().flatten() {
        fields.push(nested_block(name, form, names));
    }
    sorted(fields)
}

pub(super) fn sorted(mut fields: Vec<Field>) -> Box<[Field]> {
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    fields.into_boxed_slice()
}

fn attribute(name: &Name<'_>, form: &AttributeForm<'_>, names: &mut Names) -> Field {
    let flags = Flags {
        required: form.required,
        optional: form.optional,
        computed: form.computed,
        sensitive: form.sensitive,
        write_only: form.write_only,
        ..Flags::default()
    };
    let shape = match (&form.nested_type, &form.own_type) {
        (Some(nested), _) => {
            let inner = nested.attributes.iter();
            let inner = inner
                .map(|(name, form)| attribute(name, form, names))
                .collect();
            nest(nested.nesting_mode, sorted(inner))
        }
        (None, Some(own)) => type_shape(own, flags, names),
        (None, None) => Shape::Scalar(ScalarType::Dynamic),
    };
    Field {
        name: names.shared(&name.0),
        flags,
        shape,
    }
}

fn nested_block(name: &Name<'_>, form: &NestedBlockForm<'_>, names: &mut Names) -> Field {
    let single = match form.nesting_mode {
        Nesting::Single | Nesting::Group => true,
        Nesting::List | Nesting::Set | Nesting::Map => false,
    };
    let flags = Flags {
        required: form.min_items > 0,
        optional: form.min_items == 0,
        block: true,
        at_most_one: single || form.max_items == 1,
        ..Flags::default()
    };
    let shape = nest(form.nesting_mode, fields(&form.block, names));
    Field {
        name: names.shared(&name.0),
        flags,
        shape,
    }
}

fn nest(mode: Nesting, fields: Box<[Field]>) -> Shape {
    let object = Shape::Single(fields);
    match mode {
        Nesting::Single | Nesting::Group => object,
        Nesting::List => Shape::List(Box::new(object)),
        Nesting::Set => Shape::Set(Box::new(object)),
        Nesting::Map => Shape::Map(Box::new(object)),
    }
}

fn type_shape(form: &TypeForm<'_>, flags: Flags, names: &mut Names) -> Shape {
    match form {
        TypeForm::String => Shape::Scalar(ScalarType::String),
        TypeForm::Number => Shape::Scalar(ScalarType::Number),
        TypeForm::Bool => Shape::Scalar(ScalarType::Bool),
        TypeForm::Dynamic => Shape::Scalar(ScalarType::Dynamic),
        TypeForm::List(element) => Shape::List(Box::new(type_shape(element, flags, names))),
        TypeForm::Set(element) => Shape::Set(Box::new(type_shape(element, flags, names))),
        TypeForm::Map(element) => Shape::Map(Box::new(type_shape(element, flags, names))),
        TypeForm::Tuple(elements) => {
            let shapes = elements
                .iter()
                .map(|element| type_shape(element, flags, names));
            Shape::Tuple(shapes.collect())
        }
        TypeForm::Object(inner) => {
            let fields = inner.iter().map(|(name, form)| Field {
                name: names.shared(&name.0),
                flags,
                shape: type_shape(form, flags, names),
            });
            Shape::Single(sorted(fields.collect()))
        }
    }
}
