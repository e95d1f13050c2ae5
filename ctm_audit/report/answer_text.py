"""An answer of `query` as a table, as CSV or as JSON, piece by piece: it may have more rows than memory."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from ctm_audit.engine.ask import Answer
from ctm_audit.engine.csv_file import FORMULA
from ctm_audit.model import FORMAT_VERSION
from ctm_audit.report.words import visible

MEASURED = 200
"""Rows that say how wide the columns of a table are."""
WIDEST = 60
LINE_ENDS = str.maketrans({"\n": "\\n", "\t": "\\t"})
Row = Sequence[Any]


def as_json(answer: Answer) -> Iterator[str]:
    """One document with `source` and `notes` of the answer, its `columns` (name and type), and its `rows`, each an object."""
    told = ",\n    ".join(json.dumps({"name": name, "type": kind}) for name, kind in answer.columns.items())
    head = {"format_version": FORMAT_VERSION, "source": answer.source, "notes": answer.notes}
    yield f'{json.dumps(head, indent=2)[:-2]},\n  "columns": [\n    {told}\n  ],\n  "rows": ['
    for number, row in enumerate(answer.rows()):
        values = dict(zip(answer.columns, map(plain, row), strict=True))
        yield (",\n    " if number else "\n    ") + json.dumps(values, ensure_ascii=True, allow_nan=False)
    yield "\n  ]\n}\n"


def as_csv(columns: Mapping[str, str], rows: Iterable[Row]) -> Iterator[str]:
    """A header and a line a row; nothing is an empty cell, lists are JSON, and no text begins like a formula of a spreadsheet."""
    for row in chain([list(columns)], rows):
        line = io.StringIO()
        csv.writer(line).writerow([_harmless(_cell(value)) for value in row])
        yield line.getvalue().removesuffix("\r\n") + "\n"


def as_table(columns: Mapping[str, str], rows: Iterable[Row], width: int | None) -> Iterator[str]:
    """Columns below each other, or, where that is wider than `width`, a block of lines a row; long values are cut.

    The widths are those of the first rows. Hidden characters are written as `[U+202E]`, line ends as `\\n`.
    """
    waiting = iter(rows)
    names = [_shown(name) for name in columns]
    first = [[_shown(_cell(value)) for value in row] for row in islice(waiting, MEASURED)]
    every = chain(first, ([_shown(_cell(value)) for value in row] for row in waiting))
    widths = [max(map(_width, column)) for column in zip(names, *first, strict=True)]
    if width and sum(widths) + 2 * (len(widths) - 1) > width:
        return _blocks(names, every)
    right = [kind.endswith("INT") or kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) for kind in columns.values()]
    return _lines(names, every, [_padded(size, to_right) for size, to_right in zip(widths, right, strict=True)], widths)


def plain(value: Any) -> Any:
    """A value of DuckDB as JSON knows it: times are ISO 8601 in UTC, whole decimals are integers, what JSON lacks is text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat() + "Z"
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case bytes():
            return value.hex()
    return str(value)


def _cell(value: Any) -> str:
    found = plain(value)
    if isinstance(found, str):
        return found
    return "" if found is None else json.dumps(found, ensure_ascii=False)


def _harmless(text: str) -> str:
    return f"'{text}" if re.match(FORMULA, text) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text) is not None


def _shown(text: str) -> str:
    shown = visible(text.translate(LINE_ENDS))
    return shown if len(shown) <= WIDEST else f"{shown[: WIDEST - 3]}..."


def _width(text: str) -> int:
    """The places that a terminal gives the text."""
    return sum(0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def _padded(size: int, to_right: bool) -> Callable[[str], str]:
    def padded(text: str) -> str:
        gap = " " * (size - _width(text))
        return gap + text if to_right else text + gap

    return padded


def _lines(names: list[str], rows: Iterable[list[str]], padded: list[Callable[[str], str]], widths: list[int]) -> Iterator[str]:
    for row in chain([names, ["-" * size for size in widths]], rows):
        yield "  ".join(pad(text) for pad, text in zip(padded, row, strict=True)).rstrip() + "\n"


def _blocks(names: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    size = max(map(_width, names))
    for number, row in enumerate(rows, start=1):
        yield f"-- {number}\n"
        yield from (f"{_padded(size, False)(name)}  {text}".rstrip() + "\n" for name, text in zip(names, row, strict=True))
