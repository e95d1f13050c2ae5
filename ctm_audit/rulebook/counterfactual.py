"""What would have to be different for a failing row to pass: searched by judging, never guessed.

One value is changed at a time, then two; each change is judged by the same query as the row itself. What comes first is a
value that the rule's fix changes, so that the answer names the repair and not an accident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations, islice, product
from typing import Any

import duckdb

from ctm_audit.evidence.relations import REFERENCE
from ctm_audit.model import Owner
from ctm_audit.rulebook.candidates import NAMES, candidates, distinct
from ctm_audit.rulebook.cases import Evidence, evidence_of, judge
from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.rulebook.rule import Row

PASS = "pass"
SIDE_OF = {Owner.SOURCE_ADMIN: "source.", Owner.TARGET_ADMIN: "target."}
A_FEW = 8
MOST_PAIRS = 6_000
MOST_LOOKED_UP = 400
ROWS_LOOKED_UP = 30
POINTS = 32
"""Between two numbers so many are judged at once when the nearest that passes is looked for."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would be another: of the judged row, or of a row that is looked up.

    Of a looked-up row `row` counts from 1. `old` is None for what was unknown. A row that would have to be there as well has the
    field '', None as `old`, and the row as `new`; one that would have to be gone has it as `old`, and None as `new`.
    """

    relation: str
    row: int
    field: str
    old: Any
    new: Any


def counterfactual(
    connection: duckdb.DuckDBPyConnection, checked: CheckedRule, evidence: Evidence, expected: str | None = None
) -> tuple[Change, ...]:
    """The fewest changes that were found to let the judged row pass, at most two; none when there are none.

    The judged row is the first of its relation and fails. The connection is a sandbox.
    """
    search = _Search(connection, checked, evidence, {name: _tried(checked, evidence, name, expected) for name in checked.verdict_fields})
    first, last = search.fields(given=False), search.fields(given=True)
    return search.one(first) or search.looked_up() or search.one(last) or search.two([*first, *last])


def changed(evidence: Evidence, changes: Sequence[Change]) -> Evidence:
    """The evidence with the changes made."""
    rows = {name: list(there) for name, there in evidence.rows.items()}
    for change in changes:
        place = rows.setdefault(change.relation, [])
        if change.field:
            place[change.row - 1] = {**place[change.row - 1], change.field: change.new}
        elif change.new is None:
            del place[change.row - 1]
        else:
            place.append(change.new)
    return replace(evidence, rows={name: tuple(there) for name, there in rows.items()})


def _is_given(checked: CheckedRule, name: str) -> bool:
    """Whether people planned the value, or it names the row or says how far it has come."""
    return name in NAMES or not checked.relation.by_name[name].reads


def _tried(checked: CheckedRule, evidence: Evidence, name: str, expected: str | None) -> list[Any]:
    return candidates(checked, evidence, checked.relation.by_name[name], expected)


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for one row: its rule, its evidence, and the values that are tried for each field."""

    connection: duckdb.DuckDBPyConnection
    checked: CheckedRule
    evidence: Evidence
    tried: Mapping[str, list[Any]]

    @property
    def row(self) -> Row:
        return self.evidence.rows[self.checked.relation.name][0]

    def fields(self, *, given: bool) -> list[str]:
        """The fields of the verdict that come from evidence, or those that people gave; those first that the fix changes.

        A fix changes its own side, and what the rule tells as found rather than what it tells as expected.
        """
        rule, found, expected = self.checked.rule, self.checked.found.fields, self.checked.expected.fields
        side = f"{rule.edits}." if rule.edits else SIDE_OF.get(rule.owner, "")
        names = [name for name in self.checked.verdict_fields if _is_given(self.checked, name) == given]
        return sorted(names, key=lambda name: (not name.startswith(side or name), name in expected - found, name not in found, name))

    def one(self, names: Sequence[str]) -> tuple[Change, ...]:
        """The first single change of the judged row that passes; of a number or a time the nearest that does."""
        tries = [(name, value) for name in names for value in (*self._sifted(name), *self.tried[name])]
        for (name, value), verdict in zip(tries, self._verdicts([{name: value} for name, value in tries]), strict=True):
            if verdict == PASS:
                return (self._change(name, self._nearest(name, value)),)
        return ()

    def two(self, names: Sequence[str]) -> tuple[Change, ...]:
        """The first two changes of the judged row that pass together."""
        few = {name: self.tried[name][:A_FEW] for name in names}
        tries = [{one: a, other: b} for one, other in combinations(names, 2) for a, b in product(few[one], few[other])][:MOST_PAIRS]
        for both, verdict in zip(tries, self._verdicts(tries), strict=True):
            if verdict == PASS:
                return tuple(self._change(name, value) for name, value in both.items())
        return ()

    def looked_up(self) -> tuple[Change, ...]:
        """The first change of a looked-up row that lets the judged row pass: a value, a row less, a row more."""
        for change in islice(_lookup_changes(self.checked, self.evidence), MOST_LOOKED_UP):
            evidence = changed(self.evidence, [change])
            if judge(self.connection, self.checked, evidence, [self.row]) == [PASS]:
                return (change,)
        return ()

    def _verdicts(self, changes: Sequence[Mapping[str, Any]]) -> list[str]:
        rows = [{**self.row, **change} for change in changes]
        return judge(self.connection, self.checked, self.evidence, rows) if rows else []

    def _change(self, name: str, value: Any) -> Change:
        return Change(self.checked.relation.name, 1, name, self.row.get(name), value)

    def _sifted(self, name: str) -> list[list[str]]:
        """Of a list the elements that pass alone: without the others it may pass as a whole."""
        old = self.row.get(name)
        if not isinstance(old, list) or len(old) < 2:
            return []
        verdicts = self._verdicts([{name: [value]} for value in old])
        kept = [value for value, verdict in zip(old, verdicts, strict=True) if verdict == PASS]
        return [kept] if kept else []

    def _nearest(self, name: str, value: Any) -> Any:
        """The value that passes and is nearest to the one that is there, when both are numbers or times."""
        old = self.row.get(name)
        if type(old) is not type(value) or not isinstance(value, int | datetime) or isinstance(value, bool):
            return value
        while len(points := _between(old, value)) > 0:
            verdicts = self._verdicts([{name: point} for point in points])
            place = next((place for place, verdict in enumerate(verdicts) if verdict == PASS), None)
            old = points[-1] if place is None else points[place - 1] if place else old
            value = value if place is None else points[place]
        return value


def _between(old: Any, new: Any) -> list[Any]:
    """Up to POINTS values between both, from the old one on; none when they are neighbours. Times are compared by the second."""
    if isinstance(old, datetime):
        seconds = _between(0, int((new - old).total_seconds()))
        return [old + timedelta(seconds=step) for step in seconds]
    inside = abs(new - old) - 1
    sign = 1 if new > old else -1
    steps = range(1, inside + 1) if inside <= POINTS else (1 + (inside - 1) * place // (POINTS - 1) for place in range(POINTS))
    return [old + sign * step for step in steps]


# Rows that are looked up.


def _lookup_changes(checked: CheckedRule, evidence: Evidence) -> Iterator[Change]:
    """Changes of looked-up evidence: what the rule's passing cases have there, in the words of this row; reference data stays."""
    reference = {relation.name for relation in REFERENCE}
    names = [name for name in sorted(checked.looked_up) if name in evidence.rows and name not in reference]
    for name in names:
        yield from _other_cells(checked, evidence, name)
    for name in names:
        yield from (Change(name, place, "", row, None) for place, row in enumerate(evidence.rows[name][:ROWS_LOOKED_UP], 1))
        yield from (Change(name, 0, "", None, row) for row in _donors(checked, evidence, name))


def _other_cells(checked: CheckedRule, evidence: Evidence, name: str) -> Iterator[Change]:
    donors = _donors(checked, evidence, name)
    own = list(evidence.rows[checked.relation.name][0].values())
    for place, row in enumerate(evidence.rows[name][:ROWS_LOOKED_UP], 1):
        for column in sorted(checked.looked_up[name]):
            old = row.get(column)
            values = [*(donor.get(column) for donor in donors), *(value for value in own if type(value) is type(old))]
            values += [not old] if isinstance(old, bool) else [[]] if isinstance(old, list) else []
            yield from (Change(name, place, column, old, value) for value in distinct(values, old) if value is not None)


def _donors(checked: CheckedRule, evidence: Evidence, name: str) -> list[Row]:
    """The looked-up rows of the rule's passing cases, with this row's values in the place of those of the case's own row."""
    found = []
    columns = checked.looked_up[name]
    for case in checked.rule.cases:
        if case.verdict == PASS:
            words = _translation(evidence_of(case), evidence, checked.relation.name)
            found += [{column: _said(row.get(column), words) for column in columns} for row in case.rows.get(name, ())]
    return [row for number, row in enumerate(found) if row not in found[:number] and row not in evidence.rows[name]]


def _translation(case: Evidence, evidence: Evidence, over: str) -> dict[str, Any]:
    theirs, ours = case.rows[over][0], evidence.rows[over][0]
    return {value: ours[name] for name, value in theirs.items() if isinstance(value, str) and value and ours.get(name) is not None}


def _said(value: Any, words: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_said(one, words) for one in value]
    return words.get(value, value) if isinstance(value, str) else value
