"""From exported files to a bundle: the whole import of one side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from ctm_audit.errors import EXIT_OK, EXIT_UNDETERMINED, UsageError
from ctm_audit.evidence.border import refuse_when_switched_off
from ctm_audit.evidence.bundle import Bundle, write_bundle
from ctm_audit.evidence.gaps import Gap, gaps_of
from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.scope import Kept, only_mapped
from ctm_audit.evidence.tables import TABLES
from ctm_audit.readers.collected import Asked, Collected, collect_tables
from ctm_audit.readers.export_record import RECORD
from ctm_audit.readers.exports import ExportedFile, Exports, find_exports
from ctm_audit.readers.unpack import unpacked

STATED = "stated by a person"
RECORDED = RECORD
MODIFIED = "oldest modification time of the files"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """A written bundle, what it lacks, the files used, and those not used, each with the reason."""

    bundle: Bundle
    gaps: tuple[Gap, ...]
    used: tuple[str, ...]
    ignored: tuple[tuple[str, str], ...]

    @property
    def exit_code(self) -> int:
        """0 when everything that the side is asked for was collected, else 3."""
        return EXIT_UNDETERMINED if self.gaps else EXIT_OK


@dataclass(frozen=True, slots=True)
class Mapped:
    """Whose facts a bundle may hold: of those who answer to the keys of one side of a mapping, which has that digest."""

    keys: frozenset[str]
    digest: str


def import_files(
    asked: Asked, paths: Sequence[Path], folder: Path, delete_after: date | None = None, mapped: Mapped | None = None
) -> ImportResult:
    """Write a bundle of exported files, folders and zips below `folder`; `delete_after` is the last day on which it may be kept.

    With `mapped`, of people only those are kept who answer to its keys.

    Raises UsageError, and writes nothing, when no table could be made of the files, or when their record is of another
    side or tenant; Refused when a zip has something out of place.
    """
    refuse_when_switched_off()
    with unpacked(paths) as opened:
        exports = find_exports(asked.side, opened, asked.named)
        _refuse_strangers(exports, asked)
        collected = collect_tables(_completed(asked, exports), exports.files)
        if not collected.tables:
            raise _nothing_usable(exports, collected)
    tables, kept = _kept(collected.tables, exports, mapped)
    bundle = write_bundle(
        folder,
        side=asked.side,
        tenant_id=_tenant_of(exports, collected.tables),
        initial_domain=_first(record.initial_domain for record in exports.records),
        cloud=_first(record.cloud for record in exports.records),
        collected_how=_how(exports.files, asked.collected_at),
        tables=tables,
        absent=collected.absent,
        delete_after=delete_after,
        kept=kept,
    )
    return ImportResult(
        bundle=bundle,
        gaps=gaps_of(bundle),
        used=tuple(file.name for file in exports.files if file.path and file.holds.table.name in bundle.tables),
        ignored=exports.ignored,
    )


def _kept(tables: tuple[Intake, ...], exports: Exports, mapped: Mapped | None) -> tuple[tuple[Intake, ...], Kept | None]:
    """The tables that the bundle gets, and which keys they can answer for: those that the exports knew and the import keeps."""
    known = [mapped.keys] if mapped else []
    known += [record.mapped_keys for record in exports.records if record.is_of_mapped]
    if not known:
        return tables, None
    keys = frozenset.intersection(*known)
    reduced, left_out = only_mapped(tables, keys) if mapped else (tables, {})
    return reduced, Kept(keys, mapped.digest if mapped else "", left_out)


def _refuse_strangers(exports: Exports, asked: Asked) -> None:
    """Raise UsageError when a record is of another side or tenant: its files must not pass as evidence of this one."""
    side, own = asked.side, asked.tenant_id
    faults = [f"{RECORD} is of the {record.side} tenant, not of the {side} tenant" for record in exports.records if record.side != side]
    if own:
        faults += [f"{file} is of tenant {found}; the project's {side} tenant is {own}" for file, found in exports.tenants if found != own]
    elif len({found for _, found in exports.tenants}) > 1:
        faults.append(f"the files are of different tenants: {', '.join(f'{file} of {found}' for file, found in exports.tenants)}")
    if faults:
        raise UsageError("Nothing was imported: the files are not of this tenant.", detail=faults, hint="name the right export's folder")


def _completed(asked: Asked, exports: Exports) -> Asked:
    """The same; where no project names the initial domain, the record of the export does."""
    return replace(asked, initial_domain=asked.initial_domain or _first(record.initial_domain for record in exports.records))


def _nothing_usable(exports: Exports, collected: Collected) -> UsageError:
    tried = {file.holds.table.name for file in exports.files}
    detail = [line for name, reason in collected.absent.items() if name in tried for line in (reason, f"    {TABLES[name].export}")]
    detail += [f"{name}: {reason}" for name, reason in exports.ignored]
    hint = "export again with the lines above" if tried else "name the folder that holds files such as Get-Mailbox.json or users.json"
    return UsageError("Nothing could be used, so no bundle was written.", detail=detail, hint=hint)


def _tenant_of(exports: Exports, tables: Sequence[Intake]) -> str:
    """The tenant that the export names, else the one that Graph answered for, else ''."""
    answered = [str(found) for table in tables if table.name == "organization" for found in table.table["id"].to_pylist()]
    return _first([*(found for _, found in exports.tenants), *(answered if len(answered) == 1 else [])])


def _first(values: Iterator[str] | Sequence[str]) -> str:
    return next((value for value in values if value), "")


def _how(files: Sequence[ExportedFile], collected_at: datetime | None) -> str:
    if collected_at:
        return STATED
    recorded = {file.recorded is not None for file in files if file.path}
    return " and ".join(how for how, known in ((RECORDED, True), (MODIFIED, False)) if known in recorded)
