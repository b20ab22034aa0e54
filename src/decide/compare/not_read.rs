//! What a live source told beside its items: which parts of the estate it read to their end, and
//! which it could not read. The first lets an absence count, the second forbids it.

use std::collections::BTreeMap;

use super::seen::Seen;
use super::{Comparer, Findings};
use crate::model::{
    AccountId, Gap, GapReason, NotRead, Region, SourceReport, TypeName, WhyNotRead,
};

/// So many types are named in one gap.
const MAX_NAMED: usize = 10;

/// Parts of the estate that were not read, by account and Config type; each empty for all of them.
#[derive(Debug, Default)]
pub(super) struct NotReadParts(BTreeMap<(Box<str>, Box<str>), Vec<Unread>>);

#[derive(Debug)]
struct Unread {
    /// `None` for every Region.
    region: Option<Box<str>>,
    reason: GapReason,
    detail: Box<str>,
}

impl NotReadParts {
    pub(super) fn absorb(&mut self, other: Self) {
        for (key, parts) in other.0 {
            self.0.entry(key).or_default().extend(parts);
        }
    }

    fn add(&mut self, part: &NotRead) {
        let account = part.account.as_ref().map_or("", |id| id.as_str());
        let config_type = part.config_type.as_deref().unwrap_or_default();
        let unread = Unread {
            region: part.region.as_ref().map(|region| region.as_str().into()),
            reason: reason(part.why),
            detail: words(part).into(),
        };
        let key = (account.into(), config_type.into());
        self.0.entry(key).or_default().push(unread);
    }

    /// Why a resource of that type may lie in what was not read. Account and Region are empty where
    /// they are not known: then it may be in any.
    fn find(&self, account: &str, region: &str, config_type: &str) -> Option<&Unread> {
        let may_be = |part: &&Unread| match &part.region {
            None => true,
            Some(own) => region.is_empty() || region == "global" || **own == *region,
        };
        let parts = self.0.iter().filter(|((own, of), _)| {
            let is_account = own.is_empty() || account.is_empty() || **own == *account;
            is_account && (of.is_empty() || **of == *config_type)
        });
        let parts = parts.flat_map(|(_, parts)| parts).filter(may_be);
        // The same one, in whatever order the readers told them.
        parts.min_by_key(|part| (part.reason, &part.detail))
    }
}

impl Seen<'_> {
    /// Why a resource of that type and place may be there without having been seen.
    pub(super) fn not_read(
        &self,
        account: &str,
        region: &str,
        config_type: &str,
    ) -> Option<(GapReason, String)> {
        let found = self.not_read.find(account, region, config_type)?;
        Some((found.reason, found.detail.to_string()))
    }
}

impl Comparer<'_> {
    /// The types of Config of which comparing looks at the items.
    pub fn looks_at(&self) -> Vec<&str> {
        let configs = self.catalogue.configs();
        let wanted = configs.filter(|config| !self.is_beside_the_point(config));
        wanted.map(|config| &*config.config_type).collect()
    }

    /// Takes in what a source told of itself.
    pub fn take_report(&self, report: &SourceReport, findings: &mut Findings) {
        for part in &report.read_whole {
            let (account, region) = (part.account.as_str(), part.region.as_str());
            if !self.scope.covers_account(account) || !self.scope.covers_region(region) {
                continue;
            }
            findings.covered.insert((account.into(), region.into()));
            if let Some((at, _)) = self.catalogue.config_type(&part.config_type) {
                findings.recorded.insert((account.into(), at));
            }
        }
        let mut alike: BTreeMap<Alike<'_>, Vec<&str>> = BTreeMap::new();
        for part in &report.not_read {
            let account = part.account.as_ref().map_or("", |id| id.as_str());
            let region = part.region.as_ref().map_or("", |id| id.as_str());
            if !self.scope.covers_account(account) || !self.scope.covers_region(region) {
                continue;
            }
            findings.not_read.add(part);
            let resource = part.resource.as_deref();
            let key = (account, region, resource, part.why, part.detail.as_str());
            let types = alike.entry(key).or_default();
            types.extend(part.config_type.as_deref());
        }
        for (alike, types) in alike {
            findings.gaps.push(gap(&report.source, alike, &types));
        }
    }
}

/// Account, Region, resource, and why: parts that are one gap.
type Alike<'r> = (&'r str, &'r str, Option<&'r str>, WhyNotRead, &'r str);

fn gap(source: &str, alike: Alike<'_>, types: &[&str]) -> Gap {
    let (account, region, resource, why, detail) = alike;
    let what = match (resource, types) {
        (Some(resource), _) => format!(" of `{resource}`"),
        (None, [] | [_]) => String::new(),
        (None, types) => {
            let named: Vec<&str> = types.iter().copied().take(MAX_NAMED).collect();
            let more = types.len().saturating_sub(MAX_NAMED);
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!(" of {}{more}", named.join(", "))
        }
    };
    Gap {
        workspace: None,
        address: None,
        attribute: None,
        type_name: match types {
            [only] => Some(TypeName::from(*only)),
            _ => None,
        },
        account: (!account.is_empty()).then(|| AccountId::from(account)),
        region: (!region.is_empty()).then(|| Region::from(region)),
        reason: reason(why),
        detail: format!("`{source}` tells nothing{what}: {detail}"),
    }
}

fn words(part: &NotRead) -> String {
    let place = match (&part.account, &part.region) {
        (Some(account), Some(region)) => format!("account `{account}`, Region `{region}`: "),
        (Some(account), None) => format!("account `{account}`: "),
        (None, Some(region)) => format!("Region `{region}`: "),
        (None, None) => String::new(),
    };
    format!("it may be in what was not read: {place}{}", part.detail)
}

pub(super) fn reason(why: WhyNotRead) -> GapReason {
    match why {
        WhyNotRead::NotRecorded | WhyNotRead::Deleted => GapReason::TypeNotRecorded,
        WhyNotRead::Denied | WhyNotRead::NoCredentials | WhyNotRead::Throttled => {
            GapReason::SourceRefused
        }
        WhyNotRead::OverBudget => GapReason::OverBudget,
        WhyNotRead::Unreachable => GapReason::SourceUnreachable,
        WhyNotRead::Broken => GapReason::SourceUnreadable,
    }
}
