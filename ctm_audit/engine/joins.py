"""The table `pairs`: the rows of the mapping with the objects that their keys name, in the order of the mapping."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import compact, in_order, show
from ctm_audit.engine.beside import beside
from ctm_audit.engine.places import Join, Places, columns_of, find_places
from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field
from ctm_audit.evidence.relations.holders import HELD
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

JOINS = (
    Join("sr", "source_keys", "row_no", "m.row_no"),
    Join("tr", "target_keys", "row_no", "m.row_no"),
    Join("ks", "source_sure", "row_no", "m.row_no"),
    Join("kt", "target_sure", "row_no", "m.row_no"),
    Join("ns", "source_rows", "id", "sr.id"),
    Join("nt", "target_rows", "id", "tr.id"),
    Join("r", "recipients", "id", "tr.id"),
    Join("sb", "source_batches", "row_no", "m.row_no"),
    Join("tb", "target_batches", "row_no", "m.row_no"),
    Join("mv", "moves", "row_no", "m.row_no"),
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
    Join("sn", "snapshots", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("sf", "substrate_holds", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("sh", "raw.source_hold_tracking", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("sc", "raw.source_calendar_processing", "mailbox_guid", "nullif(s.exchange_guid, '')"),
    Join("t", "raw.target_mail_users", "object_id", "tr.id"),
    Join("od", "onedrives", "owner", "nullif(t.upn, '')"),
    Join("tp", "raw.target_migration_probes", "address", "nullif(t.primary_smtp, '')"),
    Join("tx", "raw.target_exchange_users", "object_id", "tr.id"),
    Join("u", "raw.target_users", "object_id", "tr.id"),
    Join("sp", "raw.source_cas_mailboxes", "object_id", "sr.id"),
    Join("tm", "raw.target_sign_in_methods", "user_id", "tr.id"),
    Join("pl", "planned_licenses", "license", LICENSE),
    *(Join(held.table, held.table, "row_no", "m.row_no") for held in HELD),
)
"""In an order in which each one stands after those that it is joined to."""

SPENT = ("recipients", "source_plans", "target_plans", "source_former_keys", "target_former_keys", "moved")
"""What nobody needs afterwards."""

COPY = re.compile(rf"(?:m|{'|'.join(join.alias for join in JOINS)})\.\w+")
AT_ONCE = 8
"""So many fields are computed at a time in each thread: what they are made of has to be in memory."""
PAIRS = "select m.row_no, {fields} from (select {structs} from gathered) cross join project p cross join refused"


def join_pairs(
    connection: duckdb.DuckDBPyConnection, given: Mapping[str, pa.Table], fields: Iterable[Field], complete: Completeness
) -> pa.Table:
    """Create and return `pairs` with `row_no` and the given fields; everything that JOINS name must be there.

    `given` are `mapping` and `locked`, the Arrow tables that the connection shows.
    """
    filled = [replace(field, sql=complete.fill(field.sql.replace("stage_of.stage", STAGE))) for field in fields]
    places = find_places(connection, JOINS, given["mapping"], [field.sql for field in filled])
    copied = {field.name: field.sql for field in filled if COPY.fullmatch(field.sql)}
    computed = [field for field in filled if field.name not in copied]
    columns: dict[str, Any] = {}
    for found in _beside_each_other(places, given, computed, {*copied.values()}):
        columns |= found
    columns |= {name: columns[column] for name, column in copied.items()}
    pairs = pa.table({name: columns[name] for name in ("row_no", *(field.name for field in filled))})
    show(connection, "pairs", pairs)
    for table in SPENT:
        connection.execute(f"drop table {table}")
    pa.default_memory_pool().release_unused()
    return pairs


def _beside_each_other(
    places: Places, given: Mapping[str, pa.Table], computed: Sequence[Field], copied: Set[str]
) -> Iterator[dict[str, Any]]:
    """The computed fields and the copied columns, a few at a time in each thread."""
    texts = [field.sql for field in computed]
    read = {f"{alias}.{name}" for alias in ("m", *places.joins) for name in columns_of(alias, texts)}
    left = sorted(copied - read)
    with beside(places.connection, given) as (pool, own):

        def compute(first: int) -> dict[str, Any]:
            return _computed(replace(places, connection=own()), computed[first : first + AT_ONCE], copied)

        def copy(first: int) -> dict[str, Any]:
            return _gathered(replace(places, connection=own()), left[first : first + AT_ONCE])

        yield from pool.map(compute, range(0, len(computed), AT_ONCE) or [0])
        yield from pool.map(copy, range(0, len(left), AT_ONCE))


def _computed(places: Places, fields: Sequence[Field], keep: Container[str]) -> dict[str, Any]:
    """The fields that are more than a copy, in the order of the mapping, and those columns of `keep` that they are made of."""
    texts = ["m.row_no", *(field.sql for field in fields)]
    read = {alias: names for alias in ("m", *places.joins) if (names := columns_of(alias, texts))}
    gathered = _gathered(places, [f"{alias}.{name}" for alias, names in read.items() for name in names])
    structs = ", ".join(_struct(alias, names) for alias, names in read.items())
    show(places.connection, "gathered", pa.table(gathered))
    made = in_order(places.connection.sql(PAIRS.format(fields=project_fields(fields), structs=structs)).to_arrow_table())
    places.connection.unregister("gathered")
    return {name: compact(made[name]) for name in made.column_names} | {name: column for name, column in gathered.items() if name in keep}


def _gathered(places: Places, columns: Iterable[str]) -> dict[str, Any]:
    """Columns called `alias.column`, those of one table together."""
    names: dict[str, list[str]] = {}
    for alias, _, name in (column.partition(".") for column in dict.fromkeys(columns)):
        names.setdefault(alias, []).append(name)
    return {name: column for alias, some in names.items() for name, column in places.gather(alias, some).items()}


def _struct(alias: str, names: Sequence[str]) -> str:
    packed = ", ".join(f'"{name}" := "{alias}.{name}"' for name in names)
    return f"struct_pack({packed}) as {alias}"
