"""Materialises `domains`: which domains the project, the mapping and the mapped MailUsers name, and what both tenants say of them."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field

# `primary` is the address at completion; in a wave with domain cutover the domain has moved by then.
USES = """
create table domain_uses as
select domain, bool_or(use = 'moving') as is_moving, bool_or(use = 'delivery') as is_delivery,
  count(distinct row_no) filter (use = 'planned') as planned, count(distinct row_no) filter (use = 'final') as final,
  count(distinct row_no) filter (use = 'used') as used
from (
  select 'moving' as use, 0 as row_no, unnest(moving_domains) as domain from project union all
  select 'delivery', 0, delivery_domain from project union all
  select 'planned', row_no, split_part(lower("primary"), '@', -1) from mapping
    where wave not in (select w.wave from waves w where w.with_domain_cutover) union all
  select 'final', row_no, split_part(lower(final_upn), '@', -1) from mapping union all
  select 'final', row_no, split_part(lower(final_primary), '@', -1) from mapping union all
  select 'used', k.row_no, t.primary_domain from target_keys k join raw.target_mail_users t on t.object_id = k.id
) where domain <> '' group by domain
"""

# Whose accepted domain a domain falls under: its own, else the nearest above it that accepts subdomains, else none ('').
# A domain is missing here when nobody can tell.
HOMES = """
create table domain_homes as
select u.domain, coalesce(bool_or(a.name = u.domain), false) as is_own,
  case when bool_or(a.name = u.domain) then u.domain else coalesce(max_by(a.name, length(a.name)), '') end as home
from domain_uses u left join raw.target_accepted_domains a
  on a.name = u.domain or (a.match_subdomains and ends_with(u.domain, '.' || a.name))
group by u.domain
having is_own or ({complete} and (select count(*) = count(match_subdomains) from raw.target_accepted_domains))
"""
BELOW = """
create table domains_below as
select u.domain, count(b.name) = count(b.is_verified) as is_known,
  coalesce(list(b.name order by b.name) filter (b.is_verified), []) as names
from domain_uses u left join raw.source_domains b on ends_with(b.name, '.' || u.domain) group by u.domain
"""
CREATE = """
create table domains as select row_number() over (order by u.domain) as row_no, {fields}
from domain_uses u
cross join project p
left join raw.source_domains s on s.name = u.domain
left join raw.source_domain_references refs on refs.domain = u.domain
left join raw.source_domain_recipients rcpt on rcpt.domain = u.domain
left join domains_below below on below.domain = u.domain
left join domain_homes h on h.domain = u.domain
left join raw.target_accepted_domains a on a.name = h.home
left join raw.target_domains d on d.name = u.domain
left join raw.target_domains above on above.name = h.home
order by u.domain
"""


def create_domains(connection: duckdb.DuckDBPyConnection, fields: tuple[Field, ...], complete: Completeness) -> None:
    """Create `domains` with the given fields, by name; `project`, `mapping`, `waves` and the keys of `pairs` must be there."""
    connection.execute(USES)
    connection.execute(HOMES.format(complete=complete.all_of(["target.accepted_domains"])))
    connection.execute(BELOW)
    connection.execute(complete.fill(CREATE.format(fields=project_fields(fields))))
