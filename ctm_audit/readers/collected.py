"""Exported files become tables of evidence; what gives no table is named with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ctm_audit.errors import Fault
from ctm_audit.evidence.cells import Named, counted
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.normalise import NotCollected, shortened
from ctm_audit.evidence.parts import join_parts
from ctm_audit.evidence.tables import Side, Table, evidence_of
from ctm_audit.progress import followed
from ctm_audit.readers.export_record import RECORD
from ctm_audit.readers.exports import ExportedFile
from ctm_audit.readers.files import Reading, read
from ctm_audit.readers.pages import Item
from ctm_audit.readers.recognise import name_of
from ctm_audit.readers.tenants import of_tenant

LONGEST_ERROR = 300
FARTHEST_APART = timedelta(days=7)
ONLY_MAPPED = "of the people, only those of the mapping were exported"


@dataclass(frozen=True, slots=True)
class Collected:
    """The tables that could be made, and for every other table of the side the reason."""

    tables: tuple[Intake, ...]
    absent: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says of an export: side, tenant ('' for any), time (naive UTC), and what files are (`Get-Mailbox`, by file name)."""

    side: Side
    tenant_id: str = ""
    initial_domain: str = ""
    collected_at: datetime | None = None
    named: Mapping[str, str] = field(default_factory=dict)


def collect_tables(asked: Asked, files: Sequence[ExportedFile]) -> Collected:
    """Every table of one side that the files give."""
    by_table: defaultdict[str, list[ExportedFile]] = defaultdict(list)
    for file in files:
        by_table[file.holds.table.name].append(file)
    wanted = [table for table in evidence_of(asked.side) if by_table[table.name] or not table.made]
    found = {table.name: _table(asked, table, by_table[table.name]) for table in followed("Reading the exports", wanted)}
    return Collected(
        tables=tuple(_with_age([made for made in found.values() if isinstance(made, Intake)])),
        absent={name: made for name, made in found.items() if isinstance(made, str)},
    )


def _with_age(tables: Sequence[Intake]) -> Iterator[Intake]:
    """The tables, those that are much older than the newest with a word on that: together they describe no one moment."""
    newest = max((table.collected_at for table in tables), default=datetime.min)
    for table in tables:
        apart = newest - table.collected_at
        told = (f"it was exported {apart.days} days before the newest table of this import",) if apart > FARTHEST_APART else ()
        yield replace(table, holes=(*table.holes, *told))


def _table(asked: Asked, table: Table, files: Sequence[ExportedFile]) -> Intake | str:
    if not files:
        return f"there is no {file_name(table)}"
    if not table.parts:
        return _agreed(asked, files)
    by_part: defaultdict[str, list[ExportedFile]] = defaultdict(list)
    for file in files:
        by_part[file.holds.part].append(file)
    made = {part: _agreed(asked, group) for part, group in by_part.items()}
    failed = {part: reason for part, reason in made.items() if isinstance(reason, str)}
    parts = [part for part in made.values() if isinstance(part, Intake)]
    return join_parts(parts, failed) if parts else "; ".join(failed.values())


def file_name(table: Table) -> str:
    """The name that the export line gives to the table's file."""
    return f"{name_of(table)}{'.GROUP' if table.parts else ''}.json"


def _made(asked: Asked, files: Sequence[ExportedFile]) -> Intake | str:
    """The table of one file, or of the many files that are slices of it."""
    first = files[0]
    recorded = first.recorded
    if recorded and recorded.error:
        return f"{first.name}: the export failed with {shortened(recorded.error, LONGEST_ERROR)}"
    paths = [file.path for file in files if file.path]
    if not paths:
        return f"{first.name} is named in {RECORD}, but it is not here"
    try:
        reading = read(paths[0]) if len(paths) == 1 else Reading(_one_after_another(paths))
        meta = Meta(
            side=asked.side,
            source=first.name if len(files) == 1 else f"{first.name} and {len(files) - 1:,} more",
            collected_at=asked.collected_at or (recorded.collected_at if recorded else min(map(_modified, paths))),
            expected=recorded.count if recorded else None,
            part=first.holds.part,
            properties=reading.properties,
            losses=tuple(_losses(first)),
            remarks=(*reading.remarks, *([ONLY_MAPPED] if recorded and recorded.only_mapped else [])),
        )
        return intake(first.holds.table.name, of_tenant(reading.items, asked.initial_domain, first.name), meta)
    except NotCollected as reason:
        return str(reason)
    except OSError as error:
        return f"{first.name} cannot be read ({error.strerror or type(error).__name__})"


def _losses(file: ExportedFile) -> Iterator[str]:
    """Why the file cannot be the whole table, known before it is read."""
    if file.holds.loss:
        yield file.holds.loss
    if file.recorded and file.recorded.failed:
        failed = Named()
        for name in file.recorded.failed:
            failed.add(name)
        yield f"{counted(failed.count)} could not be asked: {failed}"


def _one_after_another(paths: Sequence[Path]) -> Iterator[Item]:
    for path in paths:
        try:
            yield from read(path).items
        except NotCollected as reason:
            yield Fault(path.name, 0, 0, str(reason))


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


def _agreed(asked: Asked, files: Sequence[ExportedFile]) -> Intake | str:
    """The one table of several files that say the same; files that differ give none, because nobody knows which is right."""
    slices = [file for file in files if file.holds.slice]
    exports = [*([file] for file in files if not file.holds.slice), *([slices] if slices else [])]
    made = [_made(asked, export) for export in exports]
    tables = [table for table in made if isinstance(table, Intake)]
    failed = tuple(reason for reason in made if isinstance(reason, str))
    if not tables:
        return "; ".join(failed)
    first = tables[0]
    if any(not first.table.equals(other.table) or first.missing.keys() != other.missing.keys() for other in tables[1:]):
        return f"{' and '.join(export[0].name for export in exports)} contradict each other: keep the one that is right"
    losses = dict.fromkeys(loss for table in tables for loss in table.losses)
    return replace(first, losses=(*losses, *failed), collected_at=min(table.collected_at for table in tables))
