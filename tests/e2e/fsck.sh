#!/usr/bin/env bash
# Tessera's own fsck as a judge of an evidence log: built once from the Go module registry where Go is
# at hand, skipped with a notice where it is not.
#
#     tests/e2e/fsck.sh DIR [SECONDS]    succeeds if fsck accepts the log, or could not be had
#     tests/e2e/fsck.sh --have           succeeds if fsck could be had
#
# The judge can hang on damaged input, so it runs under a time limit; its exit status says nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin="$PWD/target/e2e"
have() {
    [ -x "$bin/fsck" ] && return 0
    mkdir -p "$bin"
    if ! command -v go >/dev/null 2>&1; then
        echo "skipped: Go is not installed"; return 1
    fi
    if ! GOBIN="$bin" GOFLAGS=-mod=mod timeout 900 go install github.com/transparency-dev/tessera/cmd/fsck@v1.0.4 >"$bin/go.log" 2>&1; then
        echo "skipped: fsck could not be built"; tail -3 "$bin/go.log"; return 1
    fi
}
if [ "$1" = --have ]; then have; exit; fi
log=$(cd "$1" && pwd)
have || exit 0
timeout "${2:-60}" "$bin/fsck" --ui=false --storage_url="file://$log/" --public_key="$log/log.vkey" 2>&1 \
    | grep "Successfully fsck'd" >/dev/null
