"""Materialises `waves`: what the project plans for each wave, and how many mailboxes are in it."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ctm_audit.engine.projection import project_fields
from ctm_audit.evidence.relations import WAVES
from ctm_audit.project import Wave

PLANNED = """
create temp table wave_rows (
  row_no bigint, id varchar, name varchar, wave varchar, pilot boolean, with_domain_cutover boolean, submit_by timestamp,
  complete_at timestamp
)
"""
CREATE = """
create table waves as select w.row_no, {fields} from (
  select v.*, count(m.row_no) as mailboxes from wave_rows v left join mapping m on m.wave = v.wave or v.id = 'all' group by all
) w cross join project p order by w.row_no
"""
NO_TIMES = (False, False, None, None)


def create_waves(connection: duckdb.DuckDBPyConnection, waves: Sequence[Wave]) -> None:
    """Create `waves` in the project's order, and `wave_rows` with the same rows; `mapping` and `project` must be there."""
    connection.execute(PLANNED)
    for number, row in enumerate(_rows(connection, waves), start=1):
        connection.execute("insert into wave_rows values (?, ?, ?, ?, ?, ?, ?, ?)", [number, *row])
    connection.execute(CREATE.format(fields=project_fields(WAVES.fields)))


def _rows(connection: duckdb.DuckDBPyConnection, waves: Sequence[Wave]) -> list[tuple[object, ...]]:
    if not waves:
        return [("all", "all mailboxes", "", *NO_TIMES)]
    named: list[tuple[object, ...]] = [
        (one.name, f"wave {one.name}", one.name, one.pilot, one.with_domain_cutover, one.submit_by, one.complete_at) for one in waves
    ]
    unassigned = connection.execute("select 1 from mapping where wave = '' limit 1").fetchone()
    return [*named, ("unassigned", "mailboxes without a wave", "", *NO_TIMES)] if unassigned else named
