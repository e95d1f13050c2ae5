"""The key of the hashes by which two tenants can be compared without showing anybody's address."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ctm_audit.errors import UsageError

BYTES = 32


def write_new_salt(path: Path) -> None:
    """Write 32 random bytes as 64 hexadecimal digits into a new file that only its owner may read.

    Raises UsageError when the file exists: hashes made with another salt would no longer join.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} exists, and a salt is never replaced.", hint="name a new file") from None
    with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
        file.write(f"{secrets.token_hex(BYTES)}\n")
