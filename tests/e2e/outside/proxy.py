"""A proxy before S3 that fails on purpose, and stand-ins for a witness and a time stamping authority."""

import http.client
import http.server
import socket
import subprocess
import threading
import time


class Server:
    """Serves on a port of its own until it is closed."""

    def __init__(self, answer):
        own = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_any(self):
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                try:
                    answer(own, self, body)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def reply(handler, status, body=b"", headers=()):
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def hang_up(handler):
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


SLOW_DOWN = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
UNAVAILABLE = SLOW_DOWN.replace(b"SlowDown", b"ServiceUnavailable")


class FaultProxy(Server):
    """Passes requests on to S3 or KMS. `rule(method, path)` says what becomes of one: nothing for passing
    it on, a number for that status, `lose` to pass it on and lose the answer, seconds to wait first, or
    what to do to the answer's bytes. Of a request to KMS, the operation stands in the path's place."""

    def __init__(self, port):
        self.target = port
        self.rule = lambda method, path: None
        self.seen = []
        super().__init__(FaultProxy.answer)

    def answer(self, handler, body):
        self.seen.append((handler.command, handler.path))
        fault = self.rule(handler.command, handler.headers.get("x-amz-target") or handler.path)
        if isinstance(fault, int):
            text = SLOW_DOWN if fault == 503 else UNAVAILABLE
            return reply(handler, fault, text, [("content-type", "application/xml")])
        if isinstance(fault, float):
            time.sleep(fault)
        upstream = http.client.HTTPConnection("127.0.0.1", self.target, timeout=30)
        headers = {k: v for k, v in handler.headers.items() if k.lower() != "connection"}
        upstream.request(handler.command, handler.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        if callable(fault):
            content = fault(content)
        if fault == "lose":
            return hang_up(handler)
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                handler.send_header(name, value)
        length = answer.getheader("content-length") if handler.command == "HEAD" else str(len(content))
        handler.send_header("content-length", length or "0")
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(content)


class Authority(Server):
    """`openssl ts` behind HTTP. `spoil(query, answer)` may change what it says."""

    def __init__(self, folder):
        self.folder = folder
        self.spoil = lambda query, answer: answer
        self.asked = 0
        self.setup()
        super().__init__(Authority.answer)

    def openssl(self, *args):
        run = subprocess.run(["openssl", *args], cwd=self.folder, capture_output=True)
        if run.returncode:
            raise RuntimeError(run.stderr.decode())
        return run.stdout

    def setup(self):
        (self.folder / "tsa.cnf").write_text(
            "[tsa]\ndefault_tsa = own\n[own]\nserial = serial\ncrypto_device = builtin\n"
            "signer_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1\n"
            "ordering = yes\ntsa_name = no\ness_cert_id_chain = no\n"
            "[ext]\nextendedKeyUsage = critical,timeStamping\n"
            "[req]\ndistinguished_name = dn\n[dn]\n"
        )
        (self.folder / "serial").write_text("01\n")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                     "-days", "30", "-subj", "/CN=test ca")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr",
                     "-subj", "/CN=test tsa", "-config", "tsa.cnf")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-out", "tsa.pem", "-days", "30", "-extfile", "tsa.cnf", "-extensions", "ext")

    def answer(self, handler, body):
        self.asked += 1
        if handler.headers.get("content-type") != "application/timestamp-query":
            return reply(handler, 415)
        (self.folder / "query.tsq").write_bytes(body)
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "own", "-queryfile", "query.tsq",
                     "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "answer.tsr")
        answer = self.spoil(body, (self.folder / "answer.tsr").read_bytes())
        if isinstance(answer, int):
            return reply(handler, answer)
        reply(handler, 200, answer, [("content-type", "application/timestamp-reply")])
