"""Checks of a whole rule book beyond its form: binding, cases and the unknown probe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from ctm_audit.errors import Fault
from ctm_audit.rulebook.cases import case_faults
from ctm_audit.rulebook.judging import CheckedRule, judgement_query, text_query
from ctm_audit.rulebook.probe import probe_faults
from ctm_audit.rulebook.sandbox import open_sandbox, tables_of


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What checking one rule gave: how many cases were judged, and every fault."""

    id: str
    cases: int
    faults: tuple[Fault, ...]


def check_rules(rules: Iterable[CheckedRule]) -> tuple[RuleCheck, ...]:
    """Every rule bound to empty tables, judged on its cases and probed."""
    with open_sandbox() as connection:
        return tuple(RuleCheck(rule.rule.id, len(rule.rule.cases), tuple(_faults(connection, rule))) for rule in rules)


def _faults(connection: duckdb.DuckDBPyConnection, checked: CheckedRule) -> Iterator[Fault]:
    unbound = list(binding_faults(connection, checked))
    yield from unbound
    if not unbound:
        yield from case_faults(connection, checked)
        yield from probe_faults(connection, checked)


def binding_faults(connection: duckdb.DuckDBPyConnection, checked: CheckedRule) -> Iterator[Fault]:
    """What DuckDB's binder refuses when only the fields that the rule is known to read exist."""
    file = checked.rule.file
    try:
        with tables_of(connection, checked, {}):
            types = dict(connection.execute(f"select column_name, column_type from (describe {judgement_query(checked)})").fetchall())
            connection.execute(f"describe {text_query(checked)}")
    except duckdb.Error as error:
        yield Fault(file, 1, 1, f"DuckDB refuses the rule: {str(error).splitlines()[0]}")
        return
    for key in ("applies", "passes"):
        if types[key] != "BOOLEAN":
            yield Fault(file, 1, 1, f"`{key}` is of the type {types[key]}; a verdict is BOOLEAN")
