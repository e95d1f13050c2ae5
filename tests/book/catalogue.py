"""The ids of every rule that the field knows of, and those that the book does not have yet, as the documentation tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LAST = {"ACC": 8, "LIC": 11, "IDN": 15, "STP": 19, "DOM": 11, "TRU": 22, "MBX": 22, "DEL": 7, "BCH": 17}
"""Each family's last id; they begin at 01 and leave none out."""
NEWER = {"COV": 2, "SNAP": 1, "FLOW": 4, "USE": 5, "FROM": 1, "KEY": 2}
CATALOGUE = frozenset(f"{family}-{number:02}" for family, last in {**LAST, **NEWER}.items() for number in range(1, last + 1))
ELSEWHERE = ("PST", "CLN", "DNS", "TEN")
"""Families that belong to what comes after the move, and to DNS."""
PAGE = Path(__file__).parents[2] / "docs" / "rules-not-yet.md"
LINE = re.compile(r"^\| ([A-Z]+-\d{2}W?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NotYet:
    """A rule that is not in the book: why, and what would bring it."""

    id: str
    reason: str
    brought_by: str


def not_yet() -> tuple[NotYet, ...]:
    """What docs/rules-not-yet.md lists, in its order."""
    return tuple(NotYet(*found) for found in LINE.findall(PAGE.read_text(encoding="utf-8")))
