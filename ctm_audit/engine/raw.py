"""The tables of two bundles as DuckDB views with every declared column, so that one query text fits every bundle.

A column or table that was not collected stands here as NULL or as no rows; whether it may be used at all is
decided by `engine.catalogue`, never by looking at these views. `place` counts the rows of a table from 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from ctm_audit.evidence.bundle import Bundle
from ctm_audit.evidence.relations import SQL_TYPES
from ctm_audit.evidence.tables import ALL_SIDES, Side, Table, evidence_of

Bundles = Mapping[Side, Bundle]
"""The bundles of both tenants, and of `dns` when there is one."""


def create_raw_views(connection: duckdb.DuckDBPyConnection, bundles: Bundles) -> None:
    """Create `raw.SIDE_TABLE` for every table of every side."""
    connection.execute("create schema raw")
    for side in ALL_SIDES:
        for table in evidence_of(side):
            connection.execute(f"create view raw.{side}_{table.name} as {_select(side, table, bundles.get(side))}")
    connection.execute("create table raw.source_parts (part varchar)")
    collected = bundles["source"].tables.get("group_members")
    for part in collected.parts if collected else ():
        connection.execute("insert into raw.source_parts values (?)", [part])


def create_known_keys(connection: duckdb.DuckDBPyConnection, bundles: Bundles) -> None:
    """Create `raw.SIDE_known_keys`, the keys that a bundle with a scope can answer for; `raw.scoped` names the sides that have one."""
    connection.execute("create table raw.scoped (side varchar)")
    for side, bundle in bundles.items():
        if bundle.scope is None:
            connection.execute(f"create table raw.{side}_known_keys (key varchar)")
            continue
        connection.execute("insert into raw.scoped values (?)", [side])
        path = str(bundle.known_keys).replace("'", "''")
        connection.execute(f"create view raw.{side}_known_keys as select key from read_parquet('{path}')")


def _select(side: Side, table: Table, bundle: Bundle | None) -> str:
    entry = bundle.tables.get(table.name) if bundle else None
    present = set(entry.columns) if entry else set()
    columns = [_column(name, sql_type, name in present) for name, sql_type in typed_columns(side, table)]
    if bundle is None or entry is None:
        return f"select {', '.join(columns)}, null::bigint as place where false"
    path = str(bundle.parquet(table.name)).replace("'", "''")
    return f"select {', '.join(columns)}, file_row_number as place from read_parquet('{path}')"


def typed_columns(side: Side, table: Table) -> list[tuple[str, str]]:
    """Name and DuckDB type of the columns of one side's table."""
    columns = [(column.name, str(SQL_TYPES[column.type])) for column in table.columns_of(side)]
    return [("part", "VARCHAR"), *columns] if table.parts else columns


def _column(name: str, sql_type: str, present: bool) -> str:
    return name if present else f"cast(null as {sql_type}) as {name}"
