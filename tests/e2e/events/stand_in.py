"""What stands between driftwarden and moto: a proxy that can be told to fail, and an event history that
pages and throttles like the real one (moto has none)."""

import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StandIn:
    def __init__(self, moto_port, history):
        self.moto_port = moto_port
        self.history = history
        self.refuse = set()  # the ends of actions that get no answer of use
        self.lookups = []
        self.throttled = 0
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body, kind="application/x-amz-json-1.1"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                target = self.headers.get("X-Amz-Target", "")
                if any(target.endswith(word) for word in stand_in.refuse):
                    return self.answer(503, b"{}")
                if target.endswith("LookupEvents"):
                    return self.answer(*stand_in.look_up(json.loads(body)))
                connection = http.client.HTTPConnection("127.0.0.1", stand_in.moto_port, timeout=60)
                headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
                connection.request("POST", self.path, body, headers)
                got = connection.getresponse()
                self.answer(got.status, got.read(), got.getheader("Content-Type", "text/plain"))
                connection.close()

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # whoever asked was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def look_up(self, asked):
        now = time.monotonic()
        recent = [at for at in self.lookups if now - at < 1]
        if len(recent) >= 2:
            self.throttled += 1
            return 400, json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
        self.lookups.append(now)
        assert asked["MaxResults"] <= 50, asked
        first = int(asked.get("NextToken", 0))
        page = self.history[first : first + 2]
        answer = {"Events": [
            {"EventId": one["eventID"], "EventName": one["eventName"], "EventTime": one["seconds"],
             "CloudTrailEvent": json.dumps({k: v for k, v in one.items() if k != "seconds"})}
            for one in page]}
        if first + 2 < len(self.history):
            answer["NextToken"] = str(first + 2)
        return 200, json.dumps(answer).encode()
