//! What a refresh shows of one approved resource, looked at closely: as a scan judged it.

use super::attributes::{Own, Says};
use super::moved::Handled;
use super::named::NamedSight;
use super::{Looking, Presence, RefreshSeen};
use crate::decide::compare::secrets::{hidden_tags, is_secret};
use crate::decide::compare::{Apart, Cell, Comparer, Fate, Sight};
use crate::decide::value::Other;
use crate::ingest::attributes::Attributes;
use crate::ingest::secret_tags;
use crate::ingest::stored::StoredValue;
use crate::model::{TypeName, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::table::AttributeRow;

const UNKNOWN_OWNER: &str =
    "one of those that own it is not wholly known, so that nothing is said to be added";
const SAID_OTHERWISE: &str = "another attribute that says the same is approved";

/// What a refresh shows of one approved resource.
#[derive(Clone, Debug)]
pub struct RefreshSight {
    /// The user's name for the source.
    pub source: String,
    pub type_name: TypeName,
    pub sight: Sight,
    /// What no row tells.
    pub named: Vec<NamedSight>,
}

impl Comparer<'_> {
    /// `None` where the refresh is of another workspace.
    pub fn refresh_sight(
        &self,
        seen: &RefreshSeen<'_>,
        number: u32,
        slots: &[usize],
    ) -> Option<RefreshSight> {
        let (looking, own) = self.looking(seen, false);
        let (_, resource) = own.into_iter().find(|(own, _)| *own == number)?;
        let (presence, address, there) = looking.presence(resource);
        let mut cells = Vec::new();
        let mut named = Vec::new();
        if let (Presence::There, Some(there)) = (presence, there) {
            let own = (number, resource);
            let mapped = there.mapped.as_ref();
            let mapped = mapped.filter(|(at, _)| Some(*at) == resource.resource);
            let table = mapped.and_then(|(at, _)| self.catalogue.resource(*at));
            let mut handled = Handled::default();
            if let (Some((_, attributes)), Some(table)) = (mapped, table) {
                handled = looking.handled(own, (table, attributes));
                let found = slots.iter();
                cells
                    .extend(found.filter_map(|slot| looking.cell(own, (table, attributes), *slot)));
            }
            named = looking.named(own, (address, there), (table, &handled));
        }
        let known = there.map(|there| looking.base((number, resource), (address, there)));
        let text = |name: &str| {
            let value = there.and_then(|there| there.values.get(name));
            value.and_then(Value::as_str).map(str::to_owned)
        };
        let place = |own: Option<String>| own.unwrap_or_default();
        Some(RefreshSight {
            source: seen.source.to_owned(),
            type_name: TypeName::from(there.map_or("", |there| &*there.type_name)),
            sight: Sight {
                item_id: text("id").unwrap_or_else(|| address.to_owned()),
                account: place(
                    known
                        .as_ref()
                        .and_then(|own| Some(own.account.as_ref()?.to_string())),
                ),
                region: place(
                    known
                        .as_ref()
                        .and_then(|own| Some(own.region.as_ref()?.to_string())),
                ),
                captured_at: Some(seen.now),
                says: match presence {
                    Presence::There => "it is there",
                    Presence::Gone => "it is gone",
                    Presence::NotHeld => "the state that was refreshed does not hold it",
                },
                is_there: presence == Presence::There,
                cells,
            },
            named,
        })
    }
}

impl Looking<'_> {
    /// `None` where the row has no value on one of the two sides.
    fn cell(
        &self,
        own: Own<'_>,
        (table, attributes): (&Resource, &Attributes),
        slot: usize,
    ) -> Option<Cell> {
        let row = table.table.attributes.get(slot)?;
        let (value, live) = (own.1.stored.get(slot)?, attributes.stored.get(slot)?);
        let redactor = self.comparer.redactor;
        let is_secret = is_secret(table, own.1, slot) || live.sensitive;
        let hidden = hidden_tags(table, own.1, slot);
        let hides = !hidden.is_empty() || !secret_tags::hidden(row.form, live.text).is_empty();
        let other = Other::stored(row, live, is_secret, redactor);
        let other = other.ok().map(|other| other.hiding(&hidden, redactor));
        let (fate, problem, apart) = self.judged(own, (table, row), value, live);
        Some(Cell {
            slot,
            path: Some(row.pointer.to_string()),
            raw: (!is_secret && !hides).then(|| live.text.to_owned()),
            value: other.as_ref().map(Other::shown),
            other,
            is_secret,
            hidden,
            fate: Some(fate),
            problem,
            apart,
            is_rule: false,
        })
    }

    fn judged(
        &self,
        own: Own<'_>,
        (table, row): (&Resource, &AttributeRow),
        value: StoredValue<'_>,
        live: StoredValue<'_>,
    ) -> (Fate, Option<String>, Option<Apart>) {
        let differs = |is: bool| if is { Fate::Differs } else { Fate::Equal };
        match self.says(own, (table, row), value, live) {
            Says::StandsBack => (Fate::Silent, Some(SAID_OTHERWISE.to_owned()), None),
            Says::NotTold => (Fate::OwnedApart, Some(UNKNOWN_OWNER.to_owned()), None),
            Says::NotComparable(why) => (Fate::NotComparable, Some(why.into_owned()), None),
            Says::Held(placed) => (differs(!placed.is_empty()), None, None),
            Says::Beside(added) => {
                let fate = differs(added.is_some());
                let owners = self.owners(own.0, row);
                (fate, None, Some(Apart { owners, added }))
            }
        }
    }
}
