"""Joins the rows of the mapping with the objects that their keys name: the table `pairs`, in the order of the mapping.

Hash tables of wide rows would not fit into memory. So one narrow query finds, for every row of the mapping, the places
of its objects in their tables, and the rows are then gathered by place, block after block.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import in_blocks, in_order, one_chunk, show
from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field
from ctm_audit.evidence.relations.licenses import LICENSE

STAGE = """case
  when sr.hits > 1 or tr.hits > 1 then 'inconsistent'
  when sr.id is not null then case
    when tr.hits is null then case when {complete:target.keys} then 'unprepared' end
    when r.id is null then case when {complete:target.keys} then 'inconsistent' end
    when r.recipient_type_details is null then null
    when r.recipient_type_details <> 'MailUser' then 'inconsistent'
    when tb.row_no is not null then tb.state
    when {complete:target.batches} then 'prepared' end
  when not {complete:source.keys} then null
  when moved.row_no is not null then 'moved'
  when {complete:source.mail_users} and {complete:target.mailboxes} then 'inconsistent'
end"""


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


JOINS = (
    Join("sr", "source_keys", "row_no", "m.row_no"),
    Join("tr", "target_keys", "row_no", "m.row_no"),
    Join("r", "recipients", "id", "tr.id"),
    Join("sb", "source_batches", "row_no", "m.row_no"),
    Join("tb", "target_batches", "row_no", "m.row_no"),
    Join("mv", "moves", "row_no", "m.row_no"),
    Join("tn", "named_targets", "id", "tr.id"),
    Join("moved", "moved", "row_no", "m.row_no"),
    Join("sl", "source_plans", "user_id", "sr.id"),
    Join("tl", "target_plans", "user_id", "tr.id"),
    Join("ls", "locked", "key", "m.source_key", "side = 'source'"),
    Join("lt", "locked", "key", "m.target_key", "side = 'target'"),
    Join("fs", "source_former_keys", "row_no", "m.row_no"),
    Join("ft", "target_former_keys", "row_no", "m.row_no"),
    Join("s", "raw.source_mailboxes", "object_id", "sr.id"),
    Join("ss", "raw.source_mailbox_statistics", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("sa", "raw.source_archive_statistics", "mailbox_guid", "nullif(s.archive_guid, '')"),
    Join("sf", "substrate_holds", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("sh", "raw.source_hold_tracking", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("sc", "raw.source_calendar_processing", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("t", "raw.target_mail_users", "object_id", "tr.id"),
    Join("tx", "raw.target_exchange_users", "object_id", "tr.id"),
    Join("u", "raw.target_users", "object_id", "tr.id"),
    Join("pl", "planned_licenses", "license", LICENSE),
)
"""In an order in which each one stands after those that it is joined to."""

PLACES = "select {places} from mapping m {joins} order by m.row_no"
COMPUTED = "select m.row_no, {fields} from (select {structs} from gathered) cross join project p cross join refused"


def join_pairs(connection: duckdb.DuckDBPyConnection, mapping: pa.Table, fields: Iterable[Field], complete: Completeness) -> pa.Table:
    """Create and return `pairs` with `row_no` and the given fields; everything that JOINS name must be there."""
    filled = [replace(field, sql=complete.fill(field.sql.replace("stage_of.stage", STAGE))) for field in fields]
    gathered = _gather(connection, mapping, [field.sql for field in filled])
    computed = _compute(connection, [field for field in filled if field.sql not in gathered.column_names], gathered)
    columns: dict[str, Any] = {"row_no": gathered["m.row_no"]}
    columns |= {field.name: computed[field.name] if field.name in computed.column_names else gathered[field.sql] for field in filled}
    pairs = pa.table(columns)
    show(connection, "pairs", pairs)
    return pairs


def _gather(connection: duckdb.DuckDBPyConnection, mapping: pa.Table, texts: Sequence[str]) -> pa.Table:
    """All columns that the texts read, named `alias.column`, a row a row of the mapping in its order."""
    joined = {join: columns for join in JOINS if (columns := _columns(join.alias, texts))}
    places = connection.sql(_places(joined)).to_arrow_table()
    blocks = in_blocks(places)
    gathered: dict[str, Any] = {f"m.{name}": mapping[name] for name in mapping.column_names}
    for join, columns in joined.items():
        for name in columns:
            rows = connection.sql(f'select "{name}" from {join.rows}').to_arrow_table()
            gathered[f"{join.alias}.{name}"] = one_chunk(rows[name]).take(blocks[join.alias])
    return pa.table(gathered)


def _compute(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], gathered: pa.Table) -> pa.Table:
    """The fields that are more than a copy of a column, in the order of the mapping."""
    texts = [field.sql for field in fields]
    read = {join.alias: _columns(join.alias, texts) for join in JOINS} | {"m": sorted({"row_no", *_columns("m", texts)})}
    structs = [_struct(alias, names) for alias, names in read.items() if names]
    show(connection, "gathered", gathered)
    table = connection.sql(COMPUTED.format(fields=project_fields(fields), structs=", ".join(structs))).to_arrow_table()
    connection.unregister("gathered")
    return in_order(table)


def _struct(alias: str, names: Sequence[str]) -> str:
    packed = ", ".join(f'"{name}" := "{alias}.{name}"' for name in names)
    return f"struct_pack({packed}) as {alias}"


def _columns(alias: str, texts: Sequence[str]) -> list[str]:
    """The columns that the texts read of an alias."""
    return sorted(set().union(*(re.findall(rf'\b{alias}\."?(\w+)', text) for text in texts)))


def _places(joined: Iterable[Join]) -> str:
    """The query for a place in each join's rows, a row a row of the mapping in its order."""
    needed: list[Join] = []
    for join in reversed(JOINS):
        if join in joined or any(_columns(join.alias, [later.to]) for later in needed):
            needed.insert(0, join)
    texts = [join.to for join in needed]
    sides = [
        f"left join (select {', '.join(dict.fromkeys([f'{join.place} as place', join.key, *_columns(join.alias, texts)]))}"
        f" from {join.rows} where {join.where}) {join.alias} on {join.alias}.{join.key} = {join.to}"
        for join in needed
    ]
    return PLACES.format(places=", ".join(f"{join.alias}.place::integer as {join.alias}" for join in joined), joins=" ".join(sides))
