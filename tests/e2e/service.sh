#!/usr/bin/env bash
# `driftwarden run` as it is run: started, asked, reloaded, killed, stopped. A python script stands in
# for systemd's socket; tests/e2e/systemd.sh has the real one. Takes about a minute.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked --profile test --example loghammer --bins
bin=$PWD/target/debug
dw=$bin/driftwarden
dir=$(mktemp -d)
# Below those that the kernel gives to clients.
port=$((20000 + RANDOM % 12000))
pids=()
trap 'for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done; rm -rf "$dir"' EXIT

fail() { echo "-- the service's log:"; tail -40 "$dir/log" || true; echo "FAILED: $*"; exit 1; }
# Waits until a command succeeds, 30 seconds at most.
until_it() {
    local what=$1; shift
    for _ in $(seq 300); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.1; done
    fail "$what"
}
page() { curl -s --max-time 5 "http://127.0.0.1:$port$1"; }
status() { curl -s --max-time 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port$1"; }
is_status() { [ "$(status "$1")" = "$2" ]; }
value() { page /metrics | sed -n "s/^$1 //p"; }
scans() { value 'driftwarden_scans_total{result="done"}'; }
has_event() { grep -q "event=$1" "$dir/log"; }
more_scans_than() { [ "$(scans)" -gt "$1" ]; }
count() { grep -c "$1" "$dir/log" || true; }
more_than() { [ "$(count "$1")" -gt "$2" ]; }
told() { grep -q -- "$1" "$dir/notified"; }
show() { "$dw" evidence show --config "$conf"; }

"$dw" demo --out "$dir/demo" >/dev/null 2>&1
estate=$dir/demo/estate
conf=$estate/driftwarden.hcl
mkdir "$estate/waivers"
cat >>"$conf" <<HCL
waivers { dir = "waivers" }
run {
  every    = "1h"
  debounce = "1s"
  listen   = "127.0.0.1:$port"
}
HCL

python3 tests/e2e/notify_socket.py "$dir/socket" "$dir/notified" &
pids+=($!)
until_it "the socket is there" test -S "$dir/socket"
start() {
    NOTIFY_SOCKET=$dir/socket WATCHDOG_USEC=1000000 "$dw" run --config "$conf" 2>>"$dir/log" &
    service=$!
    pids+=("$service")
}
start
until_it "READY is told" told READY=1
until_it "it is ready" is_status /readyz 200
is_status /healthz 200 || fail "it is alive"
is_status /nowhere 404 || fail "there is no such page"
[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://127.0.0.1:$port/metrics")" = 405 ] || fail "POST is refused"
until_it "STATUS is told" told 'STATUS=the scan of .* 4 gaps'
until_it "WATCHDOG is told" told WATCHDOG=1
page /metrics | promtool check metrics || fail "promtool accepts the metrics"
[ "$(value 'driftwarden_resources{class="approved"}')" = 64 ] || fail "64 resources are approved"
echo "ok: starts, tells systemd and Prometheus"

# A second writer is kept out, and an address that is taken is told.
if "$dw" scan --config "$conf" >/dev/null 2>&1; then fail "the log has one writer"; fi

# Reload by signal.
before=$(grep -c READY=1 "$dir/notified")
kill -HUP "$service"
until_it "RELOADING is told with its time" told 'RELOADING=1 MONOTONIC_USEC=[0-9]'
ready_again() { [ "$(grep -c READY=1 "$dir/notified")" -gt "$before" ]; }
until_it "READY is told again" ready_again
echo "ok: reloads by signal"

# Each kind of file: half of it is kept out, the whole is taken or is as before.
for file in changes/CHG0031042.json people.json states/payments.json driftwarden.hcl; do
    path=$estate/$file
    [ -f "$path" ] || path=$(find "$estate/${file%/*}" -type f | sort | head -1)
    cp "$path" "$dir/kept"
    rejected=$(count event=configuration_rejected)
    resolved=$(count event=watch_resolved)
    head -c 300 "$dir/kept" >"$path"
    until_it "half of $file is refused" more_than event=configuration_rejected "$rejected"
    [ "$(value 'driftwarden_watch_open{watch="configuration_rejected"}')" -ge 1 ] || fail "the metric knows of $file"
    is_status /readyz 200 || fail "what was in force is, without $file"
    cp "$dir/kept" "$path"
    until_it "$file is good again" more_than event=watch_resolved "$resolved"
done
# Atomically replaced, and really other.
accepted=$(count event=configuration_accepted)
sed 's/every    = "1h"/every    = "2h"/' "$conf" >"$dir/new"
mv "$dir/new" "$conf"
until_it "another configuration is taken" more_than event=configuration_accepted "$accepted"
accepted=$(count event=configuration_accepted)
mkdir "$estate/rules"
"$dw" rules export "$estate/rules" >/dev/null
printf 'rules { dirs = ["rules"] }\n' >>"$conf"
until_it "own rules are taken" more_than event=configuration_accepted "$accepted"
rejected=$(count event=configuration_rejected)
printf 'rule "x" { nonsense = 1 }\n' >"$estate/rules/x.hcl"
until_it "a wrong rule is refused" more_than 'event=configuration_rejected area=rules' 0
done_before=$(scans)
rm "$estate/rules/x.hcl"
echo "ok: keeps out what is wrong, takes what is good"

# A new live file is looked at; so is one in a folder that took the place of another.
done_before=$(scans)
live=$(find "$estate/live" -name '*.json' -print -quit)
cp "$live" "$estate/live/again.json"
until_it "a new live file is looked at" more_scans_than "$done_before"
mv "$estate/live" "$estate/live.old"
cp -r "$estate/live.old" "$estate/live"
sleep 3
done_before=$(scans)
cp "$live" "$estate/live/once-more.json" 2>/dev/null || cp "$estate/live/again.json" "$estate/live/once-more.json"
until_it "the new folder is watched" more_scans_than "$done_before"
echo "ok: sees new files, also in a folder that was renamed into place"

# Acknowledged while the service holds the log.
key=$("$dw" findings --config "$conf" --format json | python3 -c 'import json,sys; print(json.load(sys.stdin)["findings"][0]["finding"])' || true)
person=$(python3 -c 'import json,sys; print(next(p["id"] for p in json.load(open(sys.argv[1]))["people"] if p["kind"] == "human" and p.get("active", True)))' "$estate/people.json")
"$dw" findings ack "$key" --by "$person" --note "seen" --config "$conf" || fail "it is acknowledged"
show | grep "acknowledged .*by $person" >/dev/null || fail "the log has the acknowledgement"
if "$dw" findings ack "$key" --by "nobody" --config "$conf" 2>/dev/null; then fail "nobody acknowledges"; fi
echo "ok: acknowledges through the inbox"

# Killed at any moment, it goes on where it was.
for pause in 0.3 1.2 2; do
    touch "$estate/live/again.json"
    sleep "$pause"
    kill -9 "$service"
    wait "$service" 2>/dev/null || true
    "$dw" findings --config "$conf" --format json >"$dir/findings.1" || true
    : >"$dir/notified"
    start
    until_it "it starts after kill -9" told READY=1
    until_it "it is ready after kill -9" is_status /readyz 200
done
show | grep "acknowledged .*by $person" >/dev/null || fail "nothing is lost by kill -9"
echo "ok: goes on after kill -9"

# Stopped in the midst of a scan: soon, with status 0, recorded, and the log whole.
: >"$dir/notified"
cp "$estate/live/again.json" "$estate/live/third.json"
sleep 1.3
begun=$(date +%s%N)
kill -TERM "$service"
code=0
wait "$service" || code=$?
took=$((($(date +%s%N) - begun) / 1000000))
[ "$code" -eq 0 ] || fail "it ends with 0, not $code"
[ "$took" -lt 10000 ] || fail "it ends within 10 s, not $took ms"
told STOPPING=1 || fail "STOPPING is told"
show | tail -2 | grep 'service .* stopped' >/dev/null || fail "the end is recorded"
"$bin/driftwarden-verify" "$dir/demo/evidence" >/dev/null || fail "the log is whole"
echo "ok: stopped after $took ms"

# It does not start on what is wrong, nor on an address that is taken.
cp "$conf" "$dir/kept"
echo 'nonsense {}' >>"$conf"
code=0
"$dw" run --config "$conf" 2>"$dir/told" || code=$?
[ "$code" -eq 1 ] && grep -q 'unknown block `nonsense`' "$dir/told" || fail "it does not start on a wrong configuration"
cp "$dir/kept" "$conf"
python3 -m http.server --bind 127.0.0.1 "$port" >/dev/null 2>&1 &
taken=$!
pids+=("$taken")
until_it "the port is taken" is_status / 200
code=0
"$dw" run --config "$conf" 2>"$dir/told" || code=$?
[ "$code" -eq 1 ] && grep -q "cannot listen on" "$dir/told" || fail "it says that the address is taken"
kill "$taken"
wait "$taken" 2>/dev/null || true

# Told twice at once, it ends at once.
start
until_it "it is ready" is_status /readyz 200
code=0
kill -TERM "$service"
kill -INT "$service"
wait "$service" || code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 130 ] || fail "two signals end with 0 or 130, not $code"
"$bin/driftwarden-verify" "$dir/demo/evidence" >/dev/null || fail "the log is whole after two signals"
echo "ok: refuses to start on what is wrong; ends at once when told twice"

# As the image has it: the binary, the C library and nothing else, no rights.
if [ "$(id -u)" -eq 0 ]; then
    root=$dir/root
    mkdir -p "$root/usr/bin"
    strip -o "$root/usr/bin/driftwarden" "$dw"
    ldd "$dw" | grep -o '/[^ ]*' | while read -r library; do install -D "$library" "$root$library"; done
    mv "$dir/demo" "$root/demo"
    chmod 755 "$dir" "$root"
    chown -R 65532:65532 "$root/demo"
    chroot --userspec=65532:65532 "$root" /usr/bin/driftwarden run --config /demo/estate/driftwarden.hcl 2>>"$dir/log" &
    service=$!
    pids+=("$service")
    until_it "it is ready in an empty root" is_status /readyz 200
    kill -TERM "$service"
    wait "$service" || fail "it ends in an empty root"
    echo "ok: runs in an empty root: $(find "$root" -path "$root/demo" -prune -o -type f -printf '%P ')"
fi
echo "service: ok"
