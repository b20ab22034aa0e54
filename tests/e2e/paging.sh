#!/usr/bin/env bash
# Messages of a running service: killed at any moment, with a channel that is down, silent, refused.
# Each page arrives, none is lost, and what comes twice has the same key and number. Under two minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
# With the example, so that what `cargo test` built is used again.
cargo build --locked --profile test --example loghammer --bins
bin=$PWD/target/debug
dw=$bin/driftwarden
dir=$(mktemp -d)
# Below those that the kernel gives to clients.
port=$((20000 + RANDOM % 12000))
pids=()
trap 'for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done; rm -rf "$dir"' EXIT

fail() { echo "FAILED: $*"; echo "-- the service's log:"; tail -40 "$dir/log" || true; exit 1; }
# Waits until a command succeeds, 30 seconds at most.
until_it() {
    local what=$1; shift
    for _ in $(seq 300); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.1; done
    fail "$what"
}
page() { curl -s --max-time 5 "http://127.0.0.1:$port$1"; }
lines() { [ -f "$1" ] && wc -l <"$1" || echo 0; }
arrived() { "$dw" notify list --config "$conf"; }
scanned() { page /metrics | grep 'driftwarden_scans_total{result="done"} [1-9]' >/dev/null; }

"$dw" demo --out "$dir/demo" >/dev/null 2>&1
rm -rf "$dir/demo/evidence" "$dir/demo/evidence.keys"
estate=$dir/demo/estate
conf=$estate/driftwarden.hcl
cat >>"$conf" <<HCL
run {
  every    = "1h"
  debounce = "1s"
  listen   = "127.0.0.1:$port"
}
channel "file" "pager" { path = "$dir/out/pager.jsonl" }
channel "file" "desk"  { path = "$dir/desk.jsonl" }
channel "file" "all"   { path = "$dir/all.jsonl" }
channel "file" "alive" { path = "$dir/alive.jsonl" }
route "severe" {
  severities = ["high", "critical"]
  to         = ["pager"]
  failover   = "desk"
}
route "rest" { to = ["desk"] }
route "export" {
  to = ["all"]
  as = "export"
}
paging {
  failover_after = "1h"
  evidence_url   = "https://evidence.bank.example/{entry}"
}
heartbeat {
  channel = "alive"
  every   = "1s"
}
HCL
start() {
    "$dw" run --config "$conf" 2>>"$dir/log" &
    service=$!
    pids+=("$service")
}
die() { kill -9 "$service"; wait "$service" 2>/dev/null || true; }

"$dw" check --config "$conf" | grep '^messages .* 4 channels, 3 routes' >/dev/null || fail "check tells of channels and routes"
"$dw" notify test desk --config "$conf" | grep 'took it: written' >/dev/null || fail "a channel can be tried"
if "$dw" notify test nobody --config "$conf" 2>"$dir/err"; then fail "an unknown channel is refused"; fi
grep -q 'no `channel` has the name `nobody`' "$dir/err" || fail "and told"
if "$dw" notify test pager --config "$conf" 2>"$dir/err"; then fail "a channel that is down is told"; fi
grep -q 'would try it again' "$dir/err" || fail "and what would come of it"
rm -f "$dir/desk.jsonl"

# The pager is down: what is recorded waits, over any number of ends.
start
until_it "the first scan is done" scanned
until_it "messages wait" grep -q event=message_failed "$dir/log"
until_it "the desk has its messages" test -s "$dir/desk.jsonl"
until_it "it says that it is alive" test -s "$dir/alive.jsonl"
page /metrics | promtool check metrics || fail "promtool accepts the metrics"
page /metrics | grep 'driftwarden_channel_failing{channel="pager"} 1' >/dev/null || fail "the metric knows of the channel"
# Readers of the log see a moment later what is recorded.
waits() { ! arrived >"$dir/list" && grep -q 'waiting .* to pager .* failing since' "$dir/list"; }
until_it "something has not arrived, and the list says what" waits
die
echo "ok: a channel that is down is told, and nothing is forgotten"

# Killed again and again, at moments that nobody chose, while the estate changes and the pager comes back.
live=$(find "$estate/live" -name '*.json' | sort | head -1)
cp "$live" "$dir/live"
for round in $(seq 12); do
    [ "$round" -eq 3 ] && mkdir "$dir/out"
    # What was found heals in one round and is back in the next.
    python3 - "$dir/live" "$live" "$round" <<'PY'
import json, sys
source, target, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
estate = json.load(open(source))
for own in estate["configurationItems"]:
    own["configurationItemCaptureTime"] = "2026-11-04T06:%02d:00.000Z" % (10 + number)
    if own["resourceType"] == "AWS::S3::Bucket" and number % 2:
        own["tags"] = dict(own.get("tags") or {}, Killed=str(number))
json.dump(estate, open(target, "w"))
PY
    start
    sleep "0.$((RANDOM % 9))$((RANDOM % 9))"
    [ $((round % 4)) -eq 0 ] && sleep 1
    die
done
cp "$dir/live" "$live"
start
until_it "the last scan is done" scanned
until_it "everything arrived in the end" arrived
echo "ok: killed twelve times, everything arrived"

# A silence through the running service, and its end.
"$dw" notify silence --config "$conf" --owner ana.lindqvist@bank.example --reason "known" --for 1h \
    --workspace 'pay*' | grep 'holds until' >/dev/null || fail "a silence is taken"
id=$("$dw" notify list --config "$conf" | sed -n 's/^silence *\([0-9a-f]*\) .*/\1/p')
[ -n "$id" ] || fail "the silence is listed"
if "$dw" notify silence --config "$conf" --owner nobody@bank.example --reason x --for 1h --rule x 2>/dev/null
then fail "nobody answers for it"; fi
"$dw" notify end-silence "$id" --by p-02 --config "$conf" | grep 'is over' >/dev/null || fail "a silence ends"
kill -TERM "$service"; wait "$service" || fail "it ends as it is told to"
echo "ok: silences through the inbox"

# The command that a message gives is one that can be copied.
next=$(python3 -c 'import json, sys
for line in open(sys.argv[1]):
    own = json.loads(line)
    if own["step"] == "trigger" and " explain " in own["next"]: print(own["next"]); break' "$dir/desk.jsonl")
(cd / && eval "${next/#driftwarden/$dw}") >"$dir/explained" || fail "\`$next\` can be given anywhere"
echo "ok: the next command goes by this configuration"

# A scan that takes long, because one file is read slowly, holds no heartbeat up.
if ! command -v strace >/dev/null 2>&1; then
    { apt-get install -y strace || sudo -n apt-get install -y strace; } >/dev/null 2>&1 || true
fi
if strace -o /dev/null true 2>/dev/null; then
    before=$(lines "$dir/alive.jsonl")
    strace -f -o /dev/null -P "$live" -e trace=read -e inject=read:delay_enter=3s "$dw" run --config "$conf" 2>>"$dir/log" &
    tracer=$!
    pids+=("$tracer")
    until_it "it answers" page /healthz
    until_it "it lives during its first scan" bash -c "[ \$(wc -l <'$dir/alive.jsonl') -ge $((before + 4)) ]"
    if scanned; then fail "the scan took no time"; fi
    until_it "the scan is done" scanned
    pkill -TERM -P "$tracer"; wait "$tracer" || fail "it ends as it is told to"
    echo "ok: a long scan holds no heartbeat up"
else
    echo "skipped: strace is not installed or may not trace"
fi

# The evidence against what the channels have.
"$bin/driftwarden-verify" "$dir/demo/evidence" >"$dir/verified" || { cat "$dir/verified"; fail "the log is whole"; }
entries=$("$dw" evidence show --config "$conf" | tail -1 | cut -d' ' -f1)
for index in $(seq 0 $((entries - 1))); do
    "$dw" evidence show "$index" --raw --config "$conf"; echo
done >"$dir/entries"
python3 - "$dir" <<'PY'
import collections, json, sys
folder = sys.argv[1]
queued, channels, open_pages = {}, {}, {}
for line in open(folder + "/entries"):
    line = line.strip()
    if not line: continue
    own = json.loads(line)
    if not own["predicateType"].endswith("/notification/v1"): continue
    own = own["predicate"]
    if own["notification"] != "queued": continue
    message = own["message"]
    place = (message["key"], message["sequence"])
    assert place not in queued, f"{place} is queued twice"
    queued[place] = message
    for channel in message["channels"]:
        channels.setdefault(channel, set()).add(place)
    # No finding has two open pages.
    if message["kind"] in ("finding", "group", "storm"):
        if message["step"] == "trigger" and message["sequence"] == 1:
            for finding in message["findings"]:
                assert finding not in open_pages, f"{finding} has two pages"
                open_pages[finding] = message["key"]
        if message["step"] == "resolve":
            open_pages = {f: key for f, key in open_pages.items() if key != message["key"]}
assert queued, "something was told"
paths = {"pager": "/out/pager.jsonl", "desk": "/desk.jsonl", "all": "/all.jsonl"}
twice = 0
for channel, wanted in channels.items():
    got = collections.Counter()
    for line in open(folder + paths[channel]):
        own = json.loads(line)
        place = (own["key"], own["sequence"])
        got[place] += 1
        if place in queued:
            # Who begins to hear of an alert hears it begin.
            assert own["step"] in (queued[place]["step"], "trigger"), (place, own["step"])
    missing = wanted - set(got)
    assert not missing, f"{channel} lacks {missing}"
    strange = set(got) - wanted
    assert not strange, f"{channel} has {strange}, which nobody decided"
    twice += sum(count - 1 for count in got.values())
print(f"{len(queued)} messages, each arrived; {twice} of them twice, with the same key and number")
PY
echo "paging: ok"
