"""Drives tests/e2e/events.sh: see there."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_EC2_METADATA_DISABLED="true")
import boto3  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from stand_in import StandIn  # noqa: E402

BIN, MOTO = Path(sys.argv[1]), sys.argv[2]
REGION, ACCOUNT = "eu-west-1", "111122223333"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
POISON = 4


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def now():
    return datetime.now(timezone.utc)


def item(name, at=None):
    return {
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": stamp(at or now()),
        "configurationItemStatus": "OK", "resourceType": "AWS::SNS::Topic", "resourceId": TOPIC,
        "resourceName": "alerts", "ARN": TOPIC, "awsAccountId": ACCOUNT, "awsRegion": REGION,
        "tags": {"Owner": "payments", "Env": "prod"},
        "configuration": {"TopicArn": TOPIC, "DisplayName": name}, "supplementaryConfiguration": {}}


def change(name, at=None):
    detail = {"messageType": "ConfigurationItemChangeNotification", "configurationItem": item(name, at)}
    return json.dumps({"detail-type": "Config Configuration Item Change", "source": "aws.config", "detail": detail})


def record(event_id, at=None, name="SetTopicAttributes", source="sns", parameters=None, **more):
    return {
        "eventVersion": "1.11", "eventTime": (at or now()).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{source}.amazonaws.com", "eventName": name, "awsRegion": REGION, "eventID": event_id,
        "readOnly": False, "recipientAccountId": ACCOUNT, "sourceIPAddress": "203.0.113.9",
        "sessionCredentialFromConsole": "true",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/maria", "accountId": ACCOUNT},
        "requestParameters": parameters or {"topicArn": TOPIC}, **more}


def call(*args, **more):
    detail = record(*args, **more)
    return json.dumps({"detail-type": "AWS API Call via CloudTrail", "source": "aws.sns", "detail": detail})


class Suite:
    def __init__(self, folder):
        self.dir = folder
        self.children = []
        self.moto_port, self.page_port = free_port(), free_port()
        log = open(folder / "moto.log", "w")
        moto = [MOTO, "-H", "127.0.0.1", "-p", str(self.moto_port)]
        self.children.append(subprocess.Popen(moto, stdout=log, stderr=log))
        endpoint = f"http://127.0.0.1:{self.moto_port}"
        self.until("moto answers", lambda: urllib.request.urlopen(endpoint, timeout=1).status == 200)
        history = []
        for number in range(5):
            at = now() - timedelta(hours=2, minutes=number)
            history.append({**record(f"past-{number}", at), "seconds": int(at.timestamp())})
        self.stand_in = StandIn(self.moto_port, history)
        self.sqs = boto3.client("sqs", region_name=REGION, endpoint_url=endpoint)
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        dead_arn = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])
        self.redrive = redrive = {"deadLetterTargetArn": dead_arn["Attributes"]["QueueArn"], "maxReceiveCount": "2"}
        attributes = {"RedrivePolicy": json.dumps(redrive)}
        self.queue = self.sqs.create_queue(QueueName="events", Attributes=attributes)["QueueUrl"]
        self.write_estate()

    def write_estate(self):
        case = Path("fixtures/cases/healed")
        shutil.copy(case / "plan.json", self.dir)
        (self.dir / "live").mkdir()
        snapshot = {"fileVersion": "1.0", "configurationItems": [item("Payments", now() - timedelta(days=1))]}
        (self.dir / "live/snapshot.json").write_text(json.dumps(snapshot))
        endpoint = f"http://127.0.0.1:{self.stand_in.port}"
        url = self.queue.replace(str(self.moto_port), str(self.stand_in.port))
        self.conf = self.dir / "driftwarden.hcl"
        self.conf.write_text(f'''
evidence {{ dir = "evidence" }}
baseline "payments" {{
  plan     = "plan.json"
  approval = "assumed"
}}
live "aws_config_snapshot" "prod" {{ files = ["live/*.json"] }}
activity "aws_cloudtrail_queue" "events" {{
  queue      = "{url}"
  region     = "{REGION}"
  endpoint   = "{endpoint}"
  visibility = "5s"
}}
activity "aws_cloudtrail_lookup" "history" {{
  region   = "{REGION}"
  endpoint = "{endpoint}"
}}
run {{
  every          = "1h"
  listen         = "127.0.0.1:{self.page_port}"
  event_patience = "4s"
}}
''')

    def until(self, what, holds, seconds=40):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if holds():
                    return
            except OSError:
                pass
            time.sleep(0.1)
        self.fail(what)

    def fail(self, what):
        print(f"FAILED: {what}\n-- the service's log:")
        log = self.dir / "log"
        if log.exists():
            print("\n".join(log.read_text().splitlines()[-40:]))
        raise SystemExit(1)

    def start(self):
        with open(self.dir / "log", "a") as log:
            run = [BIN / "driftwarden", "run", "--config", self.conf]
            self.service = subprocess.Popen(run, stdout=log, stderr=log)
        self.children.append(self.service)
        self.until("it is ready", lambda: self.page("/readyz"))

    def kill(self):
        self.service.kill()
        self.service.wait()

    def page(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.page_port}{path}", timeout=5) as got:
            return got.read().decode()

    def metric(self, name):
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.page("/metrics"), re.M)
        return float(found[1]) if found else 0.0

    def log(self):
        return (self.dir / "log").read_text()

    def logged(self, text):
        return text in self.log()

    def send(self, *bodies):
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=body)

    def left(self, queue=None):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        got = self.sqs.get_queue_attributes(QueueUrl=queue or self.queue, AttributeNames=names)
        return sum(int(value) for value in got["Attributes"].values())

    def empty(self, what):
        self.until(f"nothing is left in the queue: {what}", lambda: self.left() == 0)

    def show(self):
        done = subprocess.run([BIN / "driftwarden", "evidence", "show", "--config", self.conf],
                              capture_output=True, text=True, check=True)
        return done.stdout

    def findings(self):
        done = subprocess.run([BIN / "driftwarden", "findings", "--config", self.conf, "--format", "json"],
                              capture_output=True, text=True)
        return json.loads(done.stdout)["findings"]

    def newest(self):
        """The newest record of the one open finding about the display name; nothing where there is none."""
        found = [one for one in self.findings() if one.get("attribute") == "/display_name"]
        if len(found) != 1:
            return None
        done = subprocess.run([BIN / "driftwarden", "evidence", "show", str(found[0]["index"]), "--config", self.conf],
                              capture_output=True, text=True, check=True)
        entry, _ = json.JSONDecoder().raw_decode(done.stdout)
        return entry["predicate"]

    def lives(self, name):
        newest = self.newest()
        return newest is not None and newest["live"] == name

    def records(self):
        """Records about findings."""
        return len(re.findall(r"^ +[0-9]+  (?:opened|changed|resolved) ", self.show(), re.M))

    def end(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()


def main(suite):
    suite.start()
    suite.until("the past is looked up", lambda: suite.logged("event=looked_up"))
    assert re.search(r"event=looked_up .*records=5", suite.log()), suite.log()
    apart = [later - first for first, later in zip(suite.stand_in.lookups, suite.stand_in.lookups[1:])]
    assert len(apart) == 2 and sum(apart) > 0.95, apart  # when they arrive depends on the load here
    print("ok: asks the event history what was done before, twice a second at most")

    time.sleep(2)  # the scan that what was looked up asked for
    suite.send(call("e-1"))
    time.sleep(1.1)
    begun = time.monotonic()
    suite.send(change("Eve"))
    suite.until("an event opens a finding", lambda: suite.metric('driftwarden_finding_events_total{event="opened"}') == 1)
    took = time.monotonic() - begun
    suite.empty("what was recorded")
    suite.until("readers of the log see it", lambda: suite.lives("Eve"))
    who = suite.newest()["attribution"]
    assert who["means"] == "console" and who["confidence"] == "high" and who["event_id"] == "e-1", who
    assert "maria" not in json.dumps(suite.newest()), "people are pseudonyms"
    print(f"ok: an event leads to a finding with its actor, {took:.1f} s after AWS Config told of it")

    deep = '{"Message":' + "[" * 400 + "]" * 400 + "}"
    suite.send("no json", "{}", deep, call("e-2").replace("1.11", "7.0"))
    oversized = {"messageType": "OversizedConfigurationItemChangeNotification", "configurationItemSummary": {
        "resourceType": "AWS::SNS::Topic", "resourceId": TOPIC + "-other", "awsAccountId": ACCOUNT, "awsRegion": REGION,
        "configurationItemCaptureTime": stamp(now()), "changeType": "UPDATE"}}
    suite.send(json.dumps({"Type": "Notification", "Message": json.dumps(oversized)}))
    suite.send(*[call("e-1")] * 25)
    suite.send(call("e-3", now() + timedelta(hours=1)))
    suite.send(call("e-4", errorCode="AccessDenied"))
    suite.until("strange messages come to the dead-letter queue", lambda: suite.left(suite.dead) == POISON, 60)
    suite.empty("what is no message of ours, and what came again")
    for reason, count in [("unreadable", 2), ("unknown_envelope", 1), ("unknown_version", 1)]:
        refused = suite.metric(f'driftwarden_messages_refused_total{{reason="{reason}"}}')
        assert refused >= count, (reason, refused)
        assert len(re.findall(rf"event=message_refused .*reason={reason}", suite.log())) == count, reason
    assert suite.metric('driftwarden_events_total{kind="duplicate"}') >= 25
    assert suite.metric('driftwarden_events_total{kind="oversized"}') == 1
    assert suite.metric('driftwarden_events_total{kind="failed_call"}') == 1
    assert suite.metric("driftwarden_event_clocks_apart_total") == 1
    assert suite.metric('driftwarden_event_gaps_total{reason="not_newer"}') >= 1
    assert suite.logged("event=resource_not_observed")
    suite.until("so do readers of the log", lambda: "not_observed" in suite.show())
    assert "panic" not in suite.log()
    print("ok: strange, late, repeated and oversized messages are told, counted, and hold up nothing")

    # Recorded, and not deleted: it is known when it comes again. A killed process leaves requests behind,
    # which moto answers to nobody; that counts as receiving.
    suite.sqs.set_queue_attributes(QueueUrl=suite.queue, Attributes={"RedrivePolicy": json.dumps(
        {**suite.redrive, "maxReceiveCount": "50"})})
    suite.stand_in.refuse = {"DeleteMessageBatch"}
    suite.send(change("Mallory"))
    suite.until("it is recorded", lambda: suite.lives("Mallory"))
    suite.kill()
    before = suite.records()
    suite.stand_in.refuse = set()
    suite.start()
    suite.empty("what was recorded before the kill")
    suite.until("it is what readers see", lambda: suite.lives("Mallory"))
    assert suite.records() == before, "nothing is recorded twice"
    # Received, and perhaps not recorded: it comes again.
    for number, pause in enumerate([0.02, 0.2]):
        suite.send(change(f"Name{number}"))
        time.sleep(pause)
        suite.kill()
        suite.start()
        suite.empty("what came before the kill")
        suite.until("readers of the log see it", lambda: suite.lives(f"Name{number}"))
    print("ok: killed between receiving and deleting, nothing is lost and nothing twice")

    # Nobody answers; what came meanwhile is seen after.
    suite.stand_in.refuse = {"ReceiveMessage"}
    suite.until("the outage is told", lambda: suite.logged("event=queue_failed"))
    suite.send(change("Late"))
    suite.stand_in.refuse = set()
    suite.until("the queue is back", lambda: suite.logged("event=queue_back"))
    suite.empty("what came while nobody answered")
    suite.until("readers of the log see it", lambda: suite.lives("Late"))
    print("ok: an outage of the queue costs time and nothing else")

    suite.send(call("e-9", name="StopLogging", source="cloudtrail", parameters={"name": "audit"}))
    suite.until("a stopped trail is told", lambda: suite.metric('driftwarden_watch_open{watch="trail_changed"}') == 1)
    suite.empty("the call that stopped the trail")
    suite.send(call("e-10", name="StartLogging", source="cloudtrail", parameters={"name": "audit"}))
    suite.until("that it goes on, too", lambda: suite.metric('driftwarden_watch_open{watch="trail_changed"}') == 0)
    print("ok: who stops a trail is seen")

    begun = time.monotonic()
    suite.service.send_signal(signal.SIGTERM)
    assert suite.service.wait(15) == 0, suite.service.returncode
    assert time.monotonic() - begun < 10, "it ends soon"
    verified = subprocess.run([BIN / "driftwarden-verify", suite.dir / "evidence"], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    print("ok: it ends as it is told to, and the log verifies")


with tempfile.TemporaryDirectory() as folder:
    suite = Suite(Path(folder))
    try:
        main(suite)
    except AssertionError as error:
        print("-- the service's log:\n" + "\n".join(suite.log().splitlines()[-40:]))
        raise error
    finally:
        suite.end()
