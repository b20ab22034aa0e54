"""An estate made by terraform, and driftwarden asked about it through its providers."""

import json
import os
import pathlib
import subprocess
import time
from datetime import datetime, timedelta, timezone
from hashlib import sha256

CONFIG = """evidence { dir = "evidence" }
baseline "estate" {
  plan     = "plan.json"
  state    = "terraform.tfstate"
  source   = "src"
  approval = "assumed"
}
live "aws_config_snapshot" "none" { files = ["live/*.json"] }
"""


def now(minutes=0):
    return (datetime.now(timezone.utc) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Estate:
    def __init__(self, bin_dir, mirror, folder, source, extra=(), env=None):
        self.bin = pathlib.Path(bin_dir) / "driftwarden"
        self.mirror, self.extra = mirror, list(extra)
        self.work = pathlib.Path(folder)
        self.work.mkdir(parents=True)
        (self.work / "src").mkdir()
        text = pathlib.Path(source).read_text()
        (self.work / "main.tf").write_text(text)
        (self.work / "src" / "main.tf").write_text(text)
        (self.work / "driftwarden.hcl").write_text(CONFIG)
        rc = self.work / "terraform.rc"
        rc.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
        self.env = {**os.environ, **(env or {}), "TF_CLI_CONFIG_FILE": str(rc)}

    def terraform(self, *words):
        done = subprocess.run(["terraform", *words], cwd=self.work, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def apply(self):
        self.plan()
        self.terraform("apply", "-no-color", "plan.bin")

    def plan(self):
        self.terraform("init", "-backend=false", "-no-color")
        self.terraform("plan", "-no-color", "-out=plan.bin")
        plan = self.terraform("show", "-json", "plan.bin")
        (self.work / "plan.json").write_text(plan)
        return plan

    def apply_approved(self, workspace):
        """Applied once two people have approved the plan."""
        plan = self.plan()
        time.sleep(1.1)
        approval = {"decision": "approved", "at": now()}
        (self.work / "changes").mkdir()
        (self.work / "changes" / "one.json").write_text(json.dumps({
            "number": "CHG0042", "system": "servicenow", "state": "closed", "type": "normal",
            "window": {"start": now(), "end": now(60)}, "requested_by": "ana@bank.example",
            "implemented_by": ["deploy"], "plan_sha256": sha256(plan.encode()).hexdigest(), "workspace": workspace,
            "approvals": [{"by": "ben@bank.example", "role": "technical", **approval},
                          {"by": "cleo@bank.example", "role": "regulatory", **approval}],
        }))
        self.terraform("apply", "-no-color", "plan.bin")

    def driftwarden(self, *words, status):
        command = [str(self.bin), "provider", *words, "--work-dir", ".", *self.extra]
        done = subprocess.run(command, cwd=self.work, env=self.env, capture_output=True, text=True)
        assert status in (None, done.returncode), (done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        return done

    def check(self, status, tries=1):
        """Outcome by address; for a change its attributes and the signals that saw them. Asked by many at
        once, a stand-in for AWS may fail a call: with more tries, what was not answered is asked again."""
        for left in reversed(range(tries)):
            done = self.driftwarden("check", "--format", "json", status=None)
            report = json.loads(done.stdout)
            gaps = [one for one in report["resources"] if one["outcome"] == "gap"]
            if not gaps or not left:
                break
            print("not answered, asked again:", json.dumps(gaps))
        assert done.returncode == status, (done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        assert report["schema"] == "driftwarden.provider/1", report
        found = {}
        for one in report["resources"]:
            signals = {
                d["attribute"]: ("plan " if d["by_plan"] else "") + ("read" if d["by_read"] else "")
                for d in one.get("differences", [])
            }
            found[one["address"]] = signals if one["outcome"] == "changed" else one["outcome"]
        return found

    def expect(self, wanted, status, tries=1):
        found = self.check(status, tries)
        left = {address: what for address, what in found.items() if what != "equal"}
        assert left == wanted, f"wanted {wanted}\nfound  {left}"
        return found
