#!/usr/bin/env bash
# The units under a real systemd: a small Debian is made and booted in a container, with systemd as its
# first process. Started, reloaded, stuck, killed, stopped; credentials; the timer's unit.
# ROOTFS names a folder to keep the Debian in, for the next time.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(id -u)" -ne 0 ] || ! command -v systemd-nspawn >/dev/null; then
    echo "skipped: it takes root and systemd-nspawn (systemd-container)"
    exit 0
fi
[ -n "${NO_BUILD:-}" ] || cargo build --locked --profile test --example loghammer --bins
dw=$PWD/target/debug/driftwarden
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=${ROOTFS:-$work/root}
if [ ! -x "$root/usr/lib/systemd/systemd" ]; then
    command -v mmdebstrap >/dev/null || { echo "skipped: mmdebstrap is not installed"; exit 0; }
    if ! timeout 600 mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,dbus \
        bookworm "$root"; then
        echo "skipped: no Debian can be made here"
        exit 0
    fi
fi

# As docs/operations.md says.
strip -o "$work/driftwarden" "$dw"
install -m 755 "$work/driftwarden" "$root/usr/bin/driftwarden"
install -D -m 644 systemd/driftwarden.sysusers.conf "$root/usr/lib/sysusers.d/driftwarden.conf"
install -D -m 644 systemd/driftwarden.tmpfiles.conf "$root/usr/lib/tmpfiles.d/driftwarden.conf"
install -m 644 systemd/*.service systemd/*.timer "$root/etc/systemd/system/"
rm -rf "$root/etc/driftwarden" "$root/var/lib/driftwarden" "$root/results"
mkdir -p "$root/etc/systemd/system/driftwarden.service.d" "$root/results"
"$dw" demo --out "$work/demo" >/dev/null 2>&1
cp -r "$work/demo/estate" "$root/etc/driftwarden"
sed -i 's,dir    = "../evidence",dir    = "/var/lib/driftwarden/evidence"\n  keys   = "/var/lib/driftwarden/keys",' \
    "$root/etc/driftwarden/driftwarden.hcl"
cat >>"$root/etc/driftwarden/driftwarden.hcl" <<'HCL'
run {
  every    = "1h"
  debounce = "1s"
  listen   = "127.0.0.1:9480"
}
HCL
chmod -R a+rX "$root/etc/driftwarden"
cat >"$root/etc/systemd/system/driftwarden.service.d/test.conf" <<'UNIT'
[Service]
WatchdogSec=4s
RestartSec=1s
UNIT
cat >"$root/etc/systemd/system/test.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash /results/check.sh
StandardOutput=file:/results/out
StandardError=file:/results/out
ExecStopPost=/bin/systemctl --no-block poweroff
TimeoutStartSec=200
UNIT
ln -sf /etc/systemd/system/test.service "$root/etc/systemd/system/multi-user.target.wants/test.service"
sed -i '/^After=multi-user/d' "$root/etc/systemd/system/test.service"
cat >"$root/results/check.sh" <<'CHECK'
set -euo pipefail
unit=driftwarden.service
property() { systemctl show -p "$1" --value "$unit"; }
fail() { systemctl status "$unit" --no-pager -l || true; journalctl -b -u "$unit" --no-pager | tail -40; echo "FAILED: $*"; exit 1; }
until_it() {
    local what=$1; shift
    for _ in $(seq 400); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.1; done
    fail "$what"
}
scanned() { property StatusText | grep 'the scan of' >/dev/null; }
systemctl start "$unit" || fail "it starts"
until_it "the first scan is in the status" scanned
echo "ok: started: $(property StatusText)"
echo "user $(ps -o user= -p "$(property MainPID)" 2>/dev/null || stat -c %U "/proc/$(property MainPID)")"
systemctl reload "$unit" || fail "it reloads"
active() { [ "$(property ActiveState)" = active ]; }
until_it "it is active after the reload" active
journalctl -b -u "$unit" --no-pager | grep 'signal=SIGHUP' >/dev/null || fail "the reload is in the log"
echo "ok: reloaded"
echo nonsense >>/etc/driftwarden/people.json
refused() { journalctl -b -u "$unit" -p err --no-pager | grep configuration_rejected >/dev/null; }
until_it "what is wrong is an error in the journal" refused
[ "$(property ActiveState)" = active ] || fail "it goes on"
sed -i '$d' /etc/driftwarden/people.json
journalctl -b -u "$unit" -p info --no-pager | grep 'event=scan_finished' >/dev/null || fail "scans are told at info"
echo "ok: errors have their priority in the journal"
# A loop that does not turn.
kill -STOP "$(property MainPID)"
restarted() { [ "$(property NRestarts)" -ge 1 ] && [ "$(property ActiveState)" = active ]; }
until_it "the watchdog has it started again" restarted
journalctl -b -u "$unit" --no-pager | grep -i watchdog >/dev/null || fail "the watchdog did it"
echo "ok: killed by the watchdog and started again"
until_it "it scans again" scanned
kill -9 "$(property MainPID)"
again() { [ "$(property NRestarts)" -ge 2 ] && [ "$(property ActiveState)" = active ]; }
until_it "it is started again after kill -9" again
until_it "it scans after kill -9" scanned
begun=$(date +%s%N)
systemctl stop "$unit"
took=$((($(date +%s%N) - begun) / 1000000))
[ "$took" -lt 10000 ] || fail "it stops within 10 s, not $took ms"
[ "$(property Result)" = success ] || fail "it stops well: $(property Result)"
echo "ok: stopped in $took ms"
# The keys as credentials: nothing of them is left in the state folder.
mkdir -p /etc/driftwarden-keys
mv /var/lib/driftwarden/keys/*.key /etc/driftwarden-keys/
rmdir /var/lib/driftwarden/keys
chmod 700 /etc/driftwarden-keys
chown -R root:root /etc/driftwarden-keys
sed -i 's,/var/lib/driftwarden/keys,/run/credentials/driftwarden.service,' /etc/driftwarden/driftwarden.hcl
cat >>/etc/systemd/system/driftwarden.service.d/test.conf <<UNIT
LoadCredential=signing.key:/etc/driftwarden-keys/signing.key
LoadCredential=redaction.key:/etc/driftwarden-keys/redaction.key
LoadCredential=people.key:/etc/driftwarden-keys/people.key
UNIT
systemctl daemon-reload
systemctl start "$unit" || fail "it starts with credentials"
until_it "it scans with credentials" scanned
systemctl stop "$unit"
echo "ok: reads its keys as credentials"
sed -i 's,/run/credentials/driftwarden.service,/var/lib/driftwarden/keys,' /etc/driftwarden/driftwarden.hcl
install -d -o driftwarden -g driftwarden -m 700 /var/lib/driftwarden/keys
install -o driftwarden -g driftwarden -m 600 /etc/driftwarden-keys/*.key /var/lib/driftwarden/keys/
systemctl start driftwarden-scan.service || fail "the timer's unit takes status 2 for success"
journalctl -b -u driftwarden-scan --no-pager | grep 'EVIDENCE' >/dev/null || fail "the scan is in the journal"
systemctl start driftwarden-scan.timer && systemctl is-active --quiet driftwarden-scan.timer || fail "the timer runs"
echo "ok: one scan by the timer's unit"
echo "ALL OK"
CHECK
timeout 280 systemd-nspawn --quiet -D "$root" --boot --keep-unit --register=no \
    --console=pipe </dev/null >"$work/boot" 2>&1 || true
cat "$root/results/out" 2>/dev/null || tail -30 "$work/boot"
grep -q '^ALL OK' "$root/results/out" || { echo "systemd: failed"; tail -20 "$work/boot"; exit 1; }
echo "systemd: ok"
