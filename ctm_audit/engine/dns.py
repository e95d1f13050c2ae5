"""Materialises what rules judge of DNS, from the newest round of the answers in the `dns` bundle; nothing here asks anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from ctm_audit.engine.dns_mail import COMPARED, MAIL
from ctm_audit.engine.dns_plan import create_plan
from ctm_audit.engine.dns_proofs import EXPECTED_JOINS, JOINS, OBSERVED
from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import DNS_DOMAINS, DNS_MX_HOSTS, DNS_RESOLVERS, DNS_SERVERS, Field
from ctm_audit.project import Domain

# What an answer that is not known would say is unknown, not empty. `printed` is what a server and a resolver can both say: where the
# name is a CNAME its own target, for a resolver goes on and a name server stops at the end of its zone.
LATEST = """
create table dns_latest as
select * exclude (data, chain, ttl), outcome in ('answer', 'nodata', 'nxdomain') as known,
  case when known then data end as data, case when known then chain end as chain, case when known then ttl end as ttl,
  case when not known then null when len(chain) > 0 then 'CNAME ' || chain[1] else array_to_string(data, '; ') end as printed
from raw.dns_answers where round = (select max(round) from raw.dns_answers)
"""
BY_ROLE = """
create table dns_by_role as
select domain, role, count(*) filter (known) as holding, count(*) - holding as unknown,
  case when holding > 0 and count(data) = holding then list_sort(list_distinct(flatten(list(data) filter (known)))) end as data,
  case when holding > 0 and count(chain) = holding then list_sort(list_distinct(flatten(list(chain) filter (known)))) end as chain,
  case when holding > 0 and count(printed) = holding then list_sort(list_distinct(list(printed) filter (known))) end as sets,
  len(sets) = 1 as same, list_sort(list_distinct(list(outcome))) as outcomes, max(ttl) as ttl
from dns_latest where kind = 'authoritative' and way = 'plain' group by domain, role
"""
VOTERS = """
create table dns_voters as
select a.domain, a.role, count(*) filter (a.known) as voters,
  count(*) filter (a.known and list_contains(b.sets, a.printed)) as voters_same
from dns_latest a join raw.dns_vantages v on v.vantage = a.vantage and v.votes
left join dns_by_role b on b.domain = a.domain and b.role = a.role
where a.kind in ('resolver', 'own') and a.way = 'plain' group by a.domain, a.role
"""
OF_ZONE = """
create table dns_of_zone as
select domain, min(negative_ttl) filter (role = 'soa' and known and negative_ttl >= 0) as negative_ttl,
  max(asked_at + to_seconds(try_cast(split_part(data[1], ' ', 4) as bigint)))
    filter (role = 'soa' and known and len(data) > 0) as serials_until,
  case when bool_or(known and role = 'soa') then
    coalesce(list_sort(list_distinct(list(split_part(data[1], ' ', 3)) filter (role = 'soa' and len(data) > 0))), []) end as serials,
  list_sort(flatten(list(list_transform(notes, lambda note: name || ' ' || type || ': ' || note)))) as notes,
  coalesce(min(signed_until) filter (is_signed), timestamp '9999-12-31') as signed_until,
  coalesce(list(role[10:] || ': ' || printed order by role, printed)
    filter (starts_with(role, 'selector:') and printed <> ''), []) as selectors
from dns_latest where kind = 'authoritative' and way = 'plain' group by domain
"""
DIFFERING = """
create table dns_differing as
select domain, case when count(same) filter (holding > 0) = count(*) filter (holding > 0) and bool_or(holding > 0) then
  coalesce(list(role order by role) filter (not same), []) end as differing
from dns_by_role group by domain
"""
OF_RESOLVERS = """
create table dns_of_resolvers as
select d.domain,
  (select case when count(votes) = count(*) then count(*) filter (votes) end from raw.dns_vantages) as voting,
  (select coalesce(list(distinct a.name || ' ' || a.type || ' at ' || a.server order by a.name || ' ' || a.type || ' at ' || a.server), [])
    from dns_latest a where a.outcome = 'bogus' and a.domain = d.domain) as bogus,
  (select count(*) from (
    select a.vantage from dns_latest a join raw.dns_vantages v on v.vantage = a.vantage and v.votes
    where a.domain = d.domain and a.role in ('soa', 'mx') and a.way = 'plain' and a.known group by a.vantage
    having count(distinct a.role) = 2 and bool_and(a.ad))) as validated
from dns_moving d
"""
OF_SERVERS = """
create table dns_of_servers as
select s.domain, case when bool_and(s.ip <> 'none' or s.outcome in ('answer', 'nodata', 'nxdomain')) then
    list_sort(list_distinct(coalesce(list(s.server) filter (s.ip = 'none'), []))) end as homeless,
  list_filter(list_distinct(coalesce(list(s.server) filter (s.ip <> 'none'), [])),
    lambda name: not list_contains(coalesce(list(s.server) filter (s.is_asked), []), name)) as unasked,
  count(*) filter (s.is_asked) as servers, count(*) filter (a.known) as ok,
  list_sort(coalesce(list(s.server || ' ' || s.vantage || ': ' || a.outcome)
    filter (a.outcome in ('lame', 'refused')), [])) as lame,
  list_sort(coalesce(list(s.server || ' ' || s.vantage || ': ' || coalesce(a.outcome, 'not asked'))
    filter (s.is_asked and not coalesce(a.known, false) and coalesce(a.outcome, '') not in ('lame', 'refused')), [])) as silent
from raw.dns_name_servers s
left join dns_latest a on a.domain = s.domain and a.vantage = s.vantage and a.role = 'soa' and a.kind = 'authoritative' and a.way = 'plain'
group by s.domain
"""
HOSTS = """
create table dns_hosts as
select a.name as host,
  list_sort(list_distinct(flatten(coalesce(list(a.data) filter (a.role = 'host' and a.known), [])))) as addresses,
  list_sort(list_distinct(flatten(coalesce(list(a.chain) filter (a.role = 'host' and a.known), [])))) as chain
from dns_latest a join raw.dns_vantages v on v.vantage = a.vantage and v.votes where a.role = 'host' group by a.name
"""
HOST_VOTES = """
create table dns_host_votes as
select host, count(*) filter (found) as found_by, count(*) filter (not found and absent) as not_found_by,
  count(*) filter (not found and not absent) as unknown_to
from (
  select a.name as host, a.vantage, bool_or(a.known and len(a.data) > 0) as found, bool_and(a.known) as absent
  from dns_latest a join raw.dns_vantages v on v.vantage = a.vantage and v.votes where a.role = 'host' and a.way = 'plain' group by all
) group by host
"""
TLSA = """
create table dns_tlsa as
select substr(a.name, length('_25._tcp.') + 1) as host, list_sort(list_distinct(list(a.outcome))) as tlsa_outcomes,
  case when bool_or(a.known) then list_sort(list_distinct(flatten(list(a.data) filter (a.known)))) end as tlsa
from dns_latest a join raw.dns_vantages v on v.vantage = a.vantage and v.votes where a.role = 'tlsa' and a.way = 'plain' group by a.name
"""
# Without TLSA records no certificate matters; only records of the form 3 1 1 tell the key itself.
TLSA_FITS = """
create table dns_tlsa_fits as
select t.host, case when len(t.tlsa) = 0 then true
  when bool_or(list_contains(t.tlsa, '3 1 1 ' || p.key_digest)) then true
  when bool_or(p.key_digest <> '') and len(list_filter(t.tlsa, lambda one: not starts_with(one, '3 1 1 '))) = 0 then false end as fits
from dns_tlsa t left join raw.dns_smtp_probes p on lower(p.host) = t.host group by t.host, t.tlsa
"""
# One map from role to facts in place of hundreds of joins or aggregates: a role that nobody asked about has no entry.
DOMAIN_FACTS = """
create table dns_domain_facts as
select b.domain, map(list(b.role), list(struct_pack(data := b.data, chain := b.chain, sets := b.sets, same := b.same, unknown := b.unknown,
  outcomes := b.outcomes, ttl := b.ttl, voters := coalesce(v.voters, 0), voters_same := coalesce(v.voters_same, 0)))) as roles
from dns_by_role b left join dns_voters v on v.domain = b.domain and v.role = b.role group by b.domain
"""
VANTAGE_FACTS = """
create table dns_vantage_facts as
select domain, vantage, kind,
  map(list(case way when 'tcp' then role || ' over tcp' else role end),
    list(struct_pack(outcome := outcome, data := data, chain := chain, ttl := ttl))) as roles,
  list_sort(flatten(list(list_transform(notes, lambda note: name || ' ' || type || ': ' || note)))) as notes
from dns_latest where kind in ('authoritative', 'resolver', 'own') and way <> 'cd' and role not in ('host', 'tlsa')
group by domain, vantage, kind
"""
DOMAINS = f"""
create table dns_domains as select d.row_no, {{fields}}
from dns_moving d cross join project p
left join raw.dns_zones z on z.domain = d.domain
left join dns_of_servers n on n.domain = d.domain
left join dns_of_resolvers r on r.domain = d.domain
left join dns_planned e on e.domain = d.domain
left join dns_past u on u.domain = d.domain
left join dns_mail i on i.domain = d.domain
left join (
  select * from dns_domain_facts natural join dns_of_zone natural join dns_differing
) f on f.domain = d.domain
{JOINS}
order by d.row_no
"""
SERVER_ROWS = """
create table dns_server_rows as
select row_number() over (order by d.row_no, s.server, s.ip) as row_no, d.domain, s.server, s.ip, s.vantage, s.is_asked
from dns_moving d left join raw.dns_zones z on z.domain = d.domain
left join raw.dns_name_servers s on s.domain = d.domain and s.vantage <> ''
where s.vantage is not null or coalesce(z.outcome, '') <> 'nxdomain'
"""
SERVERS = """
create table dns_servers as select s.row_no, {fields}
from dns_server_rows s cross join project p
left join dns_vantage_facts f on f.domain = s.domain and f.vantage = s.vantage and f.kind = 'authoritative'
order by s.row_no
"""
RESOLVER_ROWS = """
create table dns_resolver_rows as
select row_number() over (order by d.row_no, v.label, v.vantage) as row_no, d.domain, v.vantage, v.label, v.kind, v.votes, v.detail
from dns_moving d left join raw.dns_vantages v on true
where d.domain not in (select z.domain from raw.dns_zones z where z.outcome = 'nxdomain')
"""
RESOLVERS = """
create table dns_resolvers as select v.row_no, {fields}
from dns_resolver_rows v cross join project p
left join dns_vantage_facts f on f.domain = v.domain and f.vantage = v.vantage and f.kind = v.kind
left join dns_compared c on c.domain = v.domain and c.vantage = v.vantage
order by v.row_no
"""
MAIL_HOSTS = """
create table dns_mx_hosts as select row_number() over (order by h.domain_no, h.host) as row_no, {fields}
from dns_mx_rows h cross join project p
left join dns_hosts a on a.host = h.host
left join dns_host_votes c on c.host = h.host
left join dns_tlsa t on t.host = h.host
left join dns_smtp s on s.domain = h.domain and s.host = h.host
left join dns_tlsa_fits k on k.host = h.host
order by row_no
"""
UNOBSERVED = f"""
create table dns_domains as select d.row_no, {{fields}} from dns_moving d cross join project p
left join dns_planned e on e.domain = d.domain {EXPECTED_JOINS} order by d.row_no
"""
FACTS = (
    *(LATEST, BY_ROLE, VOTERS, OF_ZONE, DIFFERING, OF_RESOLVERS, OF_SERVERS, DOMAIN_FACTS, VANTAGE_FACTS),
    *(HOSTS, HOST_VOTES, TLSA, TLSA_FITS, *MAIL, COMPARED, SERVER_ROWS, RESOLVER_ROWS),
    *OBSERVED,
)
JUDGED = {DNS_DOMAINS.name: DOMAINS, DNS_SERVERS.name: SERVERS, DNS_RESOLVERS.name: RESOLVERS, DNS_MX_HOSTS.name: MAIL_HOSTS}


def create_dns(
    connection: duckdb.DuckDBPyConnection, domains: Sequence[Domain], fields: Mapping[str, tuple[Field, ...]], complete: Completeness
) -> None:
    """Create the judged relations of DNS, each with the given fields; `project` must be there."""
    create_plan(connection, domains)
    for statement in FACTS:
        connection.execute(statement)
    for name, statement in JUDGED.items():
        connection.execute(complete.fill(statement.format(fields=project_fields(fields[name]))))


def create_unobserved(
    connection: duckdb.DuckDBPyConnection, domains: Sequence[Domain], fields: Mapping[str, tuple[Field, ...]], complete: Completeness
) -> None:
    """Create the same for a run without observations: every domain that moves, of which nothing is known."""
    create_plan(connection, domains)
    connection.execute(complete.fill(UNOBSERVED.format(fields=project_fields(fields[DNS_DOMAINS.name]))))
    for name in JUDGED.keys() - {DNS_DOMAINS.name}:
        columns = ", ".join(f'"{field.name}" {field.type}' for field in fields[name])
        connection.execute(f"create table {name} (row_no bigint, {columns})")
