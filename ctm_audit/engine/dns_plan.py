"""What the project plans for the domains that move, what the target wants of them, and what earlier observations saw."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ctm_audit.engine.dns_proofs import WANTED
from ctm_audit.engine.mx_token import mx_token
from ctm_audit.evidence.relations.dns_plan import CHANGING, CHECKED
from ctm_audit.project import Domain

MOVING = """
create table dns_moving (row_no bigint, domain varchar, mail_style varchar, park varchar[], queues boolean, target_mx varchar[],
  lowest_ttl bigint, end_at timestamp, token varchar)
"""
PLANNED = """
create table dns_planned as
select d.domain, any_value(s.name) is not null as in_source, any_value(s.is_verified) as source_verified,
  any_value(s.is_admin_managed) as source_admin_managed,
  case when len(any_value(d.target_mx)) > 0 then any_value(d.target_mx)
    when count(w.kind) filter (w.kind = 'unavailable') = 0
      then list(distinct w.mx_preference || ' ' || w.mx_host order by w.mx_preference || ' ' || w.mx_host) filter (w.kind = 'mx') end as mx,
  list_sort(list_transform(mx, lambda one: split_part(one, ' ', 2))) as hosts
from dns_moving d
left join raw.source_domains s on s.name = d.domain
left join raw.target_service_records w on w.domain = d.domain
group by d.domain
"""
# Of each role the newest state, since when it holds the same records and a low TTL, the TTL of what was there before, and the baseline.
SINCE = """
create table dns_since as
with newest as (
  select h.*, greatest(d.lowest_ttl, 300) as low from raw.dns_history h join dns_moving d on d.domain = h.domain
  qualify row_number() over (partition by h.domain, h.role order by h.since desc) = 1
), before as (
  select n.domain, n.role, max(h.since) filter (h.data <> n.data or h.chain <> n.chain) as other,
    max_by(h.ttl, h.since) filter (h.data <> n.data or h.chain <> n.chain) as old_ttl, max(h.since) filter (h.ttl > n.low) as high
  from newest n join raw.dns_history h on h.domain = n.domain and h.role = n.role group by n.domain, n.role
)
select n.domain, n.role, n.data, n.chain, n.ttl, b.old_ttl,
  min(h.since) filter (b.other is null or h.since > b.other) as data_since,
  min(h.since) filter (b.high is null or h.since > b.high) as low_since,
  bool_or(h.is_baseline) as has_baseline, max(h.baseline_at) filter (h.is_baseline) as baseline_at,
  any_value(h.data) filter (h.is_baseline) as baseline_data, any_value(h.chain) filter (h.is_baseline) as baseline_chain,
  any_value(h.ttl) filter (h.is_baseline) as baseline_ttl
from newest n join before b on b.domain = n.domain and b.role = n.role
join raw.dns_history h on h.domain = n.domain and h.role = n.role group by all
"""
PAST = f"""
create table dns_past as
select d.domain, coalesce(min(s.baseline_at) filter (s.has_baseline), timestamp '1970-01-01') as baseline_at,
  list_filter({CHECKED}, lambda role: not list_contains(coalesce(list(s.role) filter (s.has_baseline), []), role)) as missing,
  any_value(s.baseline_data) filter (s.role = 'mx') as baseline_mx, any_value(s.baseline_ttl) filter (s.role = 'mx') as baseline_mx_ttl,
  any_value(s.baseline_data) filter (s.role = 'parent_ns') as baseline_ns, any_value(s.baseline_data) filter (s.role = 'ds') as baseline_ds,
  coalesce(list(s.role order by s.role)
    filter (s.has_baseline and (s.baseline_data <> s.data or s.baseline_chain <> s.chain)), []) as changed,
  case when len(missing) = 0 and count(s.low_since) filter (s.role in {tuple(CHANGING)}) = {len(CHANGING)}
    then max(s.low_since + to_seconds(s.baseline_ttl)) filter (s.role in {tuple(CHANGING)}) end as low_settled_at,
  any_value(s.data_since) filter (s.role = 'mx' and s.data = d.park) as parked_since,
  case when count(s.data) filter (s.role = 'mx' and s.data <> d.park) > 0 or len(d.park) = 0 then timestamp '1970-01-01'
    else any_value(s.data_since + to_seconds(s.old_ttl * 11 // 10)) filter (s.role = 'mx') end as parked_settled_at
from dns_moving d left join dns_since s on s.domain = d.domain group by d.domain, d.park
"""


def create_plan(connection: duckdb.DuckDBPyConnection, domains: Sequence[Domain]) -> None:
    """Create `dns_moving`: the domains that move, as the project plans them; and what both tenants say of them."""
    connection.execute(MOVING)
    for number, one in enumerate(sorted(domains, key=lambda one: one.name), start=1):
        row = [number, one.name, one.mail_style, list(one.park), one.queues, list(one.target_mx), one.lowest_ttl, one.end_at]
        connection.execute("insert into dns_moving values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*row, mx_token(one.name)])
    for statement in (WANTED, PLANNED, SINCE, PAST):
        connection.execute(statement)
