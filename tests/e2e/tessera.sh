#!/usr/bin/env bash
# Tessera's own fsck as a judge of the evidence log, at the sizes at which tiles and levels begin and end,
# and of damaged ones. Skipped with a notice where Go is not at hand.
set -euo pipefail
cd "$(dirname "$0")/../.."
bash tests/e2e/fsck.sh --have || exit 0
cargo build --locked --profile test --example loghammer --bins
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
whole() { bash tests/e2e/fsck.sh "$1" "${2:-60}"; }

target/release/driftwarden demo --out "$dir/demo" >/dev/null
whole "$dir/demo/evidence" || { echo "fsck refused a whole log"; exit 1; }

log="$dir/log"
for size in 1 255 256 257 65535 65536 65537 1000000; do
    target/debug/examples/loghammer grow "$log" "$size"
    whole "$log" 300 || { echo "fsck refused a whole log of $size entries"; exit 1; }
done

# One byte of each kind of file, with the sizes at hand: an entry, a leaf, a node, the signed root.
rm -rf "$log" "$log.keys"
target/debug/examples/loghammer grow "$log" 65537
flip() {
    python3 - "$1" <<'PY'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
data[len(data) // 2] ^= 1
open(path, "wb").write(data)
PY
}
for file in tile/entries/000 tile/entries/256.p/1 tile/0/100 tile/1/000 tile/2/000.p/1 checkpoint; do
    cp "$log/$file" "$dir/kept"
    flip "$log/$file"
    if whole "$log" 15; then
        echo "fsck accepted a log with a flipped bit in $file"; exit 1
    fi
    if target/release/driftwarden-verify "$log" >/dev/null; then
        echo "the verifier accepted a log with a flipped bit in $file"; exit 1
    fi
    cp "$dir/kept" "$log/$file"
done
mv "$log/tile/0/100" "$dir/kept"
if whole "$log" 15; then
    echo "fsck accepted a log without a tile"; exit 1
fi
mv "$dir/kept" "$log/tile/0/100"
whole "$log" || { echo "fsck refused the log that was put back"; exit 1; }
echo "tessera: ok"
