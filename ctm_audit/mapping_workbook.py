"""A mapping in an Excel workbook, as the text of the CSV file that it stands for: row by row, so that lines keep their numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.spreadsheet import Damaged, NotReadable, SheetNumber, sheet_rows
from ctm_audit.text_files import Text, shown


def read_workbook(path: Path) -> Text:
    """The rows as text, or every fault: what cannot be read, and each cell that Excel has replaced, with row and column."""
    faults: list[Fault] = []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    done = width = 0
    try:
        for number, found in sheet_rows(path):
            cells = _trimmed(found, width)
            width = width or len(cells)
            text.write("\n" * (number - done - 1))
            writer.writerow([_text(cell) for cell in cells])
            faults += _faults(shown(path), number, cells)
            done = number
    except NotReadable as reason:
        faults.append(Fault(shown(path), 0, 0, str(reason)))
    except OSError as error:
        faults.append(Fault(shown(path), 0, 0, f"the file cannot be read ({error.strerror or type(error).__name__})"))
    return Text("" if faults else text.getvalue(), tuple(faults))


def _trimmed(cells: list[Any], width: int) -> list[Any]:
    """The cells as wide as the header; a sheet does not say where its rows end."""
    filled = max(place for place, cell in enumerate(cells, 1) if cell != "")
    return cells[: max(filled, width)] + [""] * (width - len(cells))


def _text(cell: Any) -> str:
    return str(cell).replace("\r", " ").replace("\n", " ")


def _faults(file: str, number: int, cells: list[Any]) -> Iterator[Fault]:
    for column, cell in enumerate(cells, 1):
        if isinstance(cell, Damaged):
            yield Fault(file, number, column, f"{cell}; write the text itself")
        elif isinstance(cell, bool | SheetNumber):
            yield Fault(file, number, column, f"{cell!r} stands where a text is meant; format the column as text and write it again")
        elif "\n" in cell or "\r" in cell:
            yield Fault(file, number, column, "a line break inside a cell")
