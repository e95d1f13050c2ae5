"""Excel workbooks: the rows of the one sheet that holds something, with every value that Excel has changed or may have.

Only values are read: no formulas are computed, no links followed, no macros opened. https://openpyxl.readthedocs.io/
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

LARGEST_PART = 2**29  # bytes of one part of the workbook
MOST_PARTS = 10_000
MOST_SWELLING = 400
SMALL = 2**22
MOST_ROWS = 2**20  # of a sheet; what did not fit was cut off when it was opened
LONGEST_CELL = 32_767
MOST_DIGITS = 15


class NotReadable(Exception):
    """The workbook cannot be read, or it is not clear what of it is meant."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A cell whose text Excel has replaced: where it stands, and by what."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place} {self.what}"


class SheetNumber(int):
    """A whole number that Excel shows in full; it may have had leading zeros, so it is no text."""

    place: str

    def __new__(cls, value: int, place: str) -> SheetNumber:
        """The number `value` in the cell `place`."""
        number = super().__new__(cls, value)
        number.place = place
        return number

    def __repr__(self) -> str:
        return f"the number {int(self)} in {self.place}"


def sheet_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Row number and cells of every row that is not empty: text, true, false, SheetNumber or Damaged; '' for an empty cell.

    Raises NotReadable, now or while rows are taken, and OSError when the file cannot be opened.
    """
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise NotReadable("its XML would be read without defusedxml; unset OPENPYXL_DEFUSEDXML")
    with path.open("rb") as file:  # openpyxl leaves a file open that it cannot read
        try:
            _refuse_bomb(file)
            yield from _only_sheet_with_rows(openpyxl.load_workbook(file, read_only=True, keep_links=False))
        except NotReadable:
            raise
        except Exception as error:  # noqa: BLE001 - openpyxl raises whatever its parsing stumbles over
            raise NotReadable(f"this is no Excel workbook, or it is damaged or locked ({type(error).__name__})") from None


def _refuse_bomb(file: IO[bytes]) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    swollen = any(part.file_size > SMALL and part.file_size > MOST_SWELLING * part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or swollen or any(part.file_size > LARGEST_PART for part in parts):
        raise NotReadable("its parts swell to more than is ever needed; it was not opened")


def _only_sheet_with_rows(book: Any) -> Iterator[tuple[int, list[Any]]]:
    filled = [sheet for sheet in book.worksheets if next(_rows(sheet), None)]
    if len(filled) > 1:
        names = ", ".join(repr(sheet.title) for sheet in filled)
        raise NotReadable(f"{len(filled)} sheets hold something ({names}); save the one that is meant as a file of its own")
    for sheet in filled:
        yield from _rows(sheet)


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS:
            raise NotReadable(f"sheet {sheet.title!r} says that it has more than {MOST_ROWS:,} rows")
        values = [_value(cell, sheet.title) for cell in cells]
        if any(value != "" for value in values):
            yield number, values


def _value(cell: Any, sheet: str) -> Any:
    value, kind = cell.value, cell.data_type
    if value is None:
        return ""
    place = f"{sheet}!{cell.coordinate}"
    if kind == "f":
        return Damaged(place, "is a formula")
    if kind == "e":
        return Damaged(place, f"is the error {value}")
    if isinstance(value, str):
        return Damaged(place, f"has {LONGEST_CELL:,} characters; Excel cuts longer ones") if len(value) >= LONGEST_CELL else value
    if isinstance(value, bool):
        return value
    return _number(value, place) if isinstance(value, int | float) else Damaged(place, "is a date or time, in Excel's own format")


def _number(value: float, place: str) -> SheetNumber | Damaged:
    if abs(value) >= 10**MOST_DIGITS:
        return Damaged(place, f"is the number {value:.2E}; Excel keeps only {MOST_DIGITS} digits")
    return SheetNumber(int(value), place) if value == int(value) else Damaged(place, f"is the fraction {value}")
