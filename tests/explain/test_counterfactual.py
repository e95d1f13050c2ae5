"""What is said to let a row pass does let it pass: for every failing case of the rule book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.rulebook.cases import evidence_of, first_verdict, texts
from ctm_audit.rulebook.conjuncts import conjuncts
from ctm_audit.rulebook.counterfactual import Change, _between, changed, counterfactual
from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.rulebook.load import RuleBook, load_book
from ctm_audit.rulebook.rule import Case
from ctm_audit.rulebook.sandbox import open_sandbox

MOST_WITHOUT = 12
"""So many failing cases need more than two changes: nobody there at all, a consent with all that belongs to it."""
EXPECTED = {
    ("STP-01", "nothing stamped"): ("target.exchange_guid", "aaaaaaaa-0000-0000-0000-000000000001"),
    ("STP-05", "no X500 address at all"): ("target.x500", ["/o=a/cn=x"]),
    ("STP-12", "only the vanity domain"): ("target.smtp", ["adele@fabrikam.com", "adele@fabrikam.onmicrosoft.com"]),
    ("STP-14", "a shared mailbox of many brands"): ("target.address_count", 300),
    ("STP-15", "stamped in the cloud since"): ("target.when_changed", datetime(2026, 11, 20, 16, 45)),
    ("MBX-01", "on hold"): ("source.litigation_hold", False),
    ("MBX-13", "one byte too many"): ("source.deleted_size", 32_212_254_720),
    ("STP-04", "a zero GUID in the source is no archive, and the MailUser has one"): ("target.archive_guid", ""),
    ("TRU-01", "only another app was exported"): ("app_id", "33333333-0000-0000-0000-000000000003"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_sandbox() as connection:
        yield connection


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_book(data_folder("rules"))


def found(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, case: Case) -> tuple[Change, ...]:
    """The counterfactual of a failing case, seen to flip the verdict."""
    evidence = evidence_of(case)
    changes = counterfactual(connection, checked, evidence, texts(connection, checked, evidence)["expected"])
    if changes:
        assert first_verdict(connection, checked, changed(evidence, changes)) == "pass", (checked.rule.id, case.name, changes)
    return changes


def failing(checked: CheckedRule) -> list[Case]:
    return [case for case in checked.rule.cases if case.verdict == "fail"]


def test_the_counterfactual_of_each_rule_flips_the_verdict(sandbox: duckdb.DuckDBPyConnection, book: RuleBook) -> None:
    some = [(checked, case) for checked in book.checked for case in failing(checked)[:1]]
    some += [(checked, case) for checked in book.checked for case in failing(checked)[1:] if (checked.rule.id, case.name) in EXPECTED]
    answers = {(checked.rule.id, case.name): found(sandbox, checked, case) for checked, case in some}
    assert sum(not changes for changes in answers.values()) <= MOST_WITHOUT
    told = {key: [(change.field, change.new) for change in answers[key]] for key in EXPECTED}
    assert told == {key: [change] for key, change in EXPECTED.items()}


@pytest.mark.nightly
def test_every_counterfactual_flips_the_verdict(sandbox: duckdb.DuckDBPyConnection, book: RuleBook) -> None:
    answers = {(checked.rule.id, case.name): found(sandbox, checked, case) for checked in book.checked for case in failing(checked)}
    without = [key for key, changes in answers.items() if not changes]
    assert len(without) <= MOST_WITHOUT, without
    assert all(len(changes) <= 2 for changes in answers.values())


@pytest.mark.parametrize(
    ("old", "new", "inside"),
    [(10, 12, [11]), (12, 10, [11]), (3, 4, []), (0, 10**15, None), (datetime(2027, 1, 1), datetime(2027, 1, 2), None)],
)
def test_points_lie_between(old: Any, new: Any, inside: list[int] | None) -> None:
    points = _between(old, new)
    assert inside is None or points == inside
    assert all(min(old, new) < point < max(old, new) for point in points)
    assert points == sorted(set(points), reverse=new < old)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a = 1", ("a = 1",)),
        ("a = 1 and b", ("a = 1", "b")),
        ("a = 'x and y' and\n (b and c) and d between 1 and 2", ("a = 'x and y'", "(b and c)", "d between 1 and 2")),
        ("a and b or c", ("a and b or c",)),
        ("len(list_filter(a, lambda x: x = 'b' and c)) = 0 and d", ("len(list_filter(a, lambda x: x = 'b' and c)) = 0", "d")),
    ],
)
def test_conditions_are_told_as_they_are_written(text: str, parts: tuple[str, ...]) -> None:
    assert conjuncts(text) == parts
