"""Counts test moves by kind of mailbox: what works for a plain mailbox may still fail for an archive or a shared mailbox."""

from __future__ import annotations

import duckdb

# A mailbox is of every kind that fits. Only those that can be submitted are counted: the others fail elsewhere.
SUMMARY = """
create table probe_summary as
with kinds as (
  select "target.probe" as probe, unnest(case
    when "source.aux_archives" > 0 then ['with auxiliary archives'] when "source.archive_guid" <> '' then ['with archive'] else [] end
    || case when "source.recipient_type_details" <> 'UserMailbox' then ['shared, room or equipment'] else [] end
    || case when "target.is_dir_synced" then ['synchronised'] else [] end
    || case when "source.archive_guid" = '' and "source.recipient_type_details" = 'UserMailbox' and not "target.is_dir_synced"
      then ['plain'] else [] end
  ) as kind from pairs where stage in ('prepared', 'moving', 'synced')
), counted as (
  select kind, count(*) as mailboxes, count(*) filter (where probe = 'success') as proven,
    case when $sample = 0 then count(*) else least(count(*), $sample) end as wanted from kinds group by kind
)
select case when (select bool_and(known) from known) is not false
  then coalesce((select list(kind || ': ' || proven || ' of ' || wanted || ' (' || mailboxes || ' mailboxes)' order by kind)
    from counted where proven < wanted), []) end as unproven
"""
KNOWN = """
create table known as
select ("target.probe" || "source.archive_guid" || "source.recipient_type_details") is not null and "source.aux_archives" is not null
  and "target.is_dir_synced" is not null as known
from pairs where stage is null or stage in ('prepared', 'moving', 'synced')
"""


def create_probe_summary(connection: duckdb.DuckDBPyConnection, sample: int, *, readable: bool) -> None:
    """Create `probe_summary`, one row; `sample` is how many test moves a kind needs, 0 for all. `readable`: `pairs` has CLASSES_READ."""
    if not readable:
        connection.execute("create table probe_summary as select null::varchar[] as unproven")
        return
    connection.execute(KNOWN)
    connection.execute(SUMMARY, {"sample": sample})
