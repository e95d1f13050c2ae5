"""Domain names as people write them, and as DNS carries them (IDNA 2008)."""

from __future__ import annotations

import re
import unicodedata

import idna

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LONGEST = 253


def domain_name(text: str) -> str:
    """The domain in lower-case A-labels without a final dot. ValueError with one sentence when it is none."""
    shown = ascii(text.strip())[1:-1][:80]
    name = unicodedata.normalize("NFC", text.strip()).lower().removesuffix(".")
    if any(unicodedata.category(character) in ("Cf", "Cc") for character in name):
        raise ValueError(f"{shown} holds a character that cannot be seen; type the domain again")
    if not name.isascii():
        name = _encoded(name, shown)
    labels = name.split(".")
    if len(labels) < 2 or len(name) > LONGEST or not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise ValueError(f"{shown or 'nothing'} is no domain such as contoso.com")
    return name


def _encoded(name: str, shown: str) -> str:
    try:
        return idna.encode(name, strict=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as reason:
        raise ValueError(f"{shown} is no internationalised domain: {ascii(str(reason))[1:-1][:120]}") from None


def readable(name: str) -> str:
    """The name with its letters, and the name as DNS carries it in brackets where they differ."""
    try:
        shown = idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        return name
    return name if shown == name else f"{shown} ({name})"
