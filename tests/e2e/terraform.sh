#!/usr/bin/env bash
# The Terraform modules, judged by terraform itself: formatted, and valid for the provider where one is at hand.
# Skips with a notice where terraform is not installed. Nothing is reached over the network.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v terraform >/dev/null 2>&1; then
    echo "skipped: terraform is not installed"; exit 0
fi
terraform fmt -check -recursive -diff terraform
mirror=${TF_PLUGIN_MIRROR:-$(find /opt /usr/share /usr/local/share "$HOME/.terraform.d" -maxdepth 5 -type d \
    -path '*/registry.terraform.io/hashicorp/aws' -print -quit 2>/dev/null | sed 's,/registry.terraform.io/hashicorp/aws$,,')}
if [ -z "$mirror" ]; then
    echo "terraform: ok: formatted; not validated: no mirror holds the provider hashicorp/aws"; exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp -r terraform "$dir"
for module in aws aws/account aws/events; do
    (cd "$dir/terraform/$module" \
        && terraform init -backend=false -input=false -plugin-dir="$mirror" >"$dir/init.log" 2>&1 \
        && terraform validate -no-color >"$dir/validate.log" 2>&1) || {
        echo "FAILED: $module"; tail -20 "$dir/init.log" "$dir/validate.log" 2>/dev/null; exit 1
    }
done
echo "terraform: ok: formatted, and valid for the provider"
