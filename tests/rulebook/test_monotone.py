"""Whatever the language accepts keeps unknown unknown: made-up rules on every combination of known and unknown values."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest

from ctm_audit.evidence.relations import JUDGED
from ctm_audit.rulebook.judging import CheckedRule, verdict_query
from ctm_audit.rulebook.sandbox import open_sandbox, tables_of
from ctm_audit.rulebook.syntax import Refusal
from tests.rulebook.make import checked

ROW = {
    "source.upn": ("", "a", None),
    "target.upn": ("a", "b@x", None),
    "target.smtp": ([], ["a"], ["a", "b@x"], None),
    "source.litigation_hold": (True, False, None),
    "source.hits": (0, 1, None),
}
LOOKUPS: tuple[Mapping[str, tuple[Mapping[str, Any], ...]], ...] = (
    {},
    {"target_domains": ({"name": "a", "is_verified": True},)},
    {
        "target_domains": ({"name": "a", "is_verified": False}, {"name": "b@x", "is_verified": True}),
        "target_accepted_domains": ({"name": "x", "match_subdomains": True},),
    },
)
TEXTS = ("'a'", "''", "'b@x'")


class Maker:
    """Makes expressions of a wanted type, with subqueries and lambdas that read the row."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0

    def name(self) -> str:
        self.number += 1
        return f"x{self.number}"

    def pick(self, *makers: Any) -> str:
        made = self.random.choice(makers)
        return made if isinstance(made, str) else made()

    def boolean(self, depth: int, this: str = "", texts: Sequence[str] = (), *, plain: bool = False) -> str:
        def text() -> str:
            return self.text(depth - 1, this, texts)

        def again() -> str:
            return self.boolean(depth - 1, this, texts, plain=plain)

        leaf = (
            lambda: f"{text()} {self.random.choice(['=', '<>', '<', '>='])} {text()}",
            lambda: f"{this}source.litigation_hold",
            lambda: f"{self.integer(depth - 1, this, texts)} {self.random.choice(['=', '>', '<='])} {self.integer(depth - 1, this, texts)}",
            lambda: f"list_contains({self.list(depth - 1, this, texts, plain=plain)}, {text()})",
            lambda: f"{text()} in ({text()}, {text()})",
            lambda: f"{text()} between {text()} and {text()}",
            lambda: f"{text()} like 'a%'",
            lambda: f"starts_with({text()}, {text()})",
            lambda: f"list_has_any({self.list(depth - 1, this, texts, plain=plain)}, {self.list(depth - 1, this, texts, plain=plain)})",
        )
        if depth <= 0:
            return self.pick(*leaf)
        deeper: tuple[Any, ...] = (
            lambda: f"({again()} and {again()})",
            lambda: f"({again()} or {again()})",
            lambda: f"not ({again()})",
        )
        subqueries: tuple[Any, ...] = (
            lambda: self.in_select(depth, this, texts),
            lambda: f"{self.aggregate('count(*)', depth)} {self.random.choice(['=', '>'])} 0",
            lambda: f"{self.aggregate('max(alias.name)', depth)} = {text()}",
            lambda: f"{self.aggregate('bool_and(alias.is_verified)', depth)}",
            lambda: f"coalesce({self.aggregate('min(alias.name)', depth)}, {text()}) = {text()}",
            lambda: f"{text()} in (select {self.aggregate('max(alias.name)', depth)[8:-1]})",
            lambda: f"list_contains(coalesce({self.aggregate('list(alias.name order by alias.name)', depth)}, []), {text()})",
            lambda: f"accepts('target', {text()})",
        )
        return self.pick(*leaf, *deeper, *(() if plain else (*subqueries, *subqueries)))

    def in_select(self, depth: int, this: str, texts: Sequence[str]) -> str:
        asked, alias = self.text(depth - 1, this, texts), self.name()
        where = self.boolean(depth - 2, "this.", (f"{alias}.name",))
        having = self.random.choice(["", f" group by {alias}.name having count(*) > 1", f" group by {alias}.name"])
        return f"{asked} {self.random.choice(['in', 'not in'])} (select {alias}.name from target_domains {alias} where {where}{having})"

    def aggregate(self, what: str, depth: int) -> str:
        alias = self.name()
        where = self.boolean(depth - 2, "this.", (f"{alias}.name",), plain=self.random.random() < 0.7)
        return f"(select {what.replace('alias', alias)} from target_domains {alias} where {where})"

    def text(self, depth: int, this: str, texts: Sequence[str]) -> str:
        leaf = (f"{this}source.upn", f"{this}target.upn", *TEXTS, *texts, *texts)
        if depth <= 0:
            return self.pick(*leaf)
        return self.pick(
            *leaf,
            lambda: f"({self.text(depth - 1, this, texts)} || {self.text(depth - 1, this, texts)})",
            lambda: f"split_part({self.text(depth - 1, this, texts)}, '@', -1)",
            lambda: f"left({self.text(depth - 1, this, texts)}, {self.integer(0, this, texts)})",
            lambda: f"{this}target.smtp[1]",
        )

    def integer(self, depth: int, this: str, texts: Sequence[str]) -> str:
        leaf = (f"{this}source.hits", "0", "1")
        if depth <= 0:
            return self.pick(*leaf)
        return self.pick(
            *leaf,
            lambda: f"len({self.list(depth - 1, this, texts, plain=True)})",
            lambda: f"len({self.text(depth - 1, this, texts)})",
            lambda: f"({self.integer(depth - 1, this, texts)} + {self.integer(depth - 1, this, texts)})",
            lambda: f"try_cast({self.text(depth - 1, this, texts)} as bigint)",
        )

    def list(self, depth: int, this: str, texts: Sequence[str], *, plain: bool) -> str:
        leaf = (f"{this}target.smtp", "[]", "['a']")
        if depth <= 0:
            return self.pick(*leaf)
        return self.pick(
            *leaf,
            lambda: f"[{self.text(depth - 1, this, texts)}, {self.text(depth - 1, this, texts)}]",
            lambda: self.filtered(depth, this, texts),
            lambda: f"list_sort(list_distinct({self.list(depth - 1, this, texts, plain=plain)}))",
        )

    def filtered(self, depth: int, this: str, texts: Sequence[str]) -> str:
        items, name = self.list(depth - 1, this, texts, plain=True), self.name()
        return f"list_filter({items}, lambda {name}: {self.boolean(depth - 2, this, (*texts, name), plain=True)})"


Rows = list[dict[str, Any]]


def grid(fields: Iterable[str]) -> Rows:
    """Every combination of known and unknown values of the fields."""
    names = sorted(fields)
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*(ROW[name] for name in names))]


def completions(rows: Rows) -> Iterator[tuple[int, list[int]]]:
    """For each row with something unknown: the rows that know it."""
    known = [number for number, row in enumerate(rows) if None not in row.values()]
    for number, row in enumerate(rows):
        if None in row.values():
            yield number, [other for other in known if all(value is None or rows[other][name] == value for name, value in row.items())]


def contradictions(connection: duckdb.DuckDBPyConnection, rule: CheckedRule) -> Iterator[str]:
    rows = grid(rule.verdict_fields)
    for tables in LOOKUPS if rule.looked_up else LOOKUPS[:1]:
        with tables_of(connection, rule, {**tables, "pairs": rows}):
            verdicts = [verdict for _, verdict in sorted(connection.execute(verdict_query(rule, incomplete=False)).fetchall())]
        for number, known in completions(rows):
            if verdicts[number] != "undetermined" and {verdicts[other] for other in known} != {verdicts[number]}:
                yield f"{rule.passes.text}: {rows[number]} says {verdicts[number]}, with {tables}"
                break


def made(seeds: range) -> Iterator[str]:
    for seed in seeds:
        yield Maker(seed).boolean(3)


def judged(seeds: range) -> tuple[int, list[str]]:
    """How many made-up rules the language accepted, and where one of them took unknown for an answer."""
    accepted = 0
    wrong: list[str] = []
    with open_sandbox() as connection:
        for passes in made(seeds):
            try:
                rule = checked(passes=passes)
            except Refusal:
                continue
            accepted += 1
            wrong += contradictions(connection, rule)
    return accepted, wrong


def test_what_the_language_accepts_keeps_unknown_unknown() -> None:
    accepted, wrong = judged(range(80))
    assert wrong == []
    assert accepted > 40


@pytest.mark.slow
def test_many_more_made_up_rules_keep_unknown_unknown() -> None:
    accepted, wrong = judged(range(1_000, 3_000))
    assert wrong == []
    assert accepted > 1_000


def test_the_grid_completes_every_unknown() -> None:
    rows = grid(ROW)
    assert len(rows) == 3 * 3 * 4 * 3 * 3
    assert all(known for _, known in completions(rows))
    assert set(ROW) <= set(JUDGED["pairs"].by_name)
