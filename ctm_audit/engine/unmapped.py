"""Materialises `unmapped`: whom a project that moves everybody has forgotten."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.engine.raw import Bundles
from ctm_audit.evidence.relations import UNMAPPED

NAMES = "[upn, primary_smtp, object_id, exchange_guid]"
CREATE = f"""
create table unmapped as select x.row_no, {{fields}} from (
  select row_number() over (order by b.upn, b.object_id) as row_no,
    case when b.upn <> '' then b.upn when b.primary_smtp <> '' then b.primary_smtp else b.object_id end as id,
    b.primary_smtp || ' (' || b.recipient_type_details || ')' as name, b.recipient_type_details as type,
    list_has_any({NAMES}, $excluded::varchar[]) as is_excluded
  from raw.source_mailboxes b where $everybody and b.object_id not in (select id from source_keys where id is not null)
  union all
  select 0, 'not exported', 'mailboxes that were not exported', null, null where $everybody and not $is_known
) x cross join project p order by x.row_no
"""


def create_unmapped(
    connection: duckdb.DuckDBPyConnection, bundles: Bundles, complete: Completeness, excluded: Iterable[str], *, everybody: bool
) -> None:
    """Create `unmapped`; the mapping's keys must have been resolved. Nobody is in it unless `everybody` shall move."""
    is_known = complete.all_of(("source.mailboxes",)) == "true" and bundles["source"].scope is None
    values = {"everybody": everybody, "is_known": is_known, "excluded": list(excluded)}
    connection.execute(CREATE.format(fields=project_fields(UNMAPPED.fields)), values)
