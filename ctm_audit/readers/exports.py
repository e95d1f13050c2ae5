"""The files of one tenant's export: which tables they hold, what the export's own record says, and what is not used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ctm_audit.errors import UsageError
from ctm_audit.evidence.normalise import shortened
from ctm_audit.evidence.tables import Side
from ctm_audit.readers.export_record import RECORD, ExportRecord, RecordedFile, read_record
from ctm_audit.readers.recognise import Recognised, recognise


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that holds a table; `path` is None when only the export's record tells of it."""

    name: str
    holds: Recognised
    path: Path | None
    recorded: RecordedFile | None


@dataclass(frozen=True, slots=True)
class Exports:
    """The files that hold a table, the records found beside them, and each unused file with the reason."""

    files: tuple[ExportedFile, ...]
    records: tuple[ExportRecord, ...]
    ignored: tuple[tuple[str, str], ...]


def find_exports(side: Side, paths: Sequence[Path]) -> Exports:
    """What files and folders hold for one side; of a folder its own files, not those of folders in it.

    Raises UsageError when a path does not exist or a record cannot be read.
    """
    found = _found(paths)
    records = {folder: read_record(folder / RECORD) for folder in sorted({entry.parent for entry in found}) if (folder / RECORD).is_file()}
    told = [(entry, _use(entry, side)) for entry in found if entry.name != RECORD]
    files = [_file(entry, use, records.get(entry.parent)) for entry, use in told if isinstance(use, Recognised)]
    return Exports(
        files=(*files, *_only_recorded(records, side)),
        records=tuple(records.values()),
        ignored=tuple((_readable(entry.name), use) for entry, use in told if isinstance(use, str)),
    )


def _found(paths: Sequence[Path]) -> list[Path]:
    missing = [f"{path} does not exist" for path in paths if not path.exists()]
    if missing:
        raise UsageError("Nothing was imported.", detail=missing, hint="name files or folders that exist")
    entries = {entry.absolute() for path in paths for entry in (path.iterdir() if path.is_dir() else [path])}
    return sorted(entries, key=lambda entry: (entry.name.casefold(), str(entry)))


def _use(entry: Path, side: Side) -> Recognised | str:
    return recognise(entry.name, side) if entry.is_file() else "a folder in a folder is not read; name it on the command line"


def _file(entry: Path, holds: Recognised, record: ExportRecord | None) -> ExportedFile:
    return ExportedFile(entry.name, holds, entry, record.files.get(entry.name.casefold()) if record else None)


def _only_recorded(records: Mapping[Path, ExportRecord], side: Side) -> Iterator[ExportedFile]:
    """The files that a record names and that are not beside it."""
    for folder, record in records.items():
        here = {entry.name.casefold() for entry in folder.iterdir()}
        for name, recorded in sorted(record.files.items()):
            holds = recognise(recorded.file, side)
            if name not in here and isinstance(holds, Recognised):
                yield ExportedFile(recorded.file, holds, None, recorded)


def _readable(name: str) -> str:
    """A file's name as it may be printed."""
    return name if name.isprintable() else shortened(name)
