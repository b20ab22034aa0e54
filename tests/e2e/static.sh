#!/usr/bin/env bash
# What the container image holds: static binaries, which run in a root folder that has nothing else.
# Where no container engine is at hand, this is what shows that the image would work.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=x86_64-unknown-linux-gnu
if [ "$(uname -m)" != x86_64 ] || ! command -v chroot >/dev/null; then
    echo "skipped: no x86-64 machine with chroot"; exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "skipped: an empty root needs root"; exit 0
fi
# Linked as the image's own, and not as fast: how far it is optimised changes nothing of what it needs.
RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --target "$target" \
    --no-default-features --features "${1:-lean}" --bins
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/root/usr/bin" "$dir/root/estate"
for name in driftwarden driftwarden-verify; do
    built=target/$target/debug/$name
    if ldd "$built" 2>/dev/null | grep '=>' >/dev/null; then
        echo "$name needs libraries:"; ldd "$built"; exit 1
    fi
    strip -o "$dir/root/usr/bin/$name" "$built"
done
# Nothing else is there but what every container has of /dev: no libraries, no shell, no certificates, no /tmp,
# no /proc.
mkdir "$dir/root/dev"
if ! mknod -m 666 "$dir/root/dev/urandom" c 1 9 2>/dev/null || ! mknod -m 666 "$dir/root/dev/random" c 1 8; then
    echo "skipped: no device file can be made here"; exit 0
fi
chmod 755 "$dir" "$dir/root"
inside() { chroot --userspec=65532:65532 "$dir/root" "$@"; }
chown 65532:65532 "$dir/root/estate"
inside /usr/bin/driftwarden demo --out /estate/demo >"$dir/out"
grep -q 'evidence' "$dir/out" || { cat "$dir/out"; exit 1; }
inside /usr/bin/driftwarden-verify /estate/demo/evidence >"$dir/verified" || { cat "$dir/verified"; exit 1; }
if inside /usr/bin/driftwarden scan --config /estate/none.hcl 2>"$dir/err"; then
    echo "a scan without a configuration succeeded"; exit 1
fi
grep -q 'none.hcl' "$dir/err" || { cat "$dir/err"; exit 1; }
size=$(du -sk "$dir/root/usr/bin" | cut -f1)
echo "static: ok: both binaries take $size kB"
