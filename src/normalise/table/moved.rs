//! Attributes that the cloud moves by itself between bounds which are approved.

use std::collections::{BTreeMap, BTreeSet};

use super::raw::RawMoved;
use super::{Absent, AttributeRow, Member, ResourceTable, Tier};
use crate::model::TypeName;
use crate::normalise::form::Form;
use crate::normalise::path::Path;

/// Who else moves the value of a row, and how far: a live value between the bounds, both included,
/// is no deviation.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The approved resource that says so; `None` if the row's own resource does.
    pub by: Option<MovedBy>,
    /// Attributes of that resource.
    pub min: Path,
    pub max: Path,
}

/// Another approved resource, told by some of its values.
#[derive(Clone, Debug)]
pub struct MovedBy {
    pub type_name: TypeName,
    /// Its attributes, and what they must be, in the order of their names.
    pub is: Vec<(Path, Template)>,
}

/// A text in which `{name}` is the value of an attribute of the row's own resource, and `{*.name}` of
/// the block that holds the field; of an ARN only the last part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(pub Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(Box<str>),
    Attribute(Path),
    /// A field of the same block.
    Field(Box<str>),
}

impl Moved {
    pub(super) fn of(raw: RawMoved) -> Result<Self, String> {
        let RawMoved { by, is, min, max } = raw;
        let by = match (by, is.is_empty()) {
            (None, true) => None,
            (Some(type_name), false) => Some(MovedBy {
                type_name: TypeName::from(type_name),
                is: parts(&is)?,
            }),
            _ => return Err("`moved`: `by` and `is` go together".to_owned()),
        };
        let (min, max) = (Path::parse(&min), Path::parse(&max));
        Ok(Self { by, min, max })
    }

    /// What moves fields of blocks. The blocks are told by the fields that the templates name.
    pub(super) fn within(
        form: Form,
        raw: BTreeMap<String, RawMoved>,
    ) -> Result<Vec<(Box<str>, Self)>, String> {
        let within = raw.into_iter().map(|(field, raw)| {
            let moved = Self::of(raw)?;
            let names_it = moved.fields().next().is_some();
            match form == Form::BlockSet && names_it && moved.by.is_some() {
                true => Ok((field.into(), moved)),
                false => Err(format!(
                    "`moved_within`: `{field}` needs a row of kind `block_set`, `by`, and `{{*.name}}`"
                )),
            }
        });
        within.collect()
    }

    /// Fields of the block that name it to what moves it.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let templates = self.by.iter().flat_map(|by| &by.is);
        let pieces = templates.flat_map(|(_, template)| &template.0);
        pieces.filter_map(|piece| match piece {
            Piece::Field(name) => Some(&**name),
            Piece::Attribute(_) | Piece::Text(_) => None,
        })
    }

    /// Attributes of the row's own resource that it rests on.
    pub fn own_attributes(&self) -> impl Iterator<Item = &Path> {
        let bounds = [&self.min, &self.max];
        let bounds = bounds.into_iter().filter(|_| self.by.is_none());
        let templates = self.by.iter().flat_map(|by| &by.is);
        let pieces = templates.flat_map(|(_, template)| &template.0);
        bounds.chain(pieces.filter_map(|piece| match piece {
            Piece::Attribute(path) => Some(path),
            Piece::Text(_) | Piece::Field(_) => None,
        }))
    }
}

impl AttributeRow {
    /// All that is said of who else moves its value, or a part of it.
    pub fn all_moved(&self) -> impl Iterator<Item = &Moved> {
        let within = self.moved_within.iter().map(|(_, moved)| moved);
        self.moved.as_deref().into_iter().chain(within)
    }
}

fn parts(is: &BTreeMap<String, String>) -> Result<Vec<(Path, Template)>, String> {
    let parts = is.iter();
    parts
        .map(|(name, text)| Ok((Path::parse(name), Template::parse(text)?)))
        .collect()
}

impl Template {
    fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let closed = after.split_once('}').filter(|(name, _)| !name.is_empty());
            let (name, after) = closed.ok_or_else(|| format!("`moved`: `{text}` names nothing"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.into()));
            }
            pieces.push(match name.strip_prefix("*.") {
                Some(field) => Piece::Field(field.into()),
                None => Piece::Attribute(Path::parse(name)),
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.into()));
        }
        Ok(Self(pieces))
    }
}

impl ResourceTable {
    /// Of a type whose resources are read and never compared.
    pub fn only_read<'n>(type_name: TypeName, names: impl Iterator<Item = &'n String>) -> Self {
        Self {
            type_name,
            tier: Tier::Reviewed,
            member: Member::Whole,
            keys: Vec::new(),
            attributes: names.map(|name| only_read(name)).collect(),
            not_comparable: BTreeMap::new(),
            reports_unmanaged: false,
            only_beside_others: false,
            made_by_provider: Vec::new(),
            only_where: Vec::new(),
            when: Vec::new(),
            also: Vec::new(),
        }
    }
}

fn only_read(name: &str) -> AttributeRow {
    let approved = Path::parse(name);
    AttributeRow {
        pointer: approved.pointer(),
        approved,
        live: Vec::new(),
        form: Form::Scalar,
        values: BTreeMap::new(),
        absent: Absent::Unseen,
        null_is_any: false,
        zero_is_any: false,
        default: None,
        aside: Vec::new(),
        separate: Vec::new(),
        by_name: false,
        folds_keys: false,
        unless: None,
        moved: None,
        moved_within: Vec::new(),
    }
}

/// For each type that says how far values of others may move: its attributes that matter.
pub fn movers<'m>(
    rows: impl Iterator<Item = &'m Moved>,
) -> BTreeMap<&'m TypeName, BTreeSet<String>> {
    let mut movers: BTreeMap<&TypeName, BTreeSet<String>> = BTreeMap::new();
    for moved in rows {
        let Some(by) = &moved.by else { continue };
        let names = by.is.iter().map(|(path, _)| path);
        let names = names.chain([&moved.min, &moved.max]);
        let known = movers.entry(&by.type_name).or_default();
        known.extend(names.map(ToString::to_string));
    }
    movers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_text_and_attributes() {
        let parsed = Template::parse("service/{cluster}/{name}/{*.name}").unwrap();
        let expected = [
            Piece::Text("service/".into()),
            Piece::Attribute(Path::parse("cluster")),
            Piece::Text("/".into()),
            Piece::Attribute(Path::parse("name")),
            Piece::Text("/".into()),
            Piece::Field("name".into()),
        ];
        assert_eq!(parsed.0, expected);
        for wrong in ["a{", "a{}", "{name"] {
            assert!(Template::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_of_blocks_need_what_names_their_block() {
        let raw = |resource_id: &str, by: Option<&str>| {
            let is = BTreeMap::from([("resource_id".to_owned(), resource_id.to_owned())]);
            let raw = RawMoved {
                by: by.map(str::to_owned),
                is: if by.is_some() { is } else { BTreeMap::new() },
                min: "min".to_owned(),
                max: "max".to_owned(),
            };
            BTreeMap::from([("size".to_owned(), raw)])
        };
        let named = || raw("a/{name}/{*.name}", Some("aws_x"));
        let within = Moved::within(Form::BlockSet, named()).unwrap();
        assert_eq!(within[0].1.fields().collect::<Vec<_>>(), ["name"]);
        assert!(Moved::within(Form::Blocks, named()).is_err());
        for wrong in [raw("a/{name}", Some("aws_x")), raw("", None)] {
            assert!(Moved::within(Form::BlockSet, wrong).is_err());
        }
    }
}
