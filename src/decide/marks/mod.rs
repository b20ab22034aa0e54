//! Which resources an event is about, so that these are read again: by the call, and by the ids, ARNs
//! and names that it bears. The table beside this file says what a call acts on and what it only
//! mentions; what no form tells is looked up among what is approved.

mod approved;
mod silence;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use approved::{ApprovedParts, PartIndex};
pub use silence::{Effect, SETTINGS, Silence, silence};

use self::table::{Acts, Table};
use super::attribute::{is_typed_id, queue_arn};
use crate::model::{AccountId, Activity, Region};

/// A resource that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub account: AccountId,
    /// That of the call; some services' resources are in none.
    pub region: Region,
    pub config_type: Box<str>,
    /// Ids, names and ARNs: the resource bears one of them at least.
    pub names: Vec<Box<str>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("marks.txt")));

/// The resources that a call acted on, sorted. A failed call acted on none.
pub fn marks(activity: &Activity, approved: ApprovedParts<'_>) -> Vec<Mark> {
    let (Some(account), Some(region)) = (&activity.account, &activity.region) else {
        return Vec::new();
    };
    if !activity.succeeded {
        return Vec::new();
    }
    let mut marks: BTreeMap<Box<str>, Vec<Box<str>>> = BTreeMap::new();
    let service = activity.call.split(':').next().unwrap_or_default();
    let acts = TABLE.acts(&activity.call);
    for subject in &activity.subjects {
        let form = Form::of(subject, account.as_str());
        let types: Vec<&str> = match (form, acts) {
            (_, Acts::Nothing) | (Form::Foreign, _) => Vec::new(),
            (Form::Of(own, _), Acts::Whatever) => vec![own],
            (Form::Of(own, _), Acts::On(types)) if types.contains(&own) => vec![own],
            (Form::Of(own, home), Acts::Unsaid) if home == service => vec![own],
            (Form::Name, Acts::On(types)) => types.to_vec(),
            // An id of something that lies within another resource.
            (Form::Unknown, _) => {
                for (config_type, names) in approved.items_of(subject) {
                    marks.entry(config_type).or_default().extend(names);
                }
                Vec::new()
            }
            (Form::Of(..) | Form::Name, _) => Vec::new(),
        };
        for own in types {
            let names = marks.entry(own.into()).or_default();
            names.push(subject.as_str().into());
            names.extend(other_names(subject).map(Box::from));
        }
    }
    if let Acts::On(["AWS::S3::AccountPublicAccessBlock"]) = acts {
        let own = marks.entry("AWS::S3::AccountPublicAccessBlock".into());
        own.or_default().push(account.as_str().into());
    }
    let marks = marks.into_iter().map(|(config_type, mut names)| {
        names.sort_unstable();
        names.dedup();
        Mark {
            account: account.clone(),
            region: region.clone(),
            config_type,
            names,
        }
    });
    marks.collect()
}

/// What a subject is by its looks.
#[derive(Clone, Copy)]
enum Form {
    /// Of that Config type, by a service's rules.
    Of(&'static str, &'static str),
    /// Of another account, or the provider's own.
    Foreign,
    /// An id or ARN of which the form does not tell the type.
    Unknown,
    Name,
}

impl Form {
    fn of(subject: &str, account: &str) -> Self {
        if let Some(arn) = queue_arn(subject) {
            return Self::of(&arn, account);
        }
        let mut parts = subject.splitn(6, ':');
        if parts.next() == Some("arn") {
            let (service, own, rest) = (parts.nth(1), parts.nth(1), parts.next());
            let (Some(service), Some(own), Some(rest)) = (service, own, rest) else {
                return Self::Name;
            };
            if !own.is_empty() && own != account {
                return Self::Foreign;
            }
            let kind = rest.trim_start_matches('/').split([':', '/']).next();
            let found = TABLE.of_arn(service, kind.unwrap_or_default());
            return found.map_or(Self::Unknown, |found| Self::Of(found, home(found)));
        }
        if is_typed_id(subject) {
            let found = subject.rsplit_once('-');
            let found = found.and_then(|(prefix, _)| TABLE.of_id(prefix));
            return found.map_or(Self::Unknown, |found| Self::Of(found, home(found)));
        }
        Self::Name
    }
}

/// The service whose calls act on a type, as trails name it: `ec2` of `AWS::EC2::VPC`.
fn home(config_type: &'static str) -> &'static str {
    match config_type.split("::").nth(1) {
        Some("ACM") => "acm",
        Some("EC2") => "ec2",
        Some("EFS") => "elasticfilesystem",
        Some("IAM") => "iam",
        Some("S3") => "s3",
        Some("SNS") => "sns",
        Some("SQS") => "sqs",
        Some(_) | None => "",
    }
}

/// The id or name in an ARN, the ARN of a queue's URL: sources may know only these.
fn other_names(subject: &str) -> impl Iterator<Item = String> {
    let arn = subject.starts_with("arn:");
    let rest = subject.splitn(6, ':').nth(5).filter(|_| arn);
    let tail = rest.and_then(|rest| rest.rsplit([':', '/']).next());
    let bucket = rest.filter(|_| subject.starts_with("arn:aws:s3:::"));
    let bucket = bucket.and_then(|rest| rest.split('/').next());
    let name = bucket.or(tail).map(str::to_owned);
    name.into_iter().chain(queue_arn(subject))
}
