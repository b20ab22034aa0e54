"""hashicorp/aws on moto: additive changes, dynamic blocks, ignored tags, secrets, and a service that is down."""

import json
import pathlib
import sys

import boto3
from estate import Estate

bin_dir, mirror, folder, port = sys.argv[1:]
here = pathlib.Path(__file__).parent
url = f"http://127.0.0.1:{port}"
env = {
    "AWS_ENDPOINT_URL": url,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-secret-key",
    "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
tags = {"aws": {"default_tags": [{"tags": {"Application": "ledger"}}], "max_retries": 1}}
given = pathlib.Path(folder) / "provider.json"
given.write_text(json.dumps(tags))
extra = ["--from", mirror, "--env", "AWS_*", "--provider-config", str(given)]
estate = Estate(bin_dir, mirror, pathlib.Path(folder) / "aws", here / "aws.tf", extra, env)
estate.apply()


def client(service):
    return boto3.client(
        service, endpoint_url=url, region_name="eu-west-1",
        aws_access_key_id="testing", aws_secret_access_key="testing-secret-key",
    )


# What the plan does not tell is asked for, and not guessed.
estate.extra = ["--from", mirror, "--env", "AWS_*"]
untold = estate.driftwarden("check", "aws_vpc.main", status=2).stdout
assert "`default_tags.tags`" in untold and "--provider-config" in untold, untold
estate.extra = extra

settled = estate.driftwarden("settle", status=0).stdout
text = (estate.work / "settled" / "estate.json").read_text()
assert "hunter2" not in text, "a secret lies in the settled baseline"
count = len(estate.expect({}, status=0, tries=3))
assert count == 13, count

ec2, s3, iam = client("ec2"), client("s3"), client("iam")
state = {
    f"{r['type']}.{r['name']}": r["instances"][0]["attributes"]
    for r in json.loads((estate.work / "terraform.tfstate").read_text())["resources"]
}
open_to_all = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
ec2.authorize_security_group_ingress(GroupId=state["aws_security_group.inline"]["id"], IpPermissions=open_to_all)
ec2.authorize_security_group_ingress(GroupId=state["aws_security_group.apart"]["id"], IpPermissions=open_to_all)
s3.delete_public_access_block(Bucket="bank-example-ledger")
s3.put_bucket_versioning(Bucket="bank-example-ledger", VersioningConfiguration={"Status": "Suspended"})
iam.attach_role_policy(RoleName="ledger-app", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
client("sqs").set_queue_attributes(
    QueueUrl=state["aws_sqs_queue.work"]["id"], Attributes={"MessageRetentionPeriod": "60"}
)
client("ssm").put_parameter(Name="/ledger/secret", Type="SecureString", Value="other-secret-1", Overwrite=True)
table = state["aws_dynamodb_table.locks"]["arn"]
client("dynamodb").tag_resource(ResourceArn=table, Tags=[{"Key": "Owner", "Value": "somebody"}])

found = estate.check(status=2, tries=3)
left = {address: what for address, what in found.items() if what != "equal"}
# Whether moto lets a bucket know of its versioning is not the point here: its own resource must.
left.pop("aws_s3_bucket.ledger", None)
assert left["aws_security_group.inline"] == {"/ingress": "plan read"}, left
# Nothing but the read sees what was added beside the configuration.
assert left["aws_security_group.apart"] == {"/ingress": "read"}, left
assert left["aws_iam_role.app"] == {"/managed_policy_arns": "read"}, left
assert left["aws_s3_bucket_public_access_block.ledger"] == "missing", left
assert left["aws_sqs_queue.work"] == {"/message_retention_seconds": "plan read"}, left
assert left["aws_ssm_parameter.secret"] == {"/value": "plan read"}, left
assert left["aws_s3_bucket_versioning.ledger"] == {"/versioning_configuration/0/status": "plan read"}, left
assert set(left) == {
    "aws_security_group.inline", "aws_security_group.apart", "aws_iam_role.app",
    "aws_s3_bucket_public_access_block.ledger", "aws_sqs_queue.work", "aws_ssm_parameter.secret",
    "aws_s3_bucket_versioning.ledger",
}, left
for words in (["check"], ["check", "--format", "json"]):
    done = estate.driftwarden(*words, status=2)
    said = done.stdout + done.stderr
    assert "other-secret" not in said and "hunter2" not in said and "testing-secret" not in said

# What terraform itself says, which does not see the additions.
estate.terraform("plan", "-no-color", "-out=after.bin")
after = json.loads(estate.terraform("show", "-json", "after.bin"))
changed = {r["address"] for r in after["resource_changes"] if r["change"]["actions"] not in (["no-op"], ["read"])}
additions = {"aws_security_group.apart", "aws_iam_role.app"}
assert changed == set(left) - additions, (changed, set(left) - additions)

# A drifted resource is not settled.
again = estate.driftwarden("settle", "aws_sqs_queue.work", status=2).stdout
assert "not as it was applied, so not settled" in again, again

# A service that is down is a gap, never "missing".
estate.env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
down = estate.check(status=2)
assert set(down.values()) == {"gap"}, down
print(f"aws: {count} resources equal when untouched, {len(left)} found when changed, a gap when it is down")
