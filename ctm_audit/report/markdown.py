"""Markdown that no value can break out of: values stand in code spans, texts of ours are escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ctm_audit.report.words import visible

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
TICKS = re.compile("`+")
BETWEEN_TICKS = re.compile("`([^`]+)`")
LINE_ENDS = re.compile(r"\r\n|[\r\n\t\x0b\x0c\x85\u2028\u2029]")
LONGEST = 300


def text(value: str) -> str:
    """A sentence in one line, in which nothing is markup but what stands between two backticks: that is a code span."""
    parts = BETWEEN_TICKS.split(LINE_ENDS.sub(" ", value))
    return "".join(code(part) if number % 2 else SPECIAL.sub(r"\\\1", visible(part)) for number, part in enumerate(parts))


def code(value: str) -> str:
    """A value as a code span in one line: nothing in it is markup, a link or a mention. Long ones are cut; empty text stays empty."""
    shown = visible(LINE_ENDS.sub("↵", value))
    shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
    fence = "`" * _longer_than_any(shown)
    padding = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{padding}{shown}{padding}{fence}" if shown.strip() else ""


def cell(value: str) -> str:
    """A value as a code span in a table, where a bar needs a backslash even there, and a backslash before a bar a name."""
    return code(value.replace("\\|", "[U+005C]|")).replace("|", "\\|")


def block(lines: Iterable[str], language: str) -> str:
    """Lines as a block of code; none of them ends it."""
    body = [visible(LINE_ENDS.sub("↵", line)) for line in lines]
    fence = "`" * max(3, *map(_longer_than_any, body), 3)
    return "\n".join([f"{fence}{language}", *body, fence]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells made by `cell` and `text`."""
    lines = (heads, ["---"] * len(heads), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _longer_than_any(value: str) -> int:
    return 1 + max((len(run) for run in TICKS.findall(value)), default=0)
