#!/usr/bin/env bash
# Evidence outside the machine: an S3 mirror with a real Object Lock, a witness, time stamps, and what
# goes wrong with each. Installs its stand-ins; loopback only; skips with a notice where they cannot be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/e2e/outside
bin=${DRIFTWARDEN_BIN:-$PWD/target/debug}
[ -n "${DRIFTWARDEN_BIN:-}" ] || cargo build --locked --features aws --bins

tools=${DRIFTWARDEN_TOOLS:-$PWD/target/e2e-tools}
mkdir -p "$tools"
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT

# S3: LocalStack locks, and needs Python 3.13. Others answer, and their Object Lock locks nothing.
python=
for candidate in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
        python=$candidate; break
    fi
done
if [ -z "$python" ]; then
    echo "skipped: no Python 3.13, so no S3 whose Object Lock locks"; exit 0
fi
environment=$tools/localstack
if [ ! -e "$environment/ready" ]; then
    rm -rf "$environment"
    "$python" -m venv "$environment"
    if ! timeout 900 "$environment/bin/pip" install -q -r "$here/requirements.txt" >"$dir/pip.log" 2>&1; then
        echo "skipped: no S3 stand-in could be installed"; tail -3 "$dir/pip.log"; exit 0
    fi
    touch "$environment/ready"
fi
port=$("$environment/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
FILESYSTEM_ROOT="$dir/localstack" GATEWAY_LISTEN="127.0.0.1:$port" SERVICES=s3,kms DISABLE_EVENTS=1 \
    SKIP_SSL_CERT_DOWNLOAD=1 DNS_ADDRESS=0 "$environment/bin/python" -m localstack.runtime.main >"$dir/server.log" 2>&1 &
server=$!
for _ in $(seq 120); do
    if curl -s -o /dev/null "http://127.0.0.1:$port/"; then break; fi
    sleep 0.5
done

# A year that ends: the program runs with another clock.
if ! ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1; then
    apt-get install -y -qq faketime >/dev/null 2>&1 || echo "notice: faketime cannot be had, so no year ends here"
fi

# A witness that others wrote. Newer ones than this need a newer Go.
witness=()
if command -v go >/dev/null 2>&1 && command -v ssh-agent >/dev/null 2>&1; then
    if [ ! -x "$tools/litewitness" ] \
        && ! GOBIN="$tools" timeout 900 go install filippo.io/torchwood/cmd/litewitness@v0.6.1 >"$dir/go.log" 2>&1; then
        echo "notice: litewitness could not be built"; tail -3 "$dir/go.log"
    fi
    [ ! -x "$tools/litewitness" ] || witness=("$tools/litewitness")
fi

PYTHONDONTWRITEBYTECODE=1 timeout 1500 "$environment/bin/python" "$here/run.py" \
    "$bin" fixtures/demo/estate "$port" "${witness[@]}" || { tail -5 "$dir/server.log"; exit 1; }
