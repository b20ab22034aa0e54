"""Providers without an account: one of the old kind, one of the new."""

import pathlib
import shutil
import sys

from estate import Estate

bin_dir, mirror, folder = sys.argv[1:]
here = pathlib.Path(__file__).parent
estate = Estate(bin_dir, mirror, pathlib.Path(folder) / "small", here / "small.tf")
estate.apply()

before = estate.driftwarden("check", status=0)
assert "without a settled baseline" in before.stderr, before.stderr
estate.driftwarden("settle", status=0)
settled = (estate.work / "settled" / "estate.json").read_text()
assert "hunter2" not in settled, "a secret lies in the settled baseline"
found = estate.expect({}, status=0)
assert len(found) == 4, found

# Behind terraform's back. To hashicorp/local a file of another content is gone.
(estate.work / "out" / "plain.txt").write_text("by hand")
(estate.work / "out" / "secret.txt").unlink()
wanted = {"local_file.plain": "missing", "local_file.secret": "missing"}
estate.expect(wanted, status=2)
one = estate.driftwarden("check", "time_offset.later", status=0).stdout
assert one.startswith("equal    time_offset.later\n1 resource of"), one

# Only what was locked is started: the package, a link beside it, another version.
home = next(pathlib.Path(mirror).glob("registry.terraform.io/hashicorp/time/*/*"))
binary = next(home.iterdir())
whole = binary.read_bytes()
binary.write_bytes(whole + b"\0")
refused = estate.driftwarden("check", status=1).stderr
assert "is none of those in the lock file" in refused and "help: " in refused, refused
binary.write_bytes(whole)
(home / "extra").symlink_to("/etc/hostname")
refused = estate.driftwarden("check", status=1).stderr
assert "`extra` in it is a link" in refused, refused
(home / "extra").unlink()
shutil.move(home.parent, home.parent.with_name("0.0.1"))
(home.parent.with_name("0.0.1")).rename(home.parent.with_name("0.0.2"))
refused = estate.driftwarden("check", status=1).stderr
assert "no package of provider" in refused, refused
print("small: 4 resources of two providers equal, changed files found, three packages refused")
