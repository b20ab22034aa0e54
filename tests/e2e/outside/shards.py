"""Yearly shards with a mirror and a witness: each passed on by itself, brought back, and guarded."""

import glob
import shutil
from datetime import datetime, timezone

YEAR = datetime.now(timezone.utc).year
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)


def last_year(scene, *args, **more):
    """Runs the program as of the last December."""
    clock = {"LD_PRELOAD": FAKETIME, "NO_FAKE_STAT": "1", "FAKETIME": f"@{YEAR - 1}-12-20 12:00:00"}
    return scene.estate.run(*args, extra=clock, **more)


def yearly(scene, durability=""):
    scene.outside(durability, '  shard = "yearly"\n')


def log(scene, year):
    scene.estate.log = scene.folder / "evidence" / str(year)
    return scene.estate.log


def shards(make):
    def one_year():
        with make() as scene:
            yearly(scene, '    scan = "worm"')
            found, _ = scene.estate.scan()
            assert found["mirror"]["place"] == f"s3://{scene.bucket}/bank/prod/{YEAR}", found["mirror"]
            assert found["mirror"]["entries_behind"] == 0
            here = scene.estate.public(log(scene, YEAR))
            assert here and all(name.startswith(f"{YEAR}/") for name in scene.objects())
            out, (said, _) = scene.restore("back")
            assert scene.estate.public(out / str(YEAR)) == here and "restored" in said
            one, _ = scene.restore("one", "--shard", str(YEAR))
            assert scene.estate.public(one) == here
            _, (_, err) = scene.restore("none", "--shard", "1999", expect=1)
            assert "1999" in err, err
            kept = (log(scene, YEAR) / "checkpoint").read_text()
            scene.estate.change()
            scene.estate.scan()
            (scene.folder / "kept").write_text(kept)
            scene.estate.verify(log(scene, YEAR), "--since", scene.folder / "kept")

    def new_year():
        if FAKETIME is None:
            print("skipped: no libfaketime, so that no year ends here")
            return
        with make() as scene:
            yearly(scene)
            last_year(scene, "scan", expect=2)
            old = scene.estate.public(log(scene, YEAR - 1))
            # The year's last records come late to the mirror.
            scene.proxy.rule = lambda method, path: 503
            scene.estate.change()
            last_year(scene, "scan", expect=2, time=300)
            assert len(scene.estate.public(log(scene, YEAR - 1))) >= len(old)
            scene.proxy.rule = lambda method, path: 503 if f"/{YEAR - 1}/" in path else None
            scene.estate.change()
            _, err = scene.estate.scan(time=300)
            assert f"warning: s3://{scene.bucket}/bank/prod/{YEAR - 1} is" in err and "behind" in err, err
            behind, _ = scene.estate.mirror(expect=1, time=300)
            assert behind["mirror"]["place"].endswith(str(YEAR - 1)), behind
            scene.proxy.rule = lambda method, path: None
            caught, _ = scene.estate.mirror()
            assert caught["mirror"]["place"].endswith(str(YEAR)), caught
            assert caught["mirror"]["entries_behind"] == 0, caught
            scene.proxy.seen.clear()
            scene.estate.change()
            scene.estate.scan()
            asked = [path for _, path in scene.proxy.seen if f"/{YEAR - 1}/" in path]
            assert len(asked) <= 3, f"asked about a year that is over and passed on: {asked}"
            key = (log(scene, YEAR) / "log.vkey").read_text().strip()
            out, _ = scene.restore("back", "--vkey", key)
            for year in (YEAR - 1, YEAR):
                assert scene.estate.public(out / str(year)) == scene.estate.public(log(scene, year)), year
            scene.estate.verify(out, "--vkey", key)

    def a_new_year_that_was_taken_back_is_seen():
        """The disk of last year goes on, though the mirror has a log of this year."""
        if FAKETIME is None:
            print("skipped: no libfaketime, so that no year ends here")
            return
        with make() as scene:
            yearly(scene)
            last_year(scene, "scan", expect=2)
            everything = scene.folder / "evidence"
            kept = scene.folder / "snapshot"
            shutil.copytree(everything, kept)
            scene.estate.change()
            scene.estate.scan()
            shutil.rmtree(everything)
            shutil.copytree(kept, everything)
            scene.estate.change()
            _, err = scene.estate.scan(expect=1)
            assert "nothing was recorded" in err, err
            assert not (log(scene, YEAR) / "checkpoint").exists() or scene.estate.size() == 0

    for scene in (one_year, new_year, a_new_year_that_was_taken_back_is_seen):
        scene.__name__ = "shards_" + scene.__name__
        yield scene
