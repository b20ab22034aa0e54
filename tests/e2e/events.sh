#!/usr/bin/env bash
# Events from a queue: `driftwarden run` listens to SQS (moto, on loopback), is sent good and bad messages, is
# cut off and killed, and loses nothing. Installs its stand-in; skips with a notice where it cannot be had.
# Takes about a minute.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${DRIFTWARDEN_BIN:-$PWD/target/debug}
[ -n "${DRIFTWARDEN_BIN:-}" ] || cargo build --locked --features aws --bins

environment=${DRIFTWARDEN_TOOLS:-$PWD/target/e2e-tools}/moto-server
if [ ! -e "$environment/ready" ]; then
    rm -rf "$environment"
    mkdir -p "${environment%/*}"
    log=$(mktemp)
    if ! { python3 -m venv "$environment" \
        && timeout 600 "$environment/bin/pip" install -q "moto[server]==5.2.1"; } >"$log" 2>&1; then
        echo "skipped: moto could not be installed"; tail -3 "$log"; rm -f "$log"; exit 0
    fi
    rm -f "$log"
    touch "$environment/ready"
fi
PYTHONDONTWRITEBYTECODE=1 timeout 300 "$environment/bin/python" tests/e2e/events/run.py "$bin" "$environment/bin/moto_server"
