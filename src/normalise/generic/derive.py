#!/usr/bin/env python3
"""Derives aws.tsv from published facts. README.md beside this file says how and why.

Usage: derive.py FOLDER > aws.tsv
"""

import json
import os
import re
import sys
import zlib

# Config's name of a service, where Terraform's differs; both without case and underscores.
# An empty name: Terraform names the type without a service.
SERVICES = {
    "AmazonMQ": ["mq"],
    "AutoScaling": [""],
    "Cassandra": ["keyspaces"],
    "EC2": [""],
    "EventSchemas": ["schemas"],
    "Events": ["cloudwatchevent"],
    "RDS": ["db"],
    "StepFunctions": ["sfn"],
}

# Where the nouns differ too, or one alone would not tell: read and found right.
PAIRS = {
    "aws_autoscaling_policy": "AWS::AutoScaling::ScalingPolicy",
    "aws_autoscaling_schedule": "AWS::AutoScaling::ScheduledAction",
    "aws_backup_plan": "AWS::Backup::BackupPlan",
    "aws_backup_selection": "AWS::Backup::BackupSelection",
    "aws_cloudwatch_event_bus": "AWS::Events::EventBus",
    "aws_codedeploy_app": "AWS::CodeDeploy::Application",
    "aws_codepipeline": "AWS::CodePipeline::Pipeline",
    "aws_ec2_fleet": "AWS::EC2::EC2Fleet",
    "aws_ec2_managed_prefix_list": "AWS::EC2::PrefixList",
    "aws_elb": "AWS::ElasticLoadBalancing::LoadBalancer",
    "aws_redshift_parameter_group": "AWS::Redshift::ClusterParameterGroup",
    "aws_route53_resolver_rule": "AWS::Route53Resolver::ResolverRule",
    "aws_route53_resolver_rule_association": "AWS::Route53Resolver::ResolverRuleAssociation",
    "aws_sagemaker_endpoint_configuration": "AWS::SageMaker::EndpointConfig",
    "aws_sagemaker_notebook_instance_lifecycle_configuration":
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
    "aws_vpc_dhcp_options": "AWS::EC2::DHCPOptions",
}

# Pairs that the name rule makes and that are wrong, or of which the item is not the resource.
WRONG = {
    "aws_config_configuration_recorder",  # its item is read for what is recorded
}

# Items that services make in numbers: one that nobody approved says nothing.
AMBIENT = {
    "AWS::AppConfig::HostedConfigurationVersion",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::AutoScaling::ScheduledAction",
    "AWS::CloudFormation::Stack",
    "AWS::Connect::User",
    "AWS::EC2::CapacityReservation",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::EC2Fleet",
    "AWS::EC2::EIPAssociation",
    "AWS::EC2::NetworkInsightsAnalysis",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::PrefixList",
    "AWS::EC2::SnapshotBlockPublicAccess",
    "AWS::EC2::SpotFleet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
    "AWS::EC2::TransitGatewayRouteTablePropagation",
    "AWS::EC2::VPCBlockPublicAccessOptions",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::VolumeAttachment",
    "AWS::ECS::TaskSet",
    "AWS::EFS::AccessPoint",
    "AWS::ElasticBeanstalk::ApplicationVersion",
    "AWS::ElasticBeanstalk::Environment",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::Elasticsearch::Domain",
    "AWS::Events::Rule",
    "AWS::NetworkManager::CustomerGatewayAssociation",
    "AWS::NetworkManager::LinkAssociation",
    "AWS::NetworkManager::TransitGatewayPeering",
    "AWS::NetworkManager::TransitGatewayRegistration",
    "AWS::RDS::DBClusterSnapshot",
    "AWS::RDS::DBShardGroup",
    "AWS::RDS::DBSnapshot",
    "AWS::Redshift::ClusterSnapshot",
    "AWS::Route53Resolver::ResolverRule",
    "AWS::Route53Resolver::ResolverRuleAssociation",
    "AWS::SSM::Association",
    "AWS::SSM::Document",
    "AWS::SSM::Parameter",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::SageMaker::UserProfile",
    "AWS::ServiceDiscovery::HttpNamespace",
    "AWS::ServiceDiscovery::Instance",
    "AWS::ServiceDiscovery::Service",
    "AWS::WorkSpaces::Workspace",
}

# What moves by itself, is written once, or is told in another vocabulary.
NOT_COMPARED = {
    "arn", "id", "region", "owner", "state", "status", "version", "tags", "tags_all",
    "availability_zone_id", "created_at", "name_prefix", "account_id", "owner_id",
}
MOVES = ("desired_", "current_", "latest_", "last_", "created", "modified", "num_")
SECRET = ("password", "passphrase", "secret", "token", "credential", "private_key", "auth_key",
          "key_material", "authentication_key", "access_key", "shared_key", "user_data")

KINDS = {"T": "string", "N": "number", "F": "bool", "ST": "set", "LT": "list"}

REQUIRED_SHARE = 0.6


def fold(name):
    return name.replace("_", "").lower()


def load(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def wanted(config_type):
    """The folded Terraform names, without `aws_`, that a Config type may have."""
    _, service, noun = config_type.split("::")
    services = [fold(service)] + SERVICES.get(service, [])
    return [fold(name + noun) for name in services]


def pair(terraform_types, config_types):
    by_fold = {}
    for name in terraform_types:
        by_fold.setdefault(fold(name[len("aws_"):]), []).append(name)
    read = {config: name for name, config in PAIRS.items()}
    pairs = {}
    for config in config_types:
        if config.count("::") != 2:
            continue
        if config in read:
            pairs[read[config]] = config
            continue
        for name in wanted(config):
            found = by_fold.get(name, [])
            if len(found) == 1 and found[0] not in WRONG and found[0] not in PAIRS:
                pairs[found[0]] = config
                break
    return pairs


def schemas():
    """Flags and shape of every attribute of the top level, as `ingest/schema/shipped` has them."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ingest/schema/shipped")
    with open(os.path.join(beside, "aws.z"), "rb") as file:
        text = zlib.decompress(file.read()).decode("ascii")
    types = {}
    for line in text.splitlines():
        name, fields = line.split("\t")
        types[name] = dict(top_level(fields))
    return types


def top_level(fields):
    depth, start = 0, 0
    for at, letter in enumerate(fields + ","):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            name, form = fields[start:at].split("=", 1)
            flags = re.match("[a-z1]*", form)[0]
            yield name, (flags, form[len(flags):])
            start = at + 1


def rows(attributes, properties):
    """The rows of a type, and the share of its settable attributes that have a field."""
    first = {}
    leaves = set()
    for path in properties:
        parts = path.split(".")
        if parts[0] != "configuration" or len(parts) < 2:
            continue
        first.setdefault(fold(parts[1]), parts[1])
        if len(parts) == 2:
            leaves.add(parts[1])
    found, matched, settable = [], 0, 0
    for attribute, (flags, shape) in sorted(attributes.items()):
        if attribute in ("id", "region", "tags", "tags_all", "timeouts"):
            continue
        if not set("ro") & set(flags) or "d" in flags:
            continue
        settable += 1
        live = first.get(fold(attribute))
        if live is None:
            continue
        matched += 1
        kind = KINDS.get(shape)
        if kind is None or live not in leaves or attribute in NOT_COMPARED:
            continue
        if attribute.startswith(MOVES) or any(word in attribute for word in SECRET):
            continue
        if set("xyw") & set(flags):
            continue
        found.append((attribute, kind, live))
    return found, matched / settable if settable else 0.0


def main(folder):
    terraform = {name: form for name, form in schemas().items() if name.startswith("aws_")}
    properties = load(folder, "aws-config-properties-by-type.json")["types"]
    recordable = load(folder, "aws-config-resource-type-enum-botocore.json")
    pairs = pair(terraform, sorted(set(properties) | set(recordable)))

    print("# Written by derive.py; README.md beside this file says from what. Do not edit.")
    print("# Terraform type, Config type, unmanaged (info: reported, no: never), attributes: kind")
    for name, config in sorted(pairs.items()):
        found, share = rows(terraform[name], properties.get(config, {}))
        if share < REQUIRED_SHARE:
            found = []
        if "tags_all" in terraform[name]:
            found.append(("tags_all", "tags", "tags"))
        unmanaged = "no" if config in AMBIENT else "info"
        columns = [name, config, unmanaged]
        columns += [f"{attribute}:{kind}" for attribute, kind, _ in found]
        print("\t".join(columns))


if __name__ == "__main__":
    main(sys.argv[1])
