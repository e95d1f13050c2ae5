"""Materialises `pairs`: who is mapped to whom, how far each pair has come, and the fields that the rules read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import pyarrow as pa

from ctm_audit.engine.holders import create_holders
from ctm_audit.engine.joins import join_pairs
from ctm_audit.engine.known_keys import know_keys
from ctm_audit.engine.projection import Completeness
from ctm_audit.engine.snapshots import create_snapshots
from ctm_audit.evidence.relations import Field
from ctm_audit.evidence.tables import SIDES, Side

SYNCED = "('synced', 'incrementalsyncing', 'incrementalsynced', 'completionsynced')"
AT_REST = (
    "('completed', 'completedwithwarnings', 'failed', 'incrementalfailed', 'completionfailed',"
    " 'corrupted', 'stopped', 'incrementalstopped')"
)

# A key may be a UPN, a primary SMTP address, an object id or an ExchangeGuid.
KEYS: dict[str, tuple[Side, str]] = {
    "source_keys": (
        "source",
        """
        select upn as key, object_id as id from raw.source_mailboxes union all
        select primary_smtp, object_id from raw.source_mailboxes where primary_smtp is distinct from upn union all
        select unnest([object_id, exchange_guid]), object_id from raw.source_mailboxes where (select guids from key_kinds)""",
    ),
    "target_keys": (
        "target",
        """
        select upn as key, object_id as id from raw.target_mail_users union all
        select primary_smtp, object_id from raw.target_mail_users where primary_smtp is distinct from upn union all
        select primary_smtp, case when object_id = '' then guid else object_id end from raw.target_recipients union all
        select upn, object_id from raw.target_users union all
        select object_id, object_id from raw.target_mail_users where (select guids from key_kinds) union all
        select object_id, object_id from raw.target_recipients where (select guids from key_kinds) union all
        select object_id, object_id from raw.target_users where (select guids from key_kinds)""",
    ),
    "moved_source_keys": (
        "source",
        """
        select upn as key, object_id as id from raw.source_mail_users union all
        select primary_smtp, object_id from raw.source_mail_users union all
        select object_id, object_id from raw.source_mail_users""",
    ),
    "moved_target_keys": (
        "target",
        """
        select upn as key, object_id as id from raw.target_mailboxes union all
        select primary_smtp, object_id from raw.target_mailboxes union all
        select object_id, object_id from raw.target_mailboxes""",
    ),
}
# Of a key that a bundle was not made for nothing is known: not that it names nobody, and not that it names nobody else.
UNKNOWN = """
create table {side}_unknown as
select row_no from mapping where '{side}' in (select side from raw.scoped) and {side}_key not in (select key from raw.{side}_known_keys)
"""

KEY_KINDS = """
create table key_kinds as
select count(*) filter (not contains(source_key, '@') or not contains(target_key, '@')) > 0 as guids from mapping
"""

RESOLVE = """
create table {name} as
select row_no, count(*) as hits, case when count(*) = 1 then any_value(id) end as id from (
  select distinct m.row_no, k.id from ({keys}) k join mapping m on k.key = m.{side}_key where k.key <> '' and k.id <> ''
) group by row_no
"""

BATCHES = f"""
create table {{side}}_batches as
select row_no,
  case when count(*) = count(batch || status) then list_sort(list_distinct(list(batch || ' (' || status || ')'))) end as batches,
  case when bool_or(status not in {SYNCED} and status not in {AT_REST}) then 'moving' when count(*) > count(status) then null
    when bool_or(status in {SYNCED}) then 'synced' else 'prepared' end as state
from (
  select o.row_no, u.batch, u.status from raw.{{side}}_migration_users u join {{side}}_names o on u.identity = o.key
  union
  select o.row_no, u.batch, u.status from raw.{{side}}_migration_users u join guids o on u.mailbox_guid = o.guid
) group by row_no
"""

MOVES = """
create table moves as
select row_no,
  case when count(*) = count(consistency) then coalesce(list_sort(list(distinct consistency) filter (consistency <> '')), []) end as scores,
  case when count(*) = count(error) then coalesce(list_sort(list(distinct error) filter (error <> '')), []) end as errors
from (
  select o.row_no, u.consistency, u.error from raw.target_migration_users u join target_names o on u.identity = o.key
  union
  select o.row_no, u.consistency, u.error from raw.target_migration_users u join guids o on u.mailbox_guid = o.guid
) group by row_no
"""

# Views: the few migration users are looked up among the many names, never the other way round.
NAMES = """
create temp view {side}_names as
select row_no, {side}_key as key from mapping where {side}_key <> '' union all
select r.row_no, o.upn from {side}_keys r join raw.{objects} o on o.object_id = r.id where o.upn <> '' union all
select r.row_no, o.primary_smtp from {side}_keys r join raw.{objects} o on o.object_id = r.id where o.primary_smtp <> ''
"""

GUIDS = """
create temp view guids as
select r.row_no, o.exchange_guid as guid from source_keys r join raw.source_mailboxes o on o.object_id = r.id where o.exchange_guid <> ''
"""

# Most people have one license; only the lists of the others have to be merged. What the reference data does not know
# says nothing about mailboxes, and real licenses have dozens of such plans.
PLANS = """
create table {side}_plans as
with known as (
  select user_id, {known} from raw.{side}_license_details
), many as (
  select user_id from known group by user_id having count(*) > 1
)
select * from known where user_id not in (select user_id from many)
union all
select user_id, {merged} from known where user_id in (select user_id from many) group by user_id
"""
KNOWN = "list_filter({name}, lambda plan: list_contains($plans, plan)) as {name}"
MERGED = "case when count(*) = count({name}) then list_sort(list_distinct(flatten(list({name})))) end"

# Scope entries are printed as name, address or id, sometimes as a path whose last part is the name. A name that two groups
# bear, such as the alias of one and the name of another, says nothing.
SCOPES = """
create table scopes as
select distinct scope, unnest([scope, split_part(scope, '/', -1)]) as name from (
  select unnest(o.move_scopes) as scope
  from raw.source_organization_relationships o, project p where list_contains(o.domain_names, p.target_tenant_id)
);
create table group_names as
select name, case when min(guid) = max(guid) then min(guid) end as guid from (
  select guid, unnest([name, alias, primary_smtp, object_id, guid]) as name from raw.source_distribution_groups
) where name <> '' group by name;
create table scope_parts as
select scope, name as part from scopes where name not in (select name from group_names)
union
select s.scope, n.name from (
  select scope, min(guid) as guid from scopes join group_names using (name)
  group by scope having min(guid) = max(guid) and count(*) = count(guid)
) s join group_names n using (guid);
create table scope_members as
select distinct g.object_id from raw.source_group_members g join scope_parts using (part) where g.object_id <> '';
create table scope_summary as
select {complete} and not exists (
  select 1 from scopes s where s.scope not in (select n.scope from scope_parts n join raw.source_parts using (part))
) and not exists (
  select 1 from raw.source_organization_relationships o where o.domain_names is null or o.move_scopes is null
) and not exists (select 1 from raw.source_group_members g where g.object_id is null) as scopes_are_known
"""

REFUSED = """
create table refused as
with seen as (
  select distinct split_part(address, '@', -1) as domain
  from (select unnest(t.smtp) as address from raw.target_mail_users t where t.object_id in (select id from target_keys))
)
select coalesce(list(domain order by domain), []) as domains,
  (select count(*) = count(match_subdomains) from raw.target_accepted_domains) as is_known
from seen where domain not in (select name from raw.target_accepted_domains)
and not exists (select 1 from raw.target_accepted_domains d where d.match_subdomains and ends_with(seen.domain, '.' || d.name))
"""

MOVED = """
create table moved as
select su.row_no from moved_source_keys su
join raw.source_mail_users a on a.object_id = su.id
join moved_target_keys tu on tu.row_no = su.row_no
join raw.target_mailboxes b on b.object_id = tu.id
cross join project p
where split_part(a.external_address, '@', -1) = p.delivery_domain and a.exchange_guid <> '' and a.exchange_guid = b.exchange_guid
"""

# How many rows of the mapping name one object, whatever they call it.
ROWS = """
create table {side}_rows as select id, count(*) as mapped from {side}_keys where id is not null group by id
"""

RECIPIENTS = """
create table recipients as
select id, case when count(*) = 1 then any_value(recipient_type) end as recipient_type,
  case when count(*) = 1 then any_value(recipient_type_details) end as recipient_type_details
from (select case when object_id = '' then guid else object_id end as id, recipient_type, recipient_type_details from raw.target_recipients)
where id in (select id from target_keys) group by id
"""

# The folder may be missing in an archive that never had such a hold; that it is empty is known only when all folders are here.
SUBSTRATE_HOLDS = """
create table substrate_holds as
select mailbox_guid, case when sum(items) > 0 then sum(items)
  when {complete} and count(*) = count(name) and count(*) = count(all_items) then 0 end::bigint as items
from (
  select mailbox_guid, name, items as all_items, case when name = 'substrateholds' then items else 0 end as items
  from raw.source_archive_folders
) group by mailbox_guid
"""

ONEDRIVES = "create table onedrives as select distinct owner from raw.target_personal_sites"

FORMER = """
create table {side}_former_keys as
select row_no, list(l.key order by l.key) as keys from {side}_keys k join mapping m using (row_no)
join locked l on l.side = '{side}' and l.object_id = k.id and l.key <> m.{side}_key group by row_no
"""


def create_pairs(
    connection: duckdb.DuckDBPyConnection,
    given: Mapping[str, pa.Table],
    fields: tuple[Field, ...],
    complete: Completeness,
    known_plans: list[str],
    salt: bytes | None,
) -> pa.Table:
    """Create and return `pairs` with `row_no` and the given fields, one row a mapping row.

    `given` are `mapping` and `locked`, the Arrow tables that the connection shows.
    """
    connection.execute(KEY_KINDS)
    for side in SIDES:
        connection.execute(UNKNOWN.format(side=side))
    complete = know_keys(connection, complete)
    _resolve(connection)
    _look_up(connection, complete, known_plans)
    complete = create_holders(connection, [field.name for field in fields], complete, salt)
    return join_pairs(connection, given, [_only_of_known(connection, field) for field in fields], complete)


def _only_of_known(connection: duckdb.DuckDBPyConnection, field: Field) -> Field:
    """The field, NULL in rows of which a side that it reads was not asked."""
    sides = [side for side in SIDES if any(read.startswith(f"{side}.") for read in field.reads)]
    conditions = [f"m.row_no in (select row_no from {side}_unknown)" for side in sides if has_unknown(connection, side)]
    return replace(field, sql=f"case when not ({' or '.join(conditions)}) then {field.sql} end") if conditions else field


def has_unknown(connection: duckdb.DuckDBPyConnection, side: Side) -> int:
    """How many rows of the mapping have a key that the side's bundle was not made for."""
    ((count,),) = connection.execute(f"select count(*) from {side}_unknown").fetchall()
    return int(count)


def _resolve(connection: duckdb.DuckDBPyConnection) -> None:
    for name, (side, keys) in KEYS.items():
        connection.execute(RESOLVE.format(name=name, keys=keys, side=side))
    for statement in (MOVED, RECIPIENTS, GUIDS, *(ROWS.format(side=side) for side in SIDES)):
        connection.execute(statement)
    _batches(connection, "source", "source_mailboxes")
    _batches(connection, "target", "target_mail_users")
    connection.execute(MOVES)


def _batches(connection: duckdb.DuckDBPyConnection, side: Side, objects: str) -> None:
    connection.execute(NAMES.format(side=side, objects=objects))
    connection.execute(BATCHES.format(side=side))


def _look_up(connection: duckdb.DuckDBPyConnection, complete: Completeness, known_plans: list[str]) -> None:
    for side, names in (("source", ("success_plans",)), ("target", ("success_plans", "live_plans"))):
        known, merged = (", ".join(text.format(name=name) for name in names) for text in (KNOWN, MERGED))
        connection.execute(PLANS.format(side=side, known=known, merged=merged), {"plans": known_plans})
    tables = ("organization_relationships", "distribution_groups", "group_members")
    connection.execute(SCOPES.format(complete=complete.all_of(f"source.{table}" for table in tables)))
    connection.execute(ONEDRIVES)
    connection.execute(SUBSTRATE_HOLDS.format(complete=complete.all_of(("source.archive_folders",))))
    connection.execute(REFUSED)
    create_snapshots(connection)
    for side in SIDES:
        connection.execute(FORMER.format(side=side))
