"""Materialises `batches`: the migration batches that hold mailboxes of the mapping, and who in them should not be there."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field

# A user of a batch is told by name, or by the ExchangeGuid that the service has found.
MEMBERS = """
create table batch_members as
select row_no, batch, identity from (
  select o.row_no, u.batch_key as batch, u.identity from raw.target_migration_users u join target_names o on u.identity = o.key
  union
  select o.row_no, u.batch_key, u.identity from raw.target_migration_users u join guids o on u.mailbox_guid = o.guid
) where batch <> '';
create table batches_of_waves as
select m.wave, x.batch, list(distinct x.identity) as own from batch_members x join mapping m using (row_no) group by all;
create table batch_users as
select batch_key as batch, list(identity order by identity) as users from raw.target_migration_users group by batch_key
"""
# Where anything is unknown by which a user is told, nobody can say who is a stranger.
KNOWN = """
create table members_are_known as
select {complete:target.migration_users} and {complete:target.migration_batches}
  and (select count(*) = count(mailbox_guid) and count(*) = count(batch_key) from raw.target_migration_users)
  and not exists (select 1 from raw.target_mail_users t
    where t.object_id in (select id from target_keys) and (t.upn is null or t.primary_smtp is null))
  and not exists (select 1 from raw.source_mailboxes s where s.object_id in (select id from source_keys) and s.exchange_guid is null)
  and not exists (select 1 from source_unknown) and not exists (select 1 from target_unknown) as known
"""
ROUTE = "coalesce(nullif(m.route, ''), p.route)"
STAYS = "i.stage <> 'moved'"
COUNTS = f"""
create table wave_counts as
select m.wave, count(*) = count(i.stage) as known,
  count(*) filter ({STAYS} and {ROUTE} <> 'orchestrator') as batch_mailboxes,
  count(*) filter ({STAYS} and {ROUTE} = 'orchestrator') as job_users,
  coalesce(list(m.source order by m.row_no) filter ({STAYS} and m.wave in (select wave from batches_of_waves)
    and m.row_no not in (select row_no from batch_members)), []) as left_out
from mapping m cross join project p join {{stages}} i using (row_no) group by m.wave
"""
NO_STAGES = "(select row_no, null::varchar as stage from mapping)"
CREATE = """
create table batches as
select row_number() over (order by w.row_no, h.batch) as row_no, {fields} from (
  select o.wave, o.batch, case when k.known then list_filter(u.users, lambda user: not list_contains(o.own, user)) end as strangers,
    case when k.known and n.known then n.left_out end as left_out
  from batches_of_waves o join batch_users u using (batch) cross join members_are_known k left join wave_counts n on n.wave = o.wave
) h
join wave_rows w on w.wave = h.wave
cross join project p
left join raw.target_migration_batches b on b.name = h.batch
order by row_no
"""


def see_members(connection: duckdb.DuckDBPyConnection, complete: Completeness) -> None:
    """Create what is known of the mailboxes in batches, for `waves` and `batches`; `pairs` must be there."""
    for statement in MEMBERS.split(";"):
        connection.execute(statement)
    connection.execute(complete.fill(KNOWN))
    has_stages = "stage" in connection.table("pairs").columns
    connection.execute(COUNTS.format(stages="pairs" if has_stages else NO_STAGES))


def create_batches(connection: duckdb.DuckDBPyConnection, fields: tuple[Field, ...]) -> None:
    """Create `batches` with the given fields; `wave_rows` must be there, and what `see_members` makes."""
    connection.execute(CREATE.format(fields=project_fields(fields)))
