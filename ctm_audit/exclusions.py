"""exclude.csv: source mailboxes that stay behind on purpose, each with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ctm_audit.csv_lines import Cell, split_line
from ctm_audit.errors import Fault
from ctm_audit.text_files import read_text, shown

FILE_NAME = "exclude.csv"
HEADER = ("source", "reason")
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The reason for each excluded source key, folded, and the line that says so; or the faults of the file."""

    reasons: Mapping[str, str]
    lines: Mapping[str, int]
    faults: tuple[Fault, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of what the file says, whatever its order; '' when it excludes nobody."""
        said = "\n".join(f"{key}\t{reason}" for key, reason in sorted(self.reasons.items()))
        return hashlib.sha256(said.encode()).hexdigest() if said else ""


NOBODY = Exclusions({}, {})


def read_exclusions(path: Path) -> Exclusions:
    """What the file says, UTF-8 or UTF-16 with a byte-order mark, else Windows-1252; every fault with line and column."""
    read = read_text(path, ansi=True)
    if read.faults:
        return Exclusions({}, {}, read.faults)
    first, *rest = read.text.split("\n")
    separator = next((sign for sign in SEPARATORS if sign in first), ",")
    header = tuple(cell.text.strip().casefold() for cell in split_line(first, separator))
    if header != HEADER:
        return Exclusions({}, {}, (Fault(shown(path), 1, 1, "the header must be source,reason"),))
    return _read_lines(path, rest, separator)


def _read_lines(path: Path, lines: list[str], separator: str) -> Exclusions:
    reasons: dict[str, str] = {}
    found: dict[str, int] = {}
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        cells = split_line(line, separator)
        faults += [Fault(shown(path), number, column, message) for column, message in _complaints(cells, found)]
        key = cells[0].text.strip().casefold()
        found.setdefault(key, number)
        reasons[key] = cells[1].text.strip() if len(cells) > 1 else ""
    return Exclusions(reasons, found, tuple(faults))


def _complaints(cells: list[Cell], seen: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    for cell in cells:
        yield from cell.complaints
    if len(cells) != len(HEADER):
        yield cells[-1].column, f"the line has {len(cells)} cells, the header has 2"
        return
    key = cells[0].text.strip().casefold()
    if not key:
        yield cells[0].column, "source is empty"
    elif key in seen:
        yield cells[0].column, f"source {key[:200]!r} stands already in line {seen[key]}"
    if not cells[1].text.strip():
        yield cells[1].column, "reason is empty: say why this mailbox stays behind"


def mapped_too(path: Path, exclusions: Exclusions, mapped: Mapping[str, int]) -> Iterator[Fault]:
    """A fault for each excluded key that the mapping names as well; `mapped` gives the line of each of its folded source keys."""
    for key, line in exclusions.lines.items():
        if key in mapped:
            yield Fault(shown(path), line, 1, f"{key[:200]!r} stands in line {mapped[key]} of the mapping too: it moves or it stays")
