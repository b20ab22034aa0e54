"""Remediations of AWS Config, end to end: found, permitted, started in AWS, seen fixed; and what is not started."""

import json
import subprocess
import time

from estate import BLOCK, Estate
from standin import EXTERNAL_ID

RULE = "s3-bucket-level-public-access-prohibited"
DOCUMENT = "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock"
TYPE = "aws_s3_bucket_public_access_block"
SWITCHES = {"BlockPublicAcls": "block_public_acls", "IgnorePublicAcls": "ignore_public_acls",
            "BlockPublicPolicy": "block_public_policy", "RestrictPublicBuckets": "restrict_public_buckets"}


def set_up(number, region):
    """The rule's remediation as somebody set it up in an account."""
    static = lambda value: {"StaticValue": {"Values": [value]}}
    return {"ConfigRuleName": RULE, "TargetType": "SSM_DOCUMENT", "TargetId": DOCUMENT, "TargetVersion": "7",
            "Parameters": {"BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}},
                           "AutomationAssumeRole": static(f"arn:aws:iam::{number}:role/remedy"),
                           **{name: static("true") for name in SWITCHES}},
            "ResourceType": "AWS::S3::Bucket", "Automatic": False,
            "Arn": f"arn:aws:config:{region}:{number}:remediation-configuration/{RULE}/1"}


class Bank(Estate):
    """The same estate, in which public access is put right."""

    def configure(self, version="7"):
        quoted = ",\n    ".join(json.dumps(text) for text in [
            "BucketName={resource_id}", "AutomationAssumeRole=arn:aws:iam::{account}:role/remedy",
            *(f"{name}=true" for name in SWITCHES)])
        sets = ",\n    ".join(json.dumps(f"{TYPE}/{name}=true") for name in SWITCHES.values())
        (self.folder / "rules").mkdir(exist_ok=True)
        (self.folder / "rules" / "public.hcl").write_text(
            f'rule "bucket-public" {{\n  match {{\n    types = ["{TYPE}"]\n  }}\n  severity = "critical"\n'
            '  action = "remediate"\n  owner = "storage"\n}\n')
        (self.folder / "source").mkdir(exist_ok=True)
        (self.folder / "source" / "main.tf").write_text("".join(
            f'resource "{one["type"]}" "{one["name"]}" {{\n}}\n' for one in self.resources))
        number = list(self.cloud.accounts)
        (self.folder / "driftwarden.hcl").write_text(f'''
evidence {{ dir = "evidence" }}
baseline "ledger" {{
  plan   = "plan.json"
  source = "source"
}}
changes "files" {{ dir = "changes" }}
identity {{ file = "people.json" }}
rules {{ dirs = ["rules"] }}
live "aws_config" "bank" {{
  accounts    = {json.dumps(number)}
  regions     = {json.dumps(self.cloud.regions)}
  role        = "driftwarden-read"
  external_id = "{EXTERNAL_ID}"
  endpoint    = "{self.stand_in.url}"
}}
remediation {{
  mode            = "enforce"
  rule_per_hour   = 10
  rule_share      = "100%"
  workspace_share = "100%"
  estate_share    = "100%"
}}
handover {{ dir = "handover" }}
config_remediation "public-buckets" {{
  rule        = "{RULE}"
  document    = "{DOCUMENT}"
  version     = "{version}"
  parameters  = [
    {quoted}
  ]
  sets        = [
    {sets}
  ]
  accounts    = {json.dumps(number)}
  regions     = {json.dumps(self.cloud.regions)}
  role        = "driftwarden-fix"
  external_id = "{EXTERNAL_ID}"
  endpoint    = "{self.stand_in.url}"
  wait        = "20s"
}}
''')

    def open(self, number, purpose):
        """Somebody lets the public in by hand."""
        bucket = f"bank-{purpose}-{number}"
        self.cloud.accounts[number].client("s3").put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration={**BLOCK, "BlockPublicAcls": False})
        return bucket

    def block(self, number, bucket):
        return self.cloud.accounts[number].client("s3").get_public_access_block(
            Bucket=bucket)["PublicAccessBlockConfiguration"]

    def shut(self, number, bucket):
        self.cloud.accounts[number].client("s3").put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration=BLOCK)

    def fix(self, result):
        """How the fix of the only deviation stands."""
        [one] = result["deviations"]
        assert (one["type"], one["attribute"], one["verdict"]) == (TYPE, "/block_public_acls", "unauthorised"), one
        return one["fix"]


def scene(folder, estate, numbers, region):
    one, two = numbers
    stand_in, cloud = estate.stand_in, estate.cloud
    bank = Bank(folder, estate.binaries, stand_in, cloud)
    bank.resources = estate.resources
    bank.write()
    for number in numbers:
        stand_in.remedies.set_up[number, region, RULE] = set_up(number, region)
    starts = lambda: [run for run in stand_in.remedies.runs]
    out, _ = bank.run("check", expect=0)
    assert "by 1 remediation of AWS Config; handed over in" in out, out
    bank.scan(expect=0)

    # Found, permitted, started once, and seen fixed.
    bucket = bank.open(two, "ledger")
    fix = bank.fix(bank.scan())
    assert fix["remediator"] == "config_remediation.public-buckets" and fix["state"] == "fixed", fix
    assert bank.block(two, bucket) == BLOCK, bank.block(two, bucket)
    [run] = starts()
    assert run["key"] == {"resourceType": "AWS::S3::Bucket", "resourceId": bucket}, run
    bank.scan(expect=0)
    shown = json.loads(bank.run("fixes", "--format", "json", expect=0)[0])["fixes"]
    assert [own["state"] for own in shown] == ["healed"], shown
    recorded = shown[0]["outcome"]["run"]
    assert (recorded["document"], recorded["version"], recorded["state"]) == (DOCUMENT, "7", "SUCCEEDED"), recorded
    assert recorded["invoked"] and len(recorded["steps"]) == 2, recorded
    out, _ = bank.run("evidence", "show", "--finding", shown[0]["finding"], expect=0)
    assert f"document {DOCUMENT} 7" in out, out
    _, err = bank.run("findings", "undo", shown[0]["id"], "--by", "ben@bank.example", "--note", "needed", expect=1)
    assert "was carried out by AWS, whose documents have no way back" in err, err
    print("ok: a remediation is started once and seen fixed")

    # The process ends right after the start: the next scan waits for what runs, and starts nothing.
    stand_in.remedies.takes = 6.0
    bucket = bank.open(two, "reports")
    killed = subprocess.Popen(bank.command("scan"), env=bank.environment(), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 30
    while len(starts()) < 2:
        assert killed.poll() is None and time.monotonic() < ends, "it was not started"
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    fix = bank.fix(bank.scan())
    assert fix["state"] == "fixed" and "it was begun before, and nothing was started now" in fix["line"], fix
    assert len(starts()) == 2 and bank.block(two, bucket) == BLOCK, starts()
    stand_in.remedies.takes = 1.0
    bank.scan(expect=0)
    print("ok: a process that is killed after its start starts no second one")

    # What would run is not what was named.
    bucket = bank.open(two, "archive")
    stand_in.remedies.set_up[two, region, RULE]["TargetVersion"] = "8"
    fix = bank.fix(bank.scan())
    assert fix["state"] == "handed_over" and "in another version than `7`" in fix["line"], fix
    assert len(starts()) == 2 and not bank.block(two, bucket)["BlockPublicAcls"], starts()
    assert len(list((bank.folder / "handover").iterdir())) == 1
    bank.shut(two, bucket)
    bank.scan(expect=0)
    print("ok: another version than the one that was named is handed over")

    # The answer to a start is lost: it is looked for, and not sent again.
    started = lambda: stand_in.calls[one, region, "StartRemediationExecution"]
    bucket = bank.open(one, "reports")
    stand_in.fault = lambda account, where, api: "lost" if api == "StartRemediationExecution" else None
    fix = bank.fix(bank.scan())
    stand_in.fault = lambda *_: None
    assert fix["state"] == "fixed" and "it was started, though its answer was lost" in fix["line"], fix
    assert (started(), len(starts())) == (1, 3) and bank.block(one, bucket) == BLOCK, (started(), starts())
    bank.scan(expect=0)
    print("ok: a start whose answer is lost is sent once")

    # Nothing is started without the right to, and that is said.
    bucket = bank.open(one, "ledger")
    stand_in.fault = lambda account, where, api: "deny" if api == "StartRemediationExecution" else None
    fix = bank.fix(bank.scan())
    stand_in.fault = lambda *_: None
    assert started() == 2, "a start is never sent again by itself"
    assert fix["state"] == "not_carried_out" and "nothing was started: `StartRemediationExecution`" in fix["line"], fix
    # Tried again, and the document fails.
    stand_in.remedies.error = "User: arn:aws:sts::1:assumed-role/remedy is not authorized\u001b[2J"
    fix = bank.fix(bank.scan())
    stand_in.remedies.error = None
    assert fix["state"] == "half_done" and "its step `Verify` failed: User: arn:aws" in fix["line"], fix
    bank.shut(one, bucket)
    bank.scan(expect=0)
    assert stand_in.remedies.strangers == [], stand_in.remedies.strangers
    bank.verify()
    print("ok: what is refused or fails is told, and the evidence verifies")
