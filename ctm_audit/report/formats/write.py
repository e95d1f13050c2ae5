"""Writes a run in one of the formats, under a temporary name first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow.parquet

from ctm_audit.engine.csv_file import csv_file
from ctm_audit.engine.folder import write_junit
from ctm_audit.engine.runs import RunRecord
from ctm_audit.report.formats.brief import write_markdown
from ctm_audit.report.formats.json_lines import ROWS, write_json
from ctm_audit.report.formats.rows import BATCH_ROWS, findings
from ctm_audit.report.formats.sarif import write_sarif
from ctm_audit.report.formats.workbook import write_workbook
from ctm_audit.report.html import render


def write_report(record: RunRecord, form: str, path: Path) -> None:
    """Write the run in a format, one of ENDINGS; what stood at the path is replaced, and left alone when something fails."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        WRITERS[form](record, fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _html(record: RunRecord, path: Path) -> None:
    path.write_text(render(record), encoding="utf-8", newline="\n")


def _json(record: RunRecord, path: Path) -> None:
    write_json(record.document | {"findings": [ROWS]}, findings(record), path)


def _csv(record: RunRecord, path: Path) -> None:
    with pyarrow.parquet.ParquetFile(record.findings_file) as file, csv_file(path, file.schema_arrow) as write:
        for batch in file.iter_batches(BATCH_ROWS):
            write(batch)


def _junit(record: RunRecord, path: Path) -> None:
    write_junit(record.document, path)


WRITERS: Mapping[str, Callable[[RunRecord, Path], None]] = MappingProxyType(
    {
        "html": _html,
        "json": _json,
        "csv": _csv,
        "xlsx": write_workbook,
        "junit": _junit,
        "sarif": write_sarif,
        "markdown": write_markdown,
    }
)
