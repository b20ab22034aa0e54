#!/usr/bin/env bash
# Third parties as judges of what an auditor is given: openssl on envelopes and on time-stamp tokens,
# securesystemslib and in-toto-attestation on envelopes and Statements, golang.org/x/mod on proofs.
# What cannot be installed is skipped with a notice.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${BIN:-target/release}
judges=$PWD/tests/e2e/judges
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
fail() { echo "$*"; exit 1; }

"$bin/driftwarden" demo --out "$dir/demo" >/dev/null
log=$dir/demo/evidence
export_to() {
    "$bin/driftwarden" evidence export --config "$dir/demo/estate/driftwarden.hcl" --out "$@"
}

# --- openssl: an RFC 3161 token over the checkpoint, by a time-stamp authority made here ---
size=$(sed -n 2p "$log/checkpoint")
tsa=$dir/tsa
mkdir -p "$tsa" "$log/anchors"
cat >"$tsa/tsa.cnf" <<CNF
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
[tsa]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[policy]
serial = $tsa/serial
crypto_device = builtin
signer_cert = $tsa/tsa.pem
signer_key = $tsa/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
CNF
{
    openssl req -x509 -new -newkey rsa:2048 -nodes -config "$tsa/tsa.cnf" -extensions ca -subj /CN=ca \
        -days 30 -keyout "$tsa/ca.key" -out "$tsa/ca.pem"
    openssl req -new -newkey rsa:2048 -nodes -config "$tsa/tsa.cnf" -subj /CN=tsa \
        -keyout "$tsa/tsa.key" -out "$tsa/tsa.csr"
    openssl x509 -req -in "$tsa/tsa.csr" -CA "$tsa/ca.pem" -CAkey "$tsa/ca.key" -CAcreateserial -days 30 \
        -extfile "$tsa/tsa.cnf" -extensions tsa -out "$tsa/tsa.pem"
} >"$tsa/log" 2>&1 || { cat "$tsa/log"; fail "the time-stamp authority could not be made"; }
echo 01 >"$tsa/serial"
token() { # FILE TOKEN [OPTION]
    openssl ts -query -data "$1" -sha256 -cert -out "$tsa/query" 2>/dev/null
    openssl ts -reply -config "$tsa/tsa.cnf" -section policy -queryfile "$tsa/query" -out "$2" ${3:+"$3"} \
        2>/dev/null
}
token "$log/checkpoints/$size" "$log/anchors/$size.tsr"
token "$log/checkpoints/0" "$log/anchors/0.tsr" -token_out
"$bin/driftwarden-verify" "$log" --tsa-ca "$tsa/ca.pem" >"$dir/out"
[ "$(grep -c '^timestamp .*policy 1.3.6.1.4.1.99999.1, serial' "$dir/out")" -eq 2 ] || fail "tokens are not shown"
# The verifier prints the commands that check who signed; they must work as they stand.
sed -n 's/^ *openssl ts/openssl ts/p' "$dir/out" >"$dir/commands"
[ "$(wc -l <"$dir/commands")" -eq 2 ] || fail "two commands were expected"
while IFS= read -r command; do
    bash -c "$command" 2>&1 | grep 'Verification: OK' >/dev/null || fail "openssl refused: $command"
done <"$dir/commands"
export_to "$dir/whole" >/dev/null
"$bin/driftwarden-verify" "$dir/whole/log" | grep "^timestamp   at $size entries" >/dev/null || fail "no token in the export"
token "$log/checkpoints/0" "$log/anchors/$size.tsr"
if "$bin/driftwarden-verify" "$log" >"$dir/out"; then fail "a token over other bytes was accepted"; fi
grep -q "FAIL anchors/$size.tsr: it is a token over other bytes" "$dir/out" || fail "the wrong token is not named"
token "$log/checkpoints/$size" "$log/anchors/$size.tsr"

# --- a pack: our verifier, then everybody else ---
export_to "$dir/pack" --from 2026-11-01 --to 2026-11-30 --control 'PCI-DSS 1.3.1' >"$dir/out"
pack=$dir/pack
fingerprint=$(openssl pkey -pubin -in "$pack/export.pub.pem" -outform DER | sha256sum | cut -d' ' -f1)
"$bin/driftwarden-verify" "$pack" --vkey "$log/log.vkey" --export-key "$fingerprint" >"$dir/out" \
    || { cat "$dir/out"; fail "our own verifier refused the pack"; }
(cd "$pack" && sha256sum --quiet -c SHA256SUMS)
grep -q "$(sha256sum "$pack/SHA256SUMS" | cut -d' ' -f1)" "$pack/pack.json" || fail "the list is not the signed one"

# The commands are those of the pack's README as an auditor copies them, but for where they write.
sed -n '/^ *file=pack$/,/openssl pkeyutl/p' "$pack/README.md" | grep -v '^ *file=pack$' \
    | sed "s|/tmp/|$dir/|g" >"$dir/readme.sh"
[ "$(wc -l <"$dir/readme.sh")" -ge 4 ] || fail "the README has no commands"
envelope_is_signed() {
    file=$1 bash -euc "cd '$pack'; . '$dir/readme.sh'" 2>/dev/null | grep 'Verified Successfully' >/dev/null
}
envelopes=0
for entry in "$pack"/entries/*.tlog-proof; do
    envelope_is_signed "${entry%.tlog-proof}" || fail "openssl refused the envelope of $entry"
    envelopes=$((envelopes + 1))
done
envelope_is_signed "$pack/pack" || fail "openssl refused the envelope of the pack"
[ "$envelopes" -ge 2 ] || fail "the pack holds too little: $envelopes entries"
cp -r "$pack" "$dir/changed"
first=$(basename "$(find "$pack/entries" -name '*.tlog-proof' | sort | head -1)" .tlog-proof)
sed -i 's/driftwarden/driftwarten/' "$dir/changed/entries/$first.json"
if envelope_is_signed "$dir/changed/entries/$first"; then fail "openssl accepted a changed entry"; fi
if "$bin/driftwarden-verify" "$dir/changed" >/dev/null; then fail "a changed pack was accepted"; fi
openssl ts -verify -in "$pack/anchors/$size.tsr" -data "$pack/checkpoint" -CAfile "$tsa/ca.pem" 2>&1 \
    | grep 'Verification: OK' >/dev/null || fail "openssl refused the token in the pack"
echo "openssl: ok, $envelopes envelopes and 3 tokens"

if python3 -m venv "$dir/venv" >/dev/null 2>&1 \
    && timeout 300 "$dir/venv/bin/pip" install --quiet --disable-pip-version-check \
        'securesystemslib[crypto]==1.3.1' 'in-toto-attestation==0.9.3' >"$dir/pip.log" 2>&1; then
    "$dir/venv/bin/python" "$judges/dsse.py" "$pack/export.pub.pem" "$pack/pack.dsse.json" \
        "$pack"/entries/*.dsse.json >"$dir/out" || fail "securesystemslib refused an envelope"
    echo "securesystemslib and in-toto-attestation: ok, $(cat "$dir/out")"
else
    echo "skipped: securesystemslib and in-toto-attestation could not be installed"
fi

if ! command -v go >/dev/null 2>&1; then
    echo "skipped: Go is not installed"
elif ! (cd "$judges/prove" && timeout 300 go build -o "$dir/prove" .) >"$dir/go.log" 2>&1; then
    echo "skipped: the Go program could not be built"; tail -3 "$dir/go.log"
else
    for proof in "$pack"/entries/*.tlog-proof; do
        "$dir/prove" "$log/log.vkey" "$proof" "${proof%.tlog-proof}.json" >/dev/null || fail "x/mod refused $proof"
    done
    if "$dir/prove" "$log/log.vkey" "$pack/entries/$first.tlog-proof" "$dir/changed/entries/$first.json" \
        2>/dev/null; then fail "x/mod accepted a changed entry"; fi
    echo "golang.org/x/mod: ok, $envelopes proofs"
fi
echo "judges: ok"
