"""Writes a run in one of the formats, under a temporary name first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow.parquet

from ctm_audit.engine.csv_file import csv_file
from ctm_audit.engine.folder import write_junit
from ctm_audit.engine.runs import RunRecord, finding_blocks
from ctm_audit.progress import tell
from ctm_audit.report.formats.brief import write_markdown
from ctm_audit.report.formats.json_lines import ROWS, write_json
from ctm_audit.report.formats.rows import BATCH_ROWS, findings
from ctm_audit.report.formats.sarif import write_sarif
from ctm_audit.report.formats.workbook import write_workbook
from ctm_audit.report.html import write_page
from ctm_audit.report.older import completed
from ctm_audit.whole_files import whole_file


def write_report(record: RunRecord, form: str, path: Path) -> None:
    """Write the run in a format, one of ENDINGS; what stood at the path is replaced, and left alone when something fails."""
    tell(f"Writing {path.name}")
    with whole_file(path) as fresh:
        WRITERS[form](record, fresh)


def _of_any_version(write: Callable[[RunRecord, Path], None]) -> Callable[[RunRecord, Path], None]:
    """The writer, for which a record of an earlier version is completed first."""
    return lambda record, path: write(RunRecord(record.folder, completed(record.document)), path)


def _json(record: RunRecord, path: Path) -> None:
    write_json(record.document | {"findings": [ROWS]}, findings(record), path)


def _csv(record: RunRecord, path: Path) -> None:
    with csv_file(path, pyarrow.parquet.read_schema(record.findings_file)) as write:
        for block in finding_blocks(record, BATCH_ROWS):
            write(block)


def _junit(record: RunRecord, path: Path) -> None:
    write_junit(record.document, path)


WRITERS: Mapping[str, Callable[[RunRecord, Path], None]] = MappingProxyType(
    {
        "html": write_page,
        "json": _json,
        "csv": _csv,
        "xlsx": _of_any_version(write_workbook),
        "junit": _of_any_version(_junit),
        "sarif": _of_any_version(write_sarif),
        "markdown": _of_any_version(write_markdown),
    }
)
