"""What a bank has approved in two accounts: made in moto, put down as a plan with its change record."""

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

from cloud import KEYS
from standin import EXTERNAL_ID

TAGS = {"Owner": "ledger-platform"}
LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                               "Principal": {"Service": "lambda.amazonaws.com"}}]}
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
         "RestrictPublicBuckets": True}
PEOPLE = {"people": [
    {"id": f"p{n}", "kind": "human", "active": True, "roles": roles, "aliases": [f"{name}@bank.example"]}
    for n, (name, roles) in enumerate([("ana", []), ("ben", ["technical"]), ("cleo", ["regulatory"])])] + [
    {"id": "b1", "kind": "bot", "active": True, "roles": [], "aliases": ["deploy"]}]}


class Estate:
    def __init__(self, folder, binaries, stand_in, cloud):
        self.folder, self.binaries = Path(folder), Path(binaries)
        self.stand_in, self.cloud = stand_in, cloud
        self.resources = []
        self.folder.mkdir(parents=True, exist_ok=True)

    def approve(self, kind, name, values):
        values = {**values, "tags": TAGS, "tags_all": TAGS} if kind != "aws_iam_role_policy_attachment" and \
            not kind.startswith("aws_s3_bucket_") else values
        self.resources.append({
            "address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["no-op"], "before": values, "after": values, "after_unknown": {}}})

    def build(self):
        """The same in each account; topics in both Regions."""
        for number, account in self.cloud.accounts.items():
            s3, iam = account.client("s3"), account.client("iam")
            for purpose in ("ledger", "reports", "archive"):
                name = f"bank-{purpose}-{number}"
                s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
                s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=BLOCK)
                s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
                s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": LIST})
                at = f"{purpose}_{number}"
                self.approve("aws_s3_bucket", at, {"id": name, "bucket": name, "arn": f"arn:aws:s3:::{name}",
                                                   "region": "eu-west-1", "force_destroy": False})
                self.approve("aws_s3_bucket_versioning", at, {
                    "id": name, "bucket": name, "versioning_configuration": [{"status": "Enabled"}]})
                self.approve("aws_s3_bucket_public_access_block", at, {
                    "id": name, "bucket": name, "block_public_acls": True, "ignore_public_acls": True,
                    "block_public_policy": True, "restrict_public_buckets": True})
            role = iam.create_role(RoleName="posting", AssumeRolePolicyDocument=json.dumps(TRUST),
                                   Tags=LIST)["Role"]
            self.approve("aws_iam_role", f"posting_{number}", {
                "id": "posting", "name": "posting", "arn": role["Arn"], "unique_id": role["RoleId"], "path": "/",
                "assume_role_policy": json.dumps(TRUST), "managed_policy_arns": [], "inline_policy": []})
            for region in self.cloud.regions:
                sns = account.client("sns", region)
                for name in ("alerts", "orders", "audit"):
                    arn = sns.create_topic(Name=name, Tags=LIST, Attributes={"DisplayName": name})["TopicArn"]
                    self.approve("aws_sns_topic", f"{name}_{number}_{region}".replace("-", "_"), {
                        "id": arn, "arn": arn, "name": name, "display_name": name})

    def write(self):
        plan = {"format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-10-01T08:00:00Z",
                "complete": True, "errored": False, "planned_values": {}, "resource_changes": self.resources}
        text = json.dumps(plan)
        (self.folder / "plan.json").write_text(text)
        (self.folder / "people.json").write_text(json.dumps(PEOPLE))
        (self.folder / "changes").mkdir(exist_ok=True)
        approvals = [{"by": f"{name}@bank.example", "role": role, "decision": "approved", "at": "2026-10-02T09:00:00Z"}
                     for name, role in (("ben", "technical"), ("cleo", "regulatory"))]
        (self.folder / "changes" / "one.json").write_text(json.dumps({
            "number": "CHG0030001", "system": "servicenow", "state": "closed", "type": "normal",
            "window": {"start": "2026-10-03T20:00:00Z", "end": "2026-10-03T23:00:00Z"},
            "requested_by": "ana@bank.example", "implemented_by": ["deploy"], "workspace": "ledger",
            "plan_sha256": hashlib.sha256(text.encode()).hexdigest(), "approvals": approvals}))
        self.configure()

    def configure(self, places=None, more="", external_id=EXTERNAL_ID, limits=""):
        numbers = json.dumps(list(self.cloud.accounts))
        places = places or f'accounts = {numbers}\n  regions = {json.dumps(self.cloud.regions)}'
        (self.folder / "driftwarden.hcl").write_text(f'''
evidence {{ dir = "evidence" }}
baseline "ledger" {{ plan = "plan.json" }}
changes "files" {{ dir = "changes" }}
identity {{ file = "people.json" }}
live "aws_config" "bank" {{
  {places}
  role = "driftwarden-read"
  external_id = "{external_id}"
  endpoint = "{self.stand_in.url}"
  {limits}
}}
{more}''')

    def command(self, *args):
        return [self.binaries / "driftwarden", *args, "--config", self.folder / "driftwarden.hcl"]

    def environment(self):
        return {**os.environ, "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
                "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"], "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_ENDPOINT_URL_STS": self.stand_in.url}

    def run(self, *args, expect, limit=120):
        began = time.monotonic()
        done = subprocess.run(self.command(*args), env=self.environment(), capture_output=True, text=True,
                              timeout=limit)
        self.took = time.monotonic() - began
        for secret in (KEYS["aws_secret_access_key"], KEYS["aws_access_key_id"], EXTERNAL_ID):
            assert secret not in done.stdout + done.stderr, "a credential was shown"
        assert done.returncode == expect, f"{args}: {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}"
        return done.stdout, done.stderr

    def scan(self, expect=2):
        out, err = self.run("scan", "--format", "json", expect=expect)
        self.err = err
        return json.loads(out)

    def verify(self):
        done = subprocess.run([self.binaries / "driftwarden-verify", self.folder / "evidence"],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
