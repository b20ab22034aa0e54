#!/usr/bin/env bash
# Channels against the real thing: mail through an SMTP server with TLS and a password, alerts in an Alertmanager,
# CloudEvents over HTTPS, from `driftwarden notify test` and a running service; forms judged by third parties'
# validators. Installs what it needs; skips with a notice where that cannot be had. Takes about half a minute.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${DRIFTWARDEN_BIN:-$PWD/target/debug}
[ -n "${DRIFTWARDEN_BIN:-}" ] || cargo build --locked --profile test --example loghammer --bins

if ! command -v prometheus-alertmanager >/dev/null 2>&1; then
    { apt-get update -qq && apt-get install -y -qq prometheus-alertmanager; } >/dev/null 2>&1 || true
fi
for tool in prometheus-alertmanager openssl python3; do
    command -v "$tool" >/dev/null 2>&1 || { echo "skipped: $tool cannot be had here"; exit 0; }
done
environment=${DRIFTWARDEN_TOOLS:-$PWD/target/e2e-tools}/channels
if [ ! -e "$environment/ready" ]; then
    rm -rf "$environment"
    mkdir -p "${environment%/*}"
    log=$(mktemp)
    if ! { python3 -m venv "$environment" && timeout 300 "$environment/bin/pip" install -q \
        "aiosmtpd==1.4.6" "botocore==1.44.8" "cloudevents==1.12.0"; } >"$log" 2>&1; then
        echo "skipped: aiosmtpd and the validators could not be installed"; tail -3 "$log"; rm -f "$log"; exit 0
    fi
    rm -f "$log"
    touch "$environment/ready"
fi
PYTHONDONTWRITEBYTECODE=1 timeout 110 "$environment/bin/python" tests/e2e/channels/run.py "$bin"
