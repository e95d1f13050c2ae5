"""Gathers, for each domain that moves, what the tenants want and what the proofs of the `dns` bundle say; nothing here asks anybody."""

from __future__ import annotations

CODE = "ms=ms[0-9a-z]+"
TEN_MINUTES = 600
USUAL_AGE = 7  # days, for a policy that is gone: https://www.rfc-editor.org/rfc/rfc8461#section-3.2 names no default

# `label` is the domain itself, a full name or a name in the domain. Records that Microsoft has not made yet say nothing.
WANTED = """
create table dns_wanted as
select d.domain,
  coalesce(nullif(r.autodiscover, ''), p.autodiscover_host) as autodiscover,
  coalesce(nullif(r.spf_include, ''), p.spf_include) as spf_include,
  r.registration, r.enrollment, r.federation, vs.codes as source_codes, vt.codes as target_codes,
  sd.name is not null as in_source, td.name is not null as in_target, td.is_verified, td.services, td.authentication
from dns_moving d cross join project p
left join (
  select domain, max(cname_target) filter (owner = 'autodiscover') as autodiscover,
    max(regexp_extract(lower("text"), 'include: *([^ ]+)', 1)) filter (kind = 'txt') as spf_include,
    coalesce(max(cname_target) filter (owner = 'enterpriseregistration' and not is_optional), '') as registration,
    coalesce(max(cname_target) filter (owner = 'enterpriseenrollment' and not is_optional), '') as enrollment,
    coalesce(max(concat_ws(' ', srv_priority, srv_weight, srv_port, srv_target)) filter (srv_service = '_sipfederationtls'), '')
      as federation
  from (select *, case when label = domain then '' when ends_with(label, '.' || domain) then left(label, -1 - length(domain)) else label end
      as owner from raw.target_service_records)
  group by domain having not bool_or(kind = 'unavailable')
) r on r.domain = d.domain
left join (
  select domain, list_sort(list(lower("text")) filter (kind = 'txt')) as codes from raw.source_verification_records group by domain
) vs on vs.domain = d.domain
left join (
  select domain, list_sort(list(lower("text")) filter (kind = 'txt')) as codes from raw.target_verification_records group by domain
) vt on vt.domain = d.domain
left join raw.source_domains sd on sd.name = d.domain
left join raw.target_domains td on td.name = d.domain
"""
UNCOVERED = (
    "list_filter({hosts}, lambda host: not list_contains(y.patterns, host)"
    " and not list_contains(y.patterns, '*.' || substr(host, length(split_part(host, '.', 1)) + 2)))"
)
PLANNED = "list_sort(list_distinct(list_concat(list_transform(d.park, lambda one: split_part(one, ' ', 2)), coalesce(e.hosts, []))))"
# Senders hold to a policy for its max_age after they fetched it, so one that was published just now decides nothing yet.
TEXTS = f"""
create table dns_texts as
with own as (
  select domain, role, list_transform(data, lambda one: lower(trim(one))) as data, length(array_to_string(data, '')) as bytes
  from dns_latest where kind = 'authoritative' and way = 'plain' and known
), texts as (
  select domain, list_sort(list_distinct(flatten(list(list_filter(data, lambda one: regexp_full_match(one, '{CODE}')))))) as codes,
    list(data) as sets, coalesce(max(bytes), 0) as bytes,
    count(distinct list_sort(list_filter(data, lambda one: one = 'v=spf1' or starts_with(one, 'v=spf1 ')))) <= 1 as spf_same
  from own where role = 'txt' group by domain
), hosts as (
  select domain, list_sort(list_distinct(flatten(list(list_transform(data, lambda one: split_part(one, ' ', 2)))))) as hosts
  from own where role = 'mx' group by domain
), voters as (
  select a.domain, count(*) filter (len(a.data) > 0) as found_by
  from dns_latest a join raw.dns_vantages v on v.vantage = a.vantage and v.votes
  where a.role = 'autodiscover' and a.kind in ('resolver', 'own') and a.known group by a.domain
)
select d.domain, t.codes, t.bytes, t.spf_same, v.found_by,
  list_filter(t.codes, lambda code: len(list_filter(t.sets, lambda one: not list_contains(one, code))) = 0) as codes_everywhere,
  case when y.outcome <> 'unreachable' then {UNCOVERED.format(hosts="h.hosts")} end as uncovered,
  case when y.outcome <> 'unreachable' then {UNCOVERED.format(hosts=PLANNED)} end as plan_uncovered,
  case when y.mode = 'enforce' and len(plan_uncovered) > 0 then timestamp '1970-01-01'
    when y.mode <> '' then i.data_since + to_seconds(y.max_age)
    when i.domain is null then null
    when y.outcome = 'not_asked' and i.old_ttl is null then timestamp '1970-01-01'
    when y.outcome = 'not_asked' then i.data_since + to_days({USUAL_AGE}) end as settled_at
from dns_moving d left join texts t on t.domain = d.domain left join hosts h on h.domain = d.domain
left join voters v on v.domain = d.domain left join dns_planned e on e.domain = d.domain
left join dns_since i on i.domain = d.domain and i.role = 'mta_sts'
left join (select *, list_transform(mx, lambda one: lower(one)) as patterns from raw.dns_sts_policies) y on y.domain = d.domain
"""
OWNERS = """
create table dns_owners as
select t.domain, max(t.host) filter (here) as host, max(t.outcome) filter (here) as outcome, max(t.tenant_id) filter (here) as tenant_id,
  case when coalesce(bool_and(t.outcome in ('owned', 'unowned')) filter (not here), true) then
    coalesce(list(t.host order by t.host) filter (not here and t.outcome = 'owned'), []) end as elsewhere
from (select o.*, list_contains(o.clouds, p.cloud) as here from raw.dns_tenancies o cross join project p) t group by t.domain
"""
SIGN_IN = """
create table dns_sign_in as
select l.domain, l.outcome, l.sign_in_host from raw.dns_realms l join dns_owners o on o.domain = l.domain and o.host = l.host
"""
# A host that turns the probe away before RCPT has answered; whoever hangs up, times out or puts off has not.
CANARIES = """
create table dns_canaries as
select domain, count(distinct ip) filter (meaning <> '') as addresses,
  case when settled then list_sort(list_distinct(coalesce(list(meaning) filter (role = 'source'), []))) end as of_source,
  case when settled then list_sort(list_distinct(coalesce(list(meaning) filter (role = 'target'), []))) end as of_target
from (
  select s.*, bool_and(s.ending = 'done' and s.meaning not in ('wrong_region', 'deferred')) over (partition by s.domain) as settled
  from raw.dns_smtp_probes s cross join project p where s.role <> '' and s.round = (select max(round) from raw.dns_smtp_probes)
    and len(list_filter(p.mail_suffixes, lambda suffix: ends_with(lower(s.host), suffix))) > 0
) group by domain, settled
"""
MESSAGES = f"""
create table dns_messages as
with told as (
  select m.*, p.target_tenant_id as target, m.spf = 'pass' and m.dmarc = 'pass' and m.is_signed as good,
    m.is_signed and list_has_any(m.selectors, ['selector1', 'selector2']) as own,
    min(m.received) filter (m.is_inbound and m.tenant_id = p.target_tenant_id and m.has_received) over (partition by m.domain)
      as first_taken
  from raw.dns_probe_messages m cross join project p
), summed as (
  select domain,
    count(*) filter (is_inbound and tenant_id = target and has_delay and delay <= {TEN_MINUTES}) as arrived,
    count(distinct sender) filter (is_inbound and tenant_id = target and has_delay and delay <= {TEN_MINUTES}) as senders,
    coalesce(list(file order by file) filter (is_inbound and tenant_id not in ('', target) and has_received and received > first_taken), [])
      as strayed,
    count(*) filter (not is_inbound) as sent, count(*) filter (not is_inbound and good) as passed,
    coalesce(list(file order by file) filter (not is_inbound and not good), []) as failed,
    count(*) filter (not is_inbound and own) as signed,
    coalesce(list(file order by file) filter (not is_inbound and not own), []) as unsigned
  from told group by domain
)
select domain, case when arrived >= 3 and senders >= 2 then arrived end as arrived, strayed,
  case when passed >= 2 then passed end as passed, failed, case when sent > 0 then signed end as signed, unsigned from summed
"""
HEARTBEATS = """
create table dns_heartbeats_of as
select domain, flatten(list(missing order by token)) as missing, flatten(list(twice order by token)) as twice,
  sum(planned)::bigint as planned,
  case when sum(len(missing) + len(twice)) > 0 then false when sum(awaited + later) = 0 then true end as is_whole
from raw.dns_heartbeats group by domain
"""
KEYS = """
create table dns_keys as select domain, map(list(selector), list(state)) as states from raw.dns_dkim_keys group by domain
"""
OBSERVED = (TEXTS, OWNERS, SIGN_IN, CANARIES, MESSAGES, HEARTBEATS, KEYS)
EXPECTED_JOINS = """
left join dns_wanted w on w.domain = d.domain
left join raw.target_dkim_configs c on c.domain = d.domain
"""
JOINS = f"""{EXPECTED_JOINS}
left join dns_texts t on t.domain = d.domain
left join dns_owners o on o.domain = d.domain
left join dns_sign_in l on l.domain = d.domain
left join dns_canaries a on a.domain = d.domain
left join dns_messages b on b.domain = d.domain
left join dns_heartbeats_of h on h.domain = d.domain
left join dns_keys k on k.domain = d.domain
left join raw.dns_spf s on s.domain = d.domain
left join raw.dns_dmarc m on m.domain = d.domain
left join raw.dns_sts_policies y on y.domain = d.domain
left join raw.dns_policy_records rtls_rpt
  on rtls_rpt.domain = d.domain and rtls_rpt.kind = 'tls_rpt' and rtls_rpt.outcome in ('answer', 'nodata', 'nxdomain')
left join raw.dns_policy_records rbimi
  on rbimi.domain = d.domain and rbimi.kind = 'bimi' and rbimi.outcome in ('answer', 'nodata', 'nxdomain')
"""
