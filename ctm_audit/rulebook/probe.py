"""The unknown probe: what a rule says when it does not know, compared with what it would say if it knew.

For each case and each value that the verdict reads, the value is made unknown. The verdict must become undetermined, or be
the one that every other value gives. Anything else is a rule that takes "not seen" for an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import duckdb

from ctm_audit.errors import Fault
from ctm_audit.evidence.relations import Field, SqlType
from ctm_audit.rulebook.cases import UNDETERMINED, Evidence, evidence_of, judge
from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.rulebook.rule import Case, Row
from ctm_audit.rulebook.sandbox import sql_literal

TEXT_LITERAL = re.compile(r"'((?:[^']|'')*)'")
NUMBER_LITERAL = re.compile(r"(?<![\w.'-])\d{1,15}(?![\w.])")
STRANGER = "a value that nobody else has"
A_TIME = datetime(2027, 1, 1)
PLAIN: Mapping[SqlType, tuple[Any, ...]] = {
    "VARCHAR": ("", STRANGER),
    "BOOLEAN": (True, False),
    "BIGINT": (-1, 0, 1, 2, 10**15),
    "TIMESTAMP": (A_TIME, A_TIME - timedelta(days=9_999), A_TIME + timedelta(days=9_999)),
    "VARCHAR[]": ([], [STRANGER]),
}


def probe_faults(connection: duckdb.DuckDBPyConnection, checked: CheckedRule) -> Iterator[Fault]:
    """Every case and value for which the rule takes unknown for an answer."""
    for case in checked.rule.cases:
        evidence = evidence_of(case)
        for message in (*_row_faults(connection, checked, evidence), *_lookup_faults(connection, checked, evidence)):
            yield Fault(checked.rule.file, case.line, 1, f"case {case.name!r}: {message}")


def _row_faults(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, evidence: Evidence) -> Iterator[str]:
    """The judged row with each of the verdict's fields unknown in turn."""
    row = evidence.rows[checked.relation.name][0]
    names = [name for name in sorted(checked.verdict_fields) if row.get(name) is not None]
    verdicts = judge(connection, checked, evidence, [{**row, name: None} for name in names]) if names else []
    for name, verdict in zip(names, verdicts, strict=True):
        if verdict != UNDETERMINED:
            values = other_values(checked, checked.relation.by_name[name])
            known = judge(connection, checked, evidence, [{**row, name: value} for value in values])
            yield from _contradiction(name, verdict, dict(zip(map(sql_literal, values), known, strict=True)))


def _lookup_faults(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, evidence: Evidence) -> Iterator[str]:
    """Each looked-up relation not collected, cut, and with each of its columns unknown in one row."""
    for relation, columns in checked.looked_up.items():
        if relation not in evidence.rows:
            continue
        for what, doubtful in _doubtful(checked, evidence, relation, columns):
            verdict = judge(connection, checked, doubtful, doubtful.rows[checked.relation.name][:1])[0]
            if verdict != UNDETERMINED:
                yield f"with {relation} {what}, the rule says {verdict}"


def _doubtful(checked: CheckedRule, evidence: Evidence, relation: str, columns: frozenset[str]) -> Iterator[tuple[str, Evidence]]:
    if relation != checked.relation.name:
        yield "not collected", replace(evidence, rows={name: rows for name, rows in evidence.rows.items() if name != relation})
    yield "incomplete", replace(evidence, incomplete={**evidence.incomplete, relation: "the probe cut it"})
    for column in sorted(columns):
        for number, row in enumerate(evidence.rows[relation]):
            if row.get(column) is not None:
                yield (
                    f"{column} unknown in row {number + 1}",
                    replace(evidence, rows=_with(evidence, relation, number, {**row, column: None})),
                )


def _with(evidence: Evidence, relation: str, number: int, row: Row) -> Mapping[str, tuple[Row, ...]]:
    rows = list(evidence.rows[relation])
    rows[number] = row
    return {**evidence.rows, relation: tuple(rows)}


def _contradiction(name: str, verdict: str, known: Mapping[str, str]) -> Iterator[str]:
    other = next((value for value, says in known.items() if says != verdict), None)
    if other is not None:
        yield f"with {name} unknown the rule says {verdict}, but with {other} it says {known[other]}; unknown must stay undetermined"


def other_values(checked: CheckedRule, field: Field) -> list[Any]:
    """Values of the field's type that might make a difference: those of the rule's cases and literals, and a stranger."""
    found = [*PLAIN[field.type]]
    for value in (*_values_of_cases(checked.rule.cases), *_literals(checked)):
        found += _as_type(value, field.type)
    return list({sql_literal(value): value for value in found}.values())


def _values_of_cases(cases: tuple[Case, ...]) -> Iterator[Any]:
    for case in cases:
        for row in (case.project, *(row for rows in case.rows.values() for row in rows)):
            yield from row.values()


def _literals(checked: CheckedRule) -> Iterator[Any]:
    for expression in checked.verdicts:
        yield from (found.replace("''", "'") for found in TEXT_LITERAL.findall(expression.text))
        yield from map(int, NUMBER_LITERAL.findall(expression.text))


def _as_type(value: Any, sql_type: SqlType) -> list[Any]:
    """The value in the ways in which it can stand in a field of that type, with its neighbours."""
    match sql_type, value:
        case "VARCHAR", str():
            return [value]
        case "VARCHAR", list():
            return list(value)
        case "VARCHAR[]", str():
            return [[value]]
        case "VARCHAR[]", list():
            return [value, value[:1], value[1:], [*value, STRANGER]]
        case "BIGINT", int() if not isinstance(value, bool):
            return [value - 1, value, value + 1]
        case "TIMESTAMP", datetime():
            return [value - timedelta(days=1), value, value + timedelta(days=1)]
    return []
