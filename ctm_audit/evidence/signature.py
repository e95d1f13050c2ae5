"""Signatures of bundles: whoever collected the evidence signs its digest, so that it cannot be exchanged for other evidence.

Ed25519 (RFC 8032). A signature is a file of the bundle beside the manifest; what it signs holds every other byte together.
A public key is written `ed25519:` and 64 hexadecimal digits.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ctm_audit.errors import Refused, UsageError

SIGNATURE = "signature.json"
PREFIX = "ed25519:"
PURPOSE = b"ctm-audit bundle\n"  # so that nothing else signed with the key can pass as a bundle
FORMAT = serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()


def make_key(file: Path) -> str:
    """The public key to a new private key, which was written to a file that only its owner may read. Raises Refused when it exists."""
    private = Ed25519PrivateKey.generate()
    write_secret(file, private.private_bytes(serialization.Encoding.PEM, FORMAT, PLAIN))
    return public_text(private.public_key())


def write_secret(file: Path, content: bytes) -> None:
    """Write a new file that only its owner may read; on Windows the folder's rights apply. Raises Refused when it exists."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{file} exists; a key is never overwritten.", hint="name a new file") from None
    with os.fdopen(handle, "wb") as place:
        place.write(content)


def read_key(file: Path) -> Ed25519PrivateKey:
    """The private key in a file. Raises UsageError, which tells nothing of what stands there, when it holds none."""
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm, OSError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{file} does not hold a private Ed25519 key that can be read.", hint="ctm-audit bundle keygen FILE")
    return key


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as it is written."""
    return PREFIX + key.public_bytes_raw().hex()


def signature_of(digest: str, key: Ed25519PrivateKey) -> bytes:
    """The signature file of the bundle with that digest."""
    return _render(digest, public_text(key.public_key()), key.sign(PURPOSE + digest.encode()).hex())


def signer_of(data: bytes, digest: str) -> str:
    """The public key that signed the digest. Raises ValueError when the file is not a sound signature of it."""
    document = json.loads(data)
    signer, signature = str(document["signer"]), str(document["signature"])
    if data != _render(digest, signer, signature):
        raise ValueError("it belongs to another bundle, or was changed")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer.removeprefix(PREFIX)))
    if signer != public_text(key):
        raise ValueError("the key is not written as keys are")
    try:
        key.verify(bytes.fromhex(signature), PURPOSE + digest.encode())
    except InvalidSignature:
        raise ValueError("the signature is not of this key") from None
    return signer


def _render(digest: str, signer: str, signature: str) -> bytes:
    document = {"format_version": "1", "digest": digest, "signer": signer, "signature": signature}
    return (json.dumps(document, indent=2) + "\n").encode()
