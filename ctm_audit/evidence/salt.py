"""The salt of a project: the key of the hashes by which two tenants can be compared without showing anybody's address.

It stands in a file of its own beside the project file, is shared by the admins of both sides, and is in no bundle, no script and no report.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

from ctm_audit.errors import UsageError

BYTES = 32
FORM = re.compile(rf"[0-9a-f]{{{2 * BYTES}}}", re.ASCII)
DIGITS = 32
FINGERPRINT_OF = "ctm-audit salt"
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def new_salt() -> str:
    """The content of a new salt file: 32 random bytes as 64 hexadecimal digits, and a line end."""
    return f"{secrets.token_hex(BYTES)}\n"


def write_new_salt(path: Path) -> None:
    """Write a new salt into a new file that only its owner may read.

    Raises UsageError when the file exists: hashes made with another salt would no longer join.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} exists, and a salt is never replaced.", hint="name a new file") from None
    with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
        file.write(new_salt())


def read_salt(path: Path) -> bytes | None:
    """The 32 bytes of a salt file, None when there is none. Raises UsageError when it does not hold 64 hexadecimal digits."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        text = file.read(1 << 10).decode("ascii", "replace").strip()
    if not FORM.fullmatch(text):
        raise UsageError(
            f"{path} does not hold 64 hexadecimal digits.", hint="restore it, or ask the other side for the salt that both share"
        )
    return bytes.fromhex(text)


def keyed_hash(salt: bytes, folded: str) -> str:
    """The hash of a folded text, 32 hexadecimal digits: HMAC-SHA256, cut to 128 bits.

    Runs of characters beyond ASCII count as one sign, because .NET, DuckDB and Python fold them differently. Two texts that
    differ only there have the same hash: a collision may be told that is none, but none is overlooked.
    """
    return hmac.digest(salt, NOT_ASCII.sub("?", folded).encode(), "sha256").hex()[:DIGITS]


def fingerprint(salt: bytes) -> str:
    """What tells two salts apart without telling anything else of them; it may stand in bundles."""
    return keyed_hash(salt, FINGERPRINT_OF)
