"""What moto holds, as AWS Config would show it: items in the form of its API, rendered afresh each time."""

import hashlib
import json
import threading
import urllib.parse
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError

KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}


def stamp():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Account:
    """One account of moto, by a role that is assumed there."""

    def __init__(self, endpoint, number):
        self.number, self.endpoint = number, endpoint
        sts = boto3.client("sts", endpoint_url=endpoint, region_name="eu-west-1", **KEYS)
        role = f"arn:aws:iam::{number}:role/operators"
        keys = sts.assume_role(RoleArn=role, RoleSessionName="suite")["Credentials"]
        self.keys = {"aws_access_key_id": keys["AccessKeyId"],
                     "aws_secret_access_key": keys["SecretAccessKey"],
                     "aws_session_token": keys["SessionToken"]}
        self.clients, self.lock = {}, threading.Lock()

    def client(self, service, region="eu-west-1"):
        with self.lock:
            if (service, region) not in self.clients:
                self.clients[service, region] = boto3.client(
                    service, endpoint_url=self.endpoint, region_name=region, **self.keys)
            return self.clients[service, region]


def given(call, *path, **args):
    """What a call gives, or nothing where there is no such configuration."""
    try:
        answer = call(**args)
    except ClientError:
        return None
    for name in path:
        answer = answer.get(name) if answer else None
    return answer


def camel(value):
    """Keys as Config writes them: with a small first letter."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: camel(inner) for key, inner in value.items()}
    return [camel(inner) for inner in value] if isinstance(value, list) else value


def buckets(account, region):
    s3 = account.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        where = s3.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"
        if where != region:
            continue
        versioning = s3.get_bucket_versioning(Bucket=name)
        block = given(s3.get_public_access_block, "PublicAccessBlockConfiguration", Bucket=name)
        rules = given(s3.get_bucket_encryption, "ServerSideEncryptionConfiguration", "Rules", Bucket=name)
        tags = given(s3.get_bucket_tagging, "TagSet", Bucket=name) or []
        parts = {
            "BucketPolicy": {"policyText": given(s3.get_bucket_policy, "Policy", Bucket=name)},
            "BucketVersioningConfiguration": {"status": versioning.get("Status", "Off"),
                                              "isMfaDeleteEnabled": None},
        }
        if block is not None:
            parts["PublicAccessBlockConfiguration"] = camel(block)
        if rules is not None:
            parts["ServerSideEncryptionConfiguration"] = {"rules": [
                {"applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
                    "kmsMasterKeyID": rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")},
                 "bucketKeyEnabled": rule.get("BucketKeyEnabled", False)} for rule in rules]}
        yield {"resourceType": "AWS::S3::Bucket", "resourceId": name, "resourceName": name,
               "arn": f"arn:aws:s3:::{name}", "awsRegion": region,
               "configuration": {"name": name, "owner": {"displayName": None, "id": "0e1d" * 16},
                                 "creationDate": bucket["CreationDate"].isoformat()},
               "supplementaryConfiguration": parts, "tags": tags}


def roles(account):
    iam = account.client("iam")
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        role = iam.get_role(RoleName=name)["Role"]
        quote = lambda document: urllib.parse.quote(json.dumps(document))
        inline = [{"policyName": policy, "policyDocument": quote(
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])}
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        yield {"resourceType": "AWS::IAM::Role", "resourceId": role["RoleId"], "resourceName": name,
               "arn": role["Arn"], "awsRegion": "global",
               "configuration": {
                   "path": role["Path"], "roleName": name, "roleId": role["RoleId"], "arn": role["Arn"],
                   "createDate": role["CreateDate"].isoformat(),
                   "assumeRolePolicyDocument": quote(role["AssumeRolePolicyDocument"]),
                   "instanceProfileList": [], "rolePolicyList": inline,
                   "attachedManagedPolicies": camel(attached), "permissionsBoundary": None,
                   "tags": [], "roleLastUsed": None},
               "supplementaryConfiguration": {}, "tags": role.get("Tags", [])}


def topics(account, region):
    sns = account.client("sns", region)
    for topic in sns.list_topics()["Topics"]:
        arn = topic["TopicArn"]
        tags = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        shown = {key: value for key, value in attributes.items() if value not in ("", None)}
        yield {"resourceType": "AWS::SNS::Topic", "resourceId": arn, "resourceName": arn.split(":")[-1],
               "arn": arn, "awsRegion": region, "configuration": shown,
               "supplementaryConfiguration": {"Tags": tags}, "tags": tags}


def security_groups(account, region):
    def rules(given):
        for one in given:
            own = camel(one)
            own["ipv4Ranges"] = own.pop("ipRanges")
            own["ipRanges"] = [each["cidrIp"] for each in own["ipv4Ranges"]]
            yield own

    for group in account.client("ec2", region).describe_security_groups()["SecurityGroups"]:
        identity, owner, tags = group["GroupId"], group["OwnerId"], group.get("Tags", [])
        yield {"resourceType": "AWS::EC2::SecurityGroup", "resourceId": identity, "resourceName": group["GroupName"],
               "awsRegion": region, "arn": f"arn:aws:ec2:{region}:{owner}:security-group/{identity}",
               "configuration": {
                   "description": group["Description"], "groupName": group["GroupName"], "groupId": identity,
                   "ownerId": owner, "vpcId": group.get("VpcId"), "tags": camel(tags),
                   "ipPermissions": list(rules(group["IpPermissions"])),
                   "ipPermissionsEgress": list(rules(group["IpPermissionsEgress"]))},
               "supplementaryConfiguration": {}, "tags": tags}


class Cloud:
    def __init__(self, endpoint, numbers, regions):
        self.endpoint = endpoint
        self.accounts = {number: Account(endpoint, number) for number in numbers}
        self.regions = regions
        self.known = {}
        self.lock = threading.Lock()
        # By account and Region: whether it records, and its group.
        self.recorders = {(number, region): {"recording": True, "status": "SUCCESS", "group": {
            "allSupported": True, "includeGlobalResourceTypes": region == regions[0], "resourceTypes": [],
            "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}}}
            for number in numbers for region in regions}

    def records(self, number, region, config_type):
        recorder = self.recorders[number, region]
        group = recorder["group"]
        if config_type.startswith("AWS::IAM::") and not group.get("includeGlobalResourceTypes"):
            return config_type in group.get("resourceTypes", [])
        excluded = group.get("exclusionByResourceTypes", {}).get("resourceTypes", [])
        return config_type not in excluded and (group["allSupported"] or bool(excluded)
                                                or config_type in group["resourceTypes"])

    def items(self, number, region):
        """The items of an account and Region; one that changed has a new time of capture."""
        account = self.accounts[number]
        found = [*buckets(account, region), *roles(account), *topics(account, region)]
        found = [item for item in found if self.records(number, region, item["resourceType"])]
        with self.lock:
            for item in found:
                key = (number, region, item["resourceType"], item["resourceId"])
                digest = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
                if self.known.get(key, (None,))[0] != digest:
                    self.known[key] = (digest, stamp(), item)
                item["configurationItemCaptureTime"] = self.known[key][1]
                item["configurationItemStatus"] = "OK"
                item["accountId"] = number
                item["version"] = "1.3"
        return found

    def sqs(self):
        return boto3.client("sqs", endpoint_url=self.endpoint, region_name=self.regions[0], **KEYS)

    def queue(self, name):
        return self.sqs().create_queue(QueueName=name)["QueueUrl"]

    def tell(self, queue, number, region, identity):
        """AWS Config notifies of a resource as it is now."""
        item = next(item for item in self.items(number, region) if item["resourceId"] == identity)
        others = {"version": "configurationItemVersion", "accountId": "awsAccountId", "arn": "ARN"}
        item = {others.get(name, name): value for name, value in item.items()}
        item["tags"] = {tag["Key"]: tag["Value"] for tag in item["tags"]}
        detail = {"messageType": "ConfigurationItemChangeNotification", "configurationItem": item}
        body = {"detail-type": "Config Configuration Item Change", "source": "aws.config", "detail": detail}
        self.sqs().send_message(QueueUrl=queue, MessageBody=json.dumps(body))

    def recorder_item(self, number, region):
        recorder = self.recorders[number, region]
        return {"version": "1.3", "accountId": number, "awsRegion": region, "resourceId": "default",
                "resourceName": "default", "resourceType": "AWS::Config::ConfigurationRecorder",
                "arn": f"arn:aws:config:{region}:{number}:configuration-recorder/default",
                "configurationItemCaptureTime": stamp(), "configurationItemStatus": "OK",
                "supplementaryConfiguration": {}, "tags": [],
                "configuration": {"name": "default", "recording": recorder["recording"],
                                  "recordingGroup": recorder["group"]}}
