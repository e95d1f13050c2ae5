"""Finds, for every row of the mapping, the places of its objects in their tables, and gathers columns by place.

Hash tables of wide rows would not fit into memory. So one narrow query finds the places, and each column is then taken
by itself, in the order of the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import compact, in_blocks, one_chunk

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

    def gather(self, name: str) -> pa.ChunkedArray[Any]:
        """The column called `alias.column`, a value a row of the mapping."""
        alias, column = name.split(".")
        if alias == "m":
            return self.mapping[column]
        rows = self.connection.sql(f'select "{column}" from {self.joins[alias].rows}').to_arrow_table()
        return compact(one_chunk(rows[column])).take(self.places[alias])


def find_places(connection: duckdb.DuckDBPyConnection, joins: Sequence[Join], mapping: pa.Table, texts: Sequence[str]) -> Places:
    """The places of everything that the texts read; `joins` stand in an order in which each one comes after those it needs."""
    read = {join.alias: join for join in joins if columns_of(join.alias, texts)}
    query = PLACES.format(places=", ".join(f"{alias}.place::integer as {alias}" for alias in read), joins=_joined(joins, read))
    return Places(connection, mapping, read, in_blocks(connection.sql(query).to_arrow_table()))


def columns_of(alias: str, texts: Sequence[str]) -> list[str]:
    """The columns that the texts read of an alias."""
    return sorted(set().union(*(re.findall(rf'\b{alias}\."?(\w+)', text) for text in texts)))


def _joined(joins: Sequence[Join], read: dict[str, Join]) -> str:
    needed: list[Join] = []
    for join in reversed(joins):
        if join.alias in read or any(columns_of(join.alias, [later.to]) for later in needed):
            needed.insert(0, join)
    return " ".join(_left_join(join, [later.to for later in needed]) for join in needed)


def _left_join(join: Join, texts: Sequence[str]) -> str:
    columns = ", ".join(dict.fromkeys([f"{join.place} as place", join.key, *columns_of(join.alias, texts)]))
    return f"left join (select {columns} from {join.rows} where {join.where}) {join.alias} on {join.alias}.{join.key} = {join.to}"
