"""The walker and DuckDB's binder agree: without any one of the columns that the walker names, nothing binds; with them, all does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.evidence.relations import JUDGED
from ctm_audit.rulebook.check import binding_faults
from ctm_audit.rulebook.commands import quoted
from ctm_audit.rulebook.judging import CheckedRule, judgement_query, text_query
from ctm_audit.rulebook.language import Expression
from ctm_audit.rulebook.load import load_book
from ctm_audit.rulebook.sandbox import open_sandbox, tables_of
from tests.rulebook.make import checked

PREDICATES = [
    "source.upn = target.upn and not source.litigation_hold",
    "len(list_filter(target.smtp, lambda a: a = source.upn or list_contains(source.smtp, a))) = 0",
    "target.upn not in (select p.target.upn from pairs p where p.wave = this.wave group by p.target.upn having count(*) > 1)",
    "(select count(*) from source_mailboxes m, target_domains d where m.upn = d.name and d.is_verified and m.upn = this.source.upn) = 0",
    "coalesce((select list(m.upn order by m.upn) from source_mailboxes m where m.is_inactive), []) = source.smtp",
    "accepts('target', plan.upn_domain) or plan.upn in (select u.upn from target_users u where u.object_id = this.target.object_id)",
    "(select bool_and(len(list_filter(m.smtp, lambda a: a = this.source.upn)) > 0) from source_mailboxes m where m.upn = this.source.upn)",
    "project.now - to_days(3) > timestamp '2027-01-01' and list_has_any(project.moving_domains, target.smtp)",
    "source.hits + target.hits = 2 and stage between 'a' and 'z' and source.batches[1] = id",
    "(select count(*) from source_mailboxes m where m.upn in (select d.name from target_domains d where d.name = this.target.upn)) = 0",
]
REAL = load_book(data_folder("rules")).checked
RULES = [*REAL, *(checked(passes=passes) for passes in PREDICATES)]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_sandbox() as opened:
        yield opened


def binds(connection: duckdb.DuckDBPyConnection, rule: CheckedRule, relation: str, column: str) -> bool:
    """Whether the rule still binds after one column of its tables is gone."""
    with tables_of(connection, rule, {}):
        row_no = "" if relation in JUDGED else "add column row_no bigint"
        for change in filter(None, (row_no, f"drop column {quoted(column)}")):
            connection.execute(f"alter table main.{quoted(relation)} {change}")
        try:
            connection.execute(f"describe {judgement_query(rule)}")
            connection.execute(f"describe {text_query(rule)}")
        except duckdb.Error:
            return False
    return True


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.rule.id} {rule.passes.text[:40]}")
def test_binds_with_the_columns_that_the_walker_names_and_with_none_of_them_missing(
    connection: duckdb.DuckDBPyConnection, rule: CheckedRule
) -> None:
    assert list(binding_faults(connection, rule)) == []
    reads = {**rule.looked_up, rule.relation.name: rule.fields | rule.looked_up.get(rule.relation.name, frozenset())}
    for relation, columns in reads.items():
        for column in columns:
            assert not binds(connection, rule, relation, column), f"{relation}.{column} is not really read"


def test_a_read_that_the_walker_overlooked_is_a_fault(connection: duckdb.DuckDBPyConnection) -> None:
    blind = Expression("source.upn in (select m.upn from source_mailboxes m)", "BOOLEAN", frozenset({"source.upn"}), frozenset(), {})
    assert "DuckDB refuses the rule" in next(binding_faults(connection, replace(checked(), passes=blind))).message


def test_a_verdict_of_another_type_is_a_fault(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = Expression("source.upn", "BOOLEAN", frozenset({"source.upn"}), frozenset(), {})
    assert "of the type VARCHAR" in next(binding_faults(connection, replace(checked(), passes=wrong))).message
