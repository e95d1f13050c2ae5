"""Two runs compared, on a terminal: how many of each, and by owner and rule which objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from ctm_audit.report.console import Line, Style, wrapped
from ctm_audit.report.words import counted, day_and_time, headline, owner, visible

WORDS: Mapping[str, tuple[str, Style]] = {
    "new": ("New", "red"),
    "fixed": ("Fixed", "green"),
    "open": ("Still open", "magenta"),
    "undetermined": ("Newly undetermined", "magenta"),
    "still_undetermined": ("Still undetermined", ""),
    "settled": ("Was undetermined, passes now", "green"),
    "accepted": ("Waived or stated since", ""),
    "masked": ("Not judged any more: another failure masks it", "magenta"),
    "gone": ("Not asked any more: moved, or no longer in the mapping", ""),
}
LEFT_OUT_SHOWN = 12


def diff_lines(told: Mapping[str, Any]) -> list[Line]:
    """The comparison: the two runs, what was left out, the counts, then each change by owner and rule."""
    lines = [*_runs(told), *_left_out(told), *_counts(told), *_groups(told)]
    return [Line(visible(line.text), line.style) for line in lines]


def _runs(told: Mapping[str, Any]) -> Iterator[Line]:
    for name in ("first", "second"):
        run = told[name]
        ready = f"{headline(run['ready'], run['step'])}, {run['mailboxes']['ready']:,} of {run['mailboxes']['total']:,} mailboxes ready"
        yield from wrapped(f"{name:<7} {run['folder']}, {day_and_time(run['now'])}: {ready}", indent=8)
    for note in told["notes"]:
        yield from wrapped(f"Note: {note}", "magenta", indent=6)


def _left_out(told: Mapping[str, Any]) -> Iterator[Line]:
    left_out = told["left_out"]
    if left_out:
        some = ", ".join(f"{one['rule']} ({one['why']})" for one in left_out[:LEFT_OUT_SHOWN])
        more = f" and {len(left_out) - LEFT_OUT_SHOWN:,} more" if len(left_out) > LEFT_OUT_SHOWN else ""
        yield from wrapped(f"Not compared: {counted(len(left_out), 'rule')}: {some}{more}", "magenta", indent=2)


def _counts(told: Mapping[str, Any]) -> Iterator[Line]:
    yield Line("")
    found = {change: number for change, number in told["counts"].items() if number}
    for change, number in found.items():
        word, style = WORDS[change]
        yield Line(f"{number:>9,}  {word}", style)
    if not found:
        yield Line("No finding in either run.")


def _groups(told: Mapping[str, Any]) -> Iterator[Line]:
    for (change, who), groups in groupby(told["groups"], key=lambda group: (group["change"], group["owner"])):
        yield Line("")
        yield Line(f"{WORDS[change][0]} [{owner(who)}]", "bold")
        for group in groups:
            yield from wrapped(f"  {group['rule']} {group['title']} ({group['count']:,}){_objects(group)}", indent=4)


def _objects(group: Mapping[str, Any]) -> str:
    """The objects by name; what was not seen has none."""
    more = group["count"] - len(group["objects"])
    return f": {', '.join(group['objects'])}{f' and {more:,} more' if more else ''}" if group["objects"] else ": not seen"
