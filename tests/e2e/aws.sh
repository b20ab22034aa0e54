#!/usr/bin/env bash
# AWS as a live source, end to end: moto holds the resources of two accounts, a stand-in of ours answers for AWS
# Config in front of it and breaks what the suite tells it to break. Loopback only; skips with a notice where
# moto cannot be had. Takes about three minutes. `aws.sh remedies` plays that scene alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/e2e/aws
bin=${DRIFTWARDEN_BIN:-$PWD/target/debug}
[ -n "${DRIFTWARDEN_BIN:-}" ] || cargo build --locked --features aws --bins

tools=${DRIFTWARDEN_TOOLS:-$PWD/target/e2e-tools}
environment=$tools/moto
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
if [ ! -e "$environment/ready" ]; then
    mkdir -p "$tools"
    rm -rf "$environment"
    python3 -m venv "$environment"
    if ! timeout 900 "$environment/bin/pip" install -q "moto[server]==5.2.1" cryptography >"$dir/pip.log" 2>&1; then
        echo "skipped: moto could not be installed"; tail -3 "$dir/pip.log"; exit 0
    fi
    touch "$environment/ready"
fi
port=$("$environment/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$environment/bin/moto_server" -H 127.0.0.1 -p "$port" >"$dir/moto.log" 2>&1 &
server=$!
for _ in $(seq 120); do
    if curl -s -o /dev/null "http://127.0.0.1:$port/moto-api/"; then break; fi
    sleep 0.5
done
PYTHONDONTWRITEBYTECODE=1 timeout 900 "$environment/bin/python" "$here/run.py" "$bin" "$port" "$dir" "$@" \
    || { tail -5 "$dir/moto.log"; exit 1; }
