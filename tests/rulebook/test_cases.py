"""The cases of a rule are judged by the laws of a run, and a case that is wrong is named with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import duckdb
import pytest

from ctm_audit.rulebook.cases import case_faults, evidence_of, first_verdict
from ctm_audit.rulebook.rule import Case, CaseVerdict
from ctm_audit.rulebook.sandbox import open_sandbox, sql_literal
from tests.rulebook.make import FILE, checked


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_sandbox() as opened:
        yield opened


def case(verdict: CaseVerdict, rows: Mapping[str, tuple[Mapping[str, Any], ...]], **changes: Any) -> Case:
    values: dict[str, Any] = {"project": {}, "incomplete": {}, "line": 12, **changes}
    return Case("made up", verdict, rows, **values)


def test_a_case_with_its_verdict_is_no_fault(connection: duckdb.DuckDBPyConnection) -> None:
    rule = checked(cases=(case("pass", {"pairs": ({"source.upn": "a"},)}), case("fail", {"pairs": ({"source.upn": "b"},)})))
    assert list(case_faults(connection, rule)) == []


def test_a_case_with_another_verdict_is_named_with_its_line(connection: duckdb.DuckDBPyConnection) -> None:
    (fault,) = case_faults(connection, checked(cases=(case("pass", {"pairs": ({"source.upn": "b"},)}),)))
    assert str(fault) == f"{FILE}:12:1: case 'made up': should be pass, and the rule says fail"


def test_a_case_that_lacks_something_says_what(connection: duckdb.DuckDBPyConnection) -> None:
    rule = checked(passes="source.upn in (select d.name from target_domains d)", cases=(case("pass", {"pairs": ({"source.upn": "b"},)}),))
    (fault,) = case_faults(connection, rule)
    assert fault.message.endswith(
        "the rule says undetermined (needs Graph domains of the target tenant, which was not collected (the case does not mention it))"
    )


def test_a_rule_that_raises_is_a_fault(connection: duckdb.DuckDBPyConnection) -> None:
    rule = checked(passes="source.hits * 999999999999999999 > 5", cases=(case("pass", {"pairs": ({"source.hits": 40},)}),))
    (fault,) = case_faults(connection, rule)
    assert "the rule fails: Out of Range Error" in fault.message


def test_a_text_that_raises_is_a_fault(connection: duckdb.DuckDBPyConnection) -> None:
    rule = checked(found="source.hits * 999999999999999999", cases=(case("pass", {"pairs": ({"source.upn": "a", "source.hits": 40},)}),))
    (fault,) = case_faults(connection, rule)
    assert "the rule fails" in fault.message


def test_only_the_first_row_is_judged_and_the_others_can_be_looked_up(connection: duckdb.DuckDBPyConnection) -> None:
    rule = checked(passes="source.upn not in (select p.source.upn from pairs p group by p.source.upn having count(*) > 1)")
    rows = {"pairs": ({"source.upn": "a"}, {"source.upn": "b"}, {"source.upn": "b"})}
    assert first_verdict(connection, rule, evidence_of(case("pass", rows))) == "pass"


def test_project_facts_stand_on_every_judged_row(connection: duckdb.DuckDBPyConnection) -> None:
    rule = checked(
        over="tenants", found="name", passes="list_contains(project.moving_domains, name) and project.now > timestamp '2027-01-01'"
    )
    facts = {"project.moving_domains": ["a"], "project.now": datetime(2027, 1, 2)}
    assert first_verdict(connection, rule, evidence_of(case("pass", {"tenants": ({"name": "a"},)}, project=facts))) == "pass"
    assert first_verdict(connection, rule, evidence_of(case("pass", {"tenants": ({"name": "a"},)}))) == "undetermined"


@pytest.mark.parametrize(
    "value", [None, True, -7, "it's", "", ["a", "b'c"], [], datetime(2027, 1, 31, 12, 30, 1, 5), "naïve → \U0001f642", "a\nb"]
)
def test_a_value_arrives_as_it_was_written(connection: duckdb.DuckDBPyConnection, value: Any) -> None:
    assert connection.execute(f"select {sql_literal(value)}").fetchone() == (value,)
