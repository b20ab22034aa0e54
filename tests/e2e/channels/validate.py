"""Third parties' judgement of what is sent: botocore's model of Security Hub, and the SDK of CloudEvents."""

import json
from pathlib import Path

import botocore.loaders
import botocore.model
import botocore.validate
from cloudevents.http import from_http

SNAPSHOTS = Path(__file__).parents[2] / "it/channels/snapshots"


def cloud_event(headers, body):
    event = from_http(headers, body)
    assert event["specversion"] == "1.0" and event["id"] == headers["idempotency-key"]
    assert event["type"].startswith("dev.driftwarden.page.") and event.data["schema"] == "driftwarden.page/1"


def reviewed(name):
    """The payloads of one channel that the tests hold, one for each kind of message."""
    text = (SNAPSHOTS / name).read_text()
    cases = [case.split("\n", 1) for case in text.split("=== ")[1:]]
    return {case: json.loads(payload) for case, payload in cases}


def judge():
    loader = botocore.loaders.Loader()
    service = botocore.model.ServiceModel(loader.load_service_model("securityhub", "service-2"))
    shape = service.operation_model("BatchImportFindings").input_shape
    return lambda finding: botocore.validate.ParamValidator().validate({"Findings": [finding]}, shape)


def snapshots():
    asff = judge()
    findings = reviewed("form_of_asff.snap")
    for case, finding in findings.items():
        report = asff(finding)
        assert not report.has_errors(), f"{case}: {report.generate_report()}"
        lacking = {name: value for name, value in finding.items() if name != "Title"}
        assert asff(lacking).has_errors(), "the validator finds what is missing"
    events = reviewed("form_of_cloudevent.snap")
    for case, event in events.items():
        headers = {"content-type": "application/cloudevents+json", "idempotency-key": event["id"]}
        cloud_event(headers, json.dumps(event).encode())
    print(f"ok: {len(findings)} findings for botocore, {len(events)} events for the SDK of CloudEvents")
