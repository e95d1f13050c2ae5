"""The files of one tenant's export: which tables they hold, what the export's own record says, and what is not used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ctm_audit.errors import UsageError
from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.normalise import shortened
from ctm_audit.evidence.tables import Side
from ctm_audit.readers.css_exchange import tenants_in
from ctm_audit.readers.export_record import RECORD, ExportRecord, RecordedFile, read_record
from ctm_audit.readers.recognise import Recognised, by_name, recognise
from ctm_audit.readers.unpack import ENDING


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that holds a table; `path` is None when only the export's record tells of it."""

    name: str
    holds: Recognised
    path: Path | None
    recorded: RecordedFile | None


@dataclass(frozen=True, slots=True)
class Exports:
    """The files that hold a table, the records found beside them, and each unused file with the reason.

    `tenants` are the tenant ids that files of the export name, each with its file.
    """

    files: tuple[ExportedFile, ...]
    records: tuple[ExportRecord, ...]
    ignored: tuple[tuple[str, str], ...]
    tenants: tuple[tuple[str, str], ...]


def find_exports(side: Side, paths: Sequence[Path], told: Mapping[str, str] = MappingProxyType({})) -> Exports:
    """What files and folders hold for one side; of a folder its own files, not those of folders in it.

    `told` are names of exports (`Get-Mailbox`) that a person gave to files, by file name. Raises UsageError when a path does not
    exist, such a name is unknown or its file is not there, or a record cannot be read.
    """
    found = _found(paths)
    _refuse_misnamed(told, found)
    folders = sorted({entry.parent for entry in found})
    records = {folder: read_record(folder / RECORD) for folder in folders if (folder / RECORD).is_file()}
    uses = [(entry, _use(entry, side, told)) for entry in found if entry.name != RECORD]
    files = [_file(entry, use, records.get(entry.parent)) for entry, use in uses if isinstance(use, Recognised)]
    return Exports(
        files=(*files, *_only_recorded(records, side)),
        records=tuple(records.values()),
        ignored=tuple((_readable(entry.name), use) for entry, use in uses if isinstance(use, str)),
        tenants=(*((RECORD, record.tenant_id) for record in records.values()), *tenants_in(folders, side)),
    )


def _found(paths: Sequence[Path]) -> list[Path]:
    missing = [f"{path} does not exist" for path in paths if not path.exists()]
    if missing:
        raise UsageError("Nothing was imported.", detail=missing, hint="name files or folders that exist")
    entries = {entry.absolute() for path in paths for entry in (path.iterdir() if path.is_dir() else [path])}
    return sorted(entries, key=lambda entry: (entry.name.casefold(), str(entry)))


def _refuse_misnamed(told: Mapping[str, str], found: Sequence[Path]) -> None:
    here = {entry.name for entry in found}
    faults = [f"{file} is not among the files" for file in told if file not in here]
    for file, name in told.items():
        holds = by_name(name)
        if not isinstance(holds, Recognised):
            faults.append(f"{name}={file}: {holds or 'that is the name of no export'}")
    if faults:
        raise UsageError("Nothing was imported: --as does not fit.", detail=faults, hint="ctm-audit import --list shows the names")


def _use(entry: Path, side: Side, told: Mapping[str, str]) -> Recognised | str:
    if not entry.is_file():
        return "a folder in a folder is not read; name it on the command line"
    if entry.suffix.lower() == ENDING:
        return "a zip in a folder is not opened; name it on the command line"
    return recognise(entry, side, told)


def _file(entry: Path, holds: Recognised, record: ExportRecord | None) -> ExportedFile:
    recorded = record.files.get(entry.name.casefold()) if record else None
    return ExportedFile(entry.name, _called(holds, recorded), entry, recorded)


def _called(holds: Recognised, recorded: RecordedFile | None) -> Recognised:
    """The same with the group's real name, when the record tells it: a file name cannot hold every character of one."""
    is_told = recorded and recorded.part and holds.table.parts
    return replace(holds, part=n.key(recorded.part)) if recorded and is_told else holds


def _only_recorded(records: Mapping[Path, ExportRecord], side: Side) -> Iterator[ExportedFile]:
    """The files that a record names and that are not beside it."""
    for folder, record in records.items():
        here = {entry.name.casefold() for entry in folder.iterdir()}
        for name, recorded in sorted(record.files.items()):
            holds = by_name(Path(recorded.file).stem)
            if name not in here and isinstance(holds, Recognised) and side in holds.table.sides:
                yield ExportedFile(recorded.file, _called(holds, recorded), None, recorded)


def _readable(name: str) -> str:
    """A file's name as it may be printed."""
    return name if name.isprintable() else shortened(name)
