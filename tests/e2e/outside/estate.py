"""A bank's estate with evidence outside, and the program run on it."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


class Estate:
    def __init__(self, folder, binaries, source):
        self.folder = Path(folder)
        self.binaries = Path(binaries)
        self.estate = self.folder / "estate"
        self.log = self.folder / "evidence"
        shutil.copytree(source, self.estate)
        self.plain = (self.estate / "driftwarden.hcl").read_text()
        self.count = 0

    def configure(self, outside):
        text = re.sub(r'(origin = "[^"]*"\n)', lambda found: found.group(1) + outside, self.plain, count=1)
        (self.estate / "driftwarden.hcl").write_text(text)

    def environment(self, extra=None):
        return {**os.environ, **CREDENTIALS, **(extra or {})}

    def command(self, *args):
        return [self.binaries / "driftwarden", *args, "--config", self.estate / "driftwarden.hcl"]

    def popen(self, command, extra=None, stderr=subprocess.PIPE):
        return subprocess.Popen(command, env=self.environment(extra), stdout=subprocess.PIPE,
                                stderr=stderr, text=True)

    def start(self, *args, extra=None):
        return self.popen(self.command(*args), extra)

    def run(self, *args, expect, extra=None, time=120):
        process = self.start(*args, extra=extra)
        try:
            out, err = process.communicate(timeout=time)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        for name in ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
            assert CREDENTIALS[name] not in out + err, "a credential was shown"
        assert process.returncode == expect, f"{args}: {process.returncode}, not {expect}\n{out}\n{err}"
        return out, err

    def scan(self, expect=2, **more):
        out, err = self.run("scan", "--format", "json", expect=expect, **more)
        return (json.loads(out) if out else None), err

    def mirror(self, expect=0, **more):
        out, err = self.run("evidence", "mirror", "--once", "--format", "json", expect=expect, **more)
        return (json.loads(out) if out else None), err

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()

    def change(self):
        """Makes the next scan find something new, so that its records differ."""
        self.count += 1
        path = self.estate / "live" / f"own-{self.count}.json"
        rule = {"fromPort": 22, "toPort": 22, "ipProtocol": "tcp",
                "ipv4Ranges": [{"cidrIp": f"203.0.113.{self.count}/32"}], "ipv6Ranges": [],
                "prefixListIds": [], "userIdGroupPairs": [], "ipRanges": []}
        group = f"sg-{self.count:017x}"
        path.write_text(json.dumps({"fileVersion": "1.0", "configSnapshotId": "own", "configurationItems": [{
            "configurationItemVersion": "1.3", "configurationItemStatus": "OK",
            "configurationItemCaptureTime": "2026-11-04T09:00:00Z", "resourceType": "AWS::EC2::SecurityGroup",
            "resourceId": group, "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
            "ARN": f"arn:aws:ec2:eu-west-1:111122223333:security-group/{group}", "tags": {},
            "supplementaryConfiguration": {},
            "configuration": {"groupId": group, "groupName": f"own-{self.count}", "description": "own",
                              "vpcId": "vpc-0", "ownerId": "111122223333", "ipPermissions": [rule],
                              "ipPermissionsEgress": [], "tags": []}}]}))

    def size(self):
        return int((self.log / "checkpoint").read_text().splitlines()[1])

    def verify(self, folder, *args):
        command = [self.binaries / "driftwarden-verify", folder, *args]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def public(self, folder):
        """Every file of a log by name, without the writer's own state."""
        folder = Path(folder)
        files = (path for path in folder.rglob("*") if path.is_file())
        names = {str(path.relative_to(folder)): path.read_bytes() for path in files}
        return {name: data for name, data in names.items() if not name.startswith(".state/")}
