"""One line of a separated-values file as cells with their columns; slow and exact, for headers and for lines with a fault."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

QUOTED = re.compile(r'"((?:[^"]|"")*)"')
INVISIBLE = ("Cc", "Cf", "Zl", "Zp")  # Unicode categories: controls, formats such as the zero-width space, line ends
INVISIBLE_SIGNS = "".join(rf"\p{{{category}}}" for category in INVISIBLE)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the column where it begins (from 1), its text without quotes, and what is wrong with it, each with its column."""

    column: int
    text: str
    complaints: tuple[tuple[int, str], ...] = ()


def well_formed(separator: str, cells: int) -> str:
    """An RE2 pattern for a line with exactly so many cells, all closed and visible, for `pyarrow.compute`.

    A line that matches it has no complaint in `split_line`, and the other way round.
    """
    other = re.escape(separator)
    cell = rf'(?:[^"{other}{INVISIBLE_SIGNS}]*|"(?:[^"{INVISIBLE_SIGNS}]|"")*")'
    return rf"^{cell}(?:{other}{cell}){{{cells - 1}}}$"


def split_line(line: str, separator: str) -> list[Cell]:
    """The cells of a line; a broken cell is taken as far as it makes sense."""
    cells, at = [], 0
    while at <= len(line):
        cell, at = _cell(line, at, separator)
        cells.append(cell)
        at += 1  # the separator
    return cells


def _cell(line: str, start: int, separator: str) -> tuple[Cell, int]:
    complaints = []
    quoted = QUOTED.match(line, start)
    end = line.find(separator, quoted.end() if quoted else start)
    end = len(line) if end < 0 else end
    text = quoted[1].replace('""', '"') if quoted else line[start:end]
    if quoted and quoted.end() < end:
        complaints.append((quoted.end() + 1, "text stands behind the closing quote"))
    elif not quoted and text.startswith('"'):
        complaints.append((start + 1, "the quote does not close on this line"))
        text, end = line[start + 1 :], len(line)
    elif not quoted and '"' in text:
        complaints.append((start + text.index('"') + 1, "a quote stands inside a cell without quotes"))
    complaints += _invisible(line, start, end)
    return Cell(start + 1, text, tuple(complaints)), end


def _invisible(line: str, start: int, end: int) -> list[tuple[int, str]]:
    found = []
    for at in range(start, end):
        sign = line[at]
        if not sign.isprintable() and unicodedata.category(sign) in INVISIBLE:
            name = unicodedata.name(sign, "a control character").lower()
            found.append((at + 1, f"a character that cannot be seen: U+{ord(sign):04X}, {name}"))
    return found
