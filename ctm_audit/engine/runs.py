"""Finds and opens written runs: what a report, an explanation or a comparison is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from ctm_audit.errors import Refused, UsageError
from ctm_audit.model import FORMAT_VERSION
from ctm_audit.progress import tell

DOCUMENT = "run.json"
FINDINGS = "findings.parquet"
MAILBOXES = "mailboxes.parquet"
NEEDED = {FINDINGS: ("rule", "verdict", "object_id", "owner"), MAILBOXES: ("id", "verdict", "blocking")}
"""The tables of a run, with columns that every version has written."""
NEXT = "ctm-audit audit"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it was written: `document` is run.json, without findings; the tables stay in their files until somebody reads them."""

    folder: Path
    document: dict[str, Any]

    @property
    def findings_file(self) -> Path:
        """The Parquet file with one row a finding, in the order of gates, rules and the mapping."""
        return self.folder / FINDINGS

    @property
    def mailboxes_file(self) -> Path:
        """The Parquet file with one row a mailbox, in the order of the mapping, with every fact that a rule read."""
        return self.folder / MAILBOXES

    @property
    def order(self) -> tuple[str, ...]:
        """The ids of the rules in the order in which their findings stand."""
        return tuple(rule["id"] for rule in self.document["rules"])


def open_run(folder: Path) -> RunRecord:
    """The run in a folder. Raises UsageError where there is none or of another format, Refused where a file is missing or broken."""
    record = RunRecord(folder, _document(folder))
    for name, columns in NEEDED.items():
        _refuse_broken(folder / name, columns)
    return record


def _document(folder: Path) -> dict[str, Any]:
    path = folder / DOCUMENT
    if not path.is_file():
        raise UsageError(f"{folder} is no run: it holds no {DOCUMENT}.", hint=f"{NEXT}, or name the folder that an audit has written")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Refused(f"{path} is not the JSON that an audit wrote: {error}", hint=NEXT) from None
    if not isinstance(document, dict) or document.get("format_version") != FORMAT_VERSION:
        found = document.get("format_version") if isinstance(document, dict) else None
        raise UsageError(
            f"{path} has the format {found}; this version reads {FORMAT_VERSION}.", hint=f"use the version that wrote it, or {NEXT}"
        )
    return document


def _refuse_broken(path: Path, columns: tuple[str, ...]) -> None:
    if not path.is_file():
        raise Refused(f"{path} is missing, so the run is not whole.", hint=NEXT)
    try:
        names = pa.parquet.read_schema(path).names
    except pa.ArrowException as error:
        raise Refused(f"{path} cannot be read: {str(error).splitlines()[0]}", hint=NEXT) from None
    if lacking := [column for column in columns if column not in names]:
        raise Refused(f"{path} lacks the columns {', '.join(lacking)}.", hint=NEXT)


def finding_blocks(record: RunRecord, rows: int, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The findings from their file, at most so many rows at a time, in order; how many are done is told."""
    with pa.parquet.ParquetFile(record.findings_file) as file:
        done = 0
        for block in file.iter_batches(rows, columns=None if columns is None else list(columns)):
            tell("Writing the findings", done, file.metadata.num_rows)
            yield block
            done += block.num_rows
        tell("Writing the findings", done, file.metadata.num_rows)


def is_run(folder: Path) -> bool:
    """Whether an audit has written the folder."""
    return (folder / DOCUMENT).is_file()


def find_run(runs: Path, named: str | None) -> Path:
    """The folder of a run: the name of a folder below `runs` or the id of its run; without a name the newest below `runs`.

    Raises UsageError when there is none, and when a name means several.
    """
    known = sorted(_runs(runs), key=_finished)
    found = [run for run in known if named in (run.name, _id_of(run))] if named else known[-1:]
    if not found:
        told = [run.name for run in known[-10:]]
        raise UsageError(f"There is no run {named} in {runs}." if named else f"There is no run in {runs}.", detail=told, hint=NEXT)
    if len(found) > 1:
        raise UsageError(f"{named} means {len(found)} runs.", detail=[run.name for run in found], hint="name the folder")
    return found[0]


def _runs(runs: Path) -> Iterator[Path]:
    """Every finished run; what is being written has a name that begins with a dot."""
    return (path.parent for path in runs.glob(f"*/{DOCUMENT}") if not path.parent.name.startswith("."))


def _id_of(run: Path) -> str:
    """The id in the name of a run's folder, `2026-11-20-submit-0123456789ab` or `…-2`."""
    return next((part for part in reversed(run.name.split("-")) if len(part) == 12), "")


def _finished(run: Path) -> tuple[str, int]:
    """When the run was written, by its own clock and then by the file system's; an unreadable one counts as the newest, and is refused."""
    path = run / DOCUMENT
    try:
        clock = json.loads(path.read_text(encoding="utf-8"))["clock"]["finished_at"]
    except (ValueError, KeyError, TypeError):
        clock = "unreadable"
    return str(clock), path.stat().st_mtime_ns
