"""One exported file as objects, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.readers import excel
from ctm_audit.readers.clixml import read_clixml
from ctm_audit.readers.csv_file import Lines, read_header, read_rows
from ctm_audit.readers.pages import Item, objects_in
from ctm_audit.readers.scanner import Scanner, Unreadable
from ctm_audit.readers.text import is_ansi, open_text

ANSI = "windows-1252"


@dataclass(frozen=True, slots=True)
class Reading:
    """The objects of a file in order, with a Fault wherever something could not be read.

    `properties` are the names in a CSV header; JSON has none apart from its objects. `remarks` tell how the file had to be read.
    """

    items: Iterator[Item]
    properties: tuple[str, ...] | None = None
    remarks: tuple[str, ...] = ()


def read(path: Path) -> Reading:
    """The objects of one file. Raises NotCollected, now or while they are taken, when it holds nothing that can be read."""
    return FORMATS[path.suffix.lower()](path)


def _read_json(path: Path) -> Reading:
    return Reading(objects_in(_values(path), path.name))


def _values(path: Path) -> Iterator[Any | Fault]:
    with open_text(path) as stream:
        try:
            yield from Scanner(stream, path.name).values()
        except Unreadable as end:
            yield end.fault


def _read_clixml(path: Path) -> Reading:
    return Reading(objects_in(read_clixml(path), path.name))


def _read_csv(path: Path) -> Reading:
    encoding, remarks = (ANSI, (f"{path.name} is not UTF-8; it was read as Windows-1252",)) if is_ansi(path) else ("", ())
    with open_text(path, encoding) as stream:
        names, separator = read_header(Lines(stream), path.name)
    return Reading(_rows(path, encoding, separator), tuple(names), remarks)


def _rows(path: Path, encoding: str, separator: str) -> Iterator[Item]:
    with open_text(path, encoding) as stream:
        lines = Lines(stream)
        names, _ = read_header(lines, path.name)
        yield from read_rows(lines, names, separator, path.name)


def _read_excel(path: Path) -> Reading:
    return Reading(excel.read_rows(path), excel.read_header(path))


FORMATS: dict[str, Callable[[Path], Reading]] = {".json": _read_json, ".csv": _read_csv, ".xml": _read_clixml, ".xlsx": _read_excel}
