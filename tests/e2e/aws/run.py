"""AWS Config as a live source, end to end.

usage: run.py BINARIES MOTO_PORT FOLDER [SCENE]

The only scene with a name is `remedies`; without one, all are played.
"""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import remedies
from cloud import Cloud
from estate import Estate
from standin import StandIn

BINARIES, PORT, FOLDER = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
ONE, TWO = "111122223333", "444455556666"
WEST, CENTRAL = "eu-west-1", "eu-central-1"
cloud = Cloud(f"http://127.0.0.1:{PORT}", [ONE, TWO], [WEST, CENTRAL])
stand_in = StandIn(cloud, PORT)
estate = Estate(FOLDER / "bank", BINARIES, stand_in, cloud)


def found(result):
    """What a scan found, by kind and subject."""
    return {(one["kind"], one["address"] or one["provider_id"], one["attribute"]) for one in result["deviations"]}


def missing(result):
    return {one["address"] for one in result["deviations"] if one["kind"] == "missing"}


def gaps(result, reason=None):
    return [gap for gap in result["gaps"] if reason in (None, gap["reason"])]


def broken(fault, where=lambda account, region, api: True):
    """From here on calls that match go wrong in that way."""
    stand_in.fault = lambda *call: fault if where(*call) else None


def healed():
    stand_in.fault = lambda *_: None


def equal():
    """What was made as it was approved is no deviation and no gap; tags are read; pages are followed."""
    out, _ = estate.run("check", expect=0)
    assert "1 source to ask" in out, out
    result = estate.scan(expect=0)
    assert result["deviations"] == [] and result["gaps"] == [], result
    coverage = result["coverage"]
    assert coverage["observed"] == coverage["approved"] == len(estate.resources), coverage
    assert stand_in.calls[ONE, WEST, "SelectResourceConfig"] == 3, stand_in.calls
    strangers = [call for call in stand_in.calls if call[0] not in (ONE, TWO)]
    assert not strangers, f"calls without a role: {strangers}"
    estate.run("coverage", expect=0)


def changed():
    """Changes behind our back, in both accounts and both Regions."""
    s3 = cloud.accounts[ONE].client("s3")
    s3.put_bucket_versioning(Bucket=f"bank-ledger-{ONE}", VersioningConfiguration={"Status": "Suspended"})
    s3.delete_public_access_block(Bucket=f"bank-reports-{ONE}")
    s3.delete_bucket(Bucket=f"bank-archive-{ONE}")
    iam = cloud.accounts[TWO].client("iam")
    anybody = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                     "Principal": {"AWS": "*"}}]}
    iam.update_assume_role_policy(RoleName="posting", PolicyDocument=json.dumps(anybody))
    sns = cloud.accounts[TWO].client("sns", CENTRAL)
    topic = lambda name: f"arn:aws:sns:{CENTRAL}:{TWO}:{name}"
    sns.set_topic_attributes(TopicArn=topic("alerts"), AttributeName="DisplayName", AttributeValue="changed")
    sns.untag_resource(ResourceArn=topic("orders"), TagKeys=["Owner"])
    sns.delete_topic(TopicArn=topic("audit"))
    cloud.accounts[TWO].client("sns", WEST).create_topic(Name="stray")
    result = estate.scan()
    place = f"{TWO}_{CENTRAL}".replace("-", "_")
    expected = {
        ("changed", f"aws_s3_bucket_versioning.ledger_{ONE}", "/versioning_configuration/0/status"),
        ("missing", f"aws_s3_bucket.archive_{ONE}", None),
        ("changed", f"aws_iam_role.posting_{TWO}", "/assume_role_policy"),
        ("changed", f"aws_sns_topic.alerts_{place}", "/display_name"),
        ("changed", f"aws_sns_topic.orders_{place}", "/tags_all/Owner"),
        ("missing", f"aws_sns_topic.audit_{place}", None),
        ("unmanaged", f"arn:aws:sns:{WEST}:{TWO}:stray", None)}
    assert expected <= found(result), expected - found(result)
    beside = {one for one in found(result) - expected
              if one[1] != f"aws_s3_bucket_public_access_block.reports_{ONE}"}
    assert not beside, beside
    verdicts = {one["verdict"] for one in result["deviations"]}
    assert verdicts == {"unauthorised"}, verdicts
    estate.verify()
    return found(result)


def faults(known):
    """Each fault costs observations, never the scan; nothing becomes missing by it; all is back afterwards."""
    selects = lambda account, region, api: api == "SelectResourceConfig" and account == ONE
    kinds = [("throttle", "source_refused", "hrottl"), ("deny", "source_refused", "AccessDenied"),
             ("expired", "source_refused", "needs credentials that hold"),
             ("outage", "source_unreachable", "`SelectResourceConfig`"),
             ("truncate", "source_unreadable", "`SelectResourceConfig`"),
             ("endless", "source_unreadable", "the pages of the answer have no end")]
    before = missing_of(known)
    for fault, reason, words in kinds:
        broken(fault, selects)
        result = estate.scan()
        healed()
        lost = gaps(result, reason)
        assert lost, (fault, [gap["detail"] for gap in result["gaps"]][:3])
        assert any(words in gap["detail"] for gap in lost), (fault, [gap["detail"] for gap in lost][:3])
        assert missing(result) <= before, (fault, missing(result) - before)
        of_two = {one for one in found(result) if TWO in one[1]}
        assert of_two == {one for one in known if TWO in one[1]}, \
            (fault, of_two ^ {one for one in known if TWO in one[1]}, result["gaps"])
        if fault != "endless":
            assert not any(ONE in address for address in missing(result)), (fault, missing(result))
        print(f"ok: {fault}: {len(lost)} gaps, {estate.took:.1f} s")
    out, _ = estate.run("findings", "--format", "json", expect=2)
    assert out.count('"missing"') >= len(before), "findings of what was not seen stay open"
    assert found(estate.scan()) == known, "everything is seen again"


def missing_of(known):
    return {address for kind, address, _ in known if kind == "missing"}


def bare(known):
    """A query without configurations: the history has them, tags as well."""
    broken("bare")
    result = estate.scan()
    healed()
    assert found(result) == known, found(result) ^ known
    assert stand_in.calls[ONE, WEST, "GetResourceConfigHistory"] > 0


def recorders(known):
    """What is not recorded is a gap and not missing, whatever was there."""
    west = cloud.recorders[ONE, WEST]
    kept = dict(west)
    west["group"] = {"allSupported": False, "exclusionByResourceTypes": {"resourceTypes": ["AWS::S3::Bucket"]},
                     "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                     "includeGlobalResourceTypes": True, "resourceTypes": []}
    result = estate.scan()
    lost = [gap for gap in gaps(result, "type_not_recorded") if gap["account"] == ONE]
    assert any("leaves the type out" in gap["detail"] for gap in lost), lost
    assert not any("s3_bucket" in address for address in missing(result)), missing(result)
    west.update(kept)
    west["recording"] = False
    result = estate.scan()
    lost = gaps(result, "type_not_recorded")
    assert any("the recorder of AWS Config is stopped" in gap["detail"] for gap in lost), lost
    assert not any(ONE in address for address in missing(result)), missing(result)
    west.update(kept)
    west["frequency"] = "DAILY"
    estate.scan()
    assert "once a day" in estate.err, estate.err
    del west["frequency"]
    gone = cloud.recorders.pop((TWO, CENTRAL))
    result = estate.scan()
    assert any("has no recorder" in gap["detail"] for gap in result["gaps"]), result["gaps"]
    assert not any("eu_central" in address for address in missing(result)), missing(result)
    cloud.recorders[TWO, CENTRAL] = gone
    assert found(estate.scan()) == known


def budget(known):
    """The limits on calls hold; what lies behind them is a gap."""
    stand_in.calls.clear()
    estate.configure(limits="calls_per_scan = 2")
    result = estate.scan()
    assert gaps(result, "over_budget"), [gap["detail"] for gap in result["gaps"]][:5]
    assert missing(result) <= missing_of(known), missing(result)
    assert max(stand_in.calls.values()) <= 2, stand_in.calls
    estate.configure()


def denied():
    """A role that cannot be assumed: a clear message, no scan lost."""
    estate.configure(external_id="wrong")
    result = estate.scan()
    assert result["coverage"]["observed"] == 0, result["coverage"]
    assert missing(result) == set(), missing(result)
    words = " ".join(gap["detail"] for gap in result["gaps"])
    assert "sts:AssumeRole" in words, words[:500]
    estate.configure()


def aggregated(known):
    """One aggregator shows both accounts; an account that it cannot gather is a gap."""
    estate.configure(f'aggregator = "organisation"\n  aggregator_account = "{ONE}"\n'
                     f'  aggregator_region = "{WEST}"')
    result = estate.scan()
    assert known - found(result) == set(), known - found(result)
    stand_in.aggregate_failures[TWO, CENTRAL] = "OUTDATED"
    result = estate.scan()
    assert any("the aggregator is not up to date" in gap["detail"] for gap in result["gaps"]), result["gaps"]
    assert not any("eu_central" in address and TWO in address for address in missing(result)), missing(result)
    stand_in.aggregate_failures.clear()
    estate.configure()


class Running:
    """The engine as it runs, and what it tells."""

    def __init__(self, every, more=""):
        with open(FOLDER / "log", "w") as log:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            estate.configure(more=f'{more}\nrun {{\n  every = "{every}"\n  jitter = "0%"\n'
                                  f'  listen = "127.0.0.1:{self.port}"\n}}', limits="calls_per_minute = 600")
            self.process = subprocess.Popen(estate.command("run"), env=estate.environment(), stderr=log)

    def page(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def value(self, name):
        line = re.search(rf"^{re.escape(name)} (\S+)$", self.page(), re.MULTILINE)
        return float(line.group(1)) if line else 0.0

    @staticmethod
    def log():
        return (FOLDER / "log").read_text()

    def until(self, what, holds, limit=60):
        ends = time.monotonic() + limit
        while not holds():
            assert self.process.poll() is None, self.log()[-3000:]
            assert time.monotonic() < ends, f"{what}\n{self.log()[-3000:]}"
            time.sleep(0.2)


def busy():
    """While a sweep waits for AWS, an event is worked on at once; what the sweep saw before it does not count."""
    queue = cloud.queue("events")
    running = Running("4s", f'activity "aws_cloudtrail_queue" "events" {{\n  queue = "{queue}"\n'
                            f'  region = "{WEST}"\n  endpoint = "{cloud.endpoint}"\n}}')
    done = lambda: running.value('driftwarden_scans_total{result="done"}')
    opened = lambda: running.value('driftwarden_finding_events_total{event="opened"}')
    topic = f"arn:aws:sns:{WEST}:{TWO}:orders"
    try:
        running.until("a sweep asks beside", lambda: "event=sources_gathered" in running.log())
        stand_in.frozen, stand_in.pause = {}, 3.0
        broken("slow")
        running.until("a slow sweep has begun", lambda: (TWO, WEST) in stand_in.frozen)
        scans, findings = done(), opened()
        cloud.accounts[TWO].client("sns", WEST).set_topic_attributes(
            TopicArn=topic, AttributeName="DisplayName", AttributeValue="meanwhile")
        cloud.tell(queue, TWO, WEST, topic)
        running.until("an event opens a finding", lambda: opened() == findings + 1)
        assert done() == scans, "the sweep was over before the event was worked on"
        running.until("the sweep is recorded", lambda: done() > scans)
        healed()
        assert opened() == findings + 1 and "event=gathered_in_vain" not in running.log(), running.log()[-3000:]
        resolved = running.value('driftwarden_finding_events_total{event="resolved"}')
        assert resolved == 0, "a sweep that had looked before took the finding for resolved"
        # A plan that comes into force while a sweep is under way: the sweep begins anew.
        stand_in.frozen = {}
        broken("slow")
        running.until("another slow sweep has begun", lambda: stand_in.frozen)
        scans = done()
        change = estate.folder / "changes" / "two.json"
        change.write_text((estate.folder / "changes" / "one.json").read_text().replace("CHG0030001", "CHG0030002"))
        running.until("it begins anew", lambda: "event=gathered_in_vain" in running.log())
        assert done() == scans, "what is written waited for the sweep"
        healed()
        scans = done()
        running.until("and is recorded", lambda: done() > scans)
        change.unlink()
        # It ends in time with a sweep under way.
        stand_in.frozen, stand_in.pause = {}, 20.0
        broken("slow")
        running.until("a very slow sweep has begun", lambda: stand_in.frozen)
        began = time.monotonic()
        running.process.terminate()
        running.process.wait(timeout=15)
        assert time.monotonic() - began < 10, "it stops within 10 seconds"
    finally:
        healed()
        running.process.kill()
    estate.verify()
    cloud.accounts[TWO].client("sns", WEST).set_topic_attributes(
        TopicArn=topic, AttributeName="DisplayName", AttributeValue="orders")


def service(known):
    """The running engine: faults show in log and metrics, and pass without a restart."""
    running = Running("2s")
    page, value, until, process = running.page, running.value, running.until, running.process
    deviations = lambda: sum(float(line.rsplit(" ", 1)[1]) for line in page().splitlines()
                             if line.startswith("driftwarden_deviations{"))
    denied_calls = ('driftwarden_source_calls_total'
                    '{source="bank",api="DescribeConfigurationRecorders",result="denied"}')
    try:
        until("it scans", lambda: value('driftwarden_scans_total{result="done"}') >= 1)
        assert deviations() == len(known), page()
        assert value("driftwarden_gaps") == 0
        broken("deny", lambda account, region, api: account == TWO)
        until("gaps show", lambda: value("driftwarden_gaps") > 0)
        assert value('driftwarden_source_not_read{source="bank",why="denied"}') > 0, page()
        assert value(denied_calls) > 0, page()
        broken("outage")
        until("an outage shows", lambda: value('driftwarden_source_not_read{source="bank",why="unreachable"}') > 3)
        assert "event=source_calls_failed" in running.log()
        healed()
        until("it is well again", lambda: value("driftwarden_gaps") == 0 and deviations() == len(known))
        # Another change, while it runs.
        cloud.accounts[ONE].client("sns", WEST).set_topic_attributes(
            TopicArn=f"arn:aws:sns:{WEST}:{ONE}:orders", AttributeName="DisplayName", AttributeValue="later")
        until("a change is found", lambda: deviations() == len(known) + 1)
        # It stops within its time although nobody answers.
        broken("outage")
        began = time.monotonic()
        process.terminate()
        process.wait(timeout=15)
        assert time.monotonic() - began < 10, "it stops within 10 seconds"
    finally:
        healed()
        process.kill()
    estate.verify()


def main():
    estate.build()
    estate.write()
    if sys.argv[4:] == ["remedies"]:
        return remedies.scene(FOLDER / "remedies", estate, (ONE, TWO), WEST)
    equal()
    print("ok: what is as approved is equal")
    remedies.scene(FOLDER / "remedies", estate, (ONE, TWO), WEST)
    known = changed()
    print(f"ok: {len(known)} changes behind our back are found and logged")
    faults(known)
    bare(known)
    print("ok: the history stands in for a query without configurations")
    recorders(known)
    print("ok: what is not recorded is a gap")
    budget(known)
    denied()
    print("ok: the budget holds; a role that cannot be assumed costs no scan")
    aggregated(known)
    print("ok: an aggregator")
    service(known)
    print("ok: the running engine recovers by itself")
    busy()
    print("ok: events and what people write wait for no sweep")


main()
