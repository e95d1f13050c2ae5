"""The use cases as plain functions, shared by the command line and Python callers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ctm_audit import errors
from ctm_audit.bundled import data_folder
from ctm_audit.engine import folder as run_folder
from ctm_audit.engine.question import Question
from ctm_audit.engine.raw import Bundles
from ctm_audit.engine.record import iso
from ctm_audit.engine.run import run_audit
from ctm_audit.engine.session import open_session
from ctm_audit.evidence.bundle import newest_bundle, open_bundle
from ctm_audit.evidence.tables import SIDES, Side
from ctm_audit.mapping import MappingTable
from ctm_audit.model import Step
from ctm_audit.project import Project
from ctm_audit.report.html import FINDINGS_A_RULE, MAILBOXES, render
from ctm_audit.rulebook.book import check_book
from ctm_audit.rulebook.load import load_book

REPORT = "readiness.html"


@dataclass(frozen=True, slots=True)
class AuditResult:
    """A finished run: its document, its folder, and the exit code that says ready or not."""

    document: dict[str, Any]
    folder: Path

    @property
    def exit_code(self) -> int:
        """0 ready, 1 not ready, 3 undetermined."""
        return {True: errors.EXIT_OK, False: errors.EXIT_NOT_READY, None: errors.EXIT_UNDETERMINED}[self.document["ready"]]

    @property
    def report(self) -> Path:
        """The HTML readiness report."""
        return self.folder / REPORT


def audit(
    project: Project,
    mapping: MappingTable,
    *,
    step: Step | None = None,
    wave: str | None = None,
    as_of: datetime | None = None,
    out: Path | None = None,
    extra_rules: Path | None = None,
) -> AuditResult:
    """Judge the newest bundles of both tenants and write a run folder below `out` (else the project's runs folder).

    `as_of` (naive UTC) fixes the clock, else the project's `as_of` does. Raises UsageError for a wave that is not in the
    mapping or a faulty rule book, EvidenceGap when a side has no bundle, Refused when a bundle was changed.
    """
    started = _now()
    _refuse_unknown_wave(project, mapping, wave)
    book = load_book(data_folder("rules"), extra_rules)
    rules = check_book(book)
    bundles: Bundles = {side: _newest(project, side) for side in SIDES}
    fixed = as_of or project.as_of
    question = Question(project, mapping, bundles, step or Step.ASSESS, "asked for", wave, fixed or started, fixed)
    with open_session() as connection:
        run = run_audit(connection, question, book, rules, step)
        run.document["clock"] = {"started_at": iso(started), "finished_at": iso(_now())}

        def write_report(folder: Path) -> None:
            page = render(run.document, run_folder.findings(connection, FINDINGS_A_RULE), run_folder.mailboxes(connection, MAILBOXES))
            (folder / REPORT).write_text(page, encoding="utf-8", newline="\n")

        return AuditResult(run.document, run_folder.write_run(connection, run.document, out or project.runs, write_report))


def _newest(project: Project, side: Side) -> Any:
    tenant = project.source if side == "source" else project.target
    return open_bundle(newest_bundle(tenant.bundle))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _refuse_unknown_wave(project: Project, mapping: MappingTable, wave: str | None) -> None:
    if wave is None:
        return
    known: Sequence[str] = sorted(set(mapping.rows.column("wave").to_pylist()) - {""})
    if wave not in known:
        raise errors.UsageError(f"No row of the mapping is in wave {wave!r}.", detail=[f"waves with rows: {', '.join(known) or 'none'}"])
