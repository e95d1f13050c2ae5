"""Other values that a field could have had: what the rule compares it with first, then what its cases and literals say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ctm_audit.evidence.relations import Field
from ctm_audit.rulebook.cases import Evidence
from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.rulebook.probe import other_values
from ctm_audit.rulebook.rule import Row
from ctm_audit.rulebook.sandbox import sql_literal

MOST = 120
"""So many values are tried for one field."""
NEAR = {"BIGINT": (-1, 0, 1), "TIMESTAMP": (timedelta(seconds=-1), timedelta(), timedelta(seconds=1))}
NONE_VALUES: Mapping[str, Any] = {"VARCHAR": "", "VARCHAR[]": []}


NAMES = ("id", "name", "wave", "stage")
"""What names a row is no value of anything else."""


def candidates(checked: CheckedRule, evidence: Evidence, field: Field, expected: str | None) -> list[Any]:
    """Values of the field's type in the order in which a person would think of them, without the one that it has.

    `expected` is what the rule says that it wants, where that is a plain value.
    """
    row = evidence.rows[checked.relation.name][0]
    old = row.get(field.name)
    told = [expected] if expected and " " not in expected else []
    compared = [*told, *_compared_with(checked, evidence, row, field.name)]
    if field.type == "VARCHAR[]":
        found = [*_lists(old if isinstance(old, list) else [], compared), *other_values(checked, field)]
    else:
        found = [*_singles(field, old, compared), *other_values(checked, field)]
    return [value for value in distinct(found, old) if not _below_none(old, value)][:MOST]


def distinct(values: Iterable[Any], without: Any) -> list[Any]:
    """Each value once, in order, without the one given."""
    found = {sql_literal(value): value for value in values}
    found.pop(sql_literal(without), None)
    return list(found.values())


def _below_none(old: Any, value: Any) -> bool:
    """Nothing that is counted or measured becomes negative."""
    return isinstance(old, int) and isinstance(value, int) and value < 0 <= old


def _compared_with(checked: CheckedRule, evidence: Evidence, row: Row, name: str) -> Iterator[Any]:
    """What else the verdict reads: the row's other fields, then what is looked up."""
    yield from (row.get(other) for other in sorted(checked.verdict_fields - {name, *NAMES}))
    for relation, columns in sorted(checked.looked_up.items()):
        for looked_up in evidence.rows.get(relation, ()):
            yield from (looked_up.get(column) for column in sorted(columns))


def _singles(field: Field, old: Any, compared: Sequence[Any]) -> Iterator[Any]:
    if field.type == "BOOLEAN":
        yield from (True, False)
    elif field.type in NONE_VALUES:
        yield from _alike([old] if isinstance(old, str) else [], compared)
        yield NONE_VALUES[field.type]
    else:
        kind = int if field.type == "BIGINT" else datetime
        near: tuple[Any, ...] = NEAR[field.type]
        yield from (value + step for value in compared if isinstance(value, kind) and not isinstance(value, bool) for step in near)


def _alike(old: Sequence[str], compared: Sequence[Any]) -> list[str]:
    """The texts that are compared, those first that look like the old ones; for addresses also the old name in another domain."""
    texts = [value for value in _flat(compared) if isinstance(value, str) and value]
    names = dict.fromkeys(value.rpartition("@")[0] for value in old if "@" in value)
    domains = [text for text in texts if "." in text and not set(text) & set("@ /")]
    moved = [f"{name}@{domain}" for name in names for domain in domains]
    return sorted([*texts, *moved], key=lambda text: bool(names) and "@" not in text)


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield from value if isinstance(value, list) else [value]


def _lists(old: list[str], compared: Sequence[Any]) -> Iterator[list[str]]:
    """One element less, one more, and then what another list has more or less."""
    yield from ([*old[:place], *old[place + 1 :]] for place in range(len(old)))
    yield from ([*old, value] for value in _alike(old, compared) if value not in old)
    for other in compared:
        if isinstance(other, list):
            yield [value for value in old if value not in other]
            yield [value for value in old if value in other]
            yield [*old, *(value for value in other if value not in old)]
            yield other
    yield []
