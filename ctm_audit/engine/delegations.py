"""Materialises `delegations`: the rights that others have to mapped mailboxes, one row a mailbox and holder."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field

# Entries that every mailbox has, and that say nothing about people.
NOBODY = "('default', 'anonymous', 'everyone')"
NO_RIGHT = "('none', 'availabilityonly', 'limiteddetails')"

ENTRIES = f"""
create table entries as
with all_of as (
  select mailbox_guid, trustee, case when contains(rights, 'fullaccess') then 'FullAccess' else rights end as "right"
  from raw.source_mailbox_permissions where is_inherited is distinct from true and is_denied is distinct from true
  union all
  select mailbox_guid, trustee, case when contains(rights, 'sendas') then 'SendAs' else rights end
  from raw.source_recipient_permissions where is_inherited is distinct from true and type is distinct from 'deny'
  union all
  select mailbox_guid, trustee, 'Calendar' from raw.source_calendar_permissions where rights not in {NO_RIGHT}
  union all
  select exchange_guid, unnest(send_on_behalf), 'SendOnBehalf' from raw.source_mailboxes
)
select mailbox_guid, trustee, list_sort(list(distinct "right")) as rights from all_of
where trustee not in {NOBODY} and not starts_with(trustee, 'nt authority') group by all;
"""
# Of millions of names only those matter by which somebody has a right. Whoever has moved is a MailUser in the source, and may
# still have rights to those who have not.
KNOWN = """
create table people_by_name as
select name, row_no from (
  select unnest([o.upn, o.primary_smtp, o.object_id, o.exchange_guid, o.name]) as name, r.row_no
  from source_keys r join raw.source_mailboxes o on o.object_id = r.id
  union select source_key, row_no from mapping
  union select unnest([o.upn, o.primary_smtp, o.object_id]), r.row_no
  from moved_source_keys r join raw.source_mail_users o on o.object_id = r.id
) where name in (select trustee from entries) group by all;
create table groups_by_name as
select distinct name from (
  select unnest([name, alias, primary_smtp, object_id, guid]) as name from raw.source_distribution_groups
) where name <> '';
create table names_are_known as
select {complete:source.mailboxes} and not exists (
  select 1 from raw.source_mailboxes o where o.object_id in (select id from source_keys) and (o.upn || o.primary_smtp || o.name) is null
) as known;
"""
# Every mailbox has an entry for itself, and every calendar one for everybody: where there is none, nobody has asked.
CREATE = """
create table delegations as
with holders as (
  select trustee, count(distinct row_no) as people, any_value(row_no) as row_no
  from entries join people_by_name on name = trustee group by trustee
), asked as (
  select r.row_no, s.recipient_type_details as mailbox_type, e.rights, h.people, case when h.people = 1 then h.row_no end as holder,
    case when h.people = 1 then null else e.trustee end as other
  from source_keys r join raw.source_mailboxes s on s.object_id = r.id
  join entries e on e.mailbox_guid = s.exchange_guid left join holders h on h.trustee = e.trustee
  union all
  select r.row_no, s.recipient_type_details, null, null, null, null
  from source_keys r join raw.source_mailboxes s on s.object_id = r.id where s.send_on_behalf is null
    or s.exchange_guid not in (select mailbox_guid from raw.source_mailbox_permissions)
    or s.exchange_guid not in (select mailbox_guid from raw.source_recipient_permissions)
    or s.exchange_guid not in (select mailbox_guid from raw.source_calendar_permissions)
), held as (
  select row_no, mailbox_type, people, holder, other, list_sort(list_distinct(flatten(list(rights)))) as rights
  from asked where holder is distinct from row_no group by row_no, mailbox_type, people, holder, other
), told as (
  select m.row_no as place, m.source as mailbox, m.target as mailbox_target, m.wave, h.mailbox_type,
    case when h.holder is not null then o.source else h.other end as trustee,
    case when h.holder is not null or h.other is not null then h.rights end as rights,
    h.people is null and h.other is not null and k.known as is_stranger,
    case when h.holder is not null then 'mapped' when h.people > 1 or h.other is null then null
      when h.other in (select name from groups_by_name) then 'group'
      when starts_with(h.other, 's-1-') or h.other in ('unknown', 'internal') then 'sid'
      when k.known then 'other' end as trustee_kind,
    case when h.holder is not null then o.target when is_stranger then '' end as trustee_target,
    case when h.holder is not null then o.wave when is_stranger then '' end as trustee_wave,
    case when h.holder is not null then coalesce(w.row_no < v.row_no, false) when is_stranger then false end as is_before
  from held h join mapping m using (row_no) cross join names_are_known k left join mapping o on o.row_no = h.holder
  left join wave_rows w on w.wave = m.wave left join wave_rows v on v.wave = o.wave
)
select row_number() over (order by d.place, d.trustee) as row_no, {fields} from told d cross join project p order by row_no
"""


def create_delegations(connection: duckdb.DuckDBPyConnection, fields: tuple[Field, ...], complete: Completeness) -> None:
    """Create `delegations` with the given fields; `pairs` and `wave_rows` must be there."""
    for statement in (ENTRIES + complete.fill(KNOWN)).split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(CREATE.format(fields=project_fields(fields)))
