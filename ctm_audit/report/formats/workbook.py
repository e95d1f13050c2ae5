"""A run as an Excel workbook: an overview, a sheet for each owner with what waits for them, and the rules that they link to."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ctm_audit.engine.runs import RunRecord
from ctm_audit.report.verdict_view import verdict_view
from ctm_audit.report.words import WEIGHTS, listed, moment, owner, visible
from ctm_audit.report.work.rows import by, work

ROWS_IN_A_SHEET = 1_048_576
LINKS_IN_A_SHEET = 65_530
LONGEST = 32_767
"""Limits of Excel; a longer text would be refused. https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3"""
COLUMNS: Mapping[str, tuple[str, int]] = {
    "rule": ("rule", 9),
    "title": ("what is wrong", 48),
    "weight": ("weight", 10),
    "verdict": ("verdict", 12),
    "object_name": ("object", 44),
    "wave": ("wave", 8),
    "expected": ("should be", 36),
    "found": ("is", 36),
    "fix": ("what to do", 60),
    "command": ("command", 40),
    "reason": ("reason", 36),
    "until": ("until", 12),
    "count": ("count", 8),
    "how_to": ("usual how-to", 36),
    "object_kind": ("kind", 10),
    "object_id": ("id", 32),
    "fix_kind": ("kind of repair", 12),
    "shell": ("shell", 10),
    "gate": ("gate", 12),
}
OF_RULES: Mapping[str, tuple[str, int]] = {
    "id": ("rule", 9),
    "title": ("what is wrong", 60),
    "weight": ("weight", 10),
    "failed": ("fail", 8),
    "due": ("due", 8),
    "undetermined": ("not judged", 10),
    "owner": ("who acts", 16),
    "fix": ("what to do", 70),
    "why": ("why", 90),
    "how_to": ("usual how-to", 50),
    "sources": ("source", 60),
}
RULES = "Rules"


def write_workbook(record: RunRecord, path: Path) -> None:
    """Write the workbook; the same run gives the same bytes. What does not fit into a sheet is counted in the overview."""
    run = record.document
    with (
        tempfile.TemporaryDirectory(prefix="ctm-audit-") as folder,  # else an interrupt leaves rows in a folder of everybody's
        xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": folder, "strings_to_urls": False}) as book,
    ):
        book.set_properties({"title": f"ctm-audit {run['run_id']}", "created": moment(run["now"])})
        styles = {"head": book.add_format({"bold": True, "bottom": 1}), "plain": book.add_format({"quote_prefix": True})}
        overview = book.add_worksheet("Overview")
        counts = _owners(record, book, styles)
        _rules(run, book.add_worksheet(RULES), styles)
        _overview(run, overview, counts, styles)


def _owners(record: RunRecord, book: xlsxwriter.Workbook, styles: Mapping[str, Format]) -> dict[str, int]:
    """The sheets of the owners in the order of the run; how many findings each of them has comes back."""
    sheets = {told["owner"]: book.add_worksheet(_sheet_name(told["owner"])) for told in record.document["owners"]}
    places = {rule["id"]: number for number, rule in enumerate(record.document["rules"], 2)}
    counts = dict.fromkeys(sheets, 0)
    for sheet in sheets.values():
        _head(sheet, COLUMNS, styles)
    for batch in work(record):
        for who, mine in by(batch, "owner"):
            for row in mine.to_pylist():
                counts[who] += 1
                if counts[who] < ROWS_IN_A_SHEET:
                    _row(sheets[who], counts[who], [row[name] for name in COLUMNS], styles)
                    if counts[who] <= LINKS_IN_A_SHEET:
                        sheets[who].write_url(counts[who], 0, f"internal:{RULES}!A{places[row['rule']]}", string=row["rule"])
    for who, sheet in sheets.items():
        sheet.autofilter(0, 0, min(counts[who], ROWS_IN_A_SHEET - 1), len(COLUMNS) - 1)
    return counts


def _rules(run: Mapping[str, Any], sheet: Worksheet, styles: Mapping[str, Format]) -> None:
    _head(sheet, OF_RULES, styles)
    for number, rule in enumerate(run["rules"], 1):
        link = next((source for source in rule["sources"] if source.startswith("https://")), "")
        _row(sheet, number, [link if name == "sources" else rule[name] for name in OF_RULES], styles)
        if link:
            sheet.write_url(number, len(OF_RULES) - 1, link, string=link)
    sheet.autofilter(0, 0, len(run["rules"]), len(OF_RULES) - 1)


def _overview(run: Mapping[str, Any], sheet: Worksheet, counts: Mapping[str, int], styles: Mapping[str, Format]) -> None:
    verdict = verdict_view(run)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    wave = f", wave {run['wave']}" if run["wave"] else ""
    weights = listed(f"{weight} {word}" for weight, word in WEIGHTS.items())
    lines = [
        (verdict.headline, verdict.answer),
        ("mailboxes", verdict.mailboxes),
        ("project", f"{run['project']['source_initial_domain']} to {run['project']['target_initial_domain']} ({run['project']['name']})"),
        ("step", f"{run['step']}{wave}, judged as of {verdict.clock}"),
        ("run", f"{run['run_id']}, written by ctm-audit {run['tool_version']}"),
        ("weight", weights),
        ("", ""),
        *((owner(who), _told(who, count)) for who, count in counts.items()),
    ]
    for number, line in enumerate(lines):
        _row(sheet, number, line, styles)


def _told(who: str, count: int) -> str:
    fit = min(count, ROWS_IN_A_SHEET - 1)
    left = f"; Excel holds no more: {count - fit:,} others stand in work/{who}.csv of the run folder" if fit < count else ""
    return f"{fit:,} findings in the sheet {_sheet_name(who)}{left}"


def _sheet_name(who: str) -> str:
    return owner(who)


def _head(sheet: Worksheet, columns: Mapping[str, tuple[str, int]], styles: Mapping[str, Format]) -> None:
    for number, (name, width) in enumerate(columns.values()):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, name, styles["head"])
    sheet.freeze_panes(1, 1)


def _row(sheet: Worksheet, number: int, values: Sequence[Any], styles: Mapping[str, Format]) -> None:
    """One row of texts and numbers; a text is a text even when somebody edits it, never a formula."""
    for column, value in enumerate(values):
        if isinstance(value, int):
            sheet.write_number(number, column, value)
        elif value:
            shown = visible(str(value))
            sheet.write_string(number, column, shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…", styles["plain"])
