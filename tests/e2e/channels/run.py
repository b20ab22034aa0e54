"""Drives tests/e2e/channels.sh: see there."""

import base64
import hashlib
import hmac
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from servers import PASSWORD, Alertmanager, Hooks, Mails, certificates, until  # noqa: E402
import validate  # noqa: E402

BIN = Path(sys.argv[1])
SECRET = "a-secret-of-more-than-24-bytes"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def driftwarden(*words):
    done = subprocess.run([BIN / "driftwarden", *words], capture_output=True, text=True, timeout=60)
    text = done.stdout + done.stderr
    assert PASSWORD not in text and SECRET not in text, "a secret was told"
    return done.returncode, text


def mail_block(name, port, tls, ca="ca.pem", password="password"):
    return f'''channel "email" "{name}" {{
  server        = "localhost"
  port          = {port}
  tls           = "{tls}"
  from          = "driftwarden@bank.example"
  to            = ["oncall@bank.example", "second@bank.example"]
  username      = "driftwarden"
  password_file = "{password}"
  ca_file       = "{ca}"
}}
'''


def configure(folder, ports):
    estate = folder / "demo" / "estate"
    for name, text in [("password", PASSWORD), ("wrong", "no-such-password"), ("hmac", SECRET)]:
        (estate / name).write_text(text + "\n")
    for name in ("ca.pem", "other.pem"):
        (estate / name).write_bytes((folder / name).read_bytes())
    text = mail_block("mail", ports["smtp"], "starttls")
    text += mail_block("wrapped", ports["smtps"], "wrapper")
    text += mail_block("distrustful", ports["smtp"], "starttls", ca="other.pem")
    text += mail_block("forgetful", ports["smtp"], "starttls", password="wrong")
    text += mail_block("plain", ports["plain"], "starttls")
    for name, ca in [("bus", "ca.pem"), ("stranger", "other.pem")]:
        text += f'''channel "webhook" "{name}" {{
  url         = "https://localhost:{ports["https"]}/hook"
  secret_file = "hmac"
  ca_file     = "{ca}"
}}
'''
    text += f'channel "alertmanager" "am" {{ url = "http://127.0.0.1:{ports["am"]}" }}\n'
    text += 'route "all" { to = ["mail", "bus", "am"] }\n'
    text += 'run {\n  every = "2s"\n  debounce = "1s"\n}\n'
    path = estate / "driftwarden.hcl"
    path.write_text(path.read_text() + text)
    return path


def plain_server(port):
    """A mail server that knows no TLS."""
    from aiosmtpd.controller import Controller

    class Keeps:
        came = []

        async def handle_DATA(self, _server, _session, envelope):
            self.came.append(envelope)
            return "250 taken"

    keeps = Keeps()
    Controller(keeps, hostname="127.0.0.1", port=port).start()
    return keeps


def try_channels(config, mails, wrapped, plain, hooks, alertmanager):
    for name in ("mail", "wrapped", "bus", "am"):
        code, text = driftwarden("notify", "test", name, "--config", config)
        assert code == 0, f"{name}: {text}"
    assert len(mails.came) == 1 and len(wrapped.came) == 1 and len(hooks.came) == 1
    assert mails.came[0][1]["Subject"].startswith("[test]"), mails.came[0][1]["Subject"]
    names = {alert["labels"]["alertname"] for alert in alertmanager.alerts()}
    assert names == {"DriftwardenTest"}, names
    for name, said in [
        ("distrustful", "certificate"),
        ("forgetful", "535"),
        ("plain", "STARTTLS"),
        ("stranger", "certificate is not trusted"),
    ]:
        code, text = driftwarden("notify", "test", name, "--config", config)
        assert code != 0 and said.lower() in text.lower(), f"{name}: {text}"
    assert not plain.came and len(mails.came) == 1 and len(hooks.came) == 1
    print("ok: channels tried, with the right and the wrong certificates and passwords")


def rewrite(source, target, minute, tagged):
    estate = json.loads(source)
    for item in estate["configurationItems"]:
        item["configurationItemCaptureTime"] = f"2026-11-04T07:{minute:02}:00.000Z"
        if tagged and item["resourceType"] == "AWS::S3::Bucket":
            item["tags"] = dict(item.get("tags") or {}, Killed="<b>\r\nBcc: x@y.example")
    target.write_text(json.dumps(estate))


def check_mail(envelope, mail):
    assert sorted(envelope.rcpt_tos) == ["oncall@bank.example", "second@bank.example"], envelope.rcpt_tos
    assert mail["Bcc"] is None and mail["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[A-Za-z0-9._-]+@bank\.example>", mail["Message-ID"].strip()), mail["Message-ID"]
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    assert set(parts) == {"text/plain", "text/html"}, set(parts)
    assert "Next:" in parts["text/plain"] and "entry " in parts["text/plain"]
    assert "<b>" not in parts["text/html"]


def check_alert(alert):
    ends = datetime.fromisoformat(alert["endsAt"].replace("Z", "+00:00"))
    assert (ends - datetime.now(timezone.utc)).total_seconds() > 3600, alert["endsAt"]
    assert alert["labels"]["key"] and alert["labels"]["severity"]
    assert alert["annotations"]["summary"] and alert["annotations"]["description"]


def check_hook(headers, body):
    headers = {name.lower(): value for name, value in headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    validate.cloud_event(headers, body)


def serve(folder, config, mails, hooks, alertmanager):
    live = sorted((config.parent / "live").rglob("*.json"))[0]
    source = live.read_text()
    rewrite(source, live, 10, True)
    log = open(folder / "log", "w")
    service = subprocess.Popen([BIN / "driftwarden", "run", "--config", config], stderr=log, stdout=log)
    try:
        def firing():
            alerts = alertmanager.alerts()
            return [own for own in alerts if own["labels"]["alertname"] not in ("DriftwardenTest", "DriftwardenNote")]
        until("alerts stand", firing)
        time.sleep(4)
        first = firing()
        for alert in first:
            check_alert(alert)
        until("mails came", lambda: len(mails.came) > 1)
        # What the buckets' tags were found to be heals.
        rewrite(source, live, 20, False)
        def resolved():
            return [mail for _, mail in mails.came if mail["Subject"].startswith("[resolved]")]
        until("a mail says that it is over", resolved)
        ids = {mail["Message-ID"].strip() for _, mail in mails.came}
        for mail in resolved():
            assert mail["References"].strip() in ids and mail["In-Reply-To"].strip() in ids
        until("an alert is over", lambda: len(firing()) < len(first))
    finally:
        service.terminate()
        code = service.wait(timeout=20)
    assert code == 0, (folder / "log").read_text()[-2000:]
    told = (folder / "log").read_text()
    assert PASSWORD not in told and SECRET not in told
    for envelope, mail in mails.came[1:]:
        check_mail(envelope, mail)
    assert len({mail["Message-ID"] for _, mail in mails.came}) == len(mails.came), "a mail came twice"
    for headers, body in hooks.came:
        check_hook(headers, body)
    print(f"ok: {len(first)} alerts, {len(mails.came)} mails and {len(hooks.came)} events of a service, and their end")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        context = certificates(folder)
        ports = {kind: free_port() for kind in ("smtp", "smtps", "plain", "https", "am")}
        alertmanager = Alertmanager(folder, ports["am"])
        try:
            mails = Mails(context, ports["smtp"], wrapped=False)
            wrapped = Mails(context, ports["smtps"], wrapped=True)
            plain = plain_server(ports["plain"])
            hooks = Hooks(context, ports["https"])
            until("Alertmanager is ready", alertmanager.ready)
            code, text = driftwarden("demo", "--out", folder / "demo")
            assert code in (0, 2), text
            for rest in ("evidence", "evidence.keys"):
                subprocess.run(["rm", "-rf", folder / "demo" / rest], check=True)
            config = configure(folder, ports)
            try_channels(config, mails, wrapped, plain, hooks, alertmanager)
            serve(folder, config, mails, hooks, alertmanager)
        finally:
            alertmanager.process.terminate()
            alertmanager.process.wait(timeout=10)
    validate.snapshots()
    print("channels: ok")


main()
