//! Live paths: each must be in Config's published property list, or in a recorded item.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use driftwarden::normalise::Catalogue;
use driftwarden::normalise::catalogue::Resource;
use driftwarden::normalise::{Member, path};
use serde_json::Value;

use super::{json, shared};

/// What Config is known to carry as text or as a free map, which its published list leaves out, and
/// no recorded item has. The tables treat their absence as "not seen".
const UNPUBLISHED: [&str; 22] = [
    "AWS::AutoScaling::AutoScalingGroup configuration.context",
    "AWS::AutoScaling::AutoScalingGroup configuration.tags.key",
    "AWS::AutoScaling::AutoScalingGroup configuration.tags.propagateatlaunch",
    "AWS::AutoScaling::AutoScalingGroup configuration.tags.value",
    "AWS::EC2::EIP configuration.tags",
    "AWS::EC2::Instance configuration.tags[aws:autoscaling:groupName]",
    "AWS::EC2::VPCEndpoint configuration.policydocument",
    "AWS::EC2::VPCEndpoint configuration.tags",
    "AWS::ECR::Repository configuration.lifecyclepolicy.lifecyclepolicytext",
    "AWS::ECR::Repository configuration.repositorypolicytext.statement",
    "AWS::IAM::Group configuration.grouppolicylist.policydocument",
    "AWS::IAM::Role configuration.description",
    "AWS::IAM::Role configuration.maxsessionduration",
    "AWS::KMS::Key supplementaryconfiguration.tags",
    "AWS::Lambda::Function configuration.environment.variables",
    "AWS::Lambda::Function configuration.imageconfigresponse.imageconfig.command",
    "AWS::RDS::DBInstance configuration.taglist",
    "AWS::SQS::Queue configuration.policy",
    "AWS::SQS::Queue configuration.redriveallowpolicy",
    "AWS::SQS::Queue configuration.redrivepolicy",
    "AWS::SQS::Queue supplementaryconfiguration.tags",
    "AWS::WAFv2::WebACL configuration.rules",
];

/// What items of a whole account of 2026 have and the published lists lag behind in; the key of a
/// repository and the levels of a function's log as AWS's resource schemas name them beside it.
const NEWER: [&str; 29] = [
    "AWS::ApiGatewayV2::Api configuration.ipaddresstype",
    "AWS::DynamoDB::Table configuration.deletionprotectionenabled",
    "AWS::EC2::NatGateway configuration.availabilitymode",
    "AWS::ECR::Repository configuration.encryptionconfiguration.encryptiontype",
    "AWS::ECR::Repository configuration.encryptionconfiguration.kmskey",
    "AWS::ECS::Service configuration.availabilityzonerebalancing",
    "AWS::ECS::Service configuration.deploymentconfiguration.baketimeinminutes",
    "AWS::ECS::Service configuration.deploymentconfiguration.strategy",
    "AWS::EFS::FileSystem configuration.filesystempolicy",
    "AWS::EFS::FileSystem configuration.filesystempolicy.statement",
    "AWS::EKS::Cluster configuration.accessconfig.authenticationmode",
    "AWS::EKS::Cluster configuration.kubernetesnetworkconfig.elasticloadbalancing.enabled",
    "AWS::EKS::Cluster configuration.upgradepolicy.supporttype",
    "AWS::Kinesis::Stream configuration.streammodedetails.streammode",
    "AWS::Lambda::Function configuration.loggingconfig.applicationloglevel",
    "AWS::Lambda::Function configuration.loggingconfig.logformat",
    "AWS::Lambda::Function configuration.loggingconfig.loggroup",
    "AWS::Lambda::Function configuration.loggingconfig.systemloglevel",
    "AWS::Lambda::Function configuration.snapstart.applyon",
    "AWS::Lambda::Function configuration.vpcconfig.ipv6allowedfordualstack",
    "AWS::RDS::DBCluster configuration.enginelifecyclesupport",
    "AWS::RDS::DBCluster configuration.localwriteforwardingstatus",
    "AWS::RDS::DBInstance configuration.backuptarget",
    "AWS::RDS::DBInstance configuration.databaseinsightsmode",
    "AWS::RDS::DBInstance configuration.dedicatedlogvolume",
    "AWS::RDS::DBInstance configuration.enginelifecyclesupport",
    "AWS::RDS::DBInstance configuration.networktype",
    "AWS::RDS::DBInstance configuration.storagethroughput",
    "AWS::Redshift::Cluster configuration.multiaz",
];

/// A type of which there is neither a list nor an item: its table follows AWS's resource schema.
const UNLISTED: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";

/// Keys of the attributes of load balancers that no item at hand has, from the API's reference.
const LOAD_BALANCER_KEYS: [&str; 17] = [
    "client_keep_alive.seconds",
    "connection_logs.s3.bucket",
    "connection_logs.s3.enabled",
    "connection_logs.s3.prefix",
    "dns_record.client_routing_policy",
    "health_check_logs.s3.bucket",
    "health_check_logs.s3.enabled",
    "health_check_logs.s3.prefix",
    "load_balancing.cross_zone.enabled",
    "routing.http.desync_mitigation_mode",
    "routing.http.drop_invalid_header_fields.enabled",
    "routing.http.preserve_host_header.enabled",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "routing.http.xff_client_port.enabled",
    "routing.http.xff_header_processing.mode",
    "waf.fail_open.enabled",
    "zonal_shift.config.enabled",
];

type Paths = BTreeMap<String, BTreeSet<String>>;

fn folded(path: &str) -> String {
    // The key of a pair has dots and is a value: it stays as it is.
    let (path, key) = match path.split_once('[') {
        Some((path, key)) => (path.trim_end_matches('.'), format!("[{key}")),
        None => (path, String::new()),
    };
    let parts = path
        .split('.')
        .filter(|part| *part != "*" && !part.is_empty() && part.parse::<usize>().is_err());
    let parts = parts.map(|part| part.replace('_', "").to_ascii_lowercase());
    parts.collect::<Vec<_>>().join(".") + &key
}

fn walk(value: &Value, before: &str, found: &mut BTreeSet<String>) {
    found.insert(before.to_owned());
    match value {
        Value::Object(map) => {
            if let Some(key) = map.get("key").or(map.get("Key")).and_then(Value::as_str) {
                found.insert(format!("{before}[{key}]"));
            }
            for (key, value) in map {
                let before = if before.is_empty() {
                    String::new()
                } else {
                    format!("{before}.")
                };
                walk(value, &format!("{before}{}", folded(key)), found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| walk(value, before, found)),
        Value::String(text) if text.starts_with(['{', '[', '"']) => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                walk(&inner, before, found);
            }
        }
        _ => {}
    }
}

/// Every object that looks like an item, wherever it stands.
fn items(value: &Value, found: &mut Paths) {
    match value {
        Value::Object(map) => {
            if let Some(kind) = map.get("resourceType").and_then(Value::as_str) {
                walk(value, "", found.entry(kind.to_owned()).or_default());
            }
            map.values().for_each(|value| items(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| items(value, found)),
        Value::String(text) if text.starts_with('{') => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                items(&inner, found);
            }
        }
        _ => {}
    }
}

fn recorded(folder: &Path, found: &mut Paths) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            recorded(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            // Two files of the corpus are not valid JSON.
            if let Ok(value) = serde_json::from_slice(&std::fs::read(&path).unwrap()) {
                items(&value, found);
            }
        }
    }
}

fn known() -> Option<Paths> {
    let list = json(&shared(
        "corpus/provider-schemas/aws-config-properties-by-type.json",
    )?);
    let mut found = Paths::new();
    for (kind, properties) in list["types"].as_object().unwrap() {
        let paths = found.entry(kind.clone()).or_default();
        for property in properties.as_object().unwrap().keys() {
            let parts: Vec<&str> = property.split('.').collect();
            // The list names leaves; the tables also take whole parts.
            paths.extend((1..=parts.len()).map(|end| folded(&parts[..end].join("."))));
        }
    }
    recorded(&shared("corpus/aws-config-items")?, &mut found);
    recorded(&shared("estates/alpha/live-clean")?, &mut found);
    Some(found)
}

fn live_paths(resource: &Resource) -> Vec<String> {
    let text = |path: &path::Path| {
        let each = path.each.iter().flatten();
        folded(
            &path
                .captured
                .iter()
                .chain(each)
                .map(|part| &**part)
                .collect::<Vec<_>>()
                .join("."),
        )
    };
    let table = &resource.table;
    let keys = table.keys.iter().flatten().map(|pair| text(&pair.live));
    let (within, own) = match &table.member {
        Member::Each { at, element } => {
            let at = text(at);
            let gates = table.made_by_provider.iter().flatten();
            let element = element.iter().flatten().map(|pair| &pair.live);
            let element = element.chain(gates.map(|gate| &gate.path));
            let within = |path| match text(path) {
                itself if itself.is_empty() => at.clone(),
                path => format!("{at}.{path}"),
            };
            let own = element.map(within).chain([at.clone()]).collect();
            (Some(at), own)
        }
        Member::Part { at, .. } => {
            let gates = table.made_by_provider.iter().flatten();
            let gates = gates.map(|gate| text(&gate.path));
            (None, gates.chain([text(at)]).collect())
        }
        Member::Whole | Member::SecurityGroupRule => (None, Vec::new()),
    };
    let gates = table.only_where.iter().flat_map(|(_, gates)| gates);
    let gates = gates
        .flat_map(driftwarden::normalise::table::Gate::paths)
        .map(text);
    let rows = table.attributes.iter().flat_map(|row| &row.live);
    let rows = rows.map(|path| match &within {
        Some(at) => format!("{at}.{}", text(path)),
        None => text(path),
    });
    keys.chain(own).chain(gates).chain(rows).collect()
}

#[test]
fn every_live_path_is_published_or_recorded() {
    let Some(known) = known() else { return };
    let catalogue = Catalogue::reviewed().unwrap();
    let mut unknown = BTreeSet::new();
    for (_, resource) in catalogue.resources() {
        let config = catalogue.config(resource.config).unwrap();
        let kind = &config.config_type;
        let envelope = ["resourceid", "resourcename", "arn", "awsregion", "tags"];
        let gates = config.made_by_provider.iter().chain(&config.gone).flatten();
        let gates = gates.flat_map(|placed| placed.gate.paths());
        let gates = gates.map(|path| folded(&path.captured.join(".")));
        let gates = gates.filter(|path| !path.starts_with("tags."));
        if **kind == *UNLISTED {
            continue;
        }
        for path in live_paths(resource).into_iter().chain(gates) {
            let is_known = known
                .get(&**kind)
                .is_some_and(|paths| paths.contains(&path));
            let key = path.split_once("loadbalancerattributes[");
            let key = key.map(|(_, key)| key.trim_end_matches(']'));
            let is_attribute = key.is_some_and(|key| LOAD_BALANCER_KEYS.contains(&key));
            if !is_known && !is_attribute && !envelope.contains(&path.as_str()) {
                unknown.insert(format!("{kind} {path}"));
            }
        }
    }
    let unpublished = UNPUBLISHED.iter().chain(&NEWER);
    let unpublished: BTreeSet<String> = unpublished.map(|path| (*path).to_owned()).collect();
    assert_eq!(unknown, unpublished);
}
