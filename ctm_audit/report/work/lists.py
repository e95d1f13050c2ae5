"""Writes the work lists of a run: for each owner a table of everything, a page, and scripts of what may be changed in a series."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from ctm_audit.engine.csv_file import csv_file
from ctm_audit.engine.runs import RunRecord
from ctm_audit.model import Owner
from ctm_audit.report.work.page import owner_page
from ctm_audit.report.work.rows import COLUMNS, by, schema, work
from ctm_audit.report.work.scripts import write_scripts
from ctm_audit.report.work.shares import shares

FOLDER = "work"


def write_work(record: RunRecord) -> None:
    """Write the work lists into the folder `work` of the run; an owner without work gets none."""
    folder = record.folder / FOLDER
    folder.mkdir()
    _write_tables(record, folder)
    scripts = write_scripts(record, folder)
    for who, mine in shares(work(record)).items():
        page = owner_page(record.document, who, mine, {place: rules for place, rules in scripts.items() if place.owner == who})
        (folder / f"{Owner(who)}.md").write_text(page, encoding="utf-8", newline="\n")


def _write_tables(record: RunRecord, folder: Path) -> None:
    columns = [name for name in COLUMNS if name != "owner"]
    with ExitStack() as files:
        writers = {}
        for rows in work(record):
            for who, mine in by(rows, "owner"):
                if who not in writers:
                    writers[who] = files.enter_context(csv_file(folder / f"{Owner(who)}.csv", schema(columns)))
                writers[who](mine.select(columns))
