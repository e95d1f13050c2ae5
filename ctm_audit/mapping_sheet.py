"""A separated-values file as columns: lines that are well formed in one go, only the others one by one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ctm_audit.csv_lines import Cell, split_line, well_formed
from ctm_audit.errors import Fault

Texts: TypeAlias = "pa.Array[Any]"
COLUMNS = ("source", "target", "wave", "upn", "primary", "final_upn", "final_primary", "license", "route")
OTHER_NAMES = {"sourceuser": "source", "targetuser": "target"}
NEEDED = ("source", "target")
SEPARATORS = (",", ";", "\t")
LARGEST_BLOCK = 2**30  # of bytes parsed at once; a line must fit in one
MOST_LINES = 10_000  # of the faulty lines, so many are looked at; a person repairs the first and runs again


@dataclass(frozen=True, slots=True)
class Sheet:
    """The file as lines, and how its header says to read them."""

    file: str
    lines: Texts
    separator: str
    columns: tuple[str, ...]

    def fault(self, line: int, column: int, message: str) -> Fault:
        """One thing wrong at a line and column of this file."""
        return Fault(self.file, line, column, message)

    def cells(self, line: int) -> list[Cell]:
        """The cells of a line, counted from 1."""
        return split_line(self.lines[line - 1].as_py(), self.separator)

    def column_of(self, line: int, name: str) -> int:
        """Where the cell of the column called `name` begins."""
        cells, number = self.cells(line), self.columns.index(name)
        return cells[number].column if number < len(cells) else 1


def read_sheet(file: str, text: str) -> tuple[Sheet | None, list[Fault]]:
    """The file as lines, or the faults of its header."""
    header = text.partition("\n")[0]
    if "\0" in header:
        return None, [Fault(file, 1, header.index("\0") + 1, "NUL bytes: UTF-16 without a byte-order mark? Save the file as UTF-8")]
    separator = max(SEPARATORS, key=lambda sign: sum(bool(_column(cell)) for cell in split_line(header, sign)))
    cells = split_line(header, separator)
    faults = list(_header_faults(file, cells))
    if faults:
        return None, faults
    lines = pc.list_flatten(pc.split_pattern(pa.array([text], pa.large_string()), "\n"))
    return Sheet(file, lines, separator, tuple(_column(cell) for cell in cells)), []


def _column(cell: Cell) -> str:
    """The column that a header cell names; '' for none."""
    name = cell.text.strip().casefold()
    name = OTHER_NAMES.get(name, name)
    return name if name in COLUMNS else ""


def _header_faults(file: str, cells: list[Cell]) -> Iterator[Fault]:
    named: dict[str, int] = {}
    for cell in cells:
        yield from (Fault(file, 1, column, what) for column, what in cell.complaints)
        name = _column(cell)
        if not name:
            yield Fault(file, 1, cell.column, _unknown_column(cell.text.strip()))
        elif name in named:
            yield Fault(file, 1, cell.column, f"the column {name} stands already in column {named[name]}")
        named.setdefault(name, cell.column)
    missing = [name for name in NEEDED if name not in named]
    if missing:
        yield Fault(file, 1, 1, f"the first line must name the columns source and target; {' and '.join(missing)} missing")


def _unknown_column(name: str) -> str:
    close = difflib.get_close_matches(name.casefold(), COLUMNS, n=1)
    return f"unknown column {name[:60]!r}; " + (f"did you mean {close[0]!r}?" if close else f"known are {', '.join(COLUMNS)}")


def read_rows(sheet: Sheet) -> tuple[pa.Table, list[Fault]]:
    """All rows in order, and the faults of the lines that are not well formed; of those, only whole rows are taken."""
    lines = sheet.lines.slice(1)
    numbers = pa.array(range(2, len(lines) + 2), pa.int64())
    filled = pc.invert(pc.match_substring_regex(lines, rf'^(?:\s|{sheet.separator}|"")*$'))
    lines, numbers = lines.filter(filled), numbers.filter(filled)
    sound = pc.match_substring_regex(lines, well_formed(sheet.separator, len(sheet.columns)))
    broken: list[Any] = numbers.filter(pc.invert(sound)).to_pylist()
    cells = _parse(sheet, lines.filter(sound)) if len(broken) < len(lines) else {}
    table = table_of(cells, numbers.filter(sound))
    if not broken:
        return table, []
    taken, faults = _broken_lines(sheet, broken)
    return pa.concat_tables([table, taken]).sort_by("line"), faults


def _parse(sheet: Sheet, lines: Texts) -> dict[str, Texts]:
    """The cells of well-formed lines, a column each, without blanks around them."""
    whole = joined(lines)
    table = csv.read_csv(
        BytesIO(whole),
        csv.ReadOptions(column_names=list(sheet.columns), block_size=min(whole.size + 1, LARGEST_BLOCK)),
        csv.ParseOptions(delimiter=sheet.separator, ignore_empty_lines=False),
        csv.ConvertOptions(column_types=dict.fromkeys(sheet.columns, pa.string()), strings_can_be_null=False),
    )
    return {name: pc.utf8_trim_whitespace(table[name].combine_chunks()) for name in sheet.columns}


def table_of(cells: Mapping[str, Texts], lines: Texts | None = None) -> pa.Table:
    """The columns of `MappingTable.rows`; a column that the file lacks is ''."""
    lines = pa.array([], pa.int64()) if lines is None else lines
    blank = pa.repeat(pa.scalar("", pa.string()), len(lines))
    given = {name: cells.get(name, blank) for name in COLUMNS}
    columns = {"row": pa.array(range(1, len(lines) + 1), pa.int64()), "line": lines}
    given["route"] = pc.ascii_lower(given["route"])
    columns |= {"source": given["source"], "target": given["target"]}
    columns |= {f"{name}_key": folded(given[name]) for name in NEEDED}
    return pa.table(columns | {name: given[name] for name in COLUMNS if name not in NEEDED})


def folded(texts: Texts) -> Texts:
    """str.casefold of each text; lower case is the same for ASCII, and fast."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return pc.ascii_lower(texts)
    found: list[Any] = texts.to_pylist()
    return pa.array([text.casefold() for text in found], pa.string())


def _broken_lines(sheet: Sheet, numbers: list[int]) -> tuple[pa.Table, list[Fault]]:
    faults, whole, lines = [], [], []
    for line in numbers[:MOST_LINES]:
        cells = sheet.cells(line)
        faults += [sheet.fault(line, column, what) for cell in cells for column, what in cell.complaints]
        if len(cells) == len(sheet.columns):
            whole.append([cell.text.strip() for cell in cells])
            lines.append(line)
        elif not any(cell.complaints for cell in cells):
            faults.append(_miscounted(sheet, line, cells))
    if len(numbers) > MOST_LINES:
        faults.append(sheet.fault(0, 0, f"{len(numbers) - MOST_LINES} more lines are wrong"))
    columns = {name: pa.array([row[number] for row in whole], pa.string()) for number, name in enumerate(sheet.columns)}
    return table_of(columns, pa.array(lines, pa.int64())), faults


def _miscounted(sheet: Sheet, line: int, cells: list[Cell]) -> Fault:
    meant, has = len(sheet.columns), len(cells)
    column = cells[meant].column if has > meant else cells[-1].column
    return sheet.fault(line, column, f"cells: {has}, but the header has {meant}; quote a cell that holds {sheet.separator!r}")


def joined(texts: Texts) -> pa.Buffer:
    """All texts in one buffer of UTF-8, a line each."""
    lists = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts.cast(pa.large_string()))
    whole: Any = pc.binary_join(lists, pa.scalar("\n", pa.large_string()))
    return pa.py_buffer(whole[0].as_buffer())
