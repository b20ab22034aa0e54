#!/usr/bin/env python3
"""`driftwarden run` for a long time on a schedule that makes months of minutes: scans every second or
two, reloads, outages, storms, bad files, requests, and in between nothing at all. Held against it: after
the warm-up its memory stays flat, its file descriptors and threads stay the same, each storm is found
and is over when it is over, and the log verifies.

    tests/e2e/soak.py MINUTES [--bin DIR] [--keep DIR] [--tolerance PERCENT]
"""

import argparse
import json
import os
import pathlib
import random
import re
import signal
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ACCOUNT, REGION = "111122223333", "eu-west-1"
TOPICS = 500
STORM = 200
# A cycle holds each kind of disturbance once.
WARM_UP = 0.25


def arn(number):
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:topic-{number:04}"


def values(number, said):
    return {"id": arn(number), "arn": arn(number), "name": f"topic-{number:04}", "display_name": said,
            "tags_all": {"Owner": "payments", "Number": str(number)}}


def plan(stamp):
    """The same approved values each time, in a plan that is made anew."""
    changes = []
    for number in range(TOPICS):
        same = values(number, "approved")
        changes.append({"address": f"aws_sns_topic.topic[{number}]", "mode": "managed",
                        "type": "aws_sns_topic", "name": "topic", "index": number,
                        "provider_name": "registry.terraform.io/hashicorp/aws",
                        "change": {"actions": ["no-op"], "before": same, "after": same, "after_unknown": {}}})
    return {"format_version": "1.2", "terraform_version": "1.11.4", "timestamp": stamp, "complete": True,
            "errored": False, "planned_values": {}, "resource_changes": changes}


def snapshot(captured, storm):
    items = []
    for number in range(TOPICS):
        said = "by hand" if number in storm else "approved"
        items.append({"configurationItemVersion": "1.3", "configurationItemCaptureTime": captured,
                      "configurationItemStatus": "OK", "resourceType": "AWS::SNS::Topic",
                      "resourceId": arn(number), "resourceName": f"topic-{number:04}", "ARN": arn(number),
                      "awsAccountId": ACCOUNT, "awsRegion": REGION,
                      "tags": {"Owner": "payments", "Number": str(number)},
                      "configuration": {"TopicArn": arn(number), "DisplayName": said},
                      "supplementaryConfiguration": {}})
    return {"fileVersion": "1.0", "configSnapshotId": "soak", "configurationItems": items}


def stamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Failed(Exception):
    pass


class Soak:
    def __init__(self, binaries, place):
        self.dw = binaries / "driftwarden"
        self.verifier = binaries / "driftwarden-verify"
        self.place = place
        self.estate = place / "estate"
        (self.estate / "live").mkdir(parents=True)
        self.conf = self.estate / "driftwarden.hcl"
        self.port = random.randint(20000, 40000)
        self.log = open(place / "log", "wb")
        self.service = None
        self.samples = []
        self.counts = {"storms": 0, "reloads": 0, "refusals": 0, "outages": 0}
        self.write("plan.json", plan("2026-01-05T08:00:00Z"))
        self.write("live/snapshot.json", snapshot(stamp(), set()))
        self.configure("1s")

    def write(self, name, content):
        text = content if isinstance(content, str) else json.dumps(content)
        beside = self.estate / (name.replace("/", "_") + ".new")
        beside.write_text(text)
        os.replace(beside, self.estate / name)

    def configure(self, every):
        self.write("driftwarden.hcl", f'''
evidence {{
  dir    = "../evidence"
  keys   = "../keys"
  origin = "bank.example/driftwarden/soak"
}}
baseline "payments" {{
  plan     = "plan.json"
  approval = "assumed"
}}
live "aws_config_snapshot" "prod" {{ files = ["live/*.json"] }}
channel "file" "pager" {{ path = "../pages.jsonl" }}
route "all" {{ to = ["pager"] }}
run {{
  every    = "{every}"
  debounce = "1s"
  listen   = "127.0.0.1:{self.port}"
}}
''')

    def start(self):
        self.service = subprocess.Popen([self.dw, "run", "--config", self.conf], stderr=self.log)
        self.until("it is ready", lambda: self.page("/readyz")[0] == 200)

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except OSError:
            return 0, ""

    def value(self, name):
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.page("/metrics")[1], re.MULTILINE)
        return float(found.group(1)) if found else None

    def until(self, what, true, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.service.poll() is not None:
                raise Failed(f"the service ended with {self.service.returncode} while waiting: {what}")
            if true():
                return
            time.sleep(0.1)
        raise Failed(f"not within {seconds} s: {what}")

    def open_findings(self):
        return self.value('driftwarden_findings{state="open"}') or 0

    # What happens to it.

    def storm(self):
        hit = set(random.sample(range(TOPICS), STORM))
        self.write("live/snapshot.json", snapshot(stamp(), hit))
        self.until("the storm is found", lambda: self.open_findings() + self.flapping() >= STORM)
        self.write("live/snapshot.json", snapshot(stamp(), set()))
        self.until("the storm is over", lambda: self.open_findings() == 0)
        self.counts["storms"] += 1

    def flapping(self):
        return self.value('driftwarden_findings{state="flapping"}') or 0

    def reload(self):
        accepted = 'driftwarden_configuration_reloads_total{result="accepted"}'
        before = self.value(accepted) or 0
        self.write("plan.json", plan(stamp()))
        self.until("the new plan is taken", lambda: (self.value(accepted) or 0) > before)
        before = self.value(accepted)
        self.configure(random.choice(["1s", "2s"]) if self.counts["reloads"] % 2 else "3s")
        self.until("the new configuration is taken", lambda: (self.value(accepted) or 0) > before)
        self.service.send_signal(signal.SIGHUP)
        self.counts["reloads"] += 1

    def refusal(self):
        open_watch = 'driftwarden_watch_open{watch="configuration_rejected"}'
        kept = (self.estate / "plan.json").read_text()
        self.write("plan.json", kept[: len(kept) // 2])
        self.until("half a plan is refused", lambda: (self.value(open_watch) or 0) >= 1)
        self.write("plan.json", kept)
        self.until("the whole plan is good", lambda: (self.value(open_watch) or 0) == 0)
        self.counts["refusals"] += 1

    def outage(self):
        failed = 'driftwarden_scans_total{result="failed"}'
        before = self.value(failed) or 0
        self.write("live/snapshot.json", "{")
        self.until("scans fail", lambda: (self.value(failed) or 0) >= before + 3)
        self.write("live/snapshot.json", snapshot(stamp(), set()))
        done = 'driftwarden_scans_total{result="done"}'
        before = self.value(done)
        self.until("scans are done again", lambda: self.value(done) > before)
        self.counts["outages"] += 1

    # How it is.

    def sample(self):
        pid = self.service.pid
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        field = lambda name: int(re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE).group(1))
        rss = statistics.median(self.rss(pid) for _ in range(5))
        files = len(os.listdir(f"/proc/{pid}/fd"))
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        cpu = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        found = (time.monotonic(), rss, files, field("Threads"), cpu)
        self.samples.append(found)
        return found

    def rss(self, pid):
        time.sleep(0.2)
        pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024

    def run(self, minutes, tolerance):
        self.start()
        begun = time.monotonic()
        end = begun + 60 * minutes
        while time.monotonic() < end:
            for disturb in random.sample([self.storm, self.reload, self.refusal, self.outage], 4):
                disturb()
            time.sleep(3)
            at, rss, files, threads, cpu = self.sample()
            print(f"{at - begun:7.0f} s  {rss:7.0f} kB  {files} files  {threads} threads  {cpu:7.1f} s of processor",
                  flush=True)
        self.judge(begun, end, tolerance)
        self.service.send_signal(signal.SIGTERM)
        code = self.service.wait(20)
        if code != 0:
            raise Failed(f"it ended with {code}")
        verified = subprocess.run([self.verifier, self.place / "evidence"], capture_output=True, text=True)
        if verified.returncode != 0:
            raise Failed(f"the log is not whole:\n{verified.stdout}{verified.stderr}")
        print(verified.stdout)

    def judge(self, begun, end, tolerance):
        warm = [one for one in self.samples if one[0] >= begun + WARM_UP * (end - begun)]
        if len(warm) < 6:
            raise Failed("too short: fewer than six samples after the warm-up")
        third = len(warm) // 3
        first = statistics.median(one[1] for one in warm[:third])
        last = statistics.median(one[1] for one in warm[-third:])
        grown = 100 * (last - first) / first
        scans = self.value('driftwarden_scans_total{result="done"}')
        print(f"{scans:.0f} scans, {self.counts}; memory {first:.0f} kB, then {last:.0f} kB: {grown:+.2f} %")
        if grown > tolerance:
            raise Failed(f"memory grew by {grown:.2f} %, more than {tolerance} %")
        for place, what in [(2, "files"), (3, "threads")]:
            numbers = [one[place] for one in warm]
            if max(numbers) - min(numbers) > 2 or statistics.median(numbers[-third:]) > statistics.median(numbers[:third]):
                raise Failed(f"{what} did not stay the same: {sorted(set(numbers))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("target/debug"))
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1.0)
    options = parser.parse_args()
    place = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="soak."))
    place.mkdir(parents=True, exist_ok=True)
    soak = Soak(options.bin.resolve(), place)
    try:
        soak.run(options.minutes, options.tolerance)
    except Failed as failed:
        tail = (place / "log").read_text().splitlines()[-20:]
        print("FAILED:", failed, *tail, sep="\n", file=sys.stderr)
        return 1
    finally:
        if soak.service and soak.service.poll() is None:
            soak.service.kill()
        if not options.keep:
            shutil.rmtree(place, ignore_errors=True)
    print(f"soak: ok: {options.minutes:g} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
