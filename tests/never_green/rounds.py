"""What may be lost in one and the same export: things of which no rule reads two, so that each rule misses exactly one.

An audit for each of them would tell the same and take ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import pytest
from _pytest.mark import ParameterSet

from ctm_audit.evidence.tables import SIDES, Column, Side, Table
from ctm_audit.sim.export import Files
from tests.never_green.world import PLACES, Item, asked_here, changed


@dataclass(frozen=True)
class Lost:
    """Columns of one table that are lost together: those of one property, or all of them."""

    side: Side
    table: Table
    columns: tuple[Column, ...]

    @property
    def place(self) -> str:
        return f"{self.side}.{self.table.name}"

    @property
    def name(self) -> str:
        """The property that the columns are made of."""
        return self.columns[0].property

    @property
    def reads(self) -> frozenset[str]:
        """The columns as rules read them."""
        return frozenset(f"{self.place}.{column.name}" for column in self.columns)

    @cached_property
    def readers(self) -> frozenset[str]:
        """The ids of the rules that miss it, or another column of the same property; with a column of its key the whole table goes."""
        everything = self.table.columns_of(self.side)
        properties = {column.property for column in self.columns}
        gone = [column for column in everything if column.property in properties]
        whole = any(column.name in self.table.key for column in gone)
        missed = {f"{self.place}.{column.name}" for column in (everything if whole else gone)}
        return frozenset(checked.rule.id for checked in asked_here() if missed & set(checked.reads))


def tables() -> list[Lost]:
    """Every table, lost as a whole."""
    return [Lost(side, table, tuple(table.columns_of(side))) for side, table in PLACES]


def properties(of: Callable[[Column], bool] = lambda _: True, places: Iterable[tuple[Side, Table]] = PLACES) -> list[Lost]:
    """Every property of the tables of which a column is such a one, with those columns."""
    found: dict[tuple[Side, Table, str], list[Column]] = {}
    for side, table in places:
        for column in filter(of, table.columns_of(side)):
            found.setdefault((side, table, column.property), []).append(column)
    return [Lost(side, table, tuple(columns)) for (side, table, _), columns in found.items()]


def rounds(things: Iterable[Lost]) -> list[tuple[Lost, ...]]:
    """The things side by side in as few rounds as a greedy choice needs: those with the most readers choose first."""
    found: list[tuple[list[Lost], set[str]]] = []
    for lost in sorted(things, key=lambda lost: (SIDES.index(lost.side), -len(lost.readers), lost.place, lost.name)):
        fitting = (one for one in found if one[0][0].side == lost.side and not one[1] & lost.readers)
        members, readers = next(fitting, ([], set()))
        if not members:
            found.append((members, readers))
        members.append(lost)
        readers |= lost.readers
    return [tuple(members) for members, _ in found]


def altered(files: Files, lost: Iterable[Lost], act: Callable[[Lost, Item], Item]) -> Files:
    """The files with each object of the tables as `act` makes it."""
    for one in lost:
        files = changed(files, one.side, one.table, partial(act, one))
    return files


def marked(found: Sequence[tuple[Lost, ...]]) -> list[ParameterSet]:
    """The rounds as parameters of a test, the first of each side quick and all others slow."""
    first = {members[0].side: number for number, members in reversed(list(enumerate(found)))}
    return [
        pytest.param(members, id=f"{members[0].side}-{number}", marks=() if number in first.values() else pytest.mark.slow)
        for number, members in enumerate(found)
    ]
