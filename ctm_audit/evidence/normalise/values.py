"""One text, GUID or switch."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ctm_audit.evidence.normalise.secrets import SECRET_FOUND, is_secret, shortened

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
FLATTENED = re.compile(r"(System\.|Microsoft\.|Deserialized\.)[\w.+`]+(\[.*\])?|@\{.*\}", re.DOTALL)
PLAIN_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GUID = re.compile(r"[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[})]?")
REMEMBERED = 1 << 16  # texts; those of one block of objects
TRUE_FALSE = {"true": True, "false": False, "$true": True, "$false": False}

Normaliser = Callable[[Any], Any]


class NotCollected(Exception):
    """The export flattened, cut or never fetched the value, so it was not collected."""


def text(value: Any) -> str:
    """The text as it stands; absent is ''. A number is no text: `ConvertTo-Json` writes enumerations as numbers."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotCollected(f"text is meant, but the export holds {shortened(value)}")
    return _kept(value)


@lru_cache(REMEMBERED)
def _kept(value: str) -> str:
    """The text, when it may be kept. Remembered, for several columns read the same property, and many objects have the same values."""
    if FLATTENED.fullmatch(value):
        raise NotCollected(f"the export wrote {shortened(value)} instead of the value")
    if is_secret(value):
        raise NotCollected(SECRET_FOUND)
    return value


def fold(value: Any) -> str:
    """The text in folded case, for comparing names, domains and addresses."""
    return text(value).casefold()


def key(value: Any) -> str:
    """Folded text without surrounding blanks, for names that people look up."""
    return fold(value).strip()


def guid(value: Any) -> str:
    """The GUID in lower case with dashes; null, empty and the zero GUID are ''."""
    if isinstance(value, str) and PLAIN_GUID.fullmatch(value):
        return "" if value == ZERO_GUID else value
    raw = text(value).strip().lower()
    if not raw:
        return ""
    found = GUID.fullmatch(raw)
    if not found:
        raise ValueError(f"{shortened(raw)} is not a GUID")
    plain = "-".join(found.groups())
    return "" if plain == ZERO_GUID else plain


def flag(value: Any) -> bool:
    """A switch that Exchange always prints; absent or empty is not collected."""
    if isinstance(value, bool):
        return value
    raw = text(value).strip().lower()
    if not raw:
        raise NotCollected("the switch is empty")
    if raw not in TRUE_FALSE:
        raise ValueError(f"{shortened(value)} is neither true nor false")
    return TRUE_FALSE[raw]


def switched_on(value: Any) -> bool:
    """A switch that Exchange leaves blank for what has none; absent is False."""
    return bool(value not in (None, "") and flag(value))


def switched_off(value: Any) -> bool:
    """True when somebody has switched it off; absent is False."""
    return bool(value not in (None, "") and not flag(value))


def is_set(value: Any) -> bool:
    """True when there is a text; the text itself is not kept. Absent is False."""
    return bool(text(value).strip())


def by_folded_name(members: dict[str, Any]) -> dict[str, Any]:
    """The members of an object by their names in folded case; property names match without letter case."""
    found = {name.casefold(): member for name, member in members.items()}
    if len(found) != len(members):
        raise NotCollected("an object has two members whose names differ only in letter case")
    return found
