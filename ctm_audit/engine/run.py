"""One audit from bundles to a run: everything that happens between opening the connection and the finished tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.catalogue import absences, make_catalogue
from ctm_audit.engine.findings import add_findings, create_findings
from ctm_audit.engine.gates import next_step
from ctm_audit.engine.judge import judge_all
from ctm_audit.engine.loading import load_evidence
from ctm_audit.engine.mailboxes import create_mailboxes
from ctm_audit.engine.missing import missing_evidence
from ctm_audit.engine.outcome import Outcome
from ctm_audit.engine.pairs import has_unknown
from ctm_audit.engine.question import Question, stale_tables
from ctm_audit.engine.record import document
from ctm_audit.engine.session import lock
from ctm_audit.evidence.tables import SIDES, Side
from ctm_audit.model import MAILBOX_STEPS, Step
from ctm_audit.progress import followed, tell
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, macros
from ctm_audit.rulebook.load import RuleBook


@dataclass(frozen=True, slots=True)
class Run:
    """A judged run: its document (without the clock), while `findings` and `mailboxes` stand in the connection.

    `pairs` has the facts of every mailbox that a rule read, and `catalogue` says what existed. `unknown` counts for each side
    the rows of the mapping with a key that the bundle was not made for.
    """

    document: dict[str, Any]
    rules: Sequence[CheckedRule]
    pairs: pa.Table
    catalogue: Catalogue
    unknown: dict[Side, int]


def run_audit(
    connection: duckdb.DuckDBPyConnection, question: Question, book: RuleBook, rules: Sequence[CheckedRule], step: Step | None
) -> Run:
    """Judge every rule on a fresh connection; without a step, the next unfinished one is chosen and said so."""
    tell("Joining the evidence")
    shown = load_evidence(connection, question, rules)
    catalogue = make_catalogue(connection, question.bundles)
    for statement in macros(catalogue):
        connection.execute(statement)
    lock(connection)
    stale = stale_tables(question.project, question.bundles, question.now)
    outcomes = judge_all(connection, rules, catalogue, stale, shown, question.wave)
    if step is None:
        question = replace(question, step=next_step(book.gates, outcomes, MAILBOX_STEPS), step_why="next unfinished step")
    found = _reported(connection, question, book, rules, outcomes, stale.get(question.step, {}))
    return Run(found, rules, shown["pairs"], catalogue, {side: count for side in SIDES if (count := has_unknown(connection, side))})


def _reported(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    book: RuleBook,
    rules: Sequence[CheckedRule],
    outcomes: list[Outcome],
    stale: dict[str, str],
) -> dict[str, Any]:
    create_findings(connection)
    for place, (checked, outcome) in enumerate(followed("Gathering findings", [*zip(rules, outcomes, strict=True)])):
        add_findings(connection, place, checked, outcome, question.step)
    readiness = create_mailboxes(connection, outcomes, question.step)
    missing = missing_evidence(outcomes, question.step, stale, absences(question.bundles))
    return document(connection, question, book, outcomes, readiness, missing)
