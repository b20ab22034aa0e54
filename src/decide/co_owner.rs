//! Values that the cloud moves by itself between approved bounds, as autoscaling does.

use std::collections::BTreeMap;

use super::baseline::text_at;
use crate::ingest::json::decode_string;
use crate::ingest::stored::Stored;
use crate::model::Value;
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::equal::{Difference, Outcome};
use crate::normalise::path::Path;
use crate::normalise::table::{AttributeRow, Moved, Piece, Template};

/// The name of the equivalence: live is between the bounds within which the cloud moves it.
pub const MOVED: &str = "moved-by-autoscaling";

/// Bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub min: i64,
    pub max: i64,
}

/// Approved resources that say how far the values of others may move.
#[derive(Debug, Default)]
pub struct CoOwners {
    /// By workspace, type, and the values that name the resource and the attribute.
    bounds: BTreeMap<(u32, Vec<String>), Option<Bounds>>,
}

impl CoOwners {
    /// Takes in an approved resource of a type that no table compares.
    pub fn add(&mut self, workspace: u32, type_name: &str, stored: &Stored, catalogue: &Catalogue) {
        let Some(mover) = catalogue.mover(type_name) else {
            return;
        };
        let specs = catalogue.moved();
        for moved in specs {
            let Some(by) = moved
                .by
                .as_ref()
                .filter(|by| by.type_name.as_str() == type_name)
            else {
                continue;
            };
            let values = by.is.iter().map(|(path, _)| text(mover, stored, path));
            let Some(values) = values.collect::<Option<Vec<_>>>() else {
                continue;
            };
            let key = (workspace, key(type_name, values));
            let bounds = bounds(mover, stored, moved);
            // Two that speak of one value say nothing certain, unless they say the same.
            let known = self.bounds.entry(key).or_insert(bounds);
            if *known != bounds {
                *known = None;
            }
        }
    }

    /// Takes in those of another workspace.
    pub fn absorb(&mut self, other: Self) {
        self.bounds.extend(other.bounds);
    }

    /// What is left of a difference of blocks without what the cloud moved in them between approved
    /// bounds; `None` where it moved nothing.
    pub fn left_of(
        &self,
        workspace: u32,
        (row, table): (&AttributeRow, &Resource),
        stored: &Stored,
        found: &Difference,
    ) -> Option<Vec<Difference>> {
        if row.moved_within.is_empty() || found.pointer != row.pointer {
            return None;
        }
        let approved = found.approved.as_list()?;
        let mut live = found.live.as_list()?.to_vec();
        let mut is_moved = false;
        for block in &mut live {
            for (field, moved) in &row.moved_within {
                let own = approved
                    .iter()
                    .find(|own| is_named_alike(moved, own, block));
                let wanted = own.and_then(|own| own.at([field])).cloned();
                let bounds = self.within(workspace, moved, table, (stored, Some(block)));
                if let (Some(wanted), Some(bounds), Value::Map(fields)) =
                    (wanted, bounds, &mut *block)
                    && let Some(seen) = fields.get_mut(&**field)
                    && *seen != wanted
                    && bounds.hold(seen)
                {
                    *seen = wanted;
                    is_moved = true;
                }
            }
        }
        match row.compare(&found.approved, &Value::List(live)) {
            Outcome::Equal(_) if is_moved => Some(Vec::new()),
            Outcome::Differs(mut left) if is_moved => {
                left.iter_mut().for_each(|one| show(row, one, &found.live));
                Some(left)
            }
            Outcome::Equal(_) | Outcome::Differs(_) | Outcome::NotComparable(_) => None,
        }
    }

    /// The approved bounds within which a value may move; `None` where nothing approves any.
    pub fn bounds(
        &self,
        workspace: u32,
        moved: &Moved,
        table: &Resource,
        stored: &Stored,
    ) -> Option<Bounds> {
        self.within(workspace, moved, table, (stored, None))
    }

    fn within(
        &self,
        workspace: u32,
        moved: &Moved,
        table: &Resource,
        (stored, block): (&Stored, Option<&Value>),
    ) -> Option<Bounds> {
        let Some(by) = &moved.by else {
            return bounds(table, stored, moved);
        };
        let values = by.is.iter();
        let values = values.map(|(_, template)| filled(template, table, stored, block));
        let values = values.collect::<Option<Vec<_>>>()?;
        let key = (workspace, key(by.type_name.as_str(), values));
        self.bounds.get(&key).copied().flatten()
    }
}

impl Bounds {
    /// Whether a live value lies between them.
    pub fn hold(self, live: &Value) -> bool {
        let live = match live {
            Value::Number(number) => number.to_string().parse().ok(),
            Value::String(text) => text.parse().ok(),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => {
                None
            }
        };
        live.is_some_and(|live: i64| self.min <= live && live <= self.max)
    }
}

fn key(type_name: &str, values: Vec<String>) -> Vec<String> {
    let mut key = vec![type_name.to_owned()];
    key.extend(values);
    key
}

fn bounds(table: &Resource, stored: &Stored, moved: &Moved) -> Option<Bounds> {
    let (min, max) = (
        number(table, stored, &moved.min)?,
        number(table, stored, &moved.max)?,
    );
    (min <= max).then_some(Bounds { min, max })
}

fn number(table: &Resource, stored: &Stored, path: &Path) -> Option<i64> {
    let value = stored.get(table.slot_of(path)?);
    let value = value.filter(|value| !value.sensitive)?;
    match value.text.starts_with('"') {
        true => decode_string(value.text).ok()?.parse().ok(),
        false => value.text.parse().ok(),
    }
}

fn text(table: &Resource, stored: &Stored, path: &Path) -> Option<String> {
    text_at(stored, table.slot_of(path)?)
}

/// Whether two blocks are one to what moves their fields.
fn is_named_alike(moved: &Moved, one: &Value, other: &Value) -> bool {
    let named = |block: &Value| -> Vec<Option<Value>> {
        let fields = moved.fields();
        fields.map(|name| block.at([name]).cloned()).collect()
    };
    let one = named(one);
    one.iter().all(Option::is_some) && one == named(other)
}

/// Shows blocks as they are live, where something else in them differs.
fn show(row: &AttributeRow, left: &mut Difference, live: &Value) {
    let Value::List(blocks) = &mut left.live else {
        return;
    };
    for block in blocks {
        let mut seen = live.as_list().unwrap_or_default().iter();
        let own = seen.find(|own| {
            let mut within = row.moved_within.iter();
            within.any(|(_, moved)| is_named_alike(moved, block, own))
        });
        if let Some(own) = own {
            *block = own.clone();
        }
    }
}

fn filled(
    template: &Template,
    table: &Resource,
    stored: &Stored,
    block: Option<&Value>,
) -> Option<String> {
    let pieces = template.0.iter().map(|piece| match piece {
        Piece::Text(text) => Some(text.to_string()),
        Piece::Field(name) => block?.at([name])?.as_str().map(str::to_owned),
        Piece::Attribute(path) => {
            let text = text(table, stored, path)?;
            let is_arn = text.starts_with("arn:");
            let last = text.rsplit(['/', ':']).next().filter(|_| is_arn);
            Some(last.unwrap_or(&text).to_owned())
        }
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::stored::StoredValue;

    const TARGET: &str = "aws_appautoscaling_target";

    fn stored(table: &Resource, values: &[(&str, &str)]) -> Stored {
        let slot = |name: &str| table.slot_of(&Path::parse(name)).unwrap();
        let mut values: Vec<StoredValue<'_>> = values
            .iter()
            .map(|(name, text)| StoredValue {
                slot: slot(name),
                text,
                sensitive: false,
                from_state: false,
                is_written: false,
            })
            .collect();
        values.sort_by_key(|value| value.slot);
        Stored::pack(values.into_iter())
    }

    fn target(catalogue: &Catalogue, max: &str) -> Stored {
        let mover = catalogue.mover(TARGET).unwrap();
        let values = [
            ("service_namespace", "\"ecs\""),
            ("scalable_dimension", "\"ecs:service:DesiredCount\""),
            ("resource_id", "\"service/main/api\""),
            ("min_capacity", "2"),
            ("max_capacity", max),
        ];
        stored(mover, &values)
    }

    /// The bounds of the count of the service `api` in the cluster `main`, in workspace 0.
    fn of_service(catalogue: &Catalogue, owners: &CoOwners, name: &str) -> Option<Bounds> {
        let at = catalogue.find("aws_ecs_service").unwrap();
        let table = catalogue.resource(at).unwrap();
        let arn = "\"arn:aws:ecs:eu-west-1:111122223333:cluster/main\"";
        let service = stored(table, &[("cluster", arn), ("name", name)]);
        let rows = table.table.attributes.iter();
        let mut rows = rows.filter(|row| row.pointer.as_str() == "/desired_count");
        let moved = rows.next().unwrap().moved.as_deref().unwrap();
        owners.bounds(0, moved, table, &service)
    }

    #[test]
    fn a_target_bounds_the_service_that_it_names_in_its_workspace() {
        let catalogue = Catalogue::builtin().unwrap();
        let (mut owners, mut elsewhere) = (CoOwners::default(), CoOwners::default());
        owners.add(0, TARGET, &target(&catalogue, "9"), &catalogue);
        elsewhere.add(1, TARGET, &target(&catalogue, "9"), &catalogue);
        let bounds = Some(Bounds { min: 2, max: 9 });
        assert_eq!(of_service(&catalogue, &owners, "\"api\""), bounds);
        assert_eq!(of_service(&catalogue, &owners, "\"batch\""), None);
        assert_eq!(of_service(&catalogue, &elsewhere, "\"api\""), None);
        elsewhere.absorb(owners);
        assert_eq!(of_service(&catalogue, &elsewhere, "\"api\""), bounds);
    }

    #[test]
    fn two_targets_that_disagree_bound_nothing() {
        let catalogue = Catalogue::builtin().unwrap();
        let mut owners = CoOwners::default();
        for max in ["9", "9"] {
            owners.add(0, TARGET, &target(&catalogue, max), &catalogue);
        }
        assert!(of_service(&catalogue, &owners, "\"api\"").is_some());
        owners.add(0, TARGET, &target(&catalogue, "8"), &catalogue);
        assert_eq!(of_service(&catalogue, &owners, "\"api\""), None);
        // Bounds that hold nothing are none.
        let mut owners = CoOwners::default();
        owners.add(0, TARGET, &target(&catalogue, "1"), &catalogue);
        assert_eq!(of_service(&catalogue, &owners, "\"api\""), None);
    }

    #[test]
    fn bounds_hold_their_ends_and_nothing_beyond() {
        let bounds = Bounds { min: 2, max: 9 };
        for (live, holds) in [(1, false), (2, true), (9, true), (10, false)] {
            assert_eq!(bounds.hold(&Value::from(live)), holds, "{live}");
        }
        assert!(bounds.hold(&"5".into()));
        for none in [Value::Null, Value::Bool(true), "many".into(), "5.5".into()] {
            assert!(!bounds.hold(&none), "{none:?}");
        }
    }
}
