"""Finds, for every row of the mapping, the places of its objects in their tables, and gathers columns by place.

Hash tables of wide rows would not fit into memory. So narrow queries find the places, a few tables at a time, and each column is
then taken by itself, in the order of the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import compact, in_blocks, one_chunk

COLUMN = re.compile(r'\b(\w+)\."?(\w+)')
AT_ONCE = 8
JOINED_AT_ONCE = 6
"""So many tables are joined by one query: with more at a time, their hash tables would not fit into the memory of the session."""
PLACES = "select {places} from mapping m {joins} order by m.row_no"


@dataclass(frozen=True, slots=True)
class Join:
    """At most one row of `rows` for each row of the mapping: where `key` is what `to` says of the mapping and of earlier joins.

    Fields read its columns as `alias.column`; all are NULL where there is no such row.
    """

    alias: str
    rows: str
    key: str
    to: str
    where: str = "true"

    @property
    def place(self) -> str:
        """What counts the rows: evidence and the lock have a column for it, DuckDB's own tables have row ids."""
        return "place" if self.rows == "locked" or self.rows.startswith("raw.") else "rowid"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the rows of each join are; `mapping` is read under the alias `m`."""

    connection: duckdb.DuckDBPyConnection
    mapping: pa.Table
    joins: dict[str, Join]
    places: pa.Table

    def gather(self, alias: str, names: Sequence[str]) -> dict[str, pa.ChunkedArray[Any]]:
        """The columns of an alias as `alias.column`, a value a row of the mapping; AT_ONCE of them are in memory at a time."""
        if alias == "m":
            return {f"m.{name}": self.mapping[name] for name in names}
        found: dict[str, pa.ChunkedArray[Any]] = {}
        for some in (names[first : first + AT_ONCE] for first in range(0, len(names), AT_ONCE)):
            columns = ", ".join(f'"{name}"' for name in some)
            rows = self.connection.sql(f"select {columns} from {self.joins[alias].rows}").to_arrow_table()
            found |= {f"{alias}.{name}": compact(one_chunk(rows[name])).take(self.places[alias]) for name in some}
        return found


def find_places(connection: duckdb.DuckDBPyConnection, joins: Sequence[Join], mapping: pa.Table, texts: Sequence[str]) -> Places:
    """The places of everything that the texts read; `joins` stand in an order in which each one comes after those it needs."""
    read = {join.alias: join for join in joins if columns_of(join.alias, texts)}
    places: dict[str, Any] = {}
    for first in range(0, len(read), JOINED_AT_ONCE):
        some = [*read][first : first + JOINED_AT_ONCE]
        columns = ", ".join(f"{alias}.place::integer as {alias}" for alias in some)
        found = connection.sql(PLACES.format(places=columns, joins=_joined(joins, some))).to_arrow_table()
        places |= dict(zip(some, found.columns, strict=True))
    return Places(connection, mapping, read, in_blocks(pa.table(places)))


def columns_of(alias: str, texts: Sequence[str]) -> list[str]:
    """The columns that the texts read of an alias."""
    return sorted({column for text in texts for head, column in _columns_in(text) if head == alias})


@cache
def _columns_in(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(COLUMN.findall(text))


def _joined(joins: Sequence[Join], read: Container[str]) -> str:
    needed: list[Join] = []
    for join in reversed(joins):
        if join.alias in read or any(columns_of(join.alias, [later.to]) for later in needed):
            needed.insert(0, join)
    return " ".join(_left_join(join, [later.to for later in needed]) for join in needed)


def _left_join(join: Join, texts: Sequence[str]) -> str:
    columns = ", ".join(dict.fromkeys([f"{join.place} as place", join.key, *columns_of(join.alias, texts)]))
    return f"left join (select {columns} from {join.rows} where {join.where}) {join.alias} on {join.alias}.{join.key} = {join.to}"
