"""What a bundle lacks, and the line that exports it as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctm_audit.evidence.manifest import Bundle
from ctm_audit.evidence.tables import Table, tables_of


@dataclass(frozen=True, slots=True)
class Gap:
    """Something of a table that was not collected, why, and the line that exports the table as it should be."""

    table: str
    command: str
    what: str
    export: str


def gaps_of(bundle: Bundle) -> tuple[Gap, ...]:
    """Everything that the side is asked for and the bundle lacks: tables, rows, columns and cells, in the order of the tables."""
    return tuple(Gap(table.name, table.command, what, table.export) for table in tables_of(bundle.side) for what in _lacking(bundle, table))


def _lacking(bundle: Bundle, table: Table) -> Iterator[str]:
    entry = bundle.tables.get(table.name)
    if entry is None:
        yield bundle.absent[table.name]
        return
    if not entry.complete:
        yield entry.reason
    yield from dict.fromkeys(entry.missing.values())  # one property may be several columns
    yield from entry.holes
