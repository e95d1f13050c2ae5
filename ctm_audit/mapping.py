"""mapping.csv: who becomes whom. A sound file of a million rows is read in columns; only a faulty line is looked at one by one."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.errors import Fault
from ctm_audit.mapping_sheet import COLUMNS, MOST_LINES, NEEDED, Sheet, folded, joined, read_rows, read_sheet, table_of
from ctm_audit.mapping_workbook import read_workbook
from ctm_audit.text_files import read_text, shown

NONE = pa.scalar("")
UNIQUE = ("source", "target", "upn", "primary", "final_upn", "final_primary")

# What a cell of a column must match, and what is said when it does not. "=" and "@" begin a spreadsheet's formula.
KEY = (r"^[^=@]", "begins like a formula; neither a UPN nor an address nor an id does")
ADDRESS = (r"^(?:[^=@\p{Z}][^@\p{Z}]*@[^@\p{Z}.]+(?:\.[^@\p{Z}.]+)+)?$", "is not an address such as ada@contoso.com")
NAME = (r"^(?:[^=@]|$)", "begins like a formula")
ROUTE = (r"(?i)^(?:mrs|orchestrator|)$", "is neither mrs nor orchestrator")
RULES = {
    "source": KEY,
    "target": KEY,
    "upn": ADDRESS,
    "primary": ADDRESS,
    "final_upn": ADDRESS,
    "final_primary": ADDRESS,
    "license": NAME,
    "route": ROUTE,
}


@dataclass(frozen=True, slots=True)
class MappingTable:
    """The mapping, one row a mailbox, in the order of the file.

    Columns of `rows`: `row` and `line` (int64, from 1), then texts: `source`, `target` as written but for blanks around
    them, `source_key`, `target_key` (the same, folded), and `wave`, `upn`, `primary`, `final_upn`, `final_primary`,
    `license`, `route` ('' when absent). `digest` is the same for files that say the same, whatever their encoding,
    separator, quotes and line ends. `notes` are sentences for the person who wrote the file.
    """

    rows: pa.Table
    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a mapping; `table` may be used only when there are no faults."""

    table: MappingTable
    faults: tuple[Fault, ...]


def read_mapping(path: Path, waves: Sequence[str] | None) -> Reading:
    """The mapping of a file; `waves` are the names that a row may use, None when they are not known.

    UTF-8 or UTF-16 with a byte-order mark, else Windows-1252; separated by commas, semicolons or tabs. Or an Excel workbook.
    """
    read = read_workbook(path) if path.suffix.lower() == ".xlsx" else read_text(path, ansi=True)
    sheet, faults = (None, list(read.faults)) if read.faults else read_sheet(shown(path), read.text)
    if sheet is None:
        return Reading(MappingTable(table_of({}), ""), tuple(faults))
    rows, broken = read_rows(sheet)
    faults += broken
    faults += [fault for name in RULES if name in sheet.columns for fault in _cell_faults(sheet, rows, name)]
    faults += [fault for name in UNIQUE if name in sheet.columns for fault in islice(_twins(sheet, rows, name), MOST_LINES)]
    faults += [] if waves is None else _unknown_waves(sheet, rows, waves)
    if not rows.num_rows and not faults:
        faults.append(sheet.fault(1, 1, "there is no row below the header; write one for each mailbox"))
    notes = (*([read.note] if read.note else []), *_notes(sheet, rows, waves or ()))
    return Reading(MappingTable(rows, "" if faults else _digest(rows), notes), tuple(faults))


def _cell_faults(sheet: Sheet, rows: pa.Table, name: str) -> Iterator[Fault]:
    pattern, message = RULES[name]
    wrong = rows.filter(pc.invert(pc.match_substring_regex(rows[name], pattern))).select(["line", name])
    for found in wrong.slice(0, MOST_LINES).to_pylist():
        line, text = found["line"], found[name]
        what = f"{name}: {text[:60]!r} {message}" if text else f"{name} is empty"
        yield sheet.fault(line, sheet.column_of(line, name), what)


def _twins(sheet: Sheet, rows: pa.Table, name: str) -> Iterator[Fault]:
    """A fault for each row whose text, folded, stands in an earlier row of the column."""
    texts = folded(rows[name].combine_chunks())
    filled = pa.table({"text": texts.filter(pc.not_equal(texts, NONE))})
    if filled.group_by("text").aggregate([]).num_rows == filled.num_rows:
        return
    first: dict[str, int] = {}
    lines: list[Any] = rows["line"].to_pylist()
    all_texts: list[Any] = texts.to_pylist()
    for line, text in zip(lines, all_texts, strict=True):
        if text in first:
            yield sheet.fault(line, sheet.column_of(line, name), f"{name} {text[:200]!r} stands already in line {first[text]}")
        elif text:
            first[text] = line


def _unknown_waves(sheet: Sheet, rows: pa.Table, waves: Sequence[str]) -> Iterator[Fault]:
    """A fault for each wave that the project lacks, at the first of its rows."""
    strange = rows.filter(pc.invert(pc.is_in(rows["wave"], pa.array([*waves, ""], pa.string()))))
    counted = strange.group_by("wave").aggregate([("line", "min"), ("line", "count")])
    for found in counted.to_pylist():
        name, line, count = found["wave"], found["line_min"], found["line_count"]
        close = difflib.get_close_matches(name, waves, n=1, cutoff=0.5)
        advice = f"; did you mean {close[0]!r}?" if close else ""
        rest = f" ({count} rows)" if count > 1 else ""
        yield sheet.fault(line, sheet.column_of(line, "wave"), f"the project file has no [[wave]] named {name[:60]!r}{rest}{advice}")


def _notes(sheet: Sheet, rows: pa.Table, waves: Sequence[str]) -> Iterator[str]:
    used = set(pc.unique(rows["wave"]).to_pylist())
    yield from (f"{sheet.file}: no row is in wave {wave!r}." for wave in waves if wave not in used)
    if waves and "" in used:
        yield f"{sheet.file}: rows without a wave: {_count(pc.equal(rows['wave'], NONE))}."
    for name in (*NEEDED, *COLUMNS[2:]):
        if signed := _count(pc.starts_with(rows[name], "+")) + _count(pc.starts_with(rows[name], "-")):
            yield f"{sheet.file}: cells of {name} that begin with + or -: {signed}; kept as text, but a spreadsheet would compute them."


def _count(mask: Any) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _digest(rows: pa.Table) -> str:
    """SHA-256 over the texts, column by column; no text holds a line end, so joining keeps them apart."""
    found = hashlib.sha256(f"{rows.num_rows}".encode())
    for name in COLUMNS:
        found.update(f"\n{name}\n".encode())
        found.update(joined(rows[name].combine_chunks()))
    return found.hexdigest()
