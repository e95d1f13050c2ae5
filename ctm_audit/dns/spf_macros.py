"""Macros of SPF records (RFC 7208 section 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

MACRO = re.compile(r"%(?:\{([A-Za-z])(\d*)(r?)([.+,/_=-]*)\}|([%_-]))", re.IGNORECASE)
PLAIN = {"%": "%", "_": " ", "-": "%20"}
LETTERS = frozenset("slodiphv")
LETTERS_OF_EXP = LETTERS | frozenset("crt")
LONGEST_NAME = 253


class MacroError(Exception):
    """A `%` that begins no macro, or a macro that is not allowed here."""


def check_macros(text: str, letters: frozenset[str] = LETTERS) -> None:
    """Return when every macro of the text is well formed. MacroError when one is not."""
    if "%" in MACRO.sub("", text):
        raise MacroError("a % begins no macro")
    for found in MACRO.finditer(text):
        if found[1] and found[1].lower() not in letters:
            raise MacroError(f"{found[0]} is no macro that may stand here")
        if found[2] and int(found[2]) == 0:
            raise MacroError(f"{found[0]} asks for no label at all")


def letters_in(text: str) -> set[str]:
    """The macro letters of a text, in lower case."""
    return {found[1].lower() for found in MACRO.finditer(text) if found[1]}


def expand(text: str, values: Mapping[str, str], letters: frozenset[str] = LETTERS) -> str:
    """The text with every macro replaced by its value. MacroError when one is not well formed; `values` are by lower-case letter."""
    check_macros(text, letters)
    return MACRO.sub(lambda found: _value(found, values), text)


def expand_domain(text: str, values: Mapping[str, str]) -> str:
    """The expanded name without a final dot; labels are taken off at the left until it is no longer than a name may be."""
    name = expand(text, values).removesuffix(".")
    while len(name) > LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found[5]:
        return PLAIN[found[5]]
    value = values[found[1].lower()]
    parts = re.split(f"[{re.escape(found[4] or '.')}]", value)
    if found[3]:
        parts.reverse()
    kept = ".".join(parts[-int(found[2]) :] if found[2] else parts)
    return quote(kept, safe="-._~") if found[1].isupper() else kept
