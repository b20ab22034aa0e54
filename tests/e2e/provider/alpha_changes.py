"""Estate alpha changed behind its back: one function for each row of its truth, and what Config would show of it."""

import json
from datetime import datetime, timezone

from cloud import buckets, camel, given, roles, topics

NUMBER = "123456789012"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
LEDGER, SETTLEMENTS, EXPORTS = (f"acme-payments-{name}" for name in ("ledger", "settlements", "exports"))
LOGS = "acme-payments-access-logs"
OPEN_BUCKET = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Share", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
     "Resource": f"arn:aws:s3:::{SETTLEMENTS}/*"}]}
FOREIGN = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sts:AssumeRole",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def module(kind, key, rest):
    return f'module.{kind}["{key}"].{rest}'


def retagged(tags, key, value):
    return [tag for tag in tags if tag["Key"] != key] + [{"Key": key, "Value": value}]


class Changes:
    """`client` gives a client of boto3, `ids` the id of what an address made; `secret` is set by hand."""

    def __init__(self, client, ids, secret):
        self.client, self.ids, self.secret = client, ids, secret
        self.s3, self.iam, self.ec2 = client("s3"), client("iam"), client("ec2")

    # --- S3

    def ledger_public(self):
        self.s3.put_public_access_block(Bucket=LEDGER, PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True,
            "BlockPublicPolicy": False, "RestrictPublicBuckets": False})

    def logs_block(self):
        self.s3.delete_public_access_block(Bucket=LOGS)

    def settlements_policy(self):
        self.s3.put_bucket_policy(Bucket=SETTLEMENTS, Policy=json.dumps(OPEN_BUCKET))

    def exports_policy(self):
        self.s3.delete_bucket_policy(Bucket=EXPORTS)

    def exports_logging(self):
        self.s3.put_bucket_logging(Bucket=EXPORTS, BucketLoggingStatus={})

    def ledger_lifecycle(self):
        self.s3.put_bucket_lifecycle_configuration(Bucket=LEDGER, LifecycleConfiguration={"Rules": [{
            "ID": "retention", "Status": "Enabled", "Filter": {"Prefix": "records/"},
            "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}], "Expiration": {"Days": 30}}]})

    def bucket_tag(self, bucket, key, value):
        tags = self.s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
        self.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": retagged(tags, key, value)})

    def exports_class(self):
        self.bucket_tag(EXPORTS, "DataClass", "public")

    def logs_owner(self):
        self.bucket_tag(LOGS, "Owner", "nobody")

    def settlements_versioning(self):
        self.s3.put_bucket_versioning(Bucket=SETTLEMENTS, VersioningConfiguration={"Status": "Suspended"})

    def exports_encryption(self):
        self.s3.put_bucket_encryption(Bucket=EXPORTS, ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})

    def ledger_ownership(self):
        self.s3.put_bucket_ownership_controls(
            Bucket=LEDGER, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})

    def account_block(self):
        self.client("s3control").put_public_access_block(AccountId=NUMBER, PublicAccessBlockConfiguration={
            "BlockPublicAcls": False, "IgnorePublicAcls": True,
            "BlockPublicPolicy": True, "RestrictPublicBuckets": True})

    def temp_dump(self):
        self.s3.create_bucket(Bucket="acme-temp-dump",
                              CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    # --- IAM

    def auditor_trust(self):
        self.iam.update_assume_role_policy(RoleName="payments-auditor", PolicyDocument=json.dumps(FOREIGN))

    def auditor_loosened(self):
        self.iam.update_role(RoleName="payments-auditor", MaxSessionDuration=43200, Description="temp")

    def auditor_owner(self):
        self.iam.tag_role(RoleName="payments-auditor", Tags=[{"Key": "Owner", "Value": "unknown"}])

    def settlement_boundary(self):
        self.iam.put_role_permissions_boundary(
            RoleName="payments-settlement", PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess")

    def settlement_attachment(self):
        self.iam.detach_role_policy(RoleName="payments-settlement",
                                    PolicyArn=f"arn:aws:iam::{NUMBER}:policy/batch/payments-settle")

    def api_queue(self):
        document = self.iam.get_role_policy(RoleName="payments-api", PolicyName="queue")["PolicyDocument"]
        document["Statement"][0]["Action"] = "sqs:*"
        self.iam.put_role_policy(RoleName="payments-api", PolicyName="queue",
                                 PolicyDocument=json.dumps(document))

    def api_admin(self):
        self.iam.attach_role_policy(RoleName="payments-api", PolicyArn=ADMIN)

    def auditor_extra(self):
        self.iam.put_role_policy(RoleName="payments-auditor", PolicyName="extra",
                                 PolicyDocument=json.dumps(ANYTHING))

    def use_key(self):
        arn = f"arn:aws:iam::{NUMBER}:policy/payments-use-key"
        document = self.iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        document["Statement"][0]["Action"] = "kms:*"
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)

    def settle_tag(self):
        self.iam.tag_policy(PolicyArn=f"arn:aws:iam::{NUMBER}:policy/batch/payments-settle",
                            Tags=[{"Key": "Ticket", "Value": "INC-1"}])

    def breakglass(self):
        self.iam.create_role(RoleName="breakglass-temp", AssumeRolePolicyDocument=json.dumps(FOREIGN))

    def reconciler_owner(self):
        self.iam.tag_user(UserName="svc-reconciler", Tags=[{"Key": "Owner", "Value": "unknown"}])

    def reconciler_group(self):
        self.iam.remove_user_from_group(GroupName="payments-operators", UserName="svc-reconciler")

    def operators_policy(self):
        self.iam.detach_group_policy(GroupName="payments-operators",
                                     PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")

    # --- messages

    def topic(self, address, name, value):
        self.client("sns").set_topic_attributes(TopicArn=self.ids(address), AttributeName=name,
                                                AttributeValue=value)

    def alerts_name(self):
        self.topic("aws_sns_topic.alerts", "DisplayName", "ignore me")

    def events_key(self):
        self.topic("aws_sns_topic.events", "KmsMasterKeyId", "alias/aws/sns")

    def events_policy(self):
        arn = self.ids("aws_sns_topic.events")
        policy = json.loads(self.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
        policy["Statement"][0]["Principal"] = {"AWS": "*"}
        self.topic("aws_sns_topic.events", "Policy", json.dumps(policy))

    def dr_alerts(self):
        self.client("sns", "eu-central-1").delete_topic(TopicArn=self.ids("aws_sns_topic.dr_alerts"))

    def shadow(self):
        self.client("sns").create_topic(Name="shadow-copy")

    def queue(self, address, name, value):
        self.client("sqs").set_queue_attributes(QueueUrl=self.ids(address), Attributes={name: value})

    def captures_visibility(self):
        self.queue(module("queue", "captures", "aws_sqs_queue.this"), "VisibilityTimeout", "30")

    def dead_retention(self):
        self.queue(module("queue", "captures", "aws_sqs_queue.dead"), "MessageRetentionPeriod", "86400")

    def captures_policy(self):
        """Written whole: moto forgets a queue's policy when another attribute is set."""
        policy = {"Version": "2012-10-17", "Statement": [
            {"Sid": "FromTopic", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
             "Resource": f"arn:aws:sqs:eu-west-1:{NUMBER}:payments-captures"}]}
        self.queue(module("queue", "captures", "aws_sqs_queue.this"), "Policy", json.dumps(policy))

    # --- network

    def admit(self, group, port):
        self.ec2.authorize_security_group_ingress(GroupId=self.ids(group), IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])

    def front_ssh(self):
        self.admit("aws_security_group.front", 22)

    def db_open(self):
        self.admit("aws_security_group.db", 5432)

    def db_rule(self):
        self.ec2.revoke_security_group_ingress(
            GroupId=self.ids("aws_security_group.db"),
            SecurityGroupRuleIds=[self.ids('aws_vpc_security_group_ingress_rule.db["a"]')])

    def route(self):
        self.ec2.delete_route(RouteTableId=self.ids("aws_route_table.private"),
                              DestinationCidrBlock="192.0.2.0/24")

    def desktop(self):
        self.ec2.create_network_acl_entry(
            NetworkAclId=self.ids("aws_network_acl.private"), RuleNumber=90, Protocol="6", RuleAction="allow",
            Egress=False, CidrBlock="0.0.0.0/0", PortRange={"From": 3389, "To": 3389})

    def names(self):
        self.ec2.modify_vpc_attribute(VpcId=self.ids("aws_vpc.payments"), EnableDnsHostnames={"Value": False})

    def public_subnet(self):
        self.ec2.modify_subnet_attribute(SubnetId=self.ids("aws_subnet.private[0]"),
                                         MapPublicIpOnLaunch={"Value": True})

    # --- the rest

    def rotation(self):
        self.client("kms").disable_key_rotation(KeyId=self.ids("aws_kms_key.payments"))

    def key_policy(self):
        kms, key = self.client("kms"), self.ids("aws_kms_key.payments")
        policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        policy["Statement"][0]["Principal"] = {"AWS": "*"}
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))

    def recovery(self):
        self.client("dynamodb").update_continuous_backups(
            TableName="payments-idempotency",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})

    def expiry(self):
        self.client("dynamodb").update_time_to_live(
            TableName="payments-idempotency",
            TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"})

    def function(self):
        self.client("lambda").update_function_configuration(
            FunctionName="payments-authorise", Timeout=900,
            Environment={"Variables": {"LOG_LEVEL": "debug", "TABLE": "payments-idempotency"}})

    def logs_week(self):
        self.client("logs").put_retention_policy(logGroupName="/aws/lambda/payments-authorise",
                                                 retentionInDays=7)

    def alarm(self):
        self.client("cloudwatch").put_metric_alarm(
            AlarmName="payments-authorise-errors", Namespace="AWS/Lambda", MetricName="Errors",
            Statistic="Sum", Period=60, EvaluationPeriods=3, Threshold=500, AlarmActions=[],
            ComparisonOperator="GreaterThanThreshold", ActionsEnabled=True, TreatMissingData="missing",
            Dimensions=[{"Name": "FunctionName", "Value": "payments-authorise"}])

    def limit(self):
        self.client("ssm").put_parameter(Name="/payments/authorise/daily-limit", Type="String",
                                         Value="99000000", Overwrite=True)

    def psp_key(self):
        self.client("ssm").put_parameter(Name="/payments/psp/api-key", Type="SecureString",
                                         Value=self.secret, Overwrite=True)

    def described(self):
        self.client("secretsmanager").update_secret(SecretId="payments/db", Description="by hand")

    def database(self):
        self.client("rds").modify_db_instance(
            DBInstanceIdentifier="payments", DeletionProtection=False, BackupRetentionPeriod=1,
            PubliclyAccessible=True, ApplyImmediately=True)

    def health(self):
        self.client("elbv2").modify_target_group(TargetGroupArn=self.ids("aws_lb_target_group.app"),
                                                 HealthCheckPath="/")

    def table(self):
        """Each change, and the rows of the truth that it makes: by address or by type, and attributes."""
        ledger, exports = (lambda rest, key=key: module("bucket", key, rest) for key in ("ledger", "exports"))
        settlements = module("bucket", "settlements", "aws_s3_bucket_")
        auditor, captures = "aws_iam_role.auditor", lambda rest: module("queue", "captures", rest)
        attached = "module.settlement_role.aws_iam_role_policy_attachment.this[0]"
        return [
            (self.ledger_public, ledger("aws_s3_bucket_public_access_block.this"),
             "/block_public_policy", "/restrict_public_buckets"),
            (self.logs_block, "aws_s3_bucket_public_access_block.access_logs", "missing"),
            (self.settlements_policy, settlements + "policy.this", "/policy"),
            (self.exports_policy, exports("aws_s3_bucket_policy.this"), "missing"),
            (self.exports_logging, exports("aws_s3_bucket_logging.this"), "missing"),
            (self.ledger_lifecycle, ledger("aws_s3_bucket_lifecycle_configuration.this[0]"),
             "/rule/0/expiration/0/days"),
            (self.exports_class, exports("aws_s3_bucket.this"), "/tags_all/DataClass"),
            (self.logs_owner, "aws_s3_bucket.access_logs", "/tags_all/Owner"),
            (self.settlements_versioning, settlements + "versioning.this[0]",
             "/versioning_configuration/0/status"),
            (self.exports_encryption, exports("aws_s3_bucket_server_side_encryption_configuration.this"),
             "/rule"),
            (self.ledger_ownership, ledger("aws_s3_bucket_ownership_controls.this"),
             "/rule/0/object_ownership"),
            (self.account_block, "aws_s3_account_public_access_block.this", "/block_public_acls"),
            (self.temp_dump, "aws_s3_bucket", "unmanaged"),
            (self.auditor_trust, auditor, "/assume_role_policy"),
            (self.auditor_loosened, auditor, "/max_session_duration", "/description"),
            (self.auditor_owner, auditor, "/tags_all/Owner"),
            (self.settlement_boundary, "module.settlement_role.aws_iam_role.this", "/permissions_boundary"),
            (self.settlement_attachment, attached, "missing"),
            (self.api_queue, 'module.api_role.aws_iam_role_policy.this["queue"]', "/policy"),
            (self.api_admin, "aws_iam_role_policy_attachment", "unmanaged"),
            (self.auditor_extra, "aws_iam_role_policy", "unmanaged"),
            (self.use_key, "aws_iam_policy.use_key", "/policy"),
            (self.settle_tag, "aws_iam_policy.settle", "/tags_all/Ticket"),
            (self.breakglass, "aws_iam_role", "unmanaged"),
            (self.reconciler_owner, "aws_iam_user.reconciler", "/tags_all/Owner"),
            (self.reconciler_group, "aws_iam_user_group_membership.reconciler", "/groups"),
            (self.operators_policy, "aws_iam_group_policy_attachment.operators", "missing"),
            (self.alerts_name, "aws_sns_topic.alerts", "/display_name"),
            (self.events_key, "aws_sns_topic.events", "/kms_master_key_id"),
            (self.events_policy, "aws_sns_topic_policy.events", "/policy"),
            (self.dr_alerts, "aws_sns_topic.dr_alerts", "missing"),
            (self.shadow, "aws_sns_topic", "unmanaged"),
            (self.captures_visibility, captures("aws_sqs_queue.this"), "/visibility_timeout_seconds"),
            (self.dead_retention, captures("aws_sqs_queue.dead"), "/message_retention_seconds"),
            (self.captures_policy, captures("aws_sqs_queue_policy.this"), "/policy"),
            (self.front_ssh, "aws_security_group.front", "/ingress"),
            (self.db_open, "aws_vpc_security_group_ingress_rule", "unmanaged"),
            (self.db_rule, 'aws_vpc_security_group_ingress_rule.db["a"]', "missing"),
            (self.route, "aws_route.out", "missing"),
            (self.desktop, "aws_network_acl.private", "/ingress"),
            (self.names, "aws_vpc.payments", "/enable_dns_hostnames"),
            (self.public_subnet, "aws_subnet.private[0]", "/map_public_ip_on_launch"),
            (self.rotation, "aws_kms_key.payments", "/enable_key_rotation"),
            (self.key_policy, "aws_kms_key.payments", "/policy"),
            (self.recovery, "aws_dynamodb_table.idempotency", "/point_in_time_recovery/0/enabled"),
            (self.expiry, "aws_dynamodb_table.idempotency", "/ttl/0/enabled"),
            (self.function, "aws_lambda_function.authorise", "/timeout",
             "/environment/0/variables/LOG_LEVEL"),
            (self.logs_week, "aws_cloudwatch_log_group.authorise", "/retention_in_days"),
            (self.alarm, "aws_cloudwatch_metric_alarm.errors", "/threshold", "/alarm_actions"),
            (self.limit, "aws_ssm_parameter.limit", "/value"),
            (self.psp_key, "aws_ssm_parameter.psp_key", "/value"),
            (self.described, "aws_secretsmanager_secret.db", "/description"),
            (self.database, "aws_db_instance.payments", "/deletion_protection",
             "/backup_retention_period", "/publicly_accessible"),
            (self.health, "aws_lb_target_group.app", "/health_check/0/path"),
        ]


BUCKETS = {name: module("bucket", name, "aws_s3_bucket.this") for name in ("ledger", "settlements", "exports")}
ENCRYPTION = "/server_side_encryption_configuration/0/rule/0"
DEFAULT = f"{ENCRYPTION}/apply_server_side_encryption_by_default/0"
# The read shows some of the changes in a second place: in what holds the changed part, in the tags before
# the provider's own are merged into them, and in what the provider sets when something is switched off.
ECHOES = {("changed", address, attribute) for address, *attributes in (
    ("aws_dynamodb_table.idempotency", "/point_in_time_recovery/0/recovery_period_in_days"),
    ("aws_iam_policy.settle", "/tags/Ticket"),
    ("aws_iam_role.auditor", "/tags/Owner", "/inline_policy"),
    ("aws_iam_user.reconciler", "/tags/Owner"),
    ("aws_route_table.private", "/route"),
    ("aws_s3_bucket.access_logs", "/tags/Owner"),
    ("aws_security_group.db", "/ingress"),
    ("aws_sns_topic.events", "/policy"),
    ("module.api_role.aws_iam_role.this", "/inline_policy", "/managed_policy_arns"),
    ("module.settlement_role.aws_iam_role.this", "/managed_policy_arns"),
    (BUCKETS["exports"], "/tags/DataClass", "/logging", "/policy", f"{ENCRYPTION}/bucket_key_enabled",
     f"{DEFAULT}/kms_master_key_id", f"{DEFAULT}/sse_algorithm"),
    (BUCKETS["ledger"], "/lifecycle_rule/0/expiration/0/days"),
    (BUCKETS["settlements"], "/policy", "/versioning/0/enabled"),
    (module("queue", "captures", "aws_sqs_queue.this"), "/policy"),
) for attribute in attributes}


# --- what Config shows


def groups(account):
    for group in account.client("ec2").describe_security_groups()["SecurityGroups"]:
        # The group that comes with a VPC admits its own members in AWS, and nobody in moto.
        if group["GroupName"] == "default":
            continue

        def rules(given):
            for one in given:
                own = camel(one)
                own["ipv4Ranges"] = own.pop("ipRanges")
                own["ipRanges"] = [each["cidrIp"] for each in own["ipv4Ranges"]]
                yield own
        yield {
            "resourceType": "AWS::EC2::SecurityGroup", "resourceId": group["GroupId"],
            "resourceName": group["GroupName"], "awsRegion": "eu-west-1",
            "arn": f"arn:aws:ec2:eu-west-1:{NUMBER}:security-group/{group['GroupId']}",
            "configuration": {
                "description": group["Description"], "groupName": group["GroupName"],
                "groupId": group["GroupId"], "ownerId": group["OwnerId"], "vpcId": group.get("VpcId"),
                "ipPermissions": list(rules(group["IpPermissions"])),
                "ipPermissionsEgress": list(rules(group["IpPermissionsEgress"])),
                "tags": camel(group.get("Tags", [])),
            },
            "supplementaryConfiguration": {}, "tags": group.get("Tags", []),
        }


def whole_roles(account):
    """With what the other scenes have no need of: boundary and tags."""
    for item in roles(account):
        if item["arn"].split(":role/")[1].startswith("aws-service-role/"):
            continue
        role = account.client("iam").get_role(RoleName=item["resourceName"])["Role"]
        boundary = role.get("PermissionsBoundary")
        own = item["configuration"]
        own["permissionsBoundary"] = boundary and {
            "permissionsBoundaryType": "PermissionsBoundaryPolicy",
            "permissionsBoundaryArn": boundary["PermissionsBoundaryArn"]}
        own["tags"] = camel(role.get("Tags", []))
        yield item


def whole_buckets(account, region):
    """With what the other scenes have no need of: logging and lifecycle."""
    s3 = account.client("s3")
    for item in buckets(account, region):
        name, parts = item["resourceId"], item["supplementaryConfiguration"]
        logging = given(s3.get_bucket_logging, "LoggingEnabled", Bucket=name) or {}
        parts["BucketLoggingConfiguration"] = {
            "destinationBucketName": logging.get("TargetBucket"), "logFilePrefix": logging.get("TargetPrefix")}
        rules = given(s3.get_bucket_lifecycle_configuration, "Rules", Bucket=name)
        if rules is not None:
            parts["BucketLifecycleConfiguration"] = {"rules": [{
                "id": rule["ID"], "prefix": None, "status": rule["Status"],
                "expirationInDays": rule["Expiration"]["Days"], "noncurrentVersionExpirationInDays": -1,
                "transitions": [{"days": str(one["Days"]), "storageClass": one["StorageClass"]}
                                for one in rule["Transitions"]],
                "filter": {"predicate": {"type": "LifecyclePrefixPredicate",
                                         "prefix": rule["Filter"]["Prefix"]}}} for rule in rules]}
        yield item


def account_block(account):
    client = account.client("s3control")
    block = given(client.get_public_access_block, "PublicAccessBlockConfiguration", AccountId=NUMBER)
    if block is not None:
        yield {"resourceType": "AWS::S3::AccountPublicAccessBlock", "resourceId": NUMBER, "awsRegion": "eu-west-1",
               "configuration": camel(block), "supplementaryConfiguration": {}, "tags": []}


def snapshot(account):
    """A file as Config delivers it, of buckets, roles, topics and security groups as they are now."""
    items = [*whole_roles(account), *groups(account), *account_block(account)]
    for region in ("eu-west-1", "eu-central-1"):
        items += [*whole_buckets(account, region), *topics(account, region)]
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for item in items:
        tags = {tag["Key"]: tag["Value"] for tag in item["tags"]}
        if item["resourceType"] == "AWS::S3::Bucket":
            item["supplementaryConfiguration"]["BucketTaggingConfiguration"] = {"tagSets": [{"tags": tags}]}
        item.update({
            "ARN": item.pop("arn", None), "tags": tags, "configurationItemVersion": "1.3",
            "configurationItemStatus": "OK", "configurationItemCaptureTime": now, "awsAccountId": NUMBER})
    return json.dumps({"fileVersion": "1.0", "configSnapshotId": "a1fa", "configurationItems": items},
                      default=str)
