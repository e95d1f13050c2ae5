"""Runs as an audit writes them, made of plain rows: run.json beside two Parquet files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ctm_audit.engine.runs import RunRecord
from ctm_audit.report.html import render
from ctm_audit.report.view import ReportView, report_view
from tests.report.sample import Record

TEXTS = pa.list_(pa.string())
LISTS = ("blocking", "undetermined", "other", "waived", "attested")
MAILBOX = {name: pa.string() for name in ("id", "target", "wave", "stage", "verdict")} | dict.fromkeys(LISTS, TEXTS)
FINDING = {
    name: pa.int64() if name == "count" else pa.string()
    for name in (
        *("rule", "gate", "weight", "verdict", "object_kind", "object_id", "object_name", "wave", "expected", "found", "owner"),
        *("fix_kind", "fix", "command", "reason", "until", "count", "original"),
    )
}


def record(folder: Path, run: Record, findings: list[Record], mailboxes: list[Record], without: tuple[str, ...] = ()) -> RunRecord:
    """The run in a folder; its tables lack the columns `without`."""
    made = RunRecord(folder, run)
    flat = [{**finding, **{f"object_{name}": value for name, value in finding["object"].items()}} for finding in findings]
    pq.write_table(_table(flat, FINDING, without), made.findings_file)
    facts = {name: None for name in (mailboxes[0] if mailboxes else ()) if name not in MAILBOX}
    pq.write_table(_table(mailboxes, MAILBOX | facts, without), made.mailboxes_file)
    return made


def _table(rows: list[Record], columns: dict[str, Any], without: tuple[str, ...]) -> pa.Table:
    wanted = {name: kind for name, kind in columns.items() if name not in without}
    return pa.table({name: pa.array([_storable(row.get(name)) for row in rows], kind) for name, kind in wanted.items()})


def _storable(value: Any) -> Any:
    """Parquet holds no half of a character; run.json may."""
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value.replace("\ud800", "") if isinstance(value, str) else value


def view(run: Record, findings: list[Record], mailboxes: list[Record]) -> ReportView:
    """The view of a run that is written and read again."""
    with tempfile.TemporaryDirectory() as folder:
        return report_view(record(Path(folder), run, findings, mailboxes))


def page(run: Record, findings: list[Record], mailboxes: list[Record]) -> str:
    """The page of a run that is written and read again."""
    with tempfile.TemporaryDirectory() as folder:
        return render(record(Path(folder), run, findings, mailboxes))
