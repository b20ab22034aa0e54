"""What stands at the other end: SMTP with TLS, HTTPS, and a real Alertmanager."""

import email
import email.policy
import json
import logging
import ssl
import subprocess
import threading
import time
import urllib.request
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

PASSWORD = "s3cr3t-passw0rd"
# Of clients that are to fail.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


def certificates(folder):
    """A CA of our own, a second one that signed nothing, and a certificate for this machine."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for name in ("ca", "other"):
        openssl(*new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "server.key",
            "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


class Mails:
    """A server that takes nothing without TLS and the password."""

    def __init__(self, context, port, wrapped):
        self.came = []
        login = dict(auth_required=True, authenticator=self.judge)
        tls = dict(ssl_context=context) if wrapped else dict(tls_context=context, require_starttls=True)
        if wrapped:
            login["auth_require_tls"] = False
        self.controller = Controller(self, hostname="127.0.0.1", port=port, **tls, **login)
        self.controller.start()

    def judge(self, _server, _session, _envelope, _mechanism, login):
        good = login.login == b"driftwarden" and login.password == PASSWORD.encode()
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, _server, _session, envelope):
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.came.append((envelope, parsed))
        return "250 taken"


class Hooks:
    """Keeps what is posted over HTTPS."""

    def __init__(self, context, port):
        came = self.came = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                came.append((dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_words):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()


class Alertmanager:
    def __init__(self, folder, port):
        self.url = f"http://127.0.0.1:{port}"
        (folder / "am.yml").write_text("route: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n")
        words = ["prometheus-alertmanager", f"--config.file={folder}/am.yml", f"--storage.path={folder}/am",
                 f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        log = open(folder / "am.log", "w")
        self.process = subprocess.Popen(words, stdout=log, stderr=log)

    def ready(self):
        try:
            return urllib.request.urlopen(self.url + "/-/ready", timeout=2).status == 200
        except OSError:
            return False

    def alerts(self):
        with urllib.request.urlopen(self.url + "/api/v2/alerts", timeout=5) as answer:
            return json.load(answer)


def until(what, found, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"not in {seconds} s: {what}")
