"""Joins the rows of the mapping with the objects that their keys name: the table `pairs`, in the order of the mapping.

There are three steps, because the hash tables of both wide rows and of all else at once would not fit into memory, and
DuckDB would then hand the rows out in any order. The run folder is written in the order of the mapping, and to sort
wide rows takes longer than all the joins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import duckdb

from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field

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

BY_KEYS = """
create temp table by_keys as select {mapping}, sr.id as source_id, tr.id as target_id, {fields}
from mapping m
cross join project p
left join source_keys sr on sr.row_no = m.row_no
left join target_keys tr on tr.row_no = m.row_no
left join recipients r on r.id = tr.id
left join target_batches tb on tb.row_no = m.row_no
left join moved on moved.row_no = m.row_no
left join source_plans sl on sl.user_id = sr.id
left join target_plans tl on tl.user_id = tr.id
left join (select * from locked where side = 'source') ls on ls.key = m.source_key
left join (select * from locked where side = 'target') lt on lt.key = m.target_key
left join source_former_keys fs on fs.row_no = m.row_no
left join target_former_keys ft on ft.row_no = m.row_no
"""
BY_SOURCE = """
create temp table by_source as select {mapping}, m.target_id, struct_pack({source}) as s, {fields}
from by_keys m
left join raw.source_mailboxes s on s.object_id = m.source_id
left join raw.source_mailbox_statistics ss on ss.mailbox_guid = s.exchange_guid and s.exchange_guid <> ''
left join raw.source_archive_statistics sa on sa.mailbox_guid = s.archive_guid and s.archive_guid <> ''
left join source_batches sb on sb.row_no = m.row_no
"""
BY_TARGET = """
create table pairs as select {mapping}, {fields}
from by_source m
cross join refused
left join raw.target_mail_users t on t.object_id = m.target_id
left join target_batches tb on tb.row_no = m.row_no
"""
STEPS = (
    (BY_KEYS, ("recipients", "moved", "moved_source_keys", "moved_target_keys", "source_plans", "target_plans")),
    (BY_SOURCE, ("by_keys",)),
    (BY_TARGET, ("by_source",)),
)
"""Each statement, and what nobody needs after it."""

KEEP_ORDER = "set disabled_optimizers = 'join_order,build_side_probe_side'"


def join_pairs(connection: duckdb.DuckDBPyConnection, fields: Iterable[Field], complete: Completeness) -> None:
    """Create `pairs` with `row_no` and the given fields; everything that STEPS join must be there, and some of it is dropped."""
    filled = [replace(field, sql=complete.fill(field.sql.replace("stage_of.stage", STAGE))) for field in fields]
    connection.execute(KEEP_ORDER)
    for number, (statement, spent) in enumerate(STEPS):
        now = [_known_by(number, field) for field in filled if _step_of(field) <= number]
        later = [field.sql for field in filled if _step_of(field) > number]
        mapping = ", ".join(f"m.{name}" for name in _columns("m", later, "row_no"))
        source = ", ".join(f"{name} := s.{name}" for name in _columns("s", later, "object_id"))
        connection.execute(statement.format(mapping=mapping, source=source, fields=project_fields(now)))
        for table in spent:
            connection.execute(f"drop table {table}")
    connection.execute("reset disabled_optimizers")


def _step_of(field: Field) -> int:
    """The first step at which everything that the field is made of is there."""
    return 2 if re.search(r"\bt\.", field.sql) else 1 if re.search(r"\b(?:s|ss|sa)\.", field.sql) else 0


def _known_by(number: int, field: Field) -> Field:
    return field if _step_of(field) == number else replace(field, sql=f'm."{field.name}"')


def _columns(alias: str, sql: Sequence[str], always: str) -> list[str]:
    """What later steps read of a row that is not joined there again."""
    return sorted({always}.union(*(re.findall(rf"\b{alias}\.(\w+)", text) for text in sql)))
