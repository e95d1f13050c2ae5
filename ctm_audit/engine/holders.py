"""Finds out who else holds what a mailbox brings along: in the rows of a bundle, and among the hashes of those whom it leaves out.

The hashes of the values sought are made by DuckDB (HMAC-SHA256 of two rounds of SHA-256, https://www.rfc-editor.org/rfc/rfc2104), so that
a million mailboxes take seconds; they stand in no table that outlives the query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import duckdb

from ctm_audit.engine.projection import Completeness
from ctm_audit.evidence.others import HOLDER, HOLDS, TYPE, part_of
from ctm_audit.evidence.relations.holders import HELD, Held
from ctm_audit.evidence.salt import DIGITS
from ctm_audit.evidence.tables import OTHERS, TABLES

BLOCK, INNER, OUTER = 64, 0x36, 0x5C

KEYED = f"""
create temp macro keyed(folded) as (
  select left(sha256(k.outer_key || unhex(sha256(k.inner_key || encode(regexp_replace(folded, '[^\\x00-\\x7f]+', '?', 'g'))))), {DIGITS})
  from hash_keys k
)
"""
FIND = """
create table {table} as
with sought as ({sought})
select row_no, list_sort(list_distinct(list(case when type = '' then value else value || ' (' || type || ')' end))) as holders
from ({found}) group by row_no
"""
AMONG_ROWS = """
select s.row_no, s.value, h.type from sought s join ({rows}) h using (value)
left join {side}_keys own using (row_no) where s.value <> '' and h.id is distinct from own.id
"""
AMONG_HASHES = """
select s.row_no, s.value, o.type from (select row_no, value, keyed(value) as hash from (select distinct row_no, value from sought)) s
join (select hash, holder, type from raw.{side}_others where kind = $kind and part in (select unnest($parts))) o using (hash)
left join {side}_keys own using (row_no) where s.value <> '' and (own.id is null or o.holder <> keyed(own.id))
"""


def create_holders(
    connection: duckdb.DuckDBPyConnection, wanted: Iterable[str], complete: Completeness, salt: bytes | None
) -> Completeness:
    """Create the table of each of HELD whose field is among the `wanted`; the same completeness, with those of which "nobody" is known.

    The keys of the mapping must have been resolved.
    """
    fields, known = set(wanted), set(complete.tables)
    _create_hash(connection, salt)
    for held in HELD:
        if f"{held.side}.{held.name}" in fields:
            _find(connection, held)
            known |= {held.table} if _is_complete(connection, held, complete) else set()
    connection.execute("drop macro keyed")
    connection.execute("drop table hash_keys")
    return replace(complete, tables=frozenset(known))


def _create_hash(connection: duckdb.DuckDBPyConnection, salt: bytes | None) -> None:
    """Create the function `keyed`, HMAC-SHA256 under the salt; without a salt it gives NULL."""
    key = (salt or b"").ljust(BLOCK, b"\0")
    padded = {name: bytes(byte ^ pad for byte in key) if salt else None for name, pad in (("inner", INNER), ("outer", OUTER))}
    connection.execute("create table hash_keys as select $inner::blob as inner_key, $outer::blob as outer_key", padded)
    connection.execute(KEYED)


def _find(connection: duckdb.DuckDBPyConnection, held: Held) -> None:
    found = [AMONG_ROWS.format(rows=" union all ".join(_holding(held, name) for name in held.tables), side=held.side)]
    values: dict[str, Any] = {}
    if connection.execute(f"select 1 from raw.{held.side}_others limit 1").fetchone():
        found.append(AMONG_HASHES.format(side=held.side))
        values = {"kind": held.kind, "parts": [part_of(TABLES[name]) for name in held.tables]}
    connection.execute(FIND.format(table=held.table, sought=held.sought, found=" union all ".join(found)), values)


def _holding(held: Held, name: str) -> str:
    """The values of one table with the object that holds them."""
    table = f"raw.{held.side}_{name}"
    id_ = f"coalesce({', '.join(f'nullif({column}, {chr(39) * 2})' for column in HOLDER[name])})"
    kind = f"coalesce({TYPE[name]}, '')" if name in TYPE else "''"
    columns = {column.name: column.type for column in TABLES[name].columns}
    values = [f"unnest({column})" if columns[column] == "texts" else column for column in HOLDS[name][held.kind]]
    return " union all ".join(f"select {id_} as id, {kind} as type, {value} as value from {table}" for value in values)


def _is_complete(connection: duckdb.DuckDBPyConnection, held: Held, complete: Completeness) -> bool:
    """Whether every object that could hold a value is here with everything that it holds."""
    places = {f"{held.side}.{name}" for name in (*held.tables, OTHERS.name)}
    return complete.tables.issuperset(places) and not any(_holds_null(connection, held, name) for name in held.tables)


def _holds_null(connection: duckdb.DuckDBPyConnection, held: Held, name: str) -> bool:
    known = " and ".join(f"count(*) = count({column})" for column in HOLDS[name][held.kind])
    return connection.execute(f"select {known} from raw.{held.side}_{name}").fetchone() != (True,)
