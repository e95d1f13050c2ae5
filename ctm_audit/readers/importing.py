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
from ctm_audit.evidence.others import hashed_tables, left_out_of, others_of
from ctm_audit.evidence.salt import fingerprint
from ctm_audit.evidence.scope import Kept, only_mapped
from ctm_audit.evidence.tables import OTHERS, TABLES
from ctm_audit.progress import tell
from ctm_audit.readers.collected import Asked, Collected, collect_tables
from ctm_audit.readers.export_record import RECORD
from ctm_audit.readers.exports import ExportedFile, Exports, find_exports
from ctm_audit.readers.unpack import unpacked

STATED = "stated by a person"
RECORDED = RECORD
MODIFIED = "oldest modification time of the files"
NOBODY_TO_HASH = "no table was collected of whose people hashes are made"
OTHER_SALT = f"the hashes of the export were made with another salt than the project's, or {RECORD} does not say with which"


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
    """Whose facts a bundle may hold: of those who answer to the keys of one side of a mapping, which has that digest.

    With the `salt` of the project, of all others hashes are kept.
    """

    keys: frozenset[str]
    digest: str
    salt: bytes | None = None


def import_files(
    asked: Asked, paths: Sequence[Path], folder: Path, delete_after: date | None = None, mapped: Mapped | None = None
) -> ImportResult:
    """Write a bundle of exported files, folders and zips below `folder`; `delete_after` is the last day on which it may be kept.

    With `mapped`, of people only those are kept who answer to its keys.

    Raises UsageError, and writes nothing, when no table could be made of the files, or when their record is of another
    side or tenant; Refused when a zip has something out of place.
    """
    refuse_when_switched_off()
    tell("Looking for exports")
    with unpacked(paths) as opened:
        exports = find_exports(asked.side, opened, asked.named)
        _refuse_strangers(exports, asked)
        collected = collect_tables(_completed(asked, exports), exports.files)
        if not collected.tables:
            raise _nothing_usable(exports, collected)
    tables, absent, kept = _kept(asked, collected, exports, mapped)
    bundle = write_bundle(
        folder,
        side=asked.side,
        tenant_id=_tenant_of(exports, collected.tables),
        initial_domain=_first(record.initial_domain for record in exports.records),
        cloud=_first(record.cloud for record in exports.records),
        collected_how=_how(exports.files, asked.collected_at),
        tables=tables,
        absent=absent,
        delete_after=delete_after,
        kept=kept,
    )
    return ImportResult(
        bundle=bundle,
        gaps=gaps_of(bundle),
        used=tuple(file.name for file in exports.files if file.path and file.holds.table.name in bundle.tables),
        ignored=exports.ignored,
    )


def _kept(
    asked: Asked, collected: Collected, exports: Exports, mapped: Mapped | None
) -> tuple[tuple[Intake, ...], dict[str, str], Kept | None]:
    """The tables that a bundle gets, those that it lacks, and the keys that it can answer for: known to export and import."""
    whole = tuple(table for table in collected.tables if table.name != OTHERS.name)
    known = [mapped.keys] if mapped else []
    known += [record.mapped_keys for record in exports.records if record.is_of_mapped]
    keys = frozenset.intersection(*known) if known else frozenset()
    reduced, left_out = only_mapped(whole, keys) if mapped else (whole, {})
    others = _others(asked, collected, exports, reduced, mapped)
    tables = (*reduced, others) if isinstance(others, Intake) else reduced
    absent = {**collected.absent, **({OTHERS.name: others} if isinstance(others, str) else {})}
    salts = {fingerprint(mapped.salt)} if mapped and mapped.salt else {record.salt for record in exports.records}
    return tables, absent, Kept(keys, mapped.digest if mapped else "", left_out, max(salts, default="")) if known else None


def _others(
    asked: Asked, collected: Collected, exports: Exports, reduced: tuple[Intake, ...], mapped: Mapped | None
) -> Intake | str | None:
    """The hashes of everybody who is not in the bundle, in words why there are none, or None when nothing reads them of this side."""
    if asked.side not in OTHERS.sides:
        return None
    if OTHERS.name in collected.absent:
        return collected.absent[OTHERS.name]
    whole = [table for table in collected.tables if table.name != OTHERS.name]
    if not {table.name for table in hashed_tables(asked.side)} & {table.name for table in whole}:
        return NOBODY_TO_HASH
    files = next((table for table in collected.tables if table.name == OTHERS.name), None)
    salt = mapped.salt if mapped else None
    made_with = {record.salt for record in exports.records} if files else set()
    if made_with - {fingerprint(salt)} if salt else len(made_with) > 1 or "" in made_with:
        return OTHER_SALT
    by_export = {file.holds.table.name for file in exports.files if file.recorded and file.recorded.only_mapped}
    return others_of(
        left_out_of(asked.side, whole, reduced, by_export, files), salt, min(table.collected_at for table in whole or collected.tables)
    )


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
