"""Evidence outside the machine, end to end: S3 with a real Object Lock, faults, witnesses, time stamps, KMS.

usage: run.py BINARIES ESTATE S3_PORT [LITEWITNESS]
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

import kms
import service
import shards
from estate import CREDENTIALS, Estate
from proxy import Authority, FaultProxy
from witness import LiteWitness, StandInWitness

BINARIES, SOURCE, PORT = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
LITEWITNESS = Path(sys.argv[4]) if len(sys.argv) > 4 else None
s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{PORT}", region_name="eu-central-1",
                  aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                  aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                  config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}))
number = 0


class Scene:
    """An estate of its own, a bucket of its own, and a proxy between them."""

    def __init__(self, lock=True, name=None):
        global number
        number += 1
        self.folder = Path(tempfile.mkdtemp(prefix="driftwarden-"))
        self.estate = Estate(self.folder, BINARIES, SOURCE)
        self.bucket = f"evidence-{number}-{time.time_ns()}"
        s3.create_bucket(Bucket=self.bucket, ObjectLockEnabledForBucket=lock,
                         CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        self.proxy = FaultProxy(PORT)
        self.stack = ExitStack()

    def close(self):
        self.stack.close()
        self.proxy.close()
        shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def outside(self, durability="", more="", retention="2d"):
        self.estate.configure(
            f'  durability {{\n{durability}\n  }}\n  mirror "s3" {{\n    bucket = "{self.bucket}"\n'
            f'    region = "eu-central-1"\n    endpoint = "{self.proxy.url}"\n    prefix = "bank/prod"\n'
            f'    retention = "{retention}"\n  }}\n{more}'
        )

    def objects(self):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {key.removeprefix("bank/prod/"): key for key in keys}

    def download(self, name, skip=("batch/",)):
        """What `aws s3 sync --exclude 'batch/*'` brings."""
        target = self.folder / name
        for name, key in self.objects().items():
            if not name.startswith(tuple(skip)):
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        return target

    def restore(self, name, *args, expect=0):
        out = self.folder / name
        said = self.estate.run("evidence", "restore", "--out", str(out), *args, expect=expect)
        return out, said

    def is_whole(self):
        """The mirror gives the log here back, by copying and by restoring."""
        estate = self.estate
        copied = self.download(f"copy-{random.random()}")
        estate.verify(copied, "--vkey", (estate.log / "log.vkey").read_text().strip())
        restored, _ = self.restore(f"restored-{random.random()}")
        here = estate.public(estate.log)
        assert estate.public(restored) == here, "restored another log"
        assert estate.public(copied) == here, "copied another log"


def refused(call, **args):
    try:
        call(**args)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError(f"{call} was permitted")


def locks():
    with Scene() as scene:
        scene.outside('    scan = "worm"', retention="40d")
        found, _ = scene.estate.scan()
        mirror = found["mirror"]
        assert mirror["place"] == f"s3://{scene.bucket}/bank/prod", mirror
        assert mirror["tree_size"] == found["evidence"]["tree_size"], mirror
        assert mirror["entries_behind"] == mirror["seconds_behind"] == 0, mirror
        scene.is_whole()
        objects = scene.objects()
        locked = [n for n in objects if n.startswith(("batch/", "checkpoints/", "blobs/"))]
        assert {n.split("/")[0] for n in locked} == {"batch", "checkpoints", "blobs"}, locked
        for name, key in objects.items():
            head = s3.head_object(Bucket=scene.bucket, Key=key)
            days = (head["ObjectLockRetainUntilDate"] - head["LastModified"]).days if name in locked else None
            assert (head.get("ObjectLockMode") == "COMPLIANCE") == (name in locked), (name, head)
            assert days in (39, 40, None), (name, days)
        key = objects[locked[0]]
        version = s3.head_object(Bucket=scene.bucket, Key=key)["VersionId"]
        at = {"Bucket": scene.bucket, "Key": key, "VersionId": version}
        assert refused(s3.delete_object, **at) == "AccessDenied"
        assert refused(s3.delete_object, BypassGovernanceRetention=True, **at) == "AccessDenied"
        soon = datetime.now(timezone.utc) + timedelta(days=1)
        shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": soon}
        assert refused(s3.put_object_retention, Retention=shorter, **at) == "AccessDenied"
        shorter["Mode"] = "GOVERNANCE"
        assert refused(s3.put_object_retention, Retention=shorter, **at) == "AccessDenied"
        out, _ = scene.estate.run("scan", expect=2)
        assert "MIRROR" in out and "has all" in out, out
        scene.is_whole()


def an_unlocked_object_is_locked_when_it_is_met():
    with Scene() as scene:
        scene.outside()
        scene.estate.scan()
        size = scene.estate.size()
        # Somebody puts the right bytes there first, unlocked; the lock must come all the same.
        with Scene(name="second") as second:
            shutil.rmtree(second.estate.estate)
            shutil.copytree(scene.estate.estate, second.estate.estate)
            shutil.copytree(scene.estate.log, second.estate.log)
            second.outside()
            note = (scene.estate.log / "checkpoint").read_bytes()
            key = f"bank/prod/checkpoints/{size}"
            s3.put_object(Bucket=second.bucket, Key=key, Body=note)
            second.estate.mirror()
            head = s3.head_object(Bucket=second.bucket, Key=key)
            assert head.get("ObjectLockMode") == "COMPLIANCE", head
            second.is_whole()


def a_bucket_without_a_lock_is_refused():
    with Scene(lock=False) as scene:
        scene.outside('    scan = "worm"\n    wait = "2s"')
        found, err = scene.estate.scan(expect=1)
        assert "has no Object Lock" in err and "recorded here but did not reach the level `worm`" in err, err
        assert found["evidence"]["tree_size"] == scene.estate.size() > 0
        assert scene.objects() == {}
        scene.estate.verify(scene.estate.log)


def an_outage_is_caught_up_with():
    with Scene() as scene:
        scene.outside()
        scene.estate.scan()
        scene.proxy.rule = lambda method, path: 503
        for _ in range(2):
            scene.estate.change()
            found, _ = scene.estate.scan(time=200)
        mirror = found["mirror"]
        assert mirror["entries_behind"] > 0 and "503" in mirror["problem"], mirror
        behind, err = scene.estate.mirror(expect=1, time=200)
        assert behind["mirror"]["entries_behind"] == mirror["entries_behind"], behind
        assert behind["mirror"]["seconds_behind"] > 0, behind
        scene.outside('    scan = "worm"\n    wait = "3s"')
        scene.estate.change()
        found, err = scene.estate.scan(expect=1, time=200)
        assert "did not reach the level `worm`" in err and "catches up" in err, err
        scene.proxy.rule = lambda method, path: None
        caught, _ = scene.estate.mirror()
        assert caught["mirror"]["entries_behind"] == 0, caught
        scene.is_whole()


def throttling_passes():
    with Scene() as scene:
        scene.outside('    scan = "worm"')
        counts = {}

        def rule(method, path):
            counts[method, path] = counts.get((method, path), 0) + 1
            return 503 if counts[method, path] in (1, 2) and method == "PUT" else None

        scene.proxy.rule = rule
        scene.estate.scan(time=300)
        scene.is_whole()


def lost_answers_are_no_conflicts():
    with Scene() as scene:
        scene.outside('    scan = "worm"')
        lost = set()

        def rule(method, path):
            if method == "PUT" and path not in lost and ("checkpoint" in path or "batch" in path):
                lost.add(path)
                return "lose"
            return None

        scene.proxy.rule = rule
        for _ in range(2):
            scene.estate.change()
            lost.clear()
            scene.estate.scan(time=200)
            assert any(path.split("?")[0].endswith("/checkpoint") for path in lost), lost
            assert any("/batch/" in path for path in lost), lost
        scene.proxy.rule = lambda method, path: None
        scene.is_whole()


def other_bytes_are_an_alarm():
    with Scene() as scene:
        scene.outside()
        scene.estate.scan()
        before = scene.estate.size()
        scene.estate.change()
        scene.outside('    scan = "worm"')
        # Whatever the next checkpoint's size is, something else is there.
        for size in range(before + 1, before + 60):
            s3.put_object(Bucket=scene.bucket, Key=f"bank/prod/checkpoints/{size}", Body=b"another history")
        found, err = scene.estate.scan(expect=1)
        assert "holds other bytes than the log here" in err and "two histories" in err, err
        pointer = s3.get_object(Bucket=scene.bucket, Key="bank/prod/checkpoint")["Body"].read()
        assert int(pointer.splitlines()[1]) == before, "the pointer moved over a fork"
        _, err = scene.estate.mirror(expect=1)
        assert "no checkpoint of this log" in err or "other bytes" in err, err


def killed_at_any_point():
    with Scene() as scene:
        scene.outside()
        scene.proxy.rule = lambda method, path: 0.03
        dice = random.Random(7)
        for turn in range(6):
            scene.estate.change()
            process = scene.estate.start("scan")
            time.sleep(dice.uniform(0.2, 1.6))
            scene.estate.kill(process)
            process = scene.estate.start("evidence", "mirror", "--once")
            time.sleep(dice.uniform(0.1, 0.8))
            scene.estate.kill(process)
        scene.estate.scan()
        scene.proxy.rule = lambda method, path: None
        scene.estate.mirror()
        scene.estate.verify(scene.estate.log)
        scene.is_whole()


def two_at_once():
    with Scene() as scene:
        scene.outside()
        scene.proxy.rule = lambda method, path: 0.02
        scene.estate.scan()
        for _ in range(3):
            scene.estate.change()
            scan = scene.estate.start("scan")
            mirrors = [scene.estate.start("evidence", "mirror", "--once") for _ in range(2)]
            for process, codes in [(scan, (2,)), *((mirror, (0, 1)) for mirror in mirrors)]:
                out, err = process.communicate(timeout=120)
                assert process.returncode in codes and "put back" not in err, (process.args, out, err)
        scene.estate.mirror()
        scene.is_whole()


def a_disk_that_was_put_back_is_seen():
    with Scene() as scene:
        scene.outside()
        scene.estate.scan()
        kept = scene.folder / "snapshot"
        shutil.copytree(scene.estate.log, kept)
        scene.estate.change()
        scene.estate.scan()
        newer = scene.estate.size()
        shutil.rmtree(scene.estate.log)
        shutil.copytree(kept, scene.estate.log)
        before = scene.estate.public(scene.estate.log)
        scene.estate.change()
        found, err = scene.estate.scan(expect=1)
        assert found is None and "nothing was recorded" in err and "it was put back" in err, err
        assert f"has {newer} entries" in err, err
        assert scene.estate.public(scene.estate.log) == before, "something was recorded"
        _, err = scene.estate.mirror(expect=1)
        assert "it was put back" in err, err
        # Also where the pointer was taken away: the numbered checkpoints stay.
        s3.delete_object(Bucket=scene.bucket, Key="bank/prod/checkpoint")
        _, err = scene.estate.scan(expect=1)
        assert "it was put back" in err, err
        # And where the whole folder is gone, so that a new log would begin.
        shutil.rmtree(scene.estate.log)
        shutil.rmtree(scene.folder / "evidence.keys")
        _, err = scene.estate.scan(expect=1)
        assert "nothing was recorded" in err, err


def a_log_that_went_another_way_is_seen():
    with Scene() as scene:
        scene.outside()
        scene.estate.scan()
        kept = scene.folder / "snapshot"
        shutil.copytree(scene.estate.log, kept)
        scene.estate.change()
        scene.estate.scan()
        size = scene.estate.size()
        shutil.rmtree(scene.estate.log)
        shutil.copytree(kept, scene.estate.log)
        scene.estate.configure("")
        while scene.estate.size() <= size:
            scene.estate.change()
            scene.estate.scan()
        scene.outside()
        _, err = scene.estate.scan(expect=1)
        assert "has another log than the one here" in err, err


def what_is_gone_is_named():
    with Scene() as scene:
        scene.outside()
        scene.estate.scan()
        blob = next(key for name, key in scene.objects().items() if name.startswith("blobs/"))
        s3.delete_object(Bucket=scene.bucket, Key=blob)
        out, (_, err) = scene.restore("incomplete", expect=1)
        assert "lacks `blobs/" in err and not out.exists(), err
        out, (_, err) = scene.restore("pinned", "--vkey", "nobody+00000000+AAAA", expect=1)
        assert "--vkey" in err, err


def a_real_witness_cosigns():
    if LITEWITNESS is None:
        print("skipped: litewitness is not there")
        return
    with Scene() as scene:
        witness = LiteWitness(LITEWITNESS, scene.folder)
        try:
            block = f'  witness "lite" {{\n    url = "{witness.url}"\n    key = "{witness.key}"\n  }}\n'
            scene.outside('    scan = "witnessed"\n    wait = "5s"', block)
            # It does not know the log yet.
            _, err = scene.estate.scan(expect=1)
            assert "did not reach the level `witnessed`" in err and "does not know this log" in err, err
            origin, vkey = "bank.example/driftwarden/demo", (scene.estate.log / "log.vkey").read_text().strip()
            witness.know(origin, vkey)
            for _ in range(3):
                scene.estate.change()
                found, _ = scene.estate.scan()
                assert found["witnesses"][0]["tree_size"] == scene.estate.size(), found["witnesses"]
            lines = (scene.estate.log / "anchors" / f"{scene.estate.size()}.cosig").read_text()
            assert lines.startswith(f"— {witness.name} ") and lines.count("\n") == 1, lines
            assert f"anchors/{scene.estate.size()}.cosig" in scene.objects()
            scene.is_whole()
            a_witness_sees_a_disk_that_was_put_back(scene, block)
        finally:
            witness.close()


def a_witness_sees_a_disk_that_was_put_back(scene, block):
    kept = scene.folder / "snapshot"
    scene.estate.configure(block)
    shutil.copytree(scene.estate.log, kept)
    scene.estate.change()
    found, _ = scene.estate.scan()
    assert found["witnesses"][0]["entries_behind"] == 0 and "mirror" not in found
    shutil.rmtree(scene.estate.log)
    shutil.copytree(kept, scene.estate.log)
    before = scene.estate.public(scene.estate.log)
    _, err = scene.estate.scan(expect=1)
    assert "nothing was recorded" in err and "it was put back" in err, err
    assert scene.estate.public(scene.estate.log) == before


def a_witness_that_fails():
    with Scene() as scene:
        witness = StandInWitness()
        block = f'  witness "own" {{\n    url = "{witness.url}"\n    key = "{witness.key}"\n  }}\n'
        scene.outside('    wait = "2s"', block)
        for fault, word in [(503, "status 503"), (403, "does not know this log"), ("garbage", "no line by"),
                            ("forged", "not valid"), ("huge", "larger than")]:
            witness.fault = fault
            scene.estate.change()
            found, _ = scene.estate.scan()
            problem = found["witnesses"][0]["problem"]
            assert word in problem, (fault, problem)
            assert found["witnesses"][0]["entries_behind"] > 0
        witness.fault = None
        scene.estate.mirror()
        scene.estate.change()
        # It forgot where it was, and asks for a proof from there.
        witness.size = max(1, witness.size - 1)
        found, _ = scene.estate.scan()
        assert found["witnesses"][0]["entries_behind"] == 0, found["witnesses"]
        assert witness.conflicts > 0
        witness.fault = 422
        scene.estate.change()
        _, err = scene.estate.scan(expect=1)
        assert "has another log than the one here" in err, err
        witness.close()


def imprint(query):
    start = query.index(b"\x04\x20") + 2
    return query[start:start + 32]


def time_stamps():
    with Scene() as scene:
        folder = scene.folder / "tsa"
        folder.mkdir()
        authority = Authority(folder)
        block = f'  timestamps "own" {{ url = "{authority.url}/tsr" }}\n'
        scene.outside("", block)
        for spoil, word in [
            (lambda query, answer: 500, "status 500"),
            (lambda query, answer: b"no token", "no RFC 3161 token"),
            (lambda query, answer: answer[: len(answer) // 2], "no RFC 3161 token"),
            (lambda query, answer: answer.replace(imprint(query), bytes(32)), "over other bytes"),
        ]:
            authority.spoil = spoil
            scene.estate.change()
            found, _ = scene.estate.scan()
            assert word in found["timestamps"]["problem"], found["timestamps"]
            assert not (scene.estate.log / "anchors").exists() or not list((scene.estate.log / "anchors").iterdir())
        first = None

        def replay(query, answer):
            nonlocal first
            first = first or answer
            return first

        authority.spoil = replay
        scene.estate.mirror()
        size = scene.estate.size()
        token = scene.estate.log / "anchors" / f"{size}.tsr"
        subprocess.run(["openssl", "ts", "-verify", "-in", token, "-data",
                        scene.estate.log / "checkpoints" / str(size), "-CAfile", folder / "ca.pem",
                        "-untrusted", folder / "tsa.pem"], check=True, capture_output=True)
        asked = authority.asked
        scene.estate.mirror()
        assert authority.asked == asked, "it was asked again for a token that is there"
        scene.estate.change()
        found, _ = scene.estate.scan()
        assert "over other bytes" in found["timestamps"]["problem"], found["timestamps"]
        authority.spoil = lambda query, answer: answer
        scene.estate.mirror()
        assert f"anchors/{size}.tsr" in scene.objects()
        scene.is_whole()
        authority.close()


def many_entries():
    """More than one full bundle, so that full tiles are locked and batches span none."""
    with Scene() as scene:
        scene.outside('    scan = "worm"\n    wait = "5m"')
        while True:
            scene.estate.change()
            scene.estate.scan(time=300)
            if scene.estate.size() > 300:
                break
            for _ in range(60):
                scene.estate.change()
        names = scene.objects()
        assert "tile/entries/000" in names and "tile/0/000" in names, sorted(names)[:40]
        for name in ("tile/entries/000", "tile/0/000"):
            head = s3.head_object(Bucket=scene.bucket, Key=names[name])
            assert head.get("ObjectLockMode") == "COMPLIANCE", (name, head)
        partial = [name for name in names if ".p/" in name]
        assert len(partial) == 3, partial
        scene.is_whole()


SCENES = [locks, an_unlocked_object_is_locked_when_it_is_met, a_bucket_without_a_lock_is_refused,
          an_outage_is_caught_up_with, throttling_passes, lost_answers_are_no_conflicts,
          other_bytes_are_an_alarm, killed_at_any_point, two_at_once, a_disk_that_was_put_back_is_seen,
          a_log_that_went_another_way_is_seen, what_is_gone_is_named, a_real_witness_cosigns,
          a_witness_that_fails, time_stamps, many_entries, *shards.shards(Scene), *service.scenes(Scene),
          *kms.scenes(BINARIES, SOURCE, PORT)]

if __name__ == "__main__":
    wanted = os.environ.get("SCENE")
    passed = 0
    for scene in SCENES:
        if wanted in (None, "", scene.__name__):
            start = time.monotonic()
            scene()
            passed += 1
            print(f"{scene.__name__}: ok, {time.monotonic() - start:.1f} s", flush=True)
    print(f"outside: {passed} passed, 0 failed")
