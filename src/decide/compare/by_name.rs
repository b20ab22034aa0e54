//! Types that are matched by name only: what a scan must have shown before an absence, or a live
//! item that nobody approved, says anything.

use std::collections::BTreeSet;

use super::index::keys;
use super::live::Live;
use super::{Comparer, Findings};
use crate::decide::baseline::{Approved, ApprovedResource, text_at};
use crate::ingest::json;
use crate::model::{Deviation, Fidelity, Value};
use crate::normalise::catalogue::{Catalogue, Config, ConfigIx, Resource, ResourceIx};
use crate::normalise::path::{Path, folded_eq};
use crate::normalise::table::Tier;

/// What every deviation of such a type says of itself.
pub(super) const NOTE: &str = "matched by name only: needs a look";

pub(super) const UNPROVEN: &str = "the type is matched by name only, and no live item shows that \
    the match would find this one";

/// What the live items show of how far the match by name finds what it should.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Type and number of the key by which an approved resource was found, account and Region.
    found: BTreeSet<(ResourceIx, usize, Box<str>, Box<str>)>,
    /// Where items of a type lie, and the service and kind of resource in their ARNs.
    arns: BTreeSet<ArnForm>,
}

/// Type, account and Region; what the ARN says behind them.
type ArnForm = (ConfigIx, Box<str>, Box<str>, Box<str>);

impl Shown {
    pub(super) fn absorb(&mut self, other: Self) {
        self.found.extend(other.found);
        self.arns.extend(other.arns);
    }
}

/// The types that are matched by name and approved somewhere: only their items are looked at.
pub(super) fn approved_types(catalogue: &Catalogue, approved: &Approved) -> BTreeSet<ResourceIx> {
    let types = approved.resources.iter().filter_map(|own| own.resource);
    let is_generic = |at: &ResourceIx| {
        let table = catalogue.resource(*at);
        table.is_some_and(is_by_name)
    };
    types.filter(is_generic).collect()
}

pub(super) fn is_by_name(table: &Resource) -> bool {
    table.table.tier == Tier::Generic
}

/// How far a deviation of the type is to be trusted, and the note that says so.
pub(super) fn trust(table: Option<&Resource>) -> (Fidelity, Vec<String>) {
    match table.is_some_and(is_by_name) {
        true => (Fidelity::Presence, vec![NOTE.to_owned()]),
        false => (Fidelity::Mapped, Vec::new()),
    }
}

impl Comparer<'_> {
    /// Whether nothing approved can be an item of this type, which is matched by name only.
    pub(super) fn is_beside_the_point(&self, config: &Config) -> bool {
        let mut own = config.resources.iter();
        own.all(|at| {
            let table = self.catalogue.resource(*at);
            table.is_some_and(is_by_name) && !self.prepared.by_name.contains(at)
        })
    }

    /// Notes what an item shows of the match, where it is made by name.
    pub(super) fn note_match(&self, found: &[u32], live: &Live<'_>, findings: &mut Findings) {
        let Some((at, table)) = self.generic_of(live.config) else {
            return;
        };
        let place = || (Box::from(live.account), Box::from(live.region));
        if let Some(form) = live.item.arn.as_deref().and_then(arn_form) {
            let (account, region) = place();
            let shown = (table.config, account, region, form);
            findings.by_name.arns.insert(shown);
        }
        for number in found {
            let Some(approved) = self.resource(*number) else {
                continue;
            };
            for (kind, parts) in keys(table, approved) {
                let slots = table.key_slots.get(kind).into_iter().flatten();
                let seen = slots.map(|(_, slot)| live.text_of(*slot));
                if seen.eq(parts.into_iter().map(Some)) {
                    let (account, region) = place();
                    findings.by_name.found.insert((at, kind, account, region));
                }
            }
        }
    }

    fn generic_of(&self, config: &Config) -> Option<(ResourceIx, &Resource)> {
        let at = *config.resources.first()?;
        let table = self.catalogue.resource(at)?;
        is_by_name(table).then_some((at, table))
    }

    /// Whether the scan showed that the match would have found the resource if it were there: it
    /// found another by the same key, or live items of the place have ARNs like the approved one.
    pub(super) fn is_match_proven(
        &self,
        resource: &ApprovedResource,
        table: &Resource,
        place: &(String, String),
        shown: &Shown,
    ) -> bool {
        let is_here = |account: &str, region: &str| {
            (place.0.is_empty() || place.0 == account)
                && (place.1.is_empty() || place.1 == region || region == "global")
        };
        let own: BTreeSet<usize> = keys(table, resource).map(|(kind, _)| kind).collect();
        let mut found = shown.found.iter();
        let by_key = found.any(|(at, kind, account, region)| {
            Some(*at) == resource.resource && own.contains(kind) && is_here(account, region)
        });
        let arn = text_at(&resource.stored, table.arn_slot);
        let form = arn.as_deref().and_then(arn_form);
        let mut arns = shown.arns.iter();
        by_key
            || form.is_some_and(|own| {
                arns.any(|(config, account, region, form)| {
                    *config == table.config && is_here(account, region) && *form == own
                })
            })
    }

    /// Whether an approved resource of the type was found where the item that nobody approved lies.
    pub(super) fn is_place_proven(&self, deviation: &Deviation, shown: &Shown) -> bool {
        let at = self.catalogue.find(deviation.type_name.as_str());
        let account = deviation.account.as_ref().map_or("", |id| id.as_str());
        let region = deviation.region.as_ref().map_or("", |id| id.as_str());
        let mut found = shown.found.iter();
        found.any(|(found, _, its, there)| {
            Some(*found) == at && **its == *account && **there == *region
        })
    }

    /// The Config type of a deviation that is matched by name.
    pub(super) fn generic_config(&self, deviation: &Deviation) -> Option<&str> {
        let table = self.catalogue.find(deviation.type_name.as_str());
        let table = table.and_then(|at| self.catalogue.resource(at))?;
        let config = self.catalogue.config(table.config)?;
        is_by_name(table).then_some(&*config.config_type)
    }
}

/// Service and kind of resource; nothing where an ARN is not told apart from another kind's.
fn arn_form(arn: &str) -> Option<Box<str>> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':').skip(1);
    let service = parts.next()?;
    let resource = parts.nth(2)?;
    let (kind, _) = resource.split_once([':', '/'])?;
    Some(format!("{service}:{kind}").into())
}

/// Names that AWS gives to what it makes itself.
const OWN_NAMES: [&str; 8] = [
    "aws",
    "amazon",
    "com.amazonaws",
    "codedeploydefault",
    "appconfig.",
    "fargate",
    "primary",
    "system",
];

/// Of names with a colon, which users cannot give: of snapshots, option groups and endpoints.
const OWN_PARTS: [&str; 3] = ["rds:", "default:", "iot:"];

/// Whether only the names agree and the ids tell that these are two: types of which a name may be given
/// twice.
pub(super) fn is_namesake(
    own: &Resource,
    approved: &ApprovedResource,
    kind: usize,
    id: &str,
) -> bool {
    // Asked for every item: what a reviewed table knows is told apart first.
    if !is_by_name(own) {
        return false;
    }
    let pair = own.table.keys.get(kind).and_then(|pairs| pairs.first());
    if pair.is_none_or(|pair| pair.approved != Path::parse("name")) {
        return false;
    }
    let approved = text_at(&approved.stored, own.id_slot).unwrap_or_default();
    approved != id && shape(&approved).is_some_and(|own| shape(id) == Some(own))
}

/// What is left of an id without the parts that tell it from others of its kind; nothing if it has none.
fn shape(id: &str) -> Option<String> {
    let has_digit = |part: &str| part.bytes().any(|byte| byte.is_ascii_digit());
    let parts = id.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    let parts = parts.map(|part| match has_digit(part) {
        true => part.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric()),
        false => part,
    });
    has_digit(id).then(|| parts.collect::<Vec<_>>().join("#"))
}

/// Whether the item shows that AWS, or a service of its, made it.
pub(super) fn is_providers(live: &Live<'_>) -> bool {
    let item = live.item;
    let names = [Some(&item.resource_id), item.resource_name.as_ref()];
    let is_own = |name: &str| {
        let name = name.rsplit(['/', ':']).next().unwrap_or(name);
        let name = name.to_ascii_lowercase();
        name.contains("default") || OWN_NAMES.iter().any(|own| name.starts_with(own))
    };
    let whole = names.into_iter().flatten();
    let mut whole = whole.map(|name| name.to_ascii_lowercase());
    let is_part =
        |name: &str, own: &str| name.starts_with(own) || name.contains(&format!(":{own}"));
    let by_name =
        whole.any(|name| is_own(&name) || OWN_PARTS.iter().any(|own| is_part(&name, own)));
    by_name || has_provider_as_owner(live)
}

fn has_provider_as_owner(live: &Live<'_>) -> bool {
    let mut members = live.item.members.iter();
    let body = members.find(|(name, _)| name == "configuration");
    let read = body.and_then(|(_, raw)| json::parse(raw).ok());
    let read = match read {
        Some(Value::String(text)) => json::parse(&text).ok(),
        other => other,
    };
    let Some(Value::Map(fields)) = read else {
        return false;
    };
    fields.iter().any(|(name, value)| {
        let is = |wanted: &str| folded_eq(name, wanted);
        match value {
            Value::Bool(true) => {
                is("requesterManaged") || is("isDefault") || is("default") || is("awsManaged")
            }
            Value::String(text) if is("managedBy") => !text.is_empty(),
            Value::String(text) if is("owner") || is("ownerId") || is("createdBy") => {
                let text = text.to_ascii_lowercase();
                text.starts_with("aws") || text.starts_with("amazon")
            }
            Value::Bool(false)
            | Value::String(_)
            | Value::Null
            | Value::Number(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Sensitive(_) => false,
        }
    })
}
