"""Where two values differ: what they share at both ends, and what lies between."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ctm_audit.report.words import SHOWN, visible

CONTEXT = 80
WORTH_MARKING = 1 / 3


@dataclass(frozen=True, slots=True)
class Marked:
    """A value in three parts; `differs` is what the other value has not in this place. `length` counts the whole value."""

    before: str
    differs: str
    after: str
    length: int
    shortened: bool


def marked(expected: str | None, found: str | None) -> tuple[Marked | None, Marked | None]:
    """Both values with their difference marked; None for a value that was not told.

    Without a partner, or with too little in common, nothing is marked: the values differ as a whole.
    """
    if expected is None or found is None:
        return _plain(expected), _plain(found)
    expected, found = visible(expected), visible(found)
    head = _same_head(expected, found)
    tail = _same_head(expected[head:][::-1], found[head:][::-1])
    if expected == found or head + tail < WORTH_MARKING * min(len(expected), len(found)) or not head + tail:
        return _plain(expected), _plain(found)
    return _parts(expected, head, tail), _parts(found, head, tail)


def _plain(text: str | None) -> Marked | None:
    return None if text is None else _shortened(visible(text), "", "")


def _parts(text: str, head: int, tail: int) -> Marked:
    end = len(text) - tail
    return _shortened(text[:head], text[head:end], text[end:])


def _same_head(one: str, other: str) -> int:
    """The length of the common beginning that ends neither inside a word nor between a letter and its accent."""
    differing = (place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    length = next(differing, min(len(one), len(other)))
    while length and any(_joined(text, length) for text in (one, other)):
        length -= 1
    return length


def _joined(text: str, at: int) -> bool:
    """True when the characters around a place belong together; digits do not, so that one digit of a GUID can be marked."""
    around = text[at - 1 : at + 1]
    return len(around) == 2 and (around.isalpha() or any(unicodedata.combining(character) for character in around))


def _shortened(before: str, differs: str, after: str) -> Marked:
    """The parts, cut to what a reader can take in when the value is very long: the difference and its surroundings."""
    length = len(before) + len(differs) + len(after)
    if length <= SHOWN:
        return Marked(before, differs, after, length, shortened=False)
    if not differs and not after:
        return Marked(f"{before[:SHOWN]}…", "", "", length, shortened=True)
    start = before if len(before) <= CONTEXT else f"…{before[-CONTEXT:]}"
    middle = differs if len(differs) <= SHOWN else f"{differs[:SHOWN]}…"
    end = after if len(after) <= CONTEXT else f"{after[:CONTEXT]}…"
    return Marked(start, middle, end, length, shortened=True)
