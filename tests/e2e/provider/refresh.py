"""Terraform itself as a source: a workspace refreshed by the real binary, with providers that need no account."""

import json
import pathlib
import subprocess
import sys

from estate import Estate

bin_dir, mirror, folder = sys.argv[1:]
here = pathlib.Path(__file__).parent
estate = Estate(bin_dir, mirror, pathlib.Path(folder) / "refresh", here / "small.tf")
CONFIG = """evidence { dir = "evidence" }
baseline "estate" {
  plan     = "plan.json"
  state    = "given.json"
  approval = "assumed"
}
live "terraform_refresh" "estate" {
  workspace = "estate"
  folder    = "%s"
  env       = ["TF_CLI_CONFIG_FILE"]
  timeout   = "2m"
}
"""


def configure(folder):
    (estate.work / "driftwarden.hcl").write_text(CONFIG % folder)


def driftwarden(*words, status):
    command = [str(estate.bin), *words]
    done = subprocess.run(command, cwd=estate.work, env=estate.env, capture_output=True, text=True)
    assert done.returncode == status, (done.returncode, done.stdout[-3000:], done.stderr[-3000:])
    assert "hunter2" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done.stdout


def scan(status):
    """Kind by address, and the gaps."""
    report = json.loads(driftwarden("scan", "--format", "json", status=status))
    found = {one["address"]: (one["kind"], one["verdict"]) for one in report["deviations"]}
    return found, report["gaps"], report["coverage"]


def lying_there():
    """Every file of the root module but ours, by its bytes."""
    ours = ("evidence", "evidence.keys", "driftwarden.hcl", "out")
    files = (path for path in estate.work.rglob("*") if path.is_file())
    names = {path.relative_to(estate.work): path for path in files}
    return {name: path.read_bytes() for name, path in names.items() if name.parts[0] not in ours}


estate.apply()
(estate.work / "given.json").write_text(estate.terraform("state", "pull"))
configure(".")
assert "1 workspace to refresh" in driftwarden("check", status=0)
before = lying_there()
found, gaps, coverage = scan(status=0)
assert (found, gaps, coverage["observed"]) == ({}, [], 4), (found, gaps, coverage)

# Behind terraform's back. To hashicorp/local a file of another content is gone.
missing = ("missing", "unauthorised")
(estate.work / "out" / "plain.txt").write_text("by hand")
found, gaps, _ = scan(status=2)
assert (found, gaps) == ({"local_file.plain": missing}, []), (found, gaps)
(estate.work / "out" / "secret.txt").unlink()
found, gaps, _ = scan(status=2)
assert (found, gaps) == ({"local_file.plain": missing, "local_file.secret": missing}, []), (found, gaps)
driftwarden("explain", "local_file.plain", status=0)
assert lying_there() == before, "something was written beside the files that were changed by hand"

# A folder that cannot be refreshed says nothing, and takes nothing back.
(estate.work / ".terraform").rename(estate.work / "away")
found, gaps, coverage = scan(status=2)
assert (found, coverage["observed"]) == ({}, 0), (found, coverage)
wide = [gap["detail"] for gap in gaps if gap["address"] is None]
assert len(gaps) == 5 and "failed (exit status 1): " in wide[0], gaps
assert "local_file.plain" in driftwarden("findings", status=2)
(estate.work / "away").rename(estate.work / ".terraform")

# Another root module, of which a state is given.
other = estate.work / "other"
other.mkdir()
(other / "main.tf").write_text('resource "terraform_data" "x" {}\n')
for words in (["init", "-no-color"], ["apply", "-auto-approve", "-no-color"]):
    subprocess.run(["terraform", *words], cwd=other, env=estate.env, check=True, capture_output=True)
configure("other")
found, gaps, _ = scan(status=2)
assert found == {} and all("of another workspace" in gap["detail"] for gap in gaps), (found, gaps)

# Put back, and the state is newer than the one that was given.
configure(".")
estate.terraform("apply", "-auto-approve", "-no-color")
found, gaps, coverage = scan(status=0)
assert (found, gaps, coverage["observed"]) == ({}, [], 4), (found, gaps, coverage)
driftwarden("findings", status=0)
evidence = [path for path in (estate.work / "evidence").rglob("*") if path.is_file()]
assert not any(b"hunter2" in path.read_bytes() for path in evidence), "a secret lies in the evidence"
print("refresh: a clean workspace, two files changed by hand, a broken folder, another folder, and clean again")
