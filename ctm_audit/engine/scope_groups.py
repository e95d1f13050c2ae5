"""Materialises `scope_groups`: what the source publishes to the target, and who is in it."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field

# `scopes`, `group_names` and `scope_parts` tell which group a published name means (engine/pairs.py).
PUBLISHED = """
create table published as
select scope, count(n.name) as hits, case when min(n.guid) = max(n.guid) and count(n.name) = count(n.guid) then min(n.guid) end as guid
from scopes left join group_names n using (name) group by scope
"""
# A person may have been moved already, and is a MailUser in the source then.
MAPPED = """
create table mapped_objects as
with people as (
  select object_id, unnest([object_id, upn, primary_smtp, exchange_guid]) as key from raw.source_mailboxes
  union all
  select object_id, unnest([object_id, upn, primary_smtp, exchange_guid]) from raw.source_mail_users
)
select distinct object_id from people where key in (select source_key from mapping)
"""
MEMBERS = """
create table scope_contents as
with members as (
  select distinct p.scope, coalesce(b.guid, p.scope) as group_id, g.object_id
  from scope_parts p join published b using (scope) join raw.source_group_members g using (part)
), doubled as (
  select object_id from members group by object_id having count(distinct group_id) > 1
)
select scope, count(*) as members, count(*) filter (where object_id not in (select object_id from mapped_objects)) as outsiders,
  count(*) filter (where object_id in (select object_id from doubled)) as in_others
from members group by scope
"""
# A group of which a file is there has nobody in it when no row is; of another nobody knows.
EMPTY = "create table scope_files as select distinct scope, 0 as nobody from scope_parts join raw.source_parts using (part)"
CREATE = """
create table scope_groups as select row_number() over (order by g.scope) as row_no, {fields}
from published g
left join raw.source_distribution_groups d on d.guid = g.guid
left join scope_contents c on c.scope = g.scope
left join scope_files o on o.scope = g.scope
cross join project p order by row_no
"""


def create_scope_groups(connection: duckdb.DuckDBPyConnection, fields: tuple[Field, ...], complete: Completeness) -> None:
    """Create `scope_groups` with the given fields; `pairs` must have been created."""
    for statement in (PUBLISHED, MAPPED, MEMBERS, EMPTY):
        connection.execute(statement)
    connection.execute(complete.fill(CREATE.format(fields=project_fields(fields))))
