"""Where mail of the domains goes, by their authoritative servers and by the resolvers, and what its hosts said to a probe."""

from __future__ import annotations

from ctm_audit.evidence.relations.dns_plan import CHANGING

ROLES = tuple(CHANGING)
# MX records as servers hold them: one row a domain, a host, a preference and a server.
NAMED = """
create table dns_named as
select domain, vantage, split_part(mx, ' ', 1)::bigint as preference, split_part(mx, ' ', 2) as host from (
  select domain, vantage, unnest(data) as mx from dns_latest where role = 'mx' and kind = 'authoritative' and way = 'plain' and known)
"""
WANTED = """
create table dns_named_or_planned as
select domain, host, bool_or(what = 'parked') as is_parked, bool_or(what = 'target') as is_target, bool_or(what = 'baseline') as is_baseline
from (
  select 'parked' as what, domain, split_part(unnest(park), ' ', 2) as host from dns_moving union all
  select 'target', domain, unnest(hosts) from dns_planned union all
  select 'baseline', domain, split_part(unnest(baseline_mx), ' ', 2) from dns_past
) group by domain, host
"""
# The hosts that matter are those that are named and those that are planned; nobody asks where mail went at the baseline alone.
HOSTS = """
create table dns_mx_rows as
select d.row_no as domain_no, d.domain, d.mail_style, d.queues, d.token, h.host, m.preferences,
  m.servers = b.holding as at_all, regexp_full_match(h.host, '[0-9.]*[0-9]') or contains(h.host, ':') as is_literal,
  case when m.host is not null then true when b.data is not null then false end as is_mx,
  coalesce(w.is_parked, h.host is null and len(d.park) = 0) as is_parked,
  case when e.hosts is not null then coalesce(w.is_target, false) end as is_target,
  case when w.is_parked or w.is_target or w.is_baseline then true when e.hosts is not null and p.baseline_mx is not null then false end
    as is_planned
from dns_moving d
left join (
  select domain, host from dns_named union select domain, host from dns_named_or_planned where is_parked or is_target
  union select domain, null from dns_moving where domain not in (select domain from dns_by_role where role = 'mx' and data is not null)
    or (len(park) = 0 and mail_style = 'direct')
) h on h.domain = d.domain
left join dns_by_role b on b.domain = d.domain and b.role = 'mx'
left join (
  select domain, host, count(distinct vantage) as servers, list_sort(list_distinct(list(preference::varchar))) as preferences
  from dns_named group by domain, host
) m on m.domain = d.domain and m.host = h.host
left join dns_named_or_planned w on w.domain = d.domain and w.host = h.host
left join dns_planned e on e.domain = d.domain
left join dns_past p on p.domain = d.domain
where h.domain is not null and h.domain not in (select z.domain from raw.dns_zones z where z.outcome = 'nxdomain')
"""
# `high` is what the plan cannot wait for; `short` is less than an hour, and less than it was at the baseline.
TTLS = f"""
create table dns_ttls as
select d.domain, count(b.ttl) = {len(ROLES)} as is_known,
  coalesce(list(b.role || ' ' || b.ttl order by b.role) filter (b.ttl > greatest(d.lowest_ttl, 300)), []) as high,
  coalesce(list(b.role || ' ' || b.ttl order by b.role) filter (b.ttl > 0 and b.ttl < least(3600, coalesce(s.baseline_ttl, 3600))), [])
    as short
from dns_moving d left join dns_by_role b on b.domain = d.domain and b.role in {ROLES}
left join dns_since s on s.domain = d.domain and s.role = b.role group by d.domain
"""
TARGETS = """
create table dns_targets as
select domain, list_distinct(flatten(list(chain) filter (chain is not null))) as targets from dns_by_role group by domain
"""
OF_MAIL = """
create table dns_mail as
select d.domain, case when b.data is not null then list_sort(list_transform(b.data, lambda mx: split_part(mx, ' ', 2))) end as named,
  case when b.data is not null then coalesce((select list(distinct n.host order by n.host) from dns_named n
    where n.domain = d.domain and n.preference = (select min(o.preference) from dns_named o where o.domain = d.domain)), []) end as best,
  case when t.is_known then t.high end as high_ttls, case when t.is_known then t.short end as short_ttls,
  (select case when count(*) > 0 and c.target_codes is not null then count(*) filter (
      list_has_any(list_transform(a.data, lambda one: lower(trim(one))), c.target_codes)) end
    from dns_latest a join raw.dns_vantages v on v.vantage = a.vantage and v.votes
    where a.domain = d.domain and a.role = 'txt' and a.kind in ('resolver', 'own') and a.way = 'plain' and a.known)
    as voters_with_code,
  case when b.data is not null then list_filter(list_sort(list_distinct(named || coalesce(a.targets, []))), lambda host:
    ends_with(host, '.' || z.zone) and len(list_filter(s.suffixes, lambda suffix: ends_with(host, suffix || '.' || z.zone))) > 0) end
    as dotless,
  case when b.data is not null then list_filter(named, lambda host:
    len(list_filter(s.suffixes, lambda suffix: ends_with(host, suffix))) > 0) end as microsoft,
  (select case when bool_and(v.found_by >= 2) and count(*) > 0 then true when bool_or(v.found_by = 0 and v.not_found_by >= 2) then false end
    from (select unnest(e.hosts) as host) x left join dns_host_votes v on v.host = x.host) as expected_resolve,
  (select case when count(*) filter (q.is_good) >= 2 or bool_or(q.is_refused) then count(*) filter (q.is_good) end from dns_tried q
    where q.domain = d.domain and list_contains(e.hosts, q.host)) as expected_took,
  case when y.outcome <> 'unreachable' then list_filter(list_transform(d.park, lambda mx: split_part(mx, ' ', 2)), lambda host:
    len(y.mx) > 0 and not list_has_any(list_transform(y.mx, lambda one: lower(one)),
      [host, '*.' || substr(host, length(split_part(host, '.', 1)) + 2)])) end
    as uncovered,
  (select bool_or(s.now between g.begins and g.ends and g.arrived > 0) from raw.dns_heartbeats g where g.domain = d.domain) as is_running
from dns_moving d
left join dns_by_role b on b.domain = d.domain and b.role = 'mx'
left join raw.dns_zones z on z.domain = d.domain
left join dns_wanted c on c.domain = d.domain
left join dns_ttls t on t.domain = d.domain
left join dns_targets a on a.domain = d.domain
left join dns_planned e on e.domain = d.domain
left join raw.dns_sts_policies y on y.domain = d.domain
cross join (select microsoft_suffixes as suffixes, now from project) s
"""
SMTP = """
create table dns_smtp as
select domain, lower(host) as host, count(*) as probes, count(*) filter (banner <> '' or code > 0) as answered,
  count(*) filter (meaning = 'accepted') as took,
  coalesce(list(distinct code || ' ' || reply order by code || ' ' || reply) filter (code >= 500), []) as refusals
from raw.dns_smtp_probes group by domain, lower(host)
"""
# What puts off may still take it; what refuses for good has been asked too early, or is wrong.
TRIED = """
create table dns_tried as
select domain, lower(host) as host, ip,
  bool_and(meaning = 'accepted') and date_diff('second', min(asked_at), max(asked_at)) >= 300 as is_good,
  bool_or(meaning not in ('', 'accepted', 'wrong_region', 'deferred')) as is_refused
from raw.dns_smtp_probes where role = 'target' group by domain, lower(host), ip
"""
# A resolver is late with what it should no longer remember: the TTL that the old records had, a tenth and a minute are over.
COMPARED = f"""
create table dns_compared as
with told as (
  select a.domain, a.vantage, a.role, a.asked_at, a.ttl, b.ttl as own_ttl, s.data_since + to_seconds(s.old_ttl) as eta,
    s.data_since + to_seconds(s.old_ttl * 11 // 10 + 60) as overdue,
    case when b.same and a.known then not list_contains(b.sets, a.printed) end as is_behind
  from dns_latest a join dns_by_role b on b.domain = a.domain and b.role = a.role
  left join dns_since s on s.domain = a.domain and s.role = a.role
  where a.kind in ('resolver', 'own') and a.way = 'plain' and a.role in {ROLES}
), rounds as (
  select a.domain, a.vantage, a.round, max(a.asked_at) as asked_at, bool_and(a.printed = n.printed) as is_same
  from raw.dns_answers r join (
    select * , case when len(chain) > 0 then 'CNAME ' || chain[1] else array_to_string(data, '; ') end as printed from raw.dns_answers
  ) a on a.vantage = r.vantage and a.name = r.name and a.type = r.type and a.way = r.way and a.round = r.round and a.kind = r.kind
  join dns_latest n on n.domain = a.domain and n.vantage = a.vantage and n.role = a.role and n.way = a.way and n.kind = a.kind
  where a.kind in ('resolver', 'own') and a.way = 'plain' and a.role in {ROLES} group by a.domain, a.vantage, a.round
)
select t.domain, t.vantage,
  case when count(is_behind) filter (role in ('mx', 'txt', 'autodiscover')) = 3
    then coalesce(list(role order by role) filter (is_behind and role in ('mx', 'txt', 'autodiscover')), []) end as differs,
  case when count(is_behind) = {len(ROLES)} then coalesce(list(role order by role) filter (is_behind), []) end as behind,
  case when count(is_behind) = {len(ROLES)} and count(overdue) filter (is_behind) = count(*) filter (is_behind)
    then coalesce(list(role order by role) filter (is_behind and asked_at > overdue), []) end as late,
  coalesce(max(overdue) filter (is_behind), timestamp '1970-01-01') as behind_until,
  case when count(is_behind) = {len(ROLES)}
    then coalesce(list(role || ' ' || ttl order by role) filter (own_ttl > 0 and ttl > own_ttl), []) end as clamps,
  case when count(is_behind) = {len(ROLES)} and count(eta) filter (is_behind) = count(*) filter (is_behind)
    then coalesce(list(role order by role) filter (is_behind and asked_at > eta and ttl <= 30), []) end as stale,
  any_value(r.steady) filter (r.steady_seconds is not null) as steady, any_value(r.steady_seconds) as steady_seconds
from told t left join (
  select domain, vantage, count(*) filter (round > last_other) as steady,
    date_diff('second', max(asked_at) filter (round = newest - 2), max(asked_at) filter (round = newest)) as steady_seconds
  from (select *, max(round) over of_vantage as newest, coalesce(max(case when not is_same then round end) over of_vantage, 0) as last_other
    from rounds window of_vantage as (partition by domain, vantage)) group by domain, vantage
) r on r.domain = t.domain and r.vantage = t.vantage
group by t.domain, t.vantage
"""
MAIL = (NAMED, WANTED, HOSTS, TTLS, TARGETS, SMTP, TRIED, OF_MAIL)
