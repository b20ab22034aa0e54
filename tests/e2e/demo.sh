#!/usr/bin/env bash
# The README's first command as a user meets it, then the verifier on what it left, whole and damaged.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked --release --no-default-features --features lean
bin=target/release
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$bin/driftwarden" demo --out "$dir/demo" >"$dir/report.txt"
grep -q 'CRITICAL' "$dir/report.txt"
"$bin/driftwarden-verify" "$dir/demo/evidence"

# Every public file matters: change one byte in each, and expect to be told which file it was.
failures=0
while IFS= read -r file; do
    name=${file#"$dir/demo/evidence/"}
    cp "$file" "$dir/kept"
    python3 - "$file" <<'PY'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
data[len(data) // 2] ^= 1
open(path, "wb").write(data)
PY
    if "$bin/driftwarden-verify" "$dir/demo/evidence" >"$dir/out.txt" 2>&1; then
        echo "not noticed: a flipped bit in $name"; failures=1
    fi
    cp "$dir/kept" "$file"
done < <(find "$dir/demo/evidence" -type f -not -path '*/.state/*')
[ "$failures" -eq 0 ]

touch "$dir/demo/evidence/extra"
if "$bin/driftwarden-verify" "$dir/demo/evidence" >/dev/null 2>&1; then
    echo "not noticed: an unexpected file"; exit 1
fi
rm "$dir/demo/evidence/extra"
"$bin/driftwarden-verify" "$dir/demo/evidence" >/dev/null
echo "demo: ok"
