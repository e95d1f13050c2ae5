"""What a bundle lacks, and the line that exports it as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctm_audit.evidence.manifest import Bundle
from ctm_audit.evidence.tables import Table, evidence_of


@dataclass(frozen=True, slots=True)
class Gap:
    """Something of a table that was not collected, why, and the line that exports the table as it should be.

    `reads` is the evidence that it concerns, as rules name it: `SIDE.TABLE`, or `SIDE.TABLE.COLUMN` where single columns lack.
    """

    table: str
    command: str
    what: str
    export: str
    reads: tuple[str, ...] = ()


def gaps_of(bundle: Bundle) -> tuple[Gap, ...]:
    """Everything that the side is asked for and the bundle lacks: tables, rows, columns and cells, in the order of the tables."""
    return tuple(
        Gap(table.name, table.command, what, table.export, _reads(bundle, table, columns))
        for table in evidence_of(bundle.side)
        for what, columns in _lacking(bundle, table)
    )


def _reads(bundle: Bundle, table: Table, columns: list[str]) -> tuple[str, ...]:
    place = f"{bundle.side}.{table.name}"
    return tuple(f"{place}.{name}" for name in columns) or (place,)


def _lacking(bundle: Bundle, table: Table) -> Iterator[tuple[str, list[str]]]:
    """Each thing that lacks, and the columns that it concerns; none when it concerns the table."""
    entry = bundle.tables.get(table.name)
    if entry is None:
        if not table.optional:
            yield bundle.absent[table.name], []
        return
    if not entry.complete:
        yield entry.reason, []
    for what in dict.fromkeys(entry.missing.values()):  # one property may be several columns
        yield what, [name for name, reason in entry.missing.items() if reason == what]
    for hole in entry.holes:
        yield hole, [column.name for column in table.columns_of(bundle.side) if f" {column.property} " in f" {hole}"]
