#!/usr/bin/env bash
# Mixed load from many threads, killed at random times, over and over: everything that was acknowledged
# is in the log, nothing is half there, and both verifiers agree.
#
#     tests/e2e/hammer.sh [SECONDS] [DIR]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
cargo build --locked --profile test --example loghammer --bins
hammer=target/debug/examples/loghammer
place=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/hammer.XXXXXX")
worker=
# Never `kill 0`: that is the whole process group, and with it whoever called this.
trap '[ -z "$worker" ] || kill -9 "$worker" 2>/dev/null || true; rm -rf "$place"' EXIT
cp "$hammer" "$place/loghammer"
end=$((SECONDS + seconds))
kills=0
settled=0
while [ $SECONDS -lt $end ]; do
    kills=$((kills + 1))
    "$place/loghammer" work "$place/evidence" "$place/ledger" "$kills" 2>"$place/work.err" &
    worker=$!
    # From in the middle of recovery to a few publications.
    sleep "$(awk -v seed=$((RANDOM * 32768 + RANDOM)) 'BEGIN { srand(seed); print 0.01 + 4 * rand() ^ 3 }')"
    if ! kill -9 $worker 2>/dev/null; then
        echo "the worker ended by itself:"; cat "$place/work.err"; exit 1
    fi
    wait $worker 2>/dev/null || true
    worker=
    # Holding it all against the ledger takes longer the longer the log is.
    if [ $((kills % 50)) -eq 10 ]; then
        "$place/loghammer" settle "$place/evidence" "$place/ledger" >"$place/settled" || { cat "$place/settled"; exit 1; }
        settled=$((settled + 1))
    fi
done
"$place/loghammer" settle "$place/evidence" "$place/ledger"
target/debug/driftwarden-verify "$place/evidence" >"$place/verified" || { cat "$place/verified"; exit 1; }
bash tests/e2e/fsck.sh "$place/evidence"
echo "hammer: ok: $kills kills in $seconds s, held against the ledger $((settled + 1)) times"
