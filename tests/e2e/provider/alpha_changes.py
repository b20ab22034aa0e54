"""Estate alpha changed behind its back, and what AWS Config would show of it."""

import json
from datetime import datetime, timezone

from cloud import buckets, camel, given, roles, security_groups, topics

NUMBER = "123456789012"
MANAGED = "arn:aws:iam::aws:policy/"
OWN = f"arn:aws:iam::{NUMBER}:policy/"
LEDGER, SETTLEMENTS, EXPORTS = (f"acme-payments-{name}" for name in ("ledger", "settlements", "exports"))
LOGS = "acme-payments-access-logs"


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


OPEN_BUCKET = document(Sid="Share", Effect="Allow", Principal="*", Action="s3:GetObject",
                       Resource=f"arn:aws:s3:::{SETTLEMENTS}/*")
OPEN_QUEUE = document(Sid="FromTopic", Effect="Allow", Principal="*", Action="sqs:SendMessage",
                      Resource=f"arn:aws:sqs:eu-west-1:{NUMBER}:payments-captures")
FOREIGN = document(Effect="Allow", Principal={"AWS": "arn:aws:iam::999988887777:root"}, Action="sts:AssumeRole",
                   Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
ANYTHING = document(Effect="Allow", Action="*", Resource="*")


def module(kind, key, rest):
    return f'module.{kind}["{key}"].{rest}'


def widened(policy, **statement):
    """The policy with its first statement changed."""
    policy = json.loads(policy) if isinstance(policy, str) else policy
    policy["Statement"][0].update(statement)
    return json.dumps(policy)


def switches(*off):
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return {name: name not in off for name in names}


def changes(client, ids, secret):
    """What changes something, and the rows of the truth that it makes: an address, or the type of what nobody
    approved, and attributes. `ids` gives the id of what an address made; `secret` is set by hand."""
    return [*storage(client), *identity(client("iam")), *messages(client, ids), *network(client("ec2"), ids),
            *keys_and_data(client, ids), *the_rest(client, ids, secret)]


def storage(client):
    s3 = client("s3")
    bucket = "aws_s3_bucket_"

    def tagged(name, key, value):
        tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
        tags = [tag for tag in tags if tag["Key"] != key] + [{"Key": key, "Value": value}]
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})

    ledger, settlements, exports = (
        lambda rest, key=key: module("bucket", key, bucket + rest) for key in ("ledger", "settlements", "exports"))
    month = {"ID": "retention", "Status": "Enabled", "Filter": {"Prefix": "records/"},
             "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}], "Expiration": {"Days": 30}}
    amazons = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return [
        (lambda: s3.put_public_access_block(Bucket=LEDGER, PublicAccessBlockConfiguration=switches(
            "BlockPublicPolicy", "RestrictPublicBuckets")),
         ledger("public_access_block.this"), "/block_public_policy", "/restrict_public_buckets"),
        (lambda: s3.delete_public_access_block(Bucket=LOGS), bucket + "public_access_block.access_logs", "missing"),
        (lambda: s3.put_bucket_policy(Bucket=SETTLEMENTS, Policy=OPEN_BUCKET), settlements("policy.this"), "/policy"),
        (lambda: s3.delete_bucket_policy(Bucket=EXPORTS), exports("policy.this"), "missing"),
        (lambda: s3.put_bucket_logging(Bucket=EXPORTS, BucketLoggingStatus={}), exports("logging.this"), "missing"),
        (lambda: s3.put_bucket_lifecycle_configuration(Bucket=LEDGER, LifecycleConfiguration={"Rules": [month]}),
         ledger("lifecycle_configuration.this[0]"), "/rule/0/expiration/0/days"),
        (lambda: tagged(EXPORTS, "DataClass", "public"), BUCKETS["exports"], "/tags_all/DataClass"),
        (lambda: tagged(LOGS, "Owner", "nobody"), "aws_s3_bucket.access_logs", "/tags_all/Owner"),
        (lambda: s3.put_bucket_versioning(Bucket=SETTLEMENTS, VersioningConfiguration={"Status": "Suspended"}),
         settlements("versioning.this[0]"), "/versioning_configuration/0/status"),
        (lambda: s3.put_bucket_encryption(Bucket=EXPORTS, ServerSideEncryptionConfiguration={"Rules": [amazons]}),
         exports("server_side_encryption_configuration.this"), "/rule"),
        (lambda: s3.put_bucket_ownership_controls(
            Bucket=LEDGER, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}),
         ledger("ownership_controls.this"), "/rule/0/object_ownership"),
        (lambda: client("s3control").put_public_access_block(
            AccountId=NUMBER, PublicAccessBlockConfiguration=switches("BlockPublicAcls")),
         "aws_s3_account_public_access_block.this", "/block_public_acls"),
        (lambda: s3.create_bucket(Bucket="acme-temp-dump",
                                  CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}),
         "aws_s3_bucket", "unmanaged"),
    ]


def identity(iam):
    auditor, api, settlement = "payments-auditor", "payments-api", "payments-settlement"
    owner = [{"Key": "Owner", "Value": "unknown"}]

    def queue():
        policy = iam.get_role_policy(RoleName=api, PolicyName="queue")["PolicyDocument"]
        iam.put_role_policy(RoleName=api, PolicyName="queue", PolicyDocument=widened(policy, Action="sqs:*"))

    def use_key():
        arn = f"{OWN}payments-use-key"
        policy = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=widened(policy, Action="kms:*"), SetAsDefault=True)

    return [
        (lambda: iam.update_assume_role_policy(RoleName=auditor, PolicyDocument=FOREIGN),
         "aws_iam_role.auditor", "/assume_role_policy"),
        (lambda: iam.update_role(RoleName=auditor, MaxSessionDuration=43200, Description="temp"),
         "aws_iam_role.auditor", "/max_session_duration", "/description"),
        (lambda: iam.tag_role(RoleName=auditor, Tags=owner), "aws_iam_role.auditor", "/tags_all/Owner"),
        (lambda: iam.put_role_permissions_boundary(
            RoleName=settlement, PermissionsBoundary=f"{MANAGED}PowerUserAccess"),
         "module.settlement_role.aws_iam_role.this", "/permissions_boundary"),
        (lambda: iam.detach_role_policy(RoleName=settlement, PolicyArn=f"{OWN}batch/payments-settle"),
         "module.settlement_role.aws_iam_role_policy_attachment.this[0]", "missing"),
        (queue, 'module.api_role.aws_iam_role_policy.this["queue"]', "/policy"),
        (lambda: iam.attach_role_policy(RoleName=api, PolicyArn=f"{MANAGED}AdministratorAccess"),
         "aws_iam_role_policy_attachment", "unmanaged"),
        (lambda: iam.put_role_policy(RoleName=auditor, PolicyName="extra", PolicyDocument=ANYTHING),
         "aws_iam_role_policy", "unmanaged"),
        (use_key, "aws_iam_policy.use_key", "/policy"),
        (lambda: iam.tag_policy(PolicyArn=f"{OWN}batch/payments-settle", Tags=[{"Key": "Ticket", "Value": "INC-1"}]),
         "aws_iam_policy.settle", "/tags_all/Ticket"),
        (lambda: iam.create_role(RoleName="breakglass-temp", AssumeRolePolicyDocument=FOREIGN),
         "aws_iam_role", "unmanaged"),
        (lambda: iam.tag_user(UserName="svc-reconciler", Tags=owner), "aws_iam_user.reconciler", "/tags_all/Owner"),
        (lambda: iam.remove_user_from_group(GroupName="payments-operators", UserName="svc-reconciler"),
         "aws_iam_user_group_membership.reconciler", "/groups"),
        (lambda: iam.detach_group_policy(GroupName="payments-operators", PolicyArn=f"{MANAGED}ReadOnlyAccess"),
         "aws_iam_group_policy_attachment.operators", "missing"),
    ]


def messages(client, ids):
    sns, alerts, events = client("sns"), "aws_sns_topic.alerts", "aws_sns_topic.events"
    captures = module("queue", "captures", "aws_sqs_queue.this")
    dead = module("queue", "captures", "aws_sqs_queue.dead")

    def topic(address, name, value):
        sns.set_topic_attributes(TopicArn=ids(address), AttributeName=name, AttributeValue=value)

    def queue(address, name, value):
        client("sqs").set_queue_attributes(QueueUrl=ids(address), Attributes={name: value})

    def opened():
        policy = sns.get_topic_attributes(TopicArn=ids(events))["Attributes"]["Policy"]
        topic(events, "Policy", widened(policy, Principal={"AWS": "*"}))

    return [
        (lambda: topic(alerts, "DisplayName", "ignore me"), alerts, "/display_name"),
        (lambda: topic(events, "KmsMasterKeyId", "alias/aws/sns"), events, "/kms_master_key_id"),
        (opened, "aws_sns_topic_policy.events", "/policy"),
        (lambda: client("sns", "eu-central-1").delete_topic(TopicArn=ids("aws_sns_topic.dr_alerts")),
         "aws_sns_topic.dr_alerts", "missing"),
        (lambda: sns.create_topic(Name="shadow-copy"), "aws_sns_topic", "unmanaged"),
        # Moto forgets the policy of a queue when another attribute is set: the policy comes last.
        (lambda: queue(captures, "VisibilityTimeout", "30"), captures, "/visibility_timeout_seconds"),
        (lambda: queue(dead, "MessageRetentionPeriod", "86400"), dead, "/message_retention_seconds"),
        (lambda: queue(captures, "Policy", OPEN_QUEUE),
         module("queue", "captures", "aws_sqs_queue_policy.this"), "/policy"),
    ]


def network(ec2, ids):
    def admit(group, port):
        ec2.authorize_security_group_ingress(GroupId=ids(group), IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])

    rule = 'aws_vpc_security_group_ingress_rule.db["a"]'
    return [
        (lambda: admit("aws_security_group.front", 22), "aws_security_group.front", "/ingress"),
        (lambda: admit("aws_security_group.db", 5432), "aws_vpc_security_group_ingress_rule", "unmanaged"),
        (lambda: ec2.revoke_security_group_ingress(
            GroupId=ids("aws_security_group.db"), SecurityGroupRuleIds=[ids(rule)]), rule, "missing"),
        (lambda: ec2.delete_route(
            RouteTableId=ids("aws_route_table.private"), DestinationCidrBlock="192.0.2.0/24"),
         "aws_route.out", "missing"),
        (lambda: ec2.create_network_acl_entry(
            NetworkAclId=ids("aws_network_acl.private"), RuleNumber=90, Protocol="6", RuleAction="allow",
            Egress=False, CidrBlock="0.0.0.0/0", PortRange={"From": 3389, "To": 3389}),
         "aws_network_acl.private", "/ingress"),
        (lambda: ec2.modify_vpc_attribute(VpcId=ids("aws_vpc.payments"), EnableDnsHostnames={"Value": False}),
         "aws_vpc.payments", "/enable_dns_hostnames"),
        (lambda: ec2.modify_subnet_attribute(
            SubnetId=ids("aws_subnet.private[0]"), MapPublicIpOnLaunch={"Value": True}),
         "aws_subnet.private[0]", "/map_public_ip_on_launch"),
    ]


def keys_and_data(client, ids):
    kms, dynamodb, key, table = client("kms"), client("dynamodb"), "aws_kms_key.payments", "payments-idempotency"

    def opened():
        policy = kms.get_key_policy(KeyId=ids(key), PolicyName="default")["Policy"]
        kms.put_key_policy(KeyId=ids(key), PolicyName="default", Policy=widened(policy, Principal={"AWS": "*"}))

    return [
        (lambda: kms.disable_key_rotation(KeyId=ids(key)), key, "/enable_key_rotation"),
        (opened, key, "/policy"),
        (lambda: dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}),
         "aws_dynamodb_table.idempotency", "/point_in_time_recovery/0/enabled"),
        (lambda: dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"}),
         "aws_dynamodb_table.idempotency", "/ttl/0/enabled"),
        (lambda: client("secretsmanager").update_secret(SecretId="payments/db", Description="by hand"),
         "aws_secretsmanager_secret.db", "/description"),
        (lambda: client("rds").modify_db_instance(
            DBInstanceIdentifier="payments", DeletionProtection=False, BackupRetentionPeriod=1,
            PubliclyAccessible=True, ApplyImmediately=True),
         "aws_db_instance.payments", "/deletion_protection", "/backup_retention_period", "/publicly_accessible"),
    ]


def the_rest(client, ids, secret):
    ssm, name = client("ssm"), "payments-authorise"
    return [
        (lambda: client("lambda").update_function_configuration(
            FunctionName=name, Timeout=900,
            Environment={"Variables": {"LOG_LEVEL": "debug", "TABLE": "payments-idempotency"}}),
         "aws_lambda_function.authorise", "/timeout", "/environment/0/variables/LOG_LEVEL"),
        (lambda: client("logs").put_retention_policy(logGroupName=f"/aws/lambda/{name}", retentionInDays=7),
         "aws_cloudwatch_log_group.authorise", "/retention_in_days"),
        (lambda: client("cloudwatch").put_metric_alarm(
            AlarmName=f"{name}-errors", Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum", Period=60,
            EvaluationPeriods=3, Threshold=500, AlarmActions=[], ComparisonOperator="GreaterThanThreshold",
            ActionsEnabled=True, TreatMissingData="missing",
            Dimensions=[{"Name": "FunctionName", "Value": name}]),
         "aws_cloudwatch_metric_alarm.errors", "/threshold", "/alarm_actions"),
        (lambda: ssm.put_parameter(Name="/payments/authorise/daily-limit", Type="String", Value="99000000",
                                   Overwrite=True), "aws_ssm_parameter.limit", "/value"),
        (lambda: ssm.put_parameter(Name="/payments/psp/api-key", Type="SecureString", Value=secret,
                                   Overwrite=True), "aws_ssm_parameter.psp_key", "/value"),
        (lambda: client("elbv2").modify_target_group(
            TargetGroupArn=ids("aws_lb_target_group.app"), HealthCheckPath="/"),
         "aws_lb_target_group.app", "/health_check/0/path"),
    ]


BUCKETS = {name: module("bucket", name, "aws_s3_bucket.this") for name in ("ledger", "settlements", "exports")}
# What is told beside a row of the truth, and belongs to no other resource: where recovery is switched off, the
# provider has no period either. Nobody wrote one, and the table's own read alone shows it.
ECHOES = {("changed", "aws_dynamodb_table.idempotency", "/point_in_time_recovery/0/recovery_period_in_days")}


# --- what Config shows


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
    # The group that comes with a VPC admits its own members in AWS, and nobody in moto.
    groups = [one for one in security_groups(account, "eu-west-1") if one["resourceName"] != "default"]
    items = [*whole_roles(account), *groups, *account_block(account)]
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

# What a refresh tells in the place of a row, where it tells anything: no table knows the first two types whole.
REFRESHED = {
    ("changed", "aws_dynamodb_table.idempotency", "/ttl/0/enabled"):
        ("changed", "aws_dynamodb_table.idempotency", "/ttl"),
    ("changed", module("bucket", "ledger", "aws_s3_bucket_ownership_controls.this"), "/rule/0/object_ownership"):
        ("changed", module("bucket", "ledger", "aws_s3_bucket_ownership_controls.this"), "/rule"),
    ("unmanaged", "aws_iam_role_policy", None): ("changed", "aws_iam_role.auditor", "/inline_policy"),
    ("unmanaged", "aws_iam_role_policy_attachment", None):
        ("changed", "module.api_role.aws_iam_role.this", "/managed_policy_arns"),
    ("unmanaged", "aws_vpc_security_group_ingress_rule", None): ("changed", "aws_security_group.db", "/ingress"),
    ("unmanaged", "aws_iam_role", None): None,
    ("unmanaged", "aws_s3_bucket", None): None,
    ("unmanaged", "aws_sns_topic", None): None,
}
