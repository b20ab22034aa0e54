"""Estate alpha on moto, end to end: clean in both signals, changed behind its back, found, fixed as far as the
guards permit, and Terraform's own plan agrees with what is left. Its source and its truth are published data
beside the project; nothing of them is here."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile

import boto3
from botocore.config import Config
from estate import Estate, now

bin_dir, mirror, folder, port = sys.argv[1:]
here = pathlib.Path(__file__).parent
root = here.parents[2]
sys.path.append(str(here.parent / "aws"))
from alpha_changes import ECHOES, REFRESHED, changes, snapshot  # noqa: E402

shared = pathlib.Path(os.environ.get("DRIFTWARDEN_SHARED", root.parent / "shared")) / "estates" / "alpha"
if not shared.exists():
    print("skipped: estate alpha is not there; set DRIFTWARDEN_SHARED to the folder that holds `estates/alpha`")
    sys.exit()

# The account's own switches are asked for at a name with the account's number before the host. Nobody
# resolves that here, so moto is its proxy as well.
url = f"http://127.0.0.1:{port}"
env = {
    "AWS_ENDPOINT_URL": url,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-secret-key",
    "AWS_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "HTTP_PROXY": url,
    "NO_PROXY": "127.0.0.1",
}
TAGS = {"Application": "payments", "Environment": "production", "ManagedBy": "terraform",
        "DataClass": "confidential"}
GIVEN = {key: {"default_tags": [{"tags": {**TAGS, **more}}], "max_retries": 3}
         for key, more in (("aws", {}), ("aws.dr", {"Site": "dr"}))}
REVIEWED = tomllib.loads((root / "src" / "decide" / "guards" / "reviewed.toml").read_text())
LISTED = {way: {row["type"]: row.get("attributes") for row in REVIEWED[way]}
          for way in ("set_back", "put_back", "take_away")}
ALLOW = json.dumps(sorted({kind for rows in LISTED.values() for kind in rows}))
LIMITS = "\n".join(f'  {of}_per_hour = 200\n  {of}_share = "100%"' for of in ("rule", "workspace", "estate"))
LIVE = 'live "aws_config_snapshot" "prod" { files = ["live/*.json"] }'
REFRESH = """live "terraform_refresh" "payments" {
  workspace = "payments"
  folder    = "."
  env       = ["AWS_*", "HTTP_PROXY", "NO_PROXY"]
}"""
CONFIG = f"""evidence {{ dir = "evidence" }}
baseline "payments" {{
  plan   = "plan.json"
  state  = "terraform.tfstate"
  source = "src"
}}
{LIVE}
changes "files" {{ dir = "changes" }}
identity {{ file = "people.json" }}
rules {{ dirs = ["rules"] }}
remediation {{
  mode  = "enforce"
  allow = {ALLOW}
{LIMITS}
}}
handover {{ dir = "handover" }}
providers "payments" {{
  lock   = ".terraform.lock.hcl"
  from   = ["{mirror}"]
  env    = ["AWS_*", "HTTP_PROXY", "NO_PROXY"]
  config = "provider.json"
}}
"""
RULES = 'rule "anything" {\n  severity = "high"\n  action   = "remediate"\n}\n'
PEOPLE = {"people": [
    {"id": who, "kind": "human", "active": True, "roles": [role], "aliases": [f"{who}@bank.example"]}
    for who, role in (("ana", "technical"), ("ben", "technical"), ("cleo", "regulatory"))
] + [{"id": "deploy", "kind": "bot", "active": True, "roles": [], "aliases": ["deploy"]}]}


started = time.monotonic()


def step(what):
    print(f"alpha: {what} ({time.monotonic() - started:.0f} s)", flush=True)


def client(service, region="eu-west-1"):
    proxies = Config(proxies={"http": url} if service == "s3control" else None)
    return boto3.client(service, endpoint_url=url, region_name=region, aws_access_key_id="testing",
                        aws_secret_access_key="testing-secret-key", config=proxies)


class Account:
    """What the items are made from."""

    client = staticmethod(client)


def record():
    """AWS Config takes everything down as it is now."""
    (work / "live").mkdir(exist_ok=True)
    (work / "live" / "snapshot.json").write_text(snapshot(Account))


def driftwarden(*words, status):
    done = subprocess.run([str(estate.bin), *words], cwd=work, env=estate.env, capture_output=True, text=True)
    assert done.returncode == status, (done.returncode, done.stdout[-4000:], done.stderr[-3000:])
    said = done.stdout + done.stderr
    assert not any(secret in said for secret in secrets), "a secret was told"
    return done.stdout


def key(row):
    """Kind, address or type, attribute: of a row of the truth, a deviation, or a fix."""
    return row["kind"], row["address"] or row["type"], row["attribute"]


def scan(*words, status=2):
    """All deviations by their keys. Every resource is read by its provider, whatever AWS Config shows of it."""
    report = json.loads(driftwarden("scan", "--exact", "--format", "json", *words, status=status))
    assert report["warnings"] == [], report["warnings"]
    assert report["gaps"] == [] and report["coverage"]["observed"] == len(made), report["coverage"]
    found = {key(one): one for one in report["deviations"]}
    assert len(found) == len(report["deviations"]), "two deviations have one key"
    return found


def refreshed(status=2):
    """What Terraform's refresh alone tells, by the same keys."""
    report = json.loads(driftwarden("scan", "--config", "refresh.hcl", "--format", "json", status=status))
    assert report["gaps"] == [], report["gaps"]
    return {key(one) for one in report["deviations"]}


def plain(value, name=""):
    """By meaning: policies parsed, one for a list of one, nothing for what is empty, all in small letters."""
    if isinstance(value, str):
        if value.startswith("{"):
            return plain(json.loads(value))
        return value.lower() or None
    if isinstance(value, dict):
        inner = {name.lower(): plain(one, name.lower()) for name, one in value.items()}
        if name == "principal" and inner == {"aws": "*"}:
            return "*"
        return {name: one for name, one in inner.items() if one not in (None, False, 0)} or None
    if isinstance(value, list):
        inner = sorted((plain(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
        return inner[0] if len(inner) == 1 else inner or None
    return value


def permitted(row):
    """By the reviewed lists alone."""
    kind = row["type"]
    if row["kind"] == "changed":
        return row["attribute"].split("/")[1] in (LISTED["set_back"].get(kind) or [])
    return kind in LISTED["put_back" if row["kind"] == "missing" else "take_away"]


def leaves(before, after, unknown, path=""):
    """Where two sides of Terraform's plan differ, but for what it only knows later."""
    if before == after or unknown is True:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        later = unknown if isinstance(unknown, dict) else {}
        for name in sorted({*before, *after}):
            yield from leaves(before.get(name), after.get(name), later.get(name), f"{path}/{name}")
    elif (isinstance(before, list) and isinstance(after, list) and len(before) == len(after)
          and all(isinstance(one, dict) for one in before + after)):
        for at, (one, other) in enumerate(zip(before, after)):
            yield from leaves(one, other, None, f"{path}/{at}")
    else:
        yield path


def terraform_names():
    """What Terraform's own plan would change, by the same keys."""
    estate.terraform("plan", "-no-color", "-out=after.bin")
    named = set()
    for one in json.loads(estate.terraform("show", "-json", "after.bin"))["resource_changes"]:
        change, address = one["change"], one["address"]
        if change["actions"] in (["no-op"], ["read"]):
            continue
        if change["actions"] == ["create"]:
            named.add(("missing", address, None))
            continue
        assert change["actions"] == ["update"], change
        for path in leaves(change["before"], change["after"], change["after_unknown"]):
            path = path.replace("/tags/", "/tags_all/", 1) if path.startswith("/tags/") else path
            named.add(("changed", address, path))
    return named


# Made from its source, approved by two people, applied.
urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
estate = Estate(bin_dir, mirror, pathlib.Path(folder) / "alpha", shared / "src" / "main.tf",
                ["--from", mirror, "--env", "AWS_*", "--env", "HTTP_PROXY", "--env", "NO_PROXY",
                 "--provider-config", "provider.json"], env)
work = estate.work
for place in (work, work / "src"):
    for file in (shared / "src").rglob("*"):
        if file.is_file():
            own = place / file.relative_to(shared / "src")
            own.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, own)
with zipfile.ZipFile(work / "handler.zip", "w") as package:
    package.writestr(zipfile.ZipInfo("handler.py"), "def main(event, context):\n    return {}\n")
secrets = re.findall(r'= *"(.+)"', (work / "terraform.tfvars").read_text())
assert len(secrets) == 2, "the estate has two secrets"
secrets += ["testing-secret-key", "set-by-hand-and-secret"]
(work / "provider.json").write_text(json.dumps(GIVEN))
(work / "people.json").write_text(json.dumps(PEOPLE))
(work / "driftwarden.hcl").write_text(CONFIG)
(work / "no-live.hcl").write_text(CONFIG.replace(LIVE, ""))
(work / "refresh.hcl").write_text(CONFIG.replace(LIVE, REFRESH).replace('dir = "evidence"', 'dir = "refreshed"'))
(work / "rules").mkdir()
(work / "rules" / "own.hcl").write_text(RULES)
estate.apply_approved("payments")
made, types = {}, set()
for one in json.loads((work / "terraform.tfstate").read_text())["resources"]:
    for instance in one["instances"]:
        at = instance.get("index_key")
        address = ".".join(part for part in (one.get("module"), one["type"], one["name"]) if part)
        address += "" if at is None else f"[{json.dumps(at)}]"
        if one["mode"] == "managed":
            made[address] = instance["attributes"]["id"]
            types.add(one["type"])
step(f"{len(made)} resources of {len(types)} types approved by two people and applied")

# Clean: nothing in both signals, with what AWS Config shows and without.
settled = estate.driftwarden("settle", status=0).stdout.splitlines()[-1]
assert settled.startswith(f"{len(made)} of {len(made)} resources settled"), settled
equal = estate.expect({}, status=0)
assert len(equal) == len(made), equal
record()
assert scan(status=0) == {} and scan("--config", "no-live.hcl", status=0) == {}
assert refreshed(status=0) == set()
step(f"{settled.split(' in ')[0]}; clean: 0 deviations by plan and read, 0 in a scan with what Config shows, "
     "0 without it, 0 by a refresh")

# Behind its back: each change makes its rows of the truth, and no other.
rows = [json.loads(line) for line in (shared / "truth.jsonl").read_text().splitlines()]
now_called = {row["provider_id"]: made[row["address"]] for row in rows if row["address"] in made}
text = json.dumps(rows)
for before, after in now_called.items():
    text = text.replace(json.dumps(before)[1:-1], json.dumps(after)[1:-1])
truth = {key(row): row for row in json.loads(text)}
behind = changes(client, made.__getitem__, secrets[-1])
promised = set()
for change, address, *what in behind:
    change()
    for one in what:
        promised.add((one, address, None) if one in ("missing", "unmanaged") else ("changed", address, one))
assert promised == set(truth), promised ^ set(truth)
step(f"{len(behind)} changes behind its back, {len(truth)} rows of the truth")

# A refresh reads what is approved: what was added within that shows at its owner, what stands by itself nowhere.
by_refresh = {REFRESHED.get(own, own) for own in truth} - {None} | ECHOES
assert refreshed() == by_refresh, refreshed() ^ by_refresh
step(f"by a refresh alone: all but {list(REFRESHED.values()).count(None)} rows")

record()
found = scan()
assert not set(truth) - set(found), set(truth) - set(found)
beyond = set(found) - set(truth)
assert beyond <= ECHOES, beyond - ECHOES
assert {found[one]["fidelity"] for one in beyond} <= {"exact"}, beyond
for own, row in truth.items():
    for side in ("approved", "live"):
        assert plain(row[side]) == plain(found[own][side]), (own, side, row[side], found[own][side])
step(f"{len(truth)} of {len(truth)} rows found, values too; {len(beyond)} more follow from them")

# One first, and when it was seen to hold, the rest. What the lists do not have is left to people.
for _ in range(3):
    record()
    last = scan()
wanted = {own for own, row in truth.items() if permitted(row)}
fixes = json.loads(driftwarden("fixes", "--format", "json", status=0))["fixes"]
kinds = {"set_back": "changed", "put_back": "missing", "take_away": "unmanaged"}
states = {}
for fix in fixes:
    own = key({"kind": kinds[fix["way"]], **fix})
    states.setdefault(own, []).append(fix["state"])
done = {own for own, seen in states.items() if seen == ["healed"]}
assert done <= wanted, done - wanted
said = {own: [fix.get("outcome") for fix in fixes if fix.get("address") == own[1]] for own in wanted - done}
assert wanted == done, said
tried = set(states) - done
assert tried <= ECHOES, tried
assert {state for own in tried for state in states[own]} <= {"handed_over", "changed"}, states
step(f"{len(done)} of {len(wanted)} permitted deviations fixed through the provider and seen to hold")

# What is left, by our own look and by Terraform's plan.
left = set(truth) - done
assert left <= set(last) and set(last) - left <= ECHOES, set(last) ^ left
blind = {own for own in left if truth[own].get("terraform_blind")}
named = terraform_names()
assert named == left - blind, (named - (left - blind), (left - blind) - named)
step(f"terraform plan names the {len(named)} deviations that were not fixed and nothing else; "
     f"{len(blind)} more it cannot see")

verify = subprocess.run([str(estate.bin.with_name("driftwarden-verify")), "evidence"], cwd=work,
                        capture_output=True, text=True)
assert verify.returncode == 0, verify.stderr
everything = b"".join(file.read_bytes() for part in ("evidence", "handover", "settled")
                      for file in (work / part).rglob("*") if file.is_file())
assert not any(secret.encode() in everything for secret in secrets), "a secret was kept"
step("the evidence verifies, and no secret is in it, in the settled baseline or in what was handed over")
