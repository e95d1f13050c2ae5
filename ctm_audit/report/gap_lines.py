"""Missing evidence as Markdown: what is missing, and once for all that one line brings, the line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ctm_audit.report.markdown import block, code, text
from ctm_audit.report.words import SIDES, counted


def gap_lines(gaps: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A list of what is missing, and the line that exports it, the most wanted first."""
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for gap in gaps:
        lines.setdefault(gap["export"], []).append(gap)
    for export, brought in lines.items():
        yield "".join(f"* {_gap(gap)}\n" for gap in brought) + f"\n{block([export], 'powershell')}"


def _gap(gap: Mapping[str, Any]) -> str:
    held = f"; {counted(gap['mailboxes'], 'mailbox waits', 'mailboxes wait')} for it" if gap["mailboxes"] else ""
    side = SIDES[gap["side"]]
    return f"{side[0].upper()}{side[1:]}: {code(gap['what'])} ({text(', '.join(gap['rules']))}{held})"
