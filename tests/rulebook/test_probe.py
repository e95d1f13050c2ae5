"""The unknown probe finds rules that take "not seen" for an answer, even when the walker does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.rulebook.language import Expression
from ctm_audit.rulebook.probe import other_values, probe_faults
from ctm_audit.rulebook.rule import Case
from ctm_audit.rulebook.sandbox import open_sandbox
from tests.rulebook.make import checked


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_sandbox() as opened:
        yield opened


def case(**rows: Any) -> Case:
    """A case with one row a relation; `pairs` names its fields with a double underscore for the dot."""
    dotted = {name: {field.replace("__", "."): value for field, value in row.items()} for name, row in rows.items()}
    return Case("made up", "pass", {name: (row,) for name, row in dotted.items()}, {}, {}, 7)


def planted(passes: str, fields: str, example: Case, looked_up: Mapping[str, frozenset[str]] | None = None) -> CheckedRule:
    """A rule that never went through the walker."""
    expression = Expression(passes, "BOOLEAN", frozenset(fields.split()), frozenset(), looked_up or {})
    rule = checked()
    return replace(rule, passes=expression, rule=replace(rule.rule, cases=(example,)))


PAIR = {"source__upn": "a", "target__upn": "b", "target__smtp": ["b"], "source__litigation_hold": False}
MAILBOX = {"upn": "b", "exchange_guid": "g"}
BAD = [
    ("source.upn is not null", "source.upn"),
    ("source.upn is null or source.upn <> 'b'", "source.upn"),
    ("coalesce(source.upn, 'a') = 'a'", "source.upn"),
    ("source.upn is distinct from target.upn", "source.upn target.upn"),
    ("source.litigation_hold is not true", "source.litigation_hold"),
    ("not coalesce(source.litigation_hold, false)", "source.litigation_hold"),
    ("case when source.litigation_hold then false else true end", "source.litigation_hold"),
    ("len(list_filter(target.smtp, lambda x: x = source.upn)) = 0", "source.upn target.smtp"),
    ("not list_contains([source.upn], 'b')", "source.upn"),
    ("len(list_intersect(target.smtp, [source.upn])) = 0", "source.upn target.smtp"),
    ("len(target.smtp + ['x']) > 0 and len(list_concat(target.smtp, ['x'])) = 2", "target.smtp"),
    ("concat(source.upn, 'x') <> 'bx'", "source.upn"),
    ("greatest(source.upn, 'a') = 'a'", "source.upn"),
]
BAD_LOOKUPS = [
    ("not exists (select 1 from source_mailboxes m where m.upn = this.source.upn)", "source.upn"),
    ("(select count(*) from source_mailboxes m where m.upn = this.source.upn) = 0", "source.upn"),
    ("(select count(*) from source_mailboxes m where m.upn = this.source.upn and m.exchange_guid = 'g') = 0", "source.upn"),
]


@pytest.mark.parametrize(("passes", "fields"), BAD)
def test_finds_a_rule_that_takes_unknown_for_an_answer(connection: duckdb.DuckDBPyConnection, passes: str, fields: str) -> None:
    found = list(probe_faults(connection, planted(passes, fields, case(pairs=PAIR))))
    assert found
    assert "unknown must stay undetermined" in found[0].message
    assert found[0].line == 7


@pytest.mark.parametrize(("passes", "fields"), BAD_LOOKUPS)
def test_finds_an_unguarded_subquery(connection: duckdb.DuckDBPyConnection, passes: str, fields: str) -> None:
    looked_up = {"source_mailboxes": frozenset({"upn", "exchange_guid"})}
    rule = planted(passes, fields, case(pairs=PAIR, source_mailboxes=MAILBOX), looked_up)
    assert any("with source.upn unknown the rule says pass" in fault.message for fault in probe_faults(connection, rule))


@pytest.mark.parametrize(
    "passes",
    [
        "source.upn = 'a'",
        "source.upn = 'a' and not source.litigation_hold",
        "source.litigation_hold or source.upn = 'a' or target.upn <> ''",
        "len(list_filter(target.smtp, lambda x: x = source.upn)) = 0",
        "list_has_all(target.smtp, [target.upn])",
        "(select count(*) from source_mailboxes m where m.upn = this.source.upn) = 0",
        "source.upn not in (select m.upn from source_mailboxes m where m.exchange_guid = 'other')",
        "target.upn not in (select p.target.upn from pairs p group by p.target.upn having count(*) > 1)",
    ],
)
def test_leaves_sound_rules_alone(connection: duckdb.DuckDBPyConnection, passes: str) -> None:
    rule = checked(passes=passes, cases=(case(pairs=PAIR, source_mailboxes=MAILBOX),))
    assert [fault.message for fault in probe_faults(connection, rule)] == []


def test_finds_a_lookup_that_law_two_does_not_reach(connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = checked(
        passes="(select count(*) from source_mailboxes m where m.upn = this.source.upn) = 0",
        cases=(case(pairs=PAIR, source_mailboxes=MAILBOX),),
    )
    monkeypatch.setattr("ctm_audit.rulebook.cases.gaps", lambda _rule, _catalogue: ())
    told = [fault.message for fault in probe_faults(connection, rule)]
    assert any("incomplete, the rule says pass" in message for message in told)
    assert any("upn unknown in row 1, the rule says pass" in message for message in told)


def test_tries_the_values_of_other_cases_and_of_the_rule_itself() -> None:
    rule = checked(passes="source.upn = 'from the rule' and source.hits > 41", cases=(case(pairs={"target__smtp": ["from a list"]}),))
    texts = other_values(rule, rule.relation.by_name["source.upn"])
    assert {"from the rule", "from a list", ""} <= set(texts)
    assert {40, 41, 42} <= set(other_values(rule, rule.relation.by_name["source.hits"]))
    assert ["from a list"] in other_values(rule, rule.relation.by_name["target.smtp"])
