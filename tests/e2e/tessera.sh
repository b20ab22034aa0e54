#!/usr/bin/env bash
# Tessera's own fsck as a judge of the evidence log: built from the Go module registry where Go is at
# hand, skipped with a notice where it is not.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v go >/dev/null 2>&1; then
    echo "skipped: Go is not installed"; exit 0
fi
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
if ! GOBIN="$dir" GOFLAGS=-mod=mod timeout 900 go install github.com/transparency-dev/tessera/cmd/fsck@v1.0.4 >"$dir/go.log" 2>&1; then
    echo "skipped: fsck could not be built"; tail -3 "$dir/go.log"; exit 0
fi
target/release/driftwarden demo --out "$dir/demo" >/dev/null
log="$dir/demo/evidence"
# The judge can hang on damaged input, so it runs under a time limit; its exit status says nothing.
whole() {
    timeout 60 "$dir/fsck" --ui=false --storage_url="file://$log/" --public_key="$log/log.vkey" 2>&1 \
        | grep -q "Successfully fsck'd"
}
whole || { echo "fsck refused a whole log"; exit 1; }
bundle=$(find "$log/tile/entries" -type f | head -1)
python3 - "$bundle" <<'PY'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
data[len(data) // 2] ^= 1
open(path, "wb").write(data)
PY
if whole; then
    echo "fsck accepted a damaged log"; exit 1
fi
echo "tessera: ok"
