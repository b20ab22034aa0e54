"""Witnesses: a real one, and one that fails on purpose."""

import base64
import hashlib
import os
import re
import sqlite3
import subprocess
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from proxy import Server, reply


def free_port():
    import socket

    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


class LiteWitness:
    """torchwood's litewitness with a key in an ssh-agent of its own."""

    name = "witness.example/lite"

    def __init__(self, binary, folder):
        self.folder = folder
        agent = folder / "agent.sock"
        self.agent = subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.DEVNULL)
        self.wait_for(agent.exists)
        key = folder / "witness_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        environment = {**os.environ, "SSH_AUTH_SOCK": str(agent)}
        subprocess.run(["ssh-add", "-q", key], check=True, env=environment)
        said = subprocess.run(["ssh-keygen", "-l", "-f", key], check=True, capture_output=True, text=True)
        fingerprint = said.stdout.split()[1]
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.database = folder / "witness.db"
        self.output = open(folder / "witness.log", "w+")
        self.process = subprocess.Popen(
            [binary, "-db", self.database, "-name", self.name, "-key", fingerprint, "-ssh-agent", agent,
             "-listen", f"127.0.0.1:{port}"], stdout=self.output, stderr=self.output)
        self.wait_for(lambda: "listening" in self.said())
        time.sleep(0.2)
        self.key = re.search(r"vkey=\"?(\S+?)\"?\s", self.said()).group(1)

    def said(self):
        return (self.folder / "witness.log").read_text()

    def wait_for(self, ready):
        for _ in range(100):
            if ready():
                return
            time.sleep(0.1)
        raise RuntimeError("it does not start")

    def know(self, origin, vkey):
        """Tells it of a log, as its own tool does."""
        empty = base64.b64encode(hashlib.sha256().digest()).decode()
        with sqlite3.connect(self.database) as database:
            database.execute("INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", (origin, empty))
            database.execute("INSERT INTO key (origin, key) VALUES (?, ?)", (origin, vkey))
        database.close()

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.agent.terminate()
        self.agent.wait()
        self.output.close()


class StandInWitness(Server):
    """Cosigns whatever it is shown; remembers one size; fails as it is told. It checks no proofs."""

    def __init__(self, name="own"):
        self.name = f"witness.example/{name}"
        self.fault = None
        self.size = 0
        self.conflicts = 0
        self.signing = Ed25519PrivateKey.generate()
        public = b"\x04" + self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(self.name.encode() + b"\n" + public).digest()[:4]
        self.key = f"{self.name}+{self.id.hex()}+{base64.b64encode(public).decode()}"
        super().__init__(StandInWitness.answer)

    def answer(self, handler, body):
        if isinstance(self.fault, int):
            return reply(handler, self.fault)
        if self.fault == "huge":
            return reply(handler, 200, b"x" * 200_000)
        if self.fault == "garbage":
            return reply(handler, 200, b"\xff\xfe no line\n")
        head, note = body.split(b"\n\n", 1)
        old = int(head.split(b"\n")[0].removeprefix(b"old "))
        if old != self.size:
            self.conflicts += 1
            return reply(handler, 409, f"{self.size}\n".encode(), [("content-type", "text/x.tlog.size")])
        text = note.split(b"\n\n", 1)[0] + b"\n"
        now = int(time.time())
        signed = b"cosignature/v1\ntime %d\n" % now + text
        signature = self.signing.sign(b"x" + signed if self.fault == "forged" else signed)
        if self.fault is None:
            self.size = int(text.split(b"\n")[1])
        line = base64.b64encode(self.id + now.to_bytes(8, "big") + signature).decode()
        reply(handler, 200, f"— {self.name} {line}\n".encode())
