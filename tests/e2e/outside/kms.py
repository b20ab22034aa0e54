"""A log that KMS signs: opened, handed over, given up, and what happens while KMS does not answer."""

import base64
import json
import random
import shutil
import tempfile
import time
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from estate import CREDENTIALS, Estate
from proxy import FaultProxy

REGION = "eu-central-1"
DOWN = 503


class Scene:
    """An estate of its own, and a proxy before KMS."""

    def __init__(self, world):
        binaries, source, port = world
        self.folder = Path(tempfile.mkdtemp(prefix="driftwarden-"))
        self.estate = Estate(self.folder, binaries, source)
        self.keys = self.folder / "evidence.keys"
        self.proxy = FaultProxy(port)
        self.kms = boto3.client("kms", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION,
                                aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proxy.close()
        shutil.rmtree(self.folder)

    def key(self, spec="ECC_NIST_P256", usage="SIGN_VERIFY"):
        return self.kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]

    def signer(self, key):
        self.estate.configure(f'  signer "kms" {{\n    key = "{key}"\n    region = "{REGION}"\n'
                              f'    endpoint = "{self.proxy.url}"\n  }}\n')

    def rotate(self, *args, expect=0, **more):
        return self.estate.run("evidence", "key", "rotate", *args, expect=expect, **more)

    def vkeys(self):
        return (self.estate.log / "log.vkey").read_text().splitlines()

    def is_whole(self):
        for vkey in self.vkeys():
            self.estate.verify(self.estate.log, "--vkey", vkey)

    def scan_again(self, **more):
        self.estate.change()
        return self.estate.scan(**more)

    def fails(self, run, *words):
        """What is run says so, and changes neither the log nor the keys."""
        before = self.estate.public(self.estate.log), self.estate.public(self.keys)
        _, err = run()
        for word in words:
            assert word in err, (word, err)
        assert (self.estate.public(self.estate.log), self.estate.public(self.keys)) == before
        self.is_whole()


def kind(vkey):
    return base64.b64decode(vkey.split("+", 2)[2])[0]


def a_key_of_kms_signs(scene):
    key = scene.key()
    scene.signer(key)
    found, _ = scene.estate.scan()
    assert found["evidence"]["tree_size"] == scene.estate.size() > 0
    (vkey,) = scene.vkeys()
    assert kind(vkey) == 2 and not (scene.keys / "signing.key").exists(), vkey
    scene.scan_again()
    scene.is_whole()
    out, _ = scene.estate.run("evidence", "key", "show", expect=0)
    assert vkey in out and key in out, out
    scene.estate.run("check", expect=0)

    answers = lambda method, path: None
    for rule, words in [
        (lambda method, path: DOWN, ["cannot be reached", "nothing was changed"]),
        (lambda method, path: DOWN if path.endswith(".Sign") else None, ["the log cannot be signed", "nothing was changed"]),
        (lambda method, path: forged if path.endswith(".Sign") else None, ["signature is not valid"]),
    ]:
        scene.proxy.rule = rule
        scene.fails(lambda: scene.scan_again(expect=1, time=200), *words)
    scene.proxy.rule = answers
    lost = set()

    def once(method, path):
        if path in lost:
            return None
        lost.add(path)
        return "lose"

    scene.proxy.rule = once
    scene.scan_again()
    assert lost == {"TrentService.GetPublicKey", "TrentService.Sign"}, lost
    scene.is_whole()


def forged(content):
    answer = json.loads(content)
    signature = bytearray(base64.b64decode(answer["Signature"]))
    signature[-1] ^= 1
    return json.dumps({**answer, "Signature": base64.b64encode(signature).decode()}).encode()


def a_key_that_cannot_sign_is_refused(scene):
    for key in [scene.key("RSA_2048"), scene.key("ECC_NIST_P384")]:
        scene.signer(key)
        _, err = scene.estate.scan(expect=1)
        assert "cannot sign checkpoints" in err and "ECC_NIST_P256" in err, err
    scene.signer(f"arn:aws:kms:{REGION}:111122223333:key/00000000-0000-4000-8000-000000000000")
    _, err = scene.estate.scan(expect=1)
    assert "refuses" in err and "kms:Sign" in err, err
    assert not (scene.estate.log / "checkpoint").exists()


def a_key_file_hands_over_to_kms(scene):
    scene.estate.configure("")
    scene.estate.scan()
    scene.signer(scene.key())
    scene.fails(lambda: scene.scan_again(expect=1), "has not signed it", "evidence key rotate")
    scene.proxy.rule = lambda method, path: DOWN
    scene.fails(lambda: scene.rotate(expect=1, time=200), "nothing was changed")
    scene.proxy.rule = lambda method, path: DOWN if path.endswith(".Sign") else None
    scene.fails(lambda: scene.rotate(expect=1, time=200), "the log cannot be signed")
    scene.proxy.rule = lambda method, path: None
    scene.rotate()
    assert [kind(vkey) for vkey in scene.vkeys()] == [1, 2]
    assert not (scene.keys / "signing.key").exists(), "the old private key is still there"
    scene.fails(lambda: scene.rotate(expect=1), "signs the log already")
    scene.scan_again()
    scene.is_whole()


def kms_hands_over_to_kms_and_to_a_key_file(scene):
    first, second = scene.key(), scene.key()
    scene.signer(first)
    scene.estate.scan()
    scene.signer(second)
    scene.fails(lambda: scene.rotate(expect=1), "--from")
    scene.fails(lambda: scene.rotate("--from", scene.key(), expect=1), "has not signed it")
    scene.fails(lambda: scene.rotate("--from", "nonsense nonsense", expect=1), "arn:aws:kms:REGION")
    scene.rotate("--from", first)
    scene.kms.disable_key(KeyId=first)
    scene.scan_again()
    # Without `signer` nothing names the endpoint; the environment does, as for every AWS tool.
    scene.estate.configure("")
    scene.fails(lambda: scene.scan_again(expect=1), "is missing")
    scene.rotate("--from", second, extra={"AWS_ENDPOINT_URL_KMS": scene.proxy.url})
    assert [kind(vkey) for vkey in scene.vkeys()] == [2, 2, 1]
    scene.scan_again()
    scene.is_whole()


def a_handover_that_is_killed_is_taken_up_again(scene):
    scene.estate.configure("")
    scene.estate.scan()
    scene.proxy.rule = lambda method, path: 0.05
    scene.signer(scene.key())
    dice = random.Random(3)
    for _ in range(8):
        process = scene.estate.start("evidence", "key", "rotate")
        time.sleep(dice.uniform(0.05, 0.6))
        scene.estate.kill(process)
        scene.is_whole()
    process = scene.estate.start("evidence", "key", "rotate")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0 or "signs the log already" in err, err
    assert [kind(vkey) for vkey in scene.vkeys()] == [1, 2]
    assert not (scene.keys / "signing.key").exists()
    scene.scan_again()
    scene.is_whole()


def a_lost_key_of_kms(scene):
    lost, next_key = scene.key(), scene.key()
    scene.signer(lost)
    scene.estate.scan()
    scene.kms.schedule_key_deletion(KeyId=lost, PendingWindowInDays=7)
    scene.fails(lambda: scene.scan_again(expect=1), "refuses")
    new = scene.folder / "evidence-2"
    out, _ = scene.estate.run("evidence", "key", "lost", "--to", str(new), "--origin", "bank.example/driftwarden/2",
                              "--kms", next_key, expect=0)
    assert f'key    = "{next_key}"' in out, out
    old = scene.estate.log
    text = out[out.index("  evidence {"):]
    scene.estate.plain = text + scene.estate.plain[scene.estate.plain.index("\n}\n") + 3:]
    scene.estate.configure("")
    scene.estate.log = new
    scene.scan_again()
    scene.is_whole()
    scene.estate.verify(old)


def an_ed25519_key(scene):
    try:
        key = scene.key("ECC_NIST_EDWARDS25519")
    except ClientError:
        print("skipped: this KMS has no Ed25519")
        return
    scene.signer(key)
    try:
        scene.estate.scan()
    except AssertionError as error:
        # Keys without a way to sign with them.
        if "refuses" in str(error) or "cannot sign" in str(error):
            print("skipped: this KMS does not sign with Ed25519")
            return
        raise
    assert [kind(vkey) for vkey in scene.vkeys()] == [1]
    scene.is_whole()


def scenes(*world):
    def made(scene):
        def run():
            with Scene(world) as stage:
                scene(stage)

        run.__name__ = scene.__name__
        return run

    return [made(scene) for scene in [
        a_key_of_kms_signs, a_key_that_cannot_sign_is_refused, a_key_file_hands_over_to_kms,
        kms_hands_over_to_kms_and_to_a_key_file, a_handover_that_is_killed_is_taken_up_again,
        a_lost_key_of_kms, an_ed25519_key]]
