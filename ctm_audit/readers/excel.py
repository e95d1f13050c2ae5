"""Exports that went through Excel: each row an object, each value that Excel replaced named by its sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected, shortened
from ctm_audit.readers.pages import Item
from ctm_audit.readers.text import NOTHING
from ctm_audit.spreadsheet import MOST_ROWS, NotReadable, sheet_rows


def read_header(path: Path) -> tuple[str, ...]:
    """The property names in the first row that is not `#TYPE`. Raises NotCollected."""
    for _, cells in _rows(path):
        return _names(cells, path.name)
    raise NotCollected(NOTHING.format(path.name))


def read_rows(path: Path) -> Iterator[Item]:
    """Each row below the header as an object; a Fault for a row with more cells. Raises NotCollected."""
    names: tuple[str, ...] = ()
    for number, cells in _rows(path):
        if not names:
            names = _names(cells, path.name)
        elif any(cell != "" for cell in cells[len(names) :]):
            yield Fault(path.name, number, len(names) + 1, f"more cells than the header's {len(names)}; the row was left out")
        else:
            yield {name: cells[place] if place < len(cells) else "" for place, name in enumerate(names) if name}
        if number == MOST_ROWS:
            yield Fault(path.name, number, 1, f"the sheet is full: what followed row {MOST_ROWS:,} was cut off")


def _rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    try:
        yield from (row for row in sheet_rows(path) if not str(row[1][0]).startswith("#TYPE "))
    except NotReadable as reason:
        raise NotCollected(f"{path.name}: {reason}") from None


def _names(cells: list[Any], file: str) -> tuple[str, ...]:
    strange = next((cell for cell in cells if not isinstance(cell, str)), None)
    if strange is not None:
        raise NotCollected(f"{file}: the header names {strange!r}, which is no property")
    names = tuple(cell.strip() for cell in cells)
    folded = [name.casefold() for name in names if name]
    doubled = next((name for name in folded if folded.count(name) > 1), None)
    if doubled:
        raise NotCollected(f"{file}: the header names {shortened(doubled)} more than once")
    return names
