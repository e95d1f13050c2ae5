"""Which table of evidence a file holds, told by its name alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables import TABLES, Side, Table
from ctm_audit.readers.files import FORMATS


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file that holds a table, or the group `part` of a table that comes in parts (folded, else '')."""

    table: Table
    part: str = ""


def recognise(name: str, side: Side) -> Recognised | str:
    """What a file of that name holds for one side, or in words why it is not used."""
    path = Path(name)
    if path.suffix.lower() not in FORMATS:
        return f"a file of this kind is not read; {' and '.join(sorted(FORMATS))} are"
    found = _find(path.stem)
    if isinstance(found, Recognised) and side not in found.table.sides:
        return f"nothing reads {found.table.command} of the {side} tenant"
    return found


def _find(stem: str) -> Recognised | str:
    start, dot, part = stem.partition(".")
    table = STEMS.get(start.casefold())
    if table is None:
        return "the name is not that of a known export"
    if not table.parts:
        return f"{start} comes in one file, so its name has one dot" if dot else Recognised(table)
    folded = n.key(part)
    if not folded or not part.isprintable():
        return f"the name must tell the group: {start}.GROUP.json"
    return Recognised(table, folded)


def _stems() -> dict[str, Table]:
    return {
        f"{stem}-{table.variant}".casefold() if table.variant else stem.casefold(): table
        for table in TABLES.values()
        for stem in table.stems
    }


STEMS = _stems()
