"""`driftwarden run` with a mirror: carried beside its work, through outages, and never held up by them."""

import json
import re
import shutil
import signal
import time
import urllib.error
import urllib.request

from witness import StandInWitness, free_port


class Service:
    """The program as a service, with pages to ask."""

    def __init__(self, scene, outside=""):
        self.scene = scene
        self.port = free_port()
        scene.outside("", outside)
        configuration = scene.estate.estate / "driftwarden.hcl"
        configuration.write_text(configuration.read_text() + (
            f'\nrun {{\n  every = "2s"\n  debounce = "0s"\n  listen = "127.0.0.1:{self.port}"\n'
            '  outside_lag_after = "30s"\n}\n'))
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def start(self):
        self.log = open(self.scene.folder / "service.log", "a+")
        command = self.scene.estate.command("run")
        self.process = self.scene.estate.popen(command, stderr=self.log)

    def said(self):
        return (self.scene.folder / "service.log").read_text()

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        found = re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.page("/metrics")[1], re.MULTILINE)
        return float(found.group(1)) if found else None

    def scans(self):
        return self.metric('driftwarden_scans_total{result="done"}') or 0

    def behind(self):
        return self.metric("driftwarden_evidence_mirror_behind_entries")

    def follows(self):
        """Whether the mirror lacks no more than what is on its way."""
        seconds = self.metric("driftwarden_evidence_mirror_behind_seconds")
        return seconds is not None and seconds < 15 and mirrored(self.scene) > 0

    def watches(self):
        out, _ = self.scene.estate.run("findings", "--format", "json", expect=2)
        return {one["watch"]: one for one in json.loads(out)["watches"]}

    def until(self, what, seconds=60):
        end = time.monotonic() + seconds
        while not what():
            assert self.process.poll() is None, f"it ended: {self.said()}"
            assert time.monotonic() < end, f"it does not come: {self.said()[-3000:]}"
            time.sleep(0.1)

    def stop(self):
        """Tells it to end; the seconds that it took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0, self.said()
        return time.monotonic() - start

    def ends(self):
        """Waits until it ends by itself."""
        code = self.process.wait(timeout=60)
        return code, self.said()


def mirrored(scene):
    """The size of the mirror's newest checkpoint."""
    objects = scene.objects()
    return max((int(n.split("/")[1]) for n in objects if n.startswith("checkpoints/")), default=0)


def scenes(make):
    def an_outage():
        with make() as scene:
            witness = StandInWitness()
            block = f'  witness "own" {{\n    url = "{witness.url}"\n    key = "{witness.key}"\n  }}\n'
            service = scene.stack.enter_context(Service(scene, block))
            service.until(lambda: service.scans() > 1 and service.follows())
            assert service.watches() == {}
            # S3 answers 503, and the service goes on as before.
            scene.proxy.rule = lambda method, path: 503
            scene.estate.change()
            before = mirrored(scene)
            service.until(lambda: "mirror_behind" in service.watches(), 90)
            assert service.behind() > 0
            assert service.metric("driftwarden_evidence_mirror_behind_seconds") > 30
            service.until(lambda: service.metric('driftwarden_watch_open{watch="mirror_behind"}') == 1)
            watch = service.watches()["mirror_behind"]
            assert watch["subject"] == f"s3://{scene.bucket}/bank/prod", watch
            assert "it lacks" in watch["detail"] and "503" in watch["detail"], watch
            service.until(lambda: "is behind with the evidence" in service.page("/readyz")[1])
            assert service.page("/readyz")[0] == 200
            # It does not answer at all, for longer than anything here takes.
            scene.proxy.rule = lambda method, path: 20.0
            scans, start = service.scans(), time.monotonic()
            service.until(lambda: service.scans() >= scans + 4, 15)
            took = time.monotonic() - start
            assert mirrored(scene) == before, "it is down"
            size = scene.estate.size()
            assert size > before, (size, before)
            # The witness is no worse off.
            assert "witness_behind" not in service.watches(), service.watches()
            scene.proxy.rule = lambda method, path: None
            service.until(lambda: service.follows() and "mirror_behind" not in service.watches(), 120)
            assert mirrored(scene) >= size
            service.until(lambda: "behind" not in service.page("/readyz")[1])
            assert service.stop() < 10
            assert mirrored(scene) == scene.estate.size(), "the last record was not carried"
            scene.estate.verify(scene.estate.log)
            scene.is_whole()
            said = service.said()
            assert said.count("event=outside_failed") >= 1 and "event=outside_back" in said, said
            witness.close()
            print(f"  4 scans in {took:.1f} s while S3 hung; {size - before} records caught up with")

    def an_end_while_nobody_answers():
        with make() as scene:
            service = scene.stack.enter_context(Service(scene))
            service.until(lambda: service.scans() > 0 and service.follows())
            scene.proxy.rule = lambda method, path: 25.0
            scene.proxy.seen.clear()
            scene.estate.change()
            service.until(lambda: scene.proxy.seen)
            took = service.stop()
            assert took < 10, f"{took:.1f} s"
            scene.estate.verify(scene.estate.log)
            # The next run begins though nobody answers, and carries what was left.
            service.start()
            service.until(lambda: service.scans() > 0, 30)
            assert "event=outside_silent" in service.said(), service.said()
            scene.proxy.rule = lambda method, path: None
            size = scene.estate.size()
            service.until(lambda: mirrored(scene) >= size, 120)
            service.stop()
            scene.is_whole()
            print(f"  ended in {took:.1f} s")

    def a_disk_that_was_put_back():
        with make() as scene:
            service = scene.stack.enter_context(Service(scene))
            service.until(lambda: service.scans() > 0 and service.follows())
            service.stop()
            kept = scene.folder / "snapshot"
            shutil.copytree(scene.estate.log, kept)
            service.start()
            scene.estate.change()
            size = scene.estate.size()
            service.until(lambda: mirrored(scene) > size + 2)
            service.stop()
            shutil.rmtree(scene.estate.log)
            shutil.copytree(kept, scene.estate.log)
            before = scene.estate.public(scene.estate.log)
            service.start()
            code, said = service.ends()
            assert code == 1 and "nothing was recorded" in said and "it was put back" in said, said
            assert scene.estate.public(scene.estate.log) == before
            # Where the mirror does not answer at the start, it is seen as soon as it does.
            scene.proxy.rule = lambda method, path: 503
            service.start()
            service.until(lambda: service.scans() > 0)
            scene.proxy.rule = lambda method, path: None
            code, said = service.ends()
            assert code == 1 and "nothing more is recorded" in said, said

    for scene in (an_outage, an_end_while_nobody_answers, a_disk_that_was_put_back):
        scene.__name__ = "service_" + scene.__name__
        yield scene
