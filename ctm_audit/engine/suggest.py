"""Who could be whom: proposes target rows for source mailboxes, each with the evidence that speaks for it and against it.

A proposal is never a mapping. Names alone have moved strangers' mailboxes, so every candidate of an ambiguous mailbox is
listed, and a person decides.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv

from ctm_audit.evidence.tables import Side

MOST_SHARED = 20  # an identifier that more objects of one side share says nothing about any of them

# The mailboxes that could move, and the MailUsers that could become them.
PEOPLE = """
create temp table people as
select object_id as id, case when upn <> '' then upn when primary_smtp <> '' then primary_smtp else object_id end as name,
  upn, primary_smtp, exchange_guid, legacy_exchange_dn_key as dn, smtp
from raw.source_mailboxes
where coalesce(recipient_type_details in ('UserMailbox', 'SharedMailbox', 'RoomMailbox', 'EquipmentMailbox'), true)
  and not coalesce(is_inactive, false) and not coalesce(is_soft_deleted, false) {unmapped_source};
create temp table mail_users as
select object_id as id, case when upn <> '' then upn when primary_smtp <> '' then primary_smtp else object_id end as name,
  upn, primary_smtp, exchange_guid, x500, external_address
from raw.target_mail_users where true {unmapped_target}
"""
UNMAPPED = """
and object_id not in (
  select object_id from (select object_id, unnest([upn, primary_smtp, object_id, exchange_guid]) as name from raw.{table})
  join mapping on name = {side}_key
)
"""
TABLES: dict[Side, str] = {"source": "mailboxes", "target": "mail_users"}

# What each object says of itself; a proposal rests on one thing that both sides say. The kinds are in the order of their weight.
SAID = """
create temp table source_says as
select distinct kind, id, said from (
  select 1 as kind, id, exchange_guid as said from people union all
  select 2, id, dn from people union all
  select 3, id, unnest(smtp) from people union all
  select 3, id, primary_smtp from people union all
  select 4, id, split_part(upn, '@', 1) from people union all
  select 5, id, split_part(primary_smtp, '@', 1) from people
) where said <> '';
create temp table target_says as
select distinct kind, id, said from (
  select 1 as kind, id, exchange_guid as said from mail_users union all
  select 2, id, unnest(x500) from mail_users union all
  select 3, id, external_address from mail_users union all
  select 4, id, split_part(upn, '@', 1) from mail_users union all
  select 5, id, split_part(primary_smtp, '@', 1) from mail_users
) where said <> ''
"""
GUESSES = f"""
create temp table guesses as
with telling as (
  select kind, said from source_says group by all having count(*) <= {MOST_SHARED}
  intersect select kind, said from target_says group by all having count(*) <= {MOST_SHARED}
), found as (
  select distinct s.id as source, t.id as target, kind
  from telling join source_says s using (kind, said) join target_says t using (kind, said)
)
select source, target, list(kind order by kind) as kinds from found group by all
"""

# Stamped for another mailbox, or forwarding elsewhere: then the evidence contradicts itself.
RANKED = """
create temp table ranked as
select g.*, t.name as target_name,
  list_filter([
    case when t.exchange_guid <> '' and p.exchange_guid <> '' and t.exchange_guid <> p.exchange_guid
      then 'stamped with another ExchangeGuid' end,
    case when t.external_address <> '' and len(p.smtp) > 0 and not list_contains(p.smtp, t.external_address)
      then 'ExternalEmailAddress is not an address of the mailbox' end
  ], lambda fault: fault is not null) as against,
  row_number() over (partition by source order by kinds[1], len(kinds) desc, t.name, t.id) as rank,
  count(*) over (partition by source) as candidates,
  count(*) over (partition by target) as rivals
from guesses g join people p on p.id = g.source join mail_users t on t.id = g.target
"""
KINDS = (
    (1, "exchange_guid", "same ExchangeGuid"),
    (2, "x500", "the source LegacyExchangeDN is among the X500 addresses of the target"),
    (3, "external_address", "ExternalEmailAddress is an address of the mailbox"),
    (4, "upn_prefix", "same UPN before the @"),
    (5, "local_part", "same primary SMTP address before the @"),
)
FLAGS = ",\n  ".join(f"case when list_contains(r.kinds, {kind}) then 'yes' else '' end as {name}" for kind, name, _ in KINDS)
WORDS = ", ".join(f"case when list_contains(r.kinds, {kind}) then '{words}' end" for kind, _, words in KINDS)
SUGGESTED = f"""
create temp table suggested as
select '' as accept, p.name as source, coalesce(r.target_name, '') as target,
  case when r.source is null then 'none' when r.candidates > 1 or r.rivals > 1 then 'ambiguous'
    when len(r.against) > 0 then 'contradictory' when r.kinds[1] <= 3 then 'likely' else 'by name only' end as state,
  coalesce(r.rank, 0) as rank, coalesce(r.candidates, 0) as candidates,
  {FLAGS},
  coalesce(array_to_string(list_filter([{WORDS}], lambda one: one is not null), '; '), '') as evidence,
  coalesce(array_to_string(
    list_concat(r.against, case when r.rivals > 1 then ['mailboxes that could be it: ' || r.rivals] else [] end), '; '), '') as against
from people p left join ranked r on r.source = p.id
"""
FORMULA = "'^[=+@\\t\\r-]'"


def suggest(connection: duckdb.DuckDBPyConnection, *, everybody: bool) -> dict[str, int]:
    """Create `suggested` and count its mailboxes by state; the raw views and `mapping` must be there.

    Without `everybody`, mailboxes and MailUsers that the mapping names already are left out.
    """
    sides = {f"unmapped_{side}": "" if everybody else UNMAPPED.format(side=side, table=f"{side}_{table}") for side, table in TABLES.items()}
    for statement in (PEOPLE.format(**sides), SAID, GUESSES, RANKED, SUGGESTED):
        connection.execute(statement)
    counts = connection.execute("select state, count(distinct source) from suggested group by state").fetchall()
    return {str(state): int(number) for state, number in counts}


def write_suggestions(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `suggested` for a spreadsheet: with a byte order mark, and no cell that a spreadsheet would take for a formula."""
    texts = [name for name, kind, *_ in connection.execute("describe suggested").fetchall() if kind == "VARCHAR"]
    plain = ", ".join(f"case when regexp_matches({name}, {FORMULA}) then '''' || {name} else {name} end as {name}" for name in texts)
    table = connection.sql(f"select * replace ({plain}) from suggested order by source, rank, target").to_arrow_table()
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pa.csv.write_csv(table, file)
