#!/usr/bin/env bash
# A fault at every system call of an append: the call fails, or the process is killed at it. After each:
# the log recovers, holds everything that was acknowledged and nothing by halves, and verifies.
#
#     tests/e2e/faults.sh [SECONDS]     stops when the time is over, and says how far it came
set -euo pipefail
cd "$(dirname "$0")/../.."
limit=${1:-180}
if ! command -v strace >/dev/null 2>&1; then
    { apt-get install -y strace || sudo -n apt-get install -y strace; } >/dev/null 2>&1 || true
fi
if ! command -v strace >/dev/null 2>&1 || ! strace -o /dev/null true 2>/dev/null; then
    echo "skipped: strace is not installed or may not trace"; exit 0
fi
cargo build --locked --profile test --example loghammer --bins
hammer=$PWD/target/debug/examples/loghammer
verifier=$PWD/target/debug/driftwarden-verify
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# An append that fills a tile and a bundle, in a log that was closed in order.
"$hammer" grow "$place/before" 254
end=$((SECONDS + limit))
points=0 appended=0

# One append with one fault. Fails if the fault was never met: then all were tried.
fault() {
    local call=$1 what=$2 when=$3 log=$place/log status=0
    rm -rf "$log" "$log.keys" "$place/ledger" "$place/trace"
    cp -r "$place/before" "$log"
    cp -r "$place/before.keys" "$log.keys"
    # The shell would tell of every process that was killed.
    {
        strace -f -o "$place/trace" -e "trace=$call" -e "inject=$call:$what:when=$when" \
            "$hammer" few "$log" "$place/ledger" >/dev/null 2>"$place/err" || status=$?
    } 2>/dev/null
    if ! grep -q -e INJECTED -e 'killed by SIGKILL' "$place/trace"; then
        return 1
    fi
    points=$((points + 1))
    if [ "$status" -eq 0 ]; then appended=$((appended + 1)); fi
    if ! "$hammer" settle "$log" "$place/ledger" >"$place/settled" 2>&1 \
        || ! "$verifier" "$log" >"$place/verified" 2>&1; then
        echo "FAIL after $what at $call number $when (status $status):"
        cat "$place/err" "$place/settled" "$place/verified" 2>/dev/null
        exit 1
    fi
    if [ $((points % 40)) -eq 1 ] && ! bash tests/e2e/fsck.sh "$log" >"$place/fsck" 2>&1; then
        echo "FAIL: fsck refuses the log after $what at $call number $when"; cat "$place/fsck"; exit 1
    fi
}

# Round by round through all calls, so that each is reached however soon the time is over.
calls=(pwrite64 fdatasync fsync rename write mkdir unlink openat)
faults=(error=EIO error=ENOSPC signal=KILL)
declare -A open=() met=()
for call in "${calls[@]}"; do
    met[$call]=0
    for what in "${faults[@]}"; do open[$call $what]=yes; done
done
complete=yes when=1
while [ ${#open[@]} -gt 0 ]; do
    for call in "${calls[@]}"; do
        for what in "${faults[@]}"; do
            [ -n "${open[$call $what]:-}" ] || continue
            if [ $SECONDS -ge $end ]; then
                echo "the time is over at $what, $call number $when"; complete=no
                break 3
            fi
            if fault "$call" "$what" "$when"; then
                met[$call]=$((met[$call] + 1))
            else
                unset "open[$call $what]"
            fi
        done
    done
    when=$((when + 1))
done
for call in "${calls[@]}"; do
    [ "${met[$call]}" -gt 0 ] || { echo "no fault was met at $call"; exit 1; }
    printf '%s %s, ' "$call" "${met[$call]}"
done
[ "$points" -gt 20 ] || { echo "only $points faults were met"; exit 1; }
echo "faults: ok: $points, of which $appended did not keep the append from its end; complete: $complete; $((SECONDS)) s"
