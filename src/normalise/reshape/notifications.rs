//! Notifications of buckets.

use super::{blocks, get, object};
use crate::model::Value;
use crate::normalise::form::{FormError, Side};

/// Where a bucket sends them. Terraform has a list for each, the item one map for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Lambda,
    Queue,
    Topic,
}

/// What each is called in items. The type of a notification says what its target is, and not every
/// recorder names it so.
const LIVE_NAMES: [&str; 3] = ["functionARN", "queueARN", "topicARN"];

impl Target {
    /// Terraform's name of the target, the item's, and the type that the item says.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lambda => ("lambda_function_arn", "functionARN", "LambdaConfiguration"),
            Self::Queue => ("queue_arn", "queueARN", "QueueConfiguration"),
            Self::Topic => ("topic_arn", "topicARN", "TopicConfiguration"),
        }
    }
}

/// `lambda_function`, `queue` or `topic` of `aws_s3_bucket_notification`. What a notification is
/// called says nothing: where its author gave no name, Terraform makes one up.
pub fn notifications(value: Value, target: Target, side: Side<'_>) -> Result<Value, FormError> {
    let (name, live_name, kind) = target.names();
    let mut found: Vec<Value> = match (side, value) {
        (Side::Approved, value) => {
            let all = blocks(value)?;
            let one = |block: &Value| {
                let filter = ["filter_prefix", "filter_suffix"].map(|end| get(block, end));
                notification((name, get(block, name)), &get(block, "events"), filter)
            };
            all.iter().map(one).collect()
        }
        (Side::Live { .. }, Value::Map(all)) => {
            let is_own = |one: &&Value| get(one, "type").as_str() == Some(kind);
            let one = |one: &Value| {
                let filter = ["prefix", "suffix"].map(|end| live_filter(one, end));
                let target = [live_name].into_iter().chain(LIVE_NAMES);
                let mut target = target.map(|name| get(one, name));
                let target = target.find(|target| !target.is_null()).unwrap_or_default();
                notification((name, target), &get(one, "events"), filter)
            };
            all.values().filter(is_own).map(one).collect()
        }
        (Side::Live { .. }, Value::Null) => Vec::new(),
        (Side::Live { .. }, Value::List(canonical)) => canonical,
        (Side::Live { .. }, _) => return Err(FormError::Shape("a map of notifications")),
    };
    found.sort();
    found.dedup();
    Ok(Value::List(found))
}

fn notification(target: (&str, Value), events: &Value, [prefix, suffix]: [Value; 2]) -> Value {
    let mut events = events.as_list().unwrap_or_default().to_vec();
    events.sort();
    let set = |end: Value| {
        end.as_str()
            .is_some_and(|text| !text.is_empty())
            .then_some(end)
    };
    object([
        target,
        ("events", Value::List(events)),
        ("filter_prefix", set(prefix).unwrap_or_default()),
        ("filter_suffix", set(suffix).unwrap_or_default()),
    ])
}

fn live_filter(notification: &Value, end: &str) -> Value {
    let rules = get(notification, "filter.s3KeyFilter.filterRules");
    let mut rules = rules.as_list().unwrap_or_default().iter();
    let is_it = |rule: &&Value| {
        let name = get(rule, "name");
        name.as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case(end))
    };
    rules
        .find(is_it)
        .map(|rule| get(rule, "value"))
        .unwrap_or_default()
}
