"""Lists that an export joined into one text: taken apart only where there is one way to do it.

`$_.EmailAddresses -join ';'` is common, and every separator may stand inside an X500 or X400 address. So an address list is
split only where a separator is followed by the type of an address, the separator must be the same everywhere, and
every piece must look like what its type says. Types: https://learn.microsoft.com/exchange/email-addresses-exchange-2013-help
"""

from __future__ import annotations

import re

SEPARATORS = (" ", ";", ",", "|", "; ", ", ", " | ", "\n", "\r\n")
SEPARATOR = re.compile(r"[\s,;|]+")
BEFORE_A_TYPE = re.compile(r"([\s,;|]+)(?=(?:smtp|x500|x400|sip|spo|eum):)", re.IGNORECASE)
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
DOMAIN_OR_ID = re.compile(rf"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+|{GUID}", re.IGNORECASE)
HOLD_ID = re.compile(rf"-?(?:mbx|skp|grp|cld|unih)?(?:[0-9a-f]{{32}}|{GUID})(?::[0-9]+)?", re.IGNORECASE)
PLAN_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]+[0-9]+|[A-Z]{4,}")  # capitals: EXCHANGE_S_ENTERPRISE, TEAMS1, SWAY
PLAIN = r"[^\s,;|@:]+@[^\s,;|@:]+"
HIDES_NO_OTHER = r"(?![\s\S]*[\s,;|](?:[A-Za-z][A-Za-z0-9]*:|[^\s,;|/=]+@))"  # a type nobody knows, or an address without one
WELL_FORMED = {
    "smtp": re.compile(PLAIN),
    "sip": re.compile(PLAIN),
    "spo": re.compile(r"[^\s,;|:]+"),
    "eum": re.compile(r"[^\s,;|:]+(?:;phone-context=[^\s,;|:]+)?"),
    "x500": re.compile(rf"{HIDES_NO_OTHER}/[\s\S]*[^\s,;|…](?<!\.\.\.)"),
    "x400": re.compile(rf"{HIDES_NO_OTHER}[A-Za-z][\s\S]*=[\s\S]*[^…](?<!\.\.\.)"),
}


def split_addresses(joined: str) -> list[str] | None:
    """The addresses of a text that holds several, each with its type; None when it can be read in no way, or in more than one."""
    found = BEFORE_A_TYPE.split(joined)
    pieces, separators = found[::2], set(found[1::2])
    if len(separators) != 1 or not separators <= set(SEPARATORS) or not all(map(_is_well_formed, pieces)):
        return None
    return pieces if sum(piece.startswith("SMTP:") for piece in pieces) == 1 else None  # exactly one is the primary


def _is_well_formed(piece: str) -> bool:
    scheme, _, value = piece.partition(":")
    pattern = WELL_FORMED.get(scheme.lower())
    return bool(pattern and pattern.fullmatch(value))


def split_tokens(joined: str, token: re.Pattern[str]) -> list[str] | None:
    """The tokens of a text that holds several; None when one of them is not of that kind, or the separators differ."""
    separators = set(SEPARATOR.findall(joined))
    pieces = SEPARATOR.split(joined)
    if len(separators) > 1 or not separators <= set(SEPARATORS) or not all(map(token.fullmatch, pieces)):
        return None
    return pieces
