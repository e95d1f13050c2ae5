"""Judges the cases of a rule: every example in the rule file must get the verdict that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ctm_audit.errors import Fault
from ctm_audit.evidence.relations import JUDGED, RELATIONS
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, gaps, text_query, verdict_query
from ctm_audit.rulebook.rule import Case, Row
from ctm_audit.rulebook.sandbox import tables_of

UNDETERMINED = "undetermined"
NOT_MENTIONED = "the case does not mention it"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows of a case, ready to be judged and to be varied; `incomplete` maps relations to the reason."""

    rows: Mapping[str, tuple[Row, ...]]
    incomplete: Mapping[str, str]

    def catalogue(self) -> Catalogue:
        """What exists in the case, by the same laws as in a run."""
        known = {name: frozenset(RELATIONS[name].by_name) for name in self.rows}
        why = {name: NOT_MENTIONED for name in RELATIONS if name not in self.rows} | dict(self.incomplete)
        return Catalogue(known, frozenset(known) - set(self.incomplete), why, self._holds_null)

    def _holds_null(self, relation: str, name: str) -> bool:
        return any(row.get(name) is None for row in self.rows[relation])


def evidence_of(case: Case) -> Evidence:
    """The case's rows with the project's facts on every judged row, as in a run."""
    rows = {name: tuple({**case.project, **row} if name in JUDGED else row for row in given) for name, given in case.rows.items()}
    return Evidence(rows, case.incomplete)


def judge(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, evidence: Evidence, judged: Sequence[Row]) -> list[str]:
    """The verdict of each of the rows `judged`, which stand in the place of the judged relation's first row.

    Only what the rule is known to read exists in the tables, so a read that the walker overlooked cannot be bound.
    Raises duckdb.Error when the predicate itself fails.
    """
    if gaps(checked, evidence.catalogue()):
        return [UNDETERMINED] * len(judged)
    others = evidence.rows[checked.relation.name][1:]
    if checked.relation.name in checked.looked_up:
        return [_verdicts(connection, checked, evidence, (row, *others))[0] for row in judged]
    return _verdicts(connection, checked, evidence, judged)


def _verdicts(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, evidence: Evidence, rows: Sequence[Row]) -> list[str]:
    query = verdict_query(checked, incomplete=checked.relation.name in evidence.incomplete)
    with tables_of(connection, checked, {**evidence.rows, checked.relation.name: rows}):
        return [verdict for _, verdict in sorted(connection.execute(query).fetchall())]


def texts(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, evidence: Evidence) -> dict[str, str | None]:
    """What the rule would write about the judged row: expected, found, owner, command, reason, until."""
    with tables_of(connection, checked, evidence.rows):
        names = ("row_no", "expected", "found", "owner", "command", "reason", "until")
        return dict(zip(names, min(connection.execute(text_query(checked)).fetchall()), strict=True))


def first_verdict(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, evidence: Evidence) -> str:
    """The verdict of the case's judged row, its first."""
    return judge(connection, checked, evidence, evidence.rows[checked.relation.name])[0]


def case_faults(connection: duckdb.DuckDBPyConnection, checked: CheckedRule) -> Iterator[Fault]:
    """What is wrong with the rule's cases: another verdict than stands there, or a query that fails."""
    for case in checked.rule.cases:
        message = _case_fault(connection, checked, case)
        if message:
            yield Fault(checked.rule.file, case.line, 1, f"case {case.name!r}: {message}")


def _case_fault(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, case: Case) -> str:
    evidence = evidence_of(case)
    lacking = gaps(checked, evidence.catalogue())
    try:
        found = first_verdict(connection, checked, evidence)
        if not lacking:
            texts(connection, checked, evidence)
    except duckdb.Error as error:
        return f"the rule fails: {str(error).splitlines()[0]}"
    reasons = f" ({'; '.join(gap.reason for gap in lacking)})" if lacking else ""
    return "" if found == case.verdict else f"should be {case.verdict}, and the rule says {found}{reasons}"
