"""Stands in for AWS in front of moto: answers the calls of AWS Config that moto lacks, checks the external
id where a role is assumed, passes the rest on, and breaks what it is told to break."""

import http.client
import json
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from documents import Remedies

EXTERNAL_ID = "bank-7f3a"
LONGEST = 4096


class Refused(Exception):
    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.status = code, status


class StandIn:
    """`fault(account, region, api)` gives the name of what is to go wrong with a call, or nothing."""

    def __init__(self, cloud, moto_port, page=3):
        self.cloud, self.moto_port, self.page = cloud, moto_port, page
        self.fault = lambda account, region, api: None
        self.sessions, self.roles, self.calls, self.seen = {}, {}, Counter(), []
        self.remedies = Remedies(cloud)
        self.aggregate_failures = {}
        self.frozen, self.pause = {}, 0.0
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                target = self.headers.get("X-Amz-Target", "")
                if target.startswith("StarlingDoveService."):
                    stand_in.config(self, target.split(".")[1], json.loads(body or b"{}"))
                else:
                    stand_in.pass_on(self, body)

            def answer(self, status, body, kind="application/x-amz-json-1.1"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except BrokenPipeError:
                    # It had waited long enough.
                    self.close_connection = True

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, handler, body):
        """STS: whose session a key is, is remembered."""
        form = {key: value[0] for key, value in parse_qs(body.decode()).items()}
        is_assumed = form.get("Action") == "AssumeRole"
        if is_assumed and form.get("ExternalId") != EXTERNAL_ID:
            text = ("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized "
                    "to perform sts:AssumeRole</Message></Error></ErrorResponse>")
            return handler.answer(403, text.encode(), "text/xml")
        connection = http.client.HTTPConnection("127.0.0.1", self.moto_port, timeout=20)
        headers = {key: value for key, value in handler.headers.items()
                   if key.lower() in ("authorization", "content-type", "x-amz-date", "x-amz-security-token")}
        connection.request("POST", handler.path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if is_assumed:
            key = re.search(rb"<AccessKeyId>([^<]+)", text).group(1).decode()
            self.sessions[key] = form["RoleArn"].split(":")[4]
            self.roles[key] = form["RoleArn"]
        handler.answer(answer.status, text, answer.getheader("Content-Type"))

    def config(self, handler, api, asked):
        credential = re.search(r"Credential=([^/]+)/\d+/([^/]+)/", handler.headers["Authorization"])
        account, region = self.sessions.get(credential.group(1), "999999999999"), credential.group(2)
        self.calls[account, region, api] += 1
        self.seen.append((time.monotonic(), account, region, api))
        fault = self.fault(account, region, api)
        try:
            if fault == "throttle":
                raise Refused("ThrottlingException", "Rate exceeded")
            if fault == "deny":
                raise Refused("AccessDeniedException", "User is not authorized to perform this call")
            if fault == "expired":
                raise Refused("ExpiredTokenException", "The security token included in the request is expired")
            if fault == "outage":
                handler.close_connection = True
                return handler.connection.close()
            if "Remediation" in api:
                role = self.roles.get(credential.group(1), "nobody")
                body = self.remedies.answer(api, (account, region), asked, role, Refused)
            else:
                body = self.answer(api, account, region, asked, fault)
            if fault == "lost":
                handler.close_connection = True
                return handler.connection.close()
            body = json.dumps(body).encode()
            if fault == "truncate":
                body = body[: len(body) * 2 // 3]
            handler.answer(200, body)
        except Refused as error:
            text = json.dumps({"__type": error.code, "message": str(error)}).encode()
            handler.answer(error.status, text)

    def slowly(self, account, region):
        """Answers take their time, and are of the moment at which the place was first asked so."""
        time.sleep(self.pause)
        return self.frozen.setdefault((account, region), self.cloud.items(account, region))

    def answer(self, api, account, region, asked, fault):
        cloud = self.cloud
        recorder = cloud.recorders.get((account, region))
        if api == "DescribeConfigurationRecorders":
            return {"ConfigurationRecorders": [] if recorder is None else [{
                "name": "default", "roleARN": f"arn:aws:iam::{account}:role/config",
                "recordingGroup": recorder["group"],
                "recordingMode": {"recordingFrequency": recorder.get("frequency", "CONTINUOUS")}}]}
        if api == "DescribeConfigurationRecorderStatus":
            return {"ConfigurationRecordersStatus": [] if recorder is None else [{
                "name": "default", "recording": recorder["recording"], "lastStatus": recorder["status"],
                "lastErrorCode": "AccessDenied"}]}
        if api == "DescribeConfigurationAggregatorSourcesStatus":
            return {"AggregatedSourceStatusList": [
                {"SourceId": number, "SourceType": "ACCOUNT", "AwsRegion": where,
                 "LastUpdateStatus": self.aggregate_failures.get((number, where), "SUCCEEDED")}
                for number, where in cloud.recorders]}
        if api == "SelectResourceConfig":
            of_sweep = fault == "slow" and "resourceId IN" not in asked["Expression"]
            items = self.slowly(account, region) if of_sweep else cloud.items(account, region)
            return self.select(items, asked, fault)
        if api == "SelectAggregateResourceConfig":
            found = []
            for number, where in cloud.recorders:
                found += cloud.items(number, where)
                found.append(cloud.recorder_item(number, where))
            return self.select(found, asked, fault)
        if api == "GetResourceConfigHistory":
            for item in cloud.items(account, region):
                if (item["resourceType"], item["resourceId"]) == (asked["resourceType"], asked["resourceId"]):
                    return {"configurationItems": [self.as_api(item)]}
            raise Refused("ResourceNotDiscoveredException", "Resource is not recorded")
        raise Refused("ValidationException", f"{api} is not known here")

    @staticmethod
    def as_api(item):
        item = {**item, "configuration": json.dumps(item["configuration"]),
                "supplementaryConfiguration": {key: json.dumps(value) for key, value
                                               in item["supplementaryConfiguration"].items()},
                "tags": {tag["Key"]: tag["Value"] for tag in item["tags"]}}
        del item["configurationItemCaptureTime"]
        return {**item, "configurationItemCaptureTime": time.time()}

    def select(self, items, asked, fault):
        expression = asked["Expression"]
        if len(expression) > LONGEST:
            raise Refused("ValidationException", "expression: length must be at most 4096")
        fields = re.match(r"SELECT (.+?) WHERE ", expression)
        if not fields:
            raise Refused("InvalidExpressionException", "the expression cannot be read")
        fields = [name.strip() for name in fields.group(1).split(",")]
        wanted = {}
        for field, one, many in re.findall(r"(\w+) (?:= '([^']*)'|IN \(([^)]*)\))", expression):
            wanted[field] = [one] if one else re.findall(r"'([^']*)'", many)
        named = [field for field in ("resourceId", "resourceName", "arn") if field in wanted]
        rows = [item for item in items
                if all(item[field] in wanted[field] for field in wanted if field not in named)
                and (not named or any(item[field] in wanted[field] for field in named))]
        rows.sort(key=lambda item: (item["resourceType"], item["arn"]))
        start = int(asked.get("NextToken") or 0)
        end = start + min(self.page, asked.get("Limit") or 100)
        shown = [{name: row[name] for name in fields if name in row} for row in rows[start:end]]
        for row in shown:
            row["tags"] = [{"key": tag["Key"], "value": tag["Value"], "tag": f"{tag['Key']}={tag['Value']}"}
                           for tag in row["tags"]]
            if fault == "bare":
                row.pop("configuration")
                row.pop("supplementaryConfiguration")
        page = {"Results": [json.dumps(row) for row in shown], "QueryInfo": {"SelectFields": []}}
        if fault == "endless":
            page["NextToken"] = "0"
        elif end < len(rows):
            page["NextToken"] = str(end)
        return page
