"""Checks the envelopes of a pack with securesystemslib and the Statements in them with
in-toto-attestation: dsse.py EXPORT-KEY.pem ENVELOPE..."""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey


def check(path, public):
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    # This library looks for a key by its id; what the id says is not part of the signature.
    key = SSlibKey.from_crypto(public, keyid=data["signatures"][0]["keyid"])
    envelope = Envelope.from_dict(data)
    envelope.verify([key], 1)
    statement = json_format.Parse(envelope.payload, statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    assert envelope.payload_type == "application/vnd.in-toto+json"
    return envelope, key


def main():
    with open(sys.argv[1], "rb") as file:
        public = load_pem_public_key(file.read())
    for path in sys.argv[2:]:
        envelope, key = check(path, public)
        envelope.payload = envelope.payload.replace(b"driftwarden", b"driftwarten", 1)
        try:
            envelope.verify([key], 1)
        except VerificationError:
            continue
        sys.exit(f"{path}: a changed payload verifies")
    print(f"{len(sys.argv) - 2} envelopes")


main()
