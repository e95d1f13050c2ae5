"""`Export-Csv` files: every cell stays text, as the export wrote it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected, shortened
from ctm_audit.readers.pages import Item
from ctm_audit.readers.text import NOTHING

SEPARATORS = ",;\t"
TYPE_LINE = "#TYPE "
LONGEST_ROW = 1 << 26  # characters of one row, whatever its lines
csv.field_size_limit(LONGEST_ROW)  # a mailbox with many certificates passes the default of 131,072 characters


class Lines:
    """The lines of a stream, each with its line end; it knows how many there were and whether the last may be cut off."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.count = 0
        self._last = "\n"
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._stream.readline(LONGEST_ROW + 1):
            self.count += 1
            self._last = line
            self._length += len(line)
            if self._length > LONGEST_ROW:
                raise csv.Error(f"a row is longer than {LONGEST_ROW:,} characters")
            if "\0" in line:
                raise csv.Error("a NUL byte (UTF-16 without a byte order mark, or a damaged file)")
            yield line

    def end_row(self) -> None:
        """A row is complete: what follows is counted anew."""
        self._length = 0

    @property
    def may_be_cut(self) -> bool:
        """True when the last line has no line end: even a closing quote may be the first of a doubled one."""
        return self._last[-1] not in "\r\n"


def read_header(lines: Lines, file: str) -> tuple[list[str], str]:
    """Property names and the separator, from the first line that is neither blank nor `#TYPE`. Raises NotCollected."""
    try:
        for line in lines:
            lines.end_row()
            if line.strip() and not line.lstrip('"').startswith(TYPE_LINE):
                return _split_header(line, file)
    except csv.Error as error:
        raise NotCollected(f"{file}: the header is not CSV: {error}") from None
    raise NotCollected(NOTHING.format(file))


def _split_header(line: str, file: str) -> tuple[list[str], str]:
    """The separator that gives the most names; a doubled name is refused, because a row would lose a cell."""
    separator = max(SEPARATORS, key=lambda mark: len(next(csv.reader([line], delimiter=mark))))
    names = [name.strip() for name in next(csv.reader([line], delimiter=separator, strict=True))]
    folded = [name.casefold() for name in names]
    doubled = [name for name in names if name and folded.count(name.casefold()) > 1]
    if doubled:
        raise NotCollected(f"{file}: the header names {shortened(doubled[0])} more than once")
    return names, separator


def read_rows(lines: Lines, names: list[str], separator: str, file: str) -> Iterator[Item]:
    """Each row as an object of texts; a Fault for a row of another length, and for the place where CSV ends."""
    try:
        for cells in csv.reader(lines, delimiter=separator, strict=True):
            lines.end_row()
            row = [""] if not cells and len(names) == 1 else cells
            if len(row) == len(names):
                yield dict(zip(names, row, strict=True))
            elif row:
                yield Fault(file, lines.count, 1, f"{len(row)} cells where the header names {len(names)}; the row was left out")
    except csv.Error as error:
        what = "the file ends within quotes: it was cut off" if "end of data" in str(error) else f"this is not CSV: {error}"
        yield Fault(file, lines.count, 1, f"{what}; nothing from here on was read")
        return
    if lines.may_be_cut:
        yield Fault(file, lines.count, 1, "the last line has no line end: the file may be cut off")
