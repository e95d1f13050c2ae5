"""Materialises `waves`: what the project plans for each wave, how many mailboxes are in it, and what was made of the plan."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ctm_audit.engine.projection import project_fields
from ctm_audit.evidence.relations import Field
from ctm_audit.project import Wave

PLANNED = """
create table wave_rows (
  row_no bigint, id varchar, name varchar, wave varchar, pilot boolean, with_domain_cutover boolean, submit_by timestamp,
  complete_at timestamp
)
"""
CREATE = """
create table waves as with made as (
  select o.wave, min(b.created) as first, count(*) - count(b.created) as unknown
  from batches_of_waves o left join raw.target_migration_batches b on b.name = o.batch group by o.wave
)
select w.row_no, {fields} from (
  select v.*, (select count(*) from mapping m where m.wave = v.wave or v.id = 'all') as mailboxes,
    case when k.known and (made.unknown = 0 or made.wave is null) then coalesce(made.first, v.submit_by) end as copies_since,
    case when k.known then lower(v.wave) in (select name from raw.target_migration_batches)
      and lower(v.wave) not in (select batch from batches_of_waves o where o.wave = v.wave) end as name_is_taken
  from wave_rows v cross join members_are_known k left join made on made.wave = v.wave
) w cross join project p left join wave_counts n on n.wave = w.wave order by w.row_no
"""
NO_TIMES = (False, False, None, None)


def create_waves(connection: duckdb.DuckDBPyConnection, waves: Sequence[Wave], fields: tuple[Field, ...]) -> None:
    """Create `waves` in the project's order with the given fields, and `wave_rows` with the same rows.

    `mapping` and `project` must be there, and what `engine.batches.see_members` makes.
    """
    connection.execute(PLANNED)
    for number, row in enumerate(_rows(connection, waves), start=1):
        connection.execute("insert into wave_rows values (?, ?, ?, ?, ?, ?, ?, ?)", [number, *row])
    connection.execute(CREATE.format(fields=project_fields(fields)))


def _rows(connection: duckdb.DuckDBPyConnection, waves: Sequence[Wave]) -> list[tuple[object, ...]]:
    if not waves:
        return [("all", "all mailboxes", "", *NO_TIMES)]
    named: list[tuple[object, ...]] = [
        (one.name, f"wave {one.name}", one.name, one.pilot, one.with_domain_cutover, one.submit_by, one.complete_at) for one in waves
    ]
    unassigned = connection.execute("select 1 from mapping where wave = '' limit 1").fetchone()
    return [*named, ("unassigned", "mailboxes without a wave", "", *NO_TIMES)] if unassigned else named
