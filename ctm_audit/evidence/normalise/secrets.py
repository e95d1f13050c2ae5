"""What looks like a secret, and how a value is shown without one."""

from __future__ import annotations

import re

SECRET_HINTS = (
    "eyJ",
    "Q~",
    "PRIVATE KEY",
    "earer ",
    "asswor",
    "ASSWOR",
    "pwd",
    "Pwd",
    "PWD",
    "ecret",
    "ECRET",
    "haredAccess",
    "AccountKey",
)
SECRET = re.compile(
    r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}|\w{3}\dQ~[\w~.-]{20,}|PRIVATE KEY-----|[Bb]earer +[\w~+/.-]{16,}"
    r"|(?i:password|pwd|secret|sharedaccesskey|sharedaccesssignature|accountkey)\s*[=:]\s*\S"
)

SECRET_FOUND = "a value looks like a secret, so it was not kept"


def is_secret(value: str) -> bool:
    """True when the text holds what looks like a password, a client secret, a token or a private key: it must never be kept or shown."""
    return any(map(value.__contains__, SECRET_HINTS)) and bool(SECRET.search(value))


def shortened(value: object, length: int = 60) -> str:
    """The value in about `length` characters that are safe to print; lists and objects only by their kind, secrets not at all."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, str) and is_secret(value):
        return "a text that looks like a secret"
    literal = repr(value[: length + 1] if isinstance(value, str) else value)
    return literal if len(literal) <= length + 2 else f"{literal[:length]}…"
