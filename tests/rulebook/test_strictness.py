"""Measures on DuckDB what the language relies on: every function and operator that it allows gives NULL for a NULL."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from ctm_audit.rulebook import grammar as g
from ctm_audit.rulebook.holds import bundled_hold_macros

SAMPLES = {"VARCHAR": "t", "BOOLEAN": "b", "NUMBER": "n", "TIMESTAMP": "d", "INTERVAL": "i", "VARCHAR[]": "l", "T": "t", "T[]": "l"}
WRITTEN = {
    "~~": "'a%'",
    "!~~": "'a%'",
    "regexp_matches": "'a'",
    "regexp_full_match": "'a'",
    "date_diff": "'day'",
    "to_days": "3",
    "to_hours": "3",
}
INFIX = {"~~": "like", "!~~": "not like", "||": "||", "+": "+", "-": "-", "*": "*"}


@pytest.fixture(scope="module")
def values() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create table known as select 'a' as t, true as b, 1::bigint as n, timestamp '2027-01-01' as d, interval 3 days as i,"
            " ['a'] as l;"
            "create table unknown as select null::varchar as t, null::boolean as b, null::bigint as n, null::timestamp as d,"
            " null::interval as i, null::varchar[] as l;"
        )
        for macro in bundled_hold_macros():
            connection.execute(macro)
        yield connection


def calls() -> Iterator[tuple[str, int]]:
    """Every call with one argument unknown, as SQL over `k` (known) and `u` (unknown), with the number of the argument."""
    for name, signatures in {**g.FUNCTIONS}.items():
        for signature in signatures:
            takes = signature.partition("->")[0].split()
            for unknown in range(len(takes)):
                if g.WRITTEN_OUT.get(name) != unknown:
                    yield _call(name, takes, unknown), unknown


def _call(name: str, takes: list[str], unknown: int) -> str:
    arguments = [f"{'u' if number == unknown else 'k'}.{SAMPLES[kind]}" for number, kind in enumerate(takes)]
    if name in WRITTEN:
        arguments[g.WRITTEN_OUT[name]] = WRITTEN[name]
    if name in INFIX:
        return f" {INFIX[name]} ".join(arguments) if len(arguments) == 2 else f"{INFIX[name]} {arguments[0]}"
    return f"{name}({', '.join(arguments)})"


OPERATORS = [
    *(f"u.t {sign} k.t" for sign in ("=", "<>", "<", "<=", ">", ">=")),
    *(f"k.l {sign} u.l" for sign in ("=", "<>")),
    "u.t between k.t and k.t",
    "k.t in (u.t)",
    "u.t in ('a', 'b')",
    "u.t not in ('a', 'b')",
    "not u.b",
    "u.b and true",
    "u.b or false",
    "u.l[1]",
    "k.l[u.n]",
    "try_cast(u.t as bigint)",
    "list_filter(u.l, lambda x: x = 'a')",
    "list_transform(u.l, lambda x: x || 'a')",
    "u.t like '%'",
    "starts_with(u.t, '')",
    "ends_with(u.t, '')",
    "contains(u.t, '')",
    "regexp_matches(u.t, '')",
    "regexp_full_match(u.t, '.*')",
    "list_has_all(u.l, [])",
    "list_has_all([], u.l)",
    "list_has_any([], u.l)",
    "list_has_any(u.l, [])",
    "list_contains([], u.t)",
    "u.n * 0",
    "u.t = u.t",
    "u.l = []",
    "u.l <> []",
    "u.t in (select k2.t from known k2)",
    "u.t not in (select k2.t from known k2)",
]


@pytest.mark.parametrize("sql", [*(sql for sql, _ in calls()), *OPERATORS])
def test_unknown_stays_unknown(values: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert values.execute(f"select {sql} from known k, unknown u").fetchall() == [(None,)]


@pytest.mark.parametrize("sql", sorted({sql.replace("u.", "k.") for sql, number in calls() if number == 0}))
def test_with_everything_known_the_answer_is_known(values: duckdb.DuckDBPyConnection, sql: str) -> None:
    row = values.execute(f"select {sql} from known k").fetchone()
    assert row is not None
    assert row[0] is not None


def test_what_is_refused_would_indeed_lose_the_unknown(values: duckdb.DuckDBPyConnection) -> None:
    lost = (
        "u.l + k.l",
        "list_concat(u.l, k.l)",
        "list_intersect(k.l, u.l)",
        "list_contains([u.t], 'b')",
        "coalesce(u.t, 'a')",
        "concat(u.t, 'a')",
    )
    for sql in lost:
        row = values.execute(f"select {sql} from known k, unknown u").fetchone()
        assert row is not None
        assert row[0] is not None, sql


def test_an_operator_gives_the_type_that_the_signature_says(values: duckdb.DuckDBPyConnection) -> None:
    families = {"NUMBER": ("BIGINT", "INTEGER", "HUGEINT", "DOUBLE"), "T": ("VARCHAR",), "T[]": ("VARCHAR[]",)}
    for name, signatures in g.FUNCTIONS.items():
        for signature in signatures:
            takes, gives = signature.partition("->")[0].split(), signature.partition("->")[2].strip()
            row = values.execute(f"select typeof({_call(name, takes, 99)}) from known k").fetchone()
            assert row is not None
            assert row[0] in families.get(gives, (gives,)), (name, signature, row)
