"""Exported files become tables of evidence; what gives no table is named with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.normalise import NotCollected, shortened
from ctm_audit.evidence.parts import join_parts
from ctm_audit.evidence.tables import Side, Table, tables_of
from ctm_audit.readers.export_record import RECORD
from ctm_audit.readers.exports import ExportedFile
from ctm_audit.readers.files import read

LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Collected:
    """The tables that could be made, and for every other table of the side the reason."""

    tables: tuple[Intake, ...]
    absent: Mapping[str, str]


def collect_tables(side: Side, files: Sequence[ExportedFile], collected_at: datetime | None) -> Collected:
    """Every table of one side that the files give. `collected_at` (naive UTC), when stated, stands for all of them."""
    by_table: defaultdict[str, list[ExportedFile]] = defaultdict(list)
    for file in files:
        by_table[file.holds.table.name].append(file)
    found = {table.name: _table(side, table, by_table[table.name], collected_at) for table in tables_of(side)}
    return Collected(
        tables=tuple(made for made in found.values() if isinstance(made, Intake)),
        absent={name: made for name, made in found.items() if isinstance(made, str)},
    )


def _table(side: Side, table: Table, files: Sequence[ExportedFile], collected_at: datetime | None) -> Intake | str:
    if not files:
        return f"there is no {file_name(table)}"
    if not table.parts:
        return _agreed([_made(side, file, collected_at) for file in files], files)
    by_part: defaultdict[str, list[ExportedFile]] = defaultdict(list)
    for file in files:
        by_part[file.holds.part].append(file)
    made = {part: _agreed([_made(side, file, collected_at) for file in group], group) for part, group in by_part.items()}
    failed = {part: reason for part, reason in made.items() if isinstance(reason, str)}
    parts = [part for part in made.values() if isinstance(part, Intake)]
    return join_parts(parts, failed) if parts else "; ".join(failed.values())


def file_name(table: Table) -> str:
    """The name that the export line gives to the table's file."""
    variant = f"-{table.variant}" if table.variant else ""
    return f"{table.stems[0]}{variant}{'.GROUP' if table.parts else ''}.json"


def _made(side: Side, file: ExportedFile, collected_at: datetime | None) -> Intake | str:
    recorded = file.recorded
    if recorded and recorded.error:
        return f"{file.name}: the export failed with {shortened(recorded.error, LONGEST_ERROR)}"
    if file.path is None:
        return f"{file.name} is named in {RECORD}, but it is not here"
    try:
        reading = read(file.path)
        meta = Meta(
            side=side,
            source=file.name,
            collected_at=collected_at or (recorded.collected_at if recorded else _modified(file.path)),
            expected=recorded.count if recorded else None,
            part=file.holds.part,
            properties=reading.properties,
            remarks=reading.remarks,
        )
        return intake(file.holds.table.name, reading.items, meta)
    except NotCollected as reason:
        return str(reason)
    except OSError as error:
        return f"{file.name} cannot be read ({error.strerror or type(error).__name__})"


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


def _agreed(made: Sequence[Intake | str], files: Sequence[ExportedFile]) -> Intake | str:
    """The one table of several files that say the same; files that differ give none, because nobody knows which is right."""
    tables = [table for table in made if isinstance(table, Intake)]
    failed = tuple(reason for reason in made if isinstance(reason, str))
    if not tables:
        return "; ".join(failed)
    first = tables[0]
    if any(not first.table.equals(other.table) or first.missing.keys() != other.missing.keys() for other in tables[1:]):
        return f"{' and '.join(file.name for file in files)} contradict each other: keep the one that is right"
    losses = dict.fromkeys(loss for table in tables for loss in table.losses)
    return replace(first, losses=(*losses, *failed), collected_at=min(table.collected_at for table in tables))
