#!/usr/bin/env bash
# Exact reading through real providers: hashicorp/local and hashicorp/time, built from the Go module registry,
# and hashicorp/aws on moto where a mirror on this machine has it. Created by terraform, changed behind its back,
# found, and put right. Loopback only; what cannot be had is skipped with a notice. Takes about three minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/e2e/provider
bin=${DRIFTWARDEN_BIN:-$PWD/target/debug}
[ -n "${DRIFTWARDEN_BIN:-}" ] || cargo build --locked --features providers --bins

if ! command -v terraform >/dev/null 2>&1; then
    echo "skipped: terraform cannot be had here"; exit 0
fi
tools=${DRIFTWARDEN_TOOLS:-$PWD/target/e2e-tools}
mkdir -p "$tools"
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0

# A mirror of providers that need no account. Their modules were published under these names.
mirror=$dir/mirror
platform=$(terraform version -json 2>/dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["platform"])')
provider() { # NAME VERSION MODULE
    local binary=$tools/terraform-provider-$1_v$2 home
    if [ ! -x "$binary" ]; then
        mkdir -p "$tools/go-$1"
        GOBIN=$tools/go-$1 timeout 900 go install "$3@v$2" >"$dir/go.log" 2>&1 || return 1
        mv "$tools/go-$1/terraform-provider-$1" "$binary"
    fi
    home=$mirror/registry.terraform.io/hashicorp/$1/$2/$platform
    mkdir -p "$home"
    cp "$binary" "$home/"
}
if command -v go >/dev/null 2>&1 \
    && provider local 1.4.0 github.com/terraform-providers/terraform-provider-local \
    && provider time 0.14.2 github.com/hashicorp/terraform-provider-time; then
    PYTHONDONTWRITEBYTECODE=1 timeout 300 python3 "$here/refresh.py" "$bin" "$mirror" "$dir"
    PYTHONDONTWRITEBYTECODE=1 timeout 300 python3 "$here/small.py" "$bin" "$mirror" "$dir"
else
    echo "skipped: hashicorp/local and hashicorp/time could not be built"; tail -3 "$dir/go.log" 2>/dev/null || true
fi

# hashicorp/aws is too large to build here: a mirror on this machine must have it.
aws=${TF_PLUGIN_MIRROR:-}
if [ -z "$aws" ]; then
    found=$(find / -xdev -type f -name 'terraform-provider-aws_v5*' -not -path '*/.terraform/*' -print -quit 2>/dev/null || true)
    [ -z "$found" ] || aws=$(cd "$(dirname "$found")/../../../../.." && pwd)
fi
if [ -z "$aws" ]; then
    echo "skipped: no mirror with hashicorp/aws"; exit 0
fi
environment=$tools/moto
if [ ! -e "$environment/ready" ]; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    if ! timeout 900 "$environment/bin/pip" install -q "moto[server]==5.2.1" cryptography >"$dir/pip.log" 2>&1; then
        echo "skipped: moto could not be installed"; tail -3 "$dir/pip.log"; exit 0
    fi
    touch "$environment/ready"
fi
port=$("$environment/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
MOTO_IAM_LOAD_MANAGED_POLICIES=true "$environment/bin/moto_server" -H 127.0.0.1 -p "$port" >"$dir/moto.log" 2>&1 &
server=$!
for _ in $(seq 120); do
    if curl -s -o /dev/null "http://127.0.0.1:$port/moto-api/"; then break; fi
    sleep 0.5
done
# `alpha`, a whole estate from its apply to its fixes, takes eight minutes more: DRIFTWARDEN_SCENES="aws fixing alpha".
for part in ${DRIFTWARDEN_SCENES:-aws fixing}; do
    PYTHONDONTWRITEBYTECODE=1 timeout 900 "$environment/bin/python" "$here/$part.py" "$bin" "$aws" "$dir" "$port" \
        || { tail -5 "$dir/moto.log"; exit 1; }
done
