"""Encryption of a bundle's zip in the age format (https://age-encryption.org/v1), so that any age program can open it.

Nobody's secret is ever part of a message: what cannot be read is named by its place only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyrage

from ctm_audit.errors import Refused, UsageError

SHORTEST = 12  # characters of a passphrase; age slows guessing down, but a short one falls all the same
INTRODUCTION = b"age-encryption.org/v1\n-> scrypt "
FAULTS = (pyrage.DecryptError, OSError, ValueError)


def encrypt(content: IO[bytes], place: IO[bytes], recipients: Sequence[str], passphrase: str) -> None:
    """Write the content encrypted for everybody named, else for whoever knows the passphrase. Raises UsageError for what cannot be used."""
    if recipients:
        pyrage.encrypt_io(content, place, list(_recipients(recipients)))
    elif len(passphrase) < SHORTEST:
        raise UsageError(f"The passphrase is too short: at least {SHORTEST} characters are needed.", hint="a few random words do well")
    else:
        place.write(pyrage.passphrase.encrypt(content.read(), passphrase))


def _recipients(texts: Sequence[str]) -> Iterator[Any]:
    for number, text in enumerate(texts, start=1):
        try:
            yield (pyrage.ssh if text.startswith("ssh-") else pyrage.x25519).Recipient.from_str(text.strip())
        except (pyrage.RecipientError, ValueError):
            raise UsageError(f"Recipient {number} is no public key of age (age1…) or SSH (ssh-…).", hint="ask for the public key") from None


def is_for_passphrase(file: Path) -> bool:
    """Whether a passphrase opens the file, rather than a key. Raises Refused when it is not encrypted in this format."""
    with file.open("rb") as content:
        begin = content.read(len(INTRODUCTION))
    if not begin.startswith(INTRODUCTION[:22]):
        raise Refused(f"{file} is not encrypted in the age format.", hint="name the file that ctm-audit bundle export --encrypt wrote")
    return begin == INTRODUCTION


def decrypt(file: Path, place: IO[bytes], identities: Sequence[Any], passphrase: str) -> None:
    """Write what the file holds. Raises Refused when the key or passphrase is another one, or the file was changed."""
    try:
        with file.open("rb") as content:
            if identities:
                pyrage.decrypt_io(content, place, list(identities))
            else:
                place.write(pyrage.passphrase.decrypt(content.read(), passphrase))
    except FAULTS as error:
        hint = "use the key or passphrase that it was encrypted for, or get the file again"
        raise Refused(f"{file} cannot be decrypted ({error}).", hint=hint) from None


def read_identities(file: Path) -> list[Any]:
    """The private keys in a file of age (AGE-SECRET-KEY-…) or of SSH. Raises UsageError when there is none."""
    try:
        data = file.read_bytes()
        if b"PRIVATE KEY-----" in data:
            return [pyrage.ssh.Identity.from_buffer(data)]
        lines = [line.strip() for line in data.decode().splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, ValueError, OSError):
        found = []
    if not found:
        raise UsageError(
            f"{file} holds no private key of age or SSH that can be read.", hint="ctm-audit bundle keygen --for encryption FILE"
        )
    return found


def new_identity() -> tuple[bytes, str]:
    """A new private key as its file holds it, and the public key by which others encrypt for it."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    return f"# public key: {public}\n{identity}\n".encode(), public
