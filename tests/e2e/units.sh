#!/usr/bin/env bash
# The files around the binary: systemd units, alert rules, Kubernetes example, container file.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp systemd/*.service systemd/*.timer "$dir"
for unit in driftwarden driftwarden-scan; do
    systemd-analyze security --offline=true --threshold=15 "$dir/$unit.service" | tail -1
done
# The binary need not be installed here.
install -m 755 /bin/true "$dir/driftwarden"
sed -i "s,/usr/bin/driftwarden ,$dir/driftwarden ," "$dir"/*.service
told=$(systemd-analyze verify "$dir"/*.service "$dir"/*.timer 2>&1)
[ -z "$told" ] || { echo "$told"; exit 1; }
(cd deploy/prometheus && promtool check rules driftwarden.rules.yml && promtool test rules driftwarden.rules.test.yml)
# Every metric that an alert asks for is one that the program has.
grep -o 'driftwarden_[a-z_]*' deploy/prometheus/driftwarden.rules.yml | sort -u | while read -r metric; do
    grep -rq "\"$metric\"" src/engine/service || { echo "no such metric: $metric"; exit 1; }
done
echo "units: ok"
