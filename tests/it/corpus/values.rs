//! Recorded values through the reviewed tables: what Terraform's states say of a resource beside what
//! the API answered, and the items of AWS Config against themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::normalise::catalogue::{Catalogue, Config, Resource};
use driftwarden::normalise::equal::Outcome;
use driftwarden::normalise::form::Side;
use driftwarden::normalise::path::Path as Place;
use driftwarden::normalise::{Member, Tier};
use serde_json::{Value as Json, json};

use super::{files_under, shared};

/// Which answer describes a resource of the type: the call, the list in it, the field and the
/// attribute that are its name.
const DESCRIBED: [(&str, &str, &str, &str); 16] = [
    (
        "aws_autoscaling_group",
        "DescribeAutoScalingGroups",
        "AutoScalingGroupName",
        "name",
    ),
    ("aws_cloudtrail", "DescribeTrails", "TrailARN", "arn"),
    (
        "aws_cloudwatch_metric_alarm",
        "DescribeAlarmsForMetric",
        "AlarmArn",
        "arn",
    ),
    (
        "aws_db_instance",
        "DescribeDBInstances",
        "DBInstanceArn",
        "arn",
    ),
    ("aws_flow_log", "DescribeFlowLogs", "FlowLogId", "id"),
    ("aws_iam_role", "GetRole", "Arn", "arn"),
    ("aws_instance", "DescribeInstances", "InstanceId", "id"),
    (
        "aws_internet_gateway",
        "DescribeInternetGateways",
        "InternetGatewayId",
        "id",
    ),
    ("aws_kms_key", "DescribeKey", "Arn", "arn"),
    (
        "aws_network_interface",
        "DescribeInstances",
        "NetworkInterfaceId",
        "id",
    ),
    (
        "aws_route_table",
        "DescribeRouteTables",
        "RouteTableId",
        "id",
    ),
    (
        "aws_security_group",
        "DescribeSecurityGroups",
        "GroupId",
        "id",
    ),
    ("aws_sns_topic", "GetTopicAttributes", "TopicArn", "arn"),
    ("aws_sqs_queue", "GetQueueAttributes", "QueueArn", "arn"),
    ("aws_subnet", "DescribeSubnets", "SubnetId", "id"),
    ("aws_vpc", "DescribeVpcs", "VpcId", "id"),
];

/// What was looked at one by one: `judged.tsv` beside this file has, for each pair that differs or
/// cannot be compared, the case, the attribute, and what it is; for items, `item` stands for the case.
fn judged(is_item: bool) -> BTreeSet<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/corpus/judged.tsv");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let judged = lines.map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [case, attribute, verdict] = columns[..] else {
            panic!("not three columns: {line}");
        };
        assert!(verdict.len() > 10, "no reason: {line}");
        (case.to_owned(), attribute.to_owned())
    });
    judged
        .filter(|(case, _)| (case == "item") == is_item)
        .collect()
}

#[derive(Default)]
struct Counts {
    equal: u32,
    differs: u32,
    not_comparable: u32,
    not_carried: u32,
}

enum Told {
    Equal,
    Differs(String),
    NotComparable(String),
    NotCarried,
}

/// Every row of a table of which the approved values have something, against an item.
fn told(config: &Config, resource: &Resource, approved: &str, item: &Json) -> Vec<(String, Told)> {
    let own = resource.approved.read(approved).unwrap();
    let members: Vec<(String, String)> = item
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    let mut live = config.projection.empty_slots();
    for (name, raw) in &members {
        config.projection.read_member(name, raw, &mut live).unwrap();
    }
    let own_id = item["resourceId"].as_str().unwrap_or_default();
    let own_account = item["awsAccountId"].as_str().unwrap_or_default();
    let side = Side::Live {
        own_id,
        own_account,
    };
    let whole = Place::parse(".");
    let mut told = Vec::new();
    for (slot, row) in resource.table.attributes.iter().enumerate() {
        let Some(approved) = own.get(slot).and_then(Option::as_deref) else {
            continue;
        };
        let mut slots = resource.live_slots[slot].iter().zip(&row.live);
        let found = slots.find_map(|(at, path)| Some((live.get(*at)?.as_deref()?, path)));
        let name = format!("{}{}", resource.table.type_name, row.pointer);
        let Some((raw, path)) = found else {
            told.push((name, Told::NotCarried));
            continue;
        };
        let approved = row.form.value(approved, &whole, Side::Approved);
        let seen = row.form.value(raw, path, side);
        told.push((
            name,
            match (approved, seen) {
                (Ok(approved), Ok(seen)) => match row.compare(&approved, &seen) {
                    Outcome::Equal(_) => Told::Equal,
                    Outcome::Differs(_) => Told::Differs(format!("{approved:?} | {seen:?}")),
                    Outcome::NotComparable(why) => Told::NotComparable(why.to_owned()),
                },
                (Err(why), _) => Told::NotComparable(format!("approved: {why}")),
                (_, Err(why)) => Told::NotComparable(format!("live: {why}")),
            },
        ));
    }
    told
}

fn read(path: &Path) -> Option<Json> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The objects that have this name in this field, wherever they stand.
fn named<'j>(json: &'j Json, field: &str, name: &str, found: &mut Vec<&'j Json>) {
    match json {
        Json::Object(fields) => {
            if fields.get(field).and_then(Json::as_str) == Some(name) {
                found.push(json);
            }
            fields
                .values()
                .for_each(|json| named(json, field, name, found));
        }
        Json::Array(list) => list.iter().for_each(|json| named(json, field, name, found)),
        _ => {}
    }
}

/// An answer as Config would have it: the names are its but for their case.
fn as_item(answer: &Json, name: &str) -> Json {
    json!({
        "resourceId": name,
        "awsAccountId": name.split(':').nth(4).unwrap_or_default(),
        "configuration": answer,
    })
}

fn add(count: &mut Counts, told: &Told) {
    match told {
        Told::Equal => count.equal += 1,
        Told::Differs(_) => count.differs += 1,
        Told::NotComparable(_) => count.not_comparable += 1,
        Told::NotCarried => count.not_carried += 1,
    }
}

fn print(counts: &BTreeMap<String, Counts>) {
    println!("type  equal  differs  not comparable  not carried");
    for (name, count) in counts {
        let Counts {
            equal,
            differs,
            not_comparable,
            not_carried,
        } = count;
        println!("{name}  {equal}  {differs}  {not_comparable}  {not_carried}");
    }
}

#[test]
fn paired_values_differ_only_where_they_were_judged_to() {
    let Some(shared) = shared() else { return };
    let catalogue = Catalogue::builtin().unwrap();
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    let mut differs = BTreeMap::new();
    let mut files = Vec::new();
    files_under(&shared.join("corpus/paired-tf-vs-describe"), &mut files);
    let answers: Vec<(&PathBuf, Json)> = files
        .iter()
        .filter_map(|path| Some((path, read(path)?)))
        .collect();
    let states = answers
        .iter()
        .filter(|(path, _)| path.ends_with("tf_resources.json"));
    for (path, state) in states {
        let folder = path.parent().unwrap();
        let case = folder.file_name().unwrap().to_str().unwrap();
        for (type_name, call, field, attribute) in DESCRIBED {
            let Some(own) = state["resources"][type_name].as_object() else {
                continue;
            };
            let Some(resource) = catalogue
                .find(type_name)
                .and_then(|at| catalogue.resource(at))
            else {
                continue;
            };
            let config = catalogue.config(resource.config).unwrap();
            let is_answer = |path: &Path| {
                let file = path.file_name().unwrap().to_str().unwrap();
                path.starts_with(folder) && file.contains(&format!(".{call}_"))
            };
            for (approved, name) in own
                .values()
                .filter_map(|own| Some((own, own[attribute].as_str()?)))
            {
                for (_, answer) in answers.iter().filter(|(path, _)| is_answer(path)) {
                    let mut found = Vec::new();
                    named(answer, field, name, &mut found);
                    let approved = approved.to_string();
                    let item = found.first().map(|answer| as_item(answer, name));
                    let rows = item.map(|item| told(config, resource, &approved, &item));
                    for (attribute, told) in rows.into_iter().flatten() {
                        add(counts.entry(type_name.to_owned()).or_default(), &told);
                        if let Told::Differs(how) | Told::NotComparable(how) = told {
                            differs.insert((case.to_owned(), attribute), how);
                        }
                    }
                }
            }
        }
    }
    print(&counts);
    for ((case, attribute), how) in &differs {
        println!("{case}: {attribute}: {how}");
    }
    let judged = judged(false);
    let unjudged: Vec<_> = differs
        .keys()
        .filter(|key| !judged.contains(*key))
        .collect();
    assert_eq!(unjudged, Vec::<&(String, String)>::new());
    let settled: Vec<_> = judged
        .iter()
        .filter(|key| !differs.contains_key(*key))
        .collect();
    assert_eq!(settled, Vec::<&(String, String)>::new(), "differ no more");
    assert!(counts.values().map(|count| count.equal).sum::<u32>() > 200);
}

/// Every item of a type with a reviewed table: what is there can be read in the row's form.
#[test]
fn every_recorded_item_can_be_read_in_the_forms_of_its_table() {
    let Some(shared) = shared() else { return };
    let catalogue = Catalogue::reviewed().unwrap();
    let mut files = Vec::new();
    files_under(&shared.join("corpus/aws-config-items"), &mut files);
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    let mut unreadable = BTreeSet::new();
    for file in files.iter().filter_map(|path| read(path)) {
        let mut found = Vec::new();
        items(&file, &mut found);
        for item in found {
            let name = item["resourceType"].as_str().unwrap_or_default();
            let Some((_, config)) = catalogue.config_type(name) else {
                continue;
            };
            for at in &config.resources {
                let resource = catalogue.resource(*at).unwrap();
                if !matches!(resource.table.member, Member::Whole | Member::Part { .. }) {
                    continue;
                }
                assert_eq!(resource.table.tier, Tier::Reviewed);
                let count = counts
                    .entry(resource.table.type_name.to_string())
                    .or_default();
                for (attribute, told) in itself(config, resource, &item) {
                    add(count, &told);
                    match told {
                        Told::Differs(how) => panic!("{attribute}: {how}"),
                        Told::NotComparable(how) => {
                            println!("{attribute}: {how}");
                            unreadable.insert(attribute);
                        }
                        Told::Equal | Told::NotCarried => {}
                    }
                }
            }
        }
    }
    print(&counts);
    let known: BTreeSet<String> = judged(true).into_iter().map(|(_, name)| name).collect();
    assert_eq!(unreadable, known);
    assert!(counts.len() > 50, "{}", counts.len());
}

/// Every item in a file, those in texts included, with its body as an object.
fn items(json: &Json, found: &mut Vec<Json>) {
    match json {
        Json::Object(fields) => {
            if fields.contains_key("resourceType") && fields.contains_key("configuration") {
                let mut item = json.clone();
                if let Json::String(body) = &item["configuration"] {
                    item["configuration"] = serde_json::from_str(body).unwrap_or_default();
                }
                found.push(item);
                return;
            }
            fields.values().for_each(|json| items(json, found));
        }
        Json::Array(list) => list.iter().for_each(|json| items(json, found)),
        Json::String(text) if text.starts_with('{') => {
            if let Ok(inner) = serde_json::from_str(text) {
                items(&inner, found);
            }
        }
        _ => {}
    }
}

/// What an item shows, against itself.
fn itself(config: &Config, resource: &Resource, item: &Json) -> Vec<(String, Told)> {
    let members: Vec<(String, String)> = item
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    let mut live = config.projection.empty_slots();
    for (name, raw) in &members {
        config.projection.read_member(name, raw, &mut live).unwrap();
    }
    let side = Side::Live {
        own_id: item["resourceId"].as_str().unwrap_or_default(),
        own_account: item["awsAccountId"].as_str().unwrap_or_default(),
    };
    let mut told = Vec::new();
    for (slot, row) in resource.table.attributes.iter().enumerate() {
        let name = format!("{}{}", resource.table.type_name, row.pointer);
        let mut slots = resource.live_slots[slot].iter().zip(&row.live);
        let found = slots.find_map(|(at, path)| Some((live.get(*at)?.as_deref()?, path)));
        let outcome = found.map(|(raw, path)| row.form.value(raw, path, side));
        told.push((
            name,
            match outcome {
                None => Told::NotCarried,
                Some(Err(why)) => Told::NotComparable(why.to_string()),
                Some(Ok(_)) => Told::Equal,
            },
        ));
    }
    told
}
