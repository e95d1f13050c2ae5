"""Materialises what is not a mailbox: the project's settings, the two tenants, and migration seats a wave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import show
from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import REFERENCE, Field
from ctm_audit.mapping import MappingTable
from ctm_audit.project import Project
from ctm_audit.reference import Reference
from ctm_audit.rulebook.holds import hold_macros

MAPPING = (
    *("row", "source", "target", "source_key", "target_key", "wave"),
    *("upn", "primary", "final_upn", "final_primary", "license", "route"),
)

DISTRIBUTION_DAYS = 1
"""So long a change of a retention policy takes until it has reached mailboxes; then the delay hold begins."""

SETTING_TYPES = {
    "now": "timestamp",
    "movable_from": "timestamp",
    "exchange_hosts": "varchar[]",
    "session_hosts": "varchar[]",
    "mail_suffixes": "varchar[]",
    "microsoft_suffixes": "varchar[]",
    "moving_domains": "varchar[]",
    "wave_names": "varchar[]",
    "wave_submit_by": "timestamp[]",
    "wave_from_onmicrosoft": "boolean[]",
}
SECRET_OUTLASTS = timedelta(days=30)

TENANTS = """
create table tenants as select x.row_no, {fields} from (
  select 1 as row_no, 'source' as id, p.source_initial_domain as name,
    p.source_tenant_id as tenant_id, p.target_tenant_id as partner_tenant_id from project p
  union all
  select 2, 'target', p.target_initial_domain, p.target_tenant_id, p.source_tenant_id from project p
) x cross join project p order by x.row_no
"""

# A mailbox that was not found, or whose target was not, still needs its seat: unknown counts as needed only then.
NEED = """
case when stage = 'moved' then 0
  when "source.found" = false or "source.hits" > 1 then 1
  when "source.recipient_type_details" <> 'UserMailbox' then 0
  when list_contains("source.capabilities", $capability) or list_contains("source.success_plans", $plan) then 0
  when "target.found" = false or "target.hits" > 1 or "target.recipient_type_details" <> 'MailUser' then
    case when "source.capabilities" is not null and "source.success_plans" is not null then 1 end
  when list_contains("target.capabilities", $capability) or list_contains("target.success_plans", $plan) then 0
  when "source.capabilities" is null or "source.success_plans" is null then null
  when "target.capabilities" is null or "target.success_plans" is null then null
  when stage is null then null
  else 1 end
"""
NEED_FIELDS = (
    "stage",
    "source.found",
    "source.hits",
    "source.recipient_type_details",
    "source.capabilities",
    "source.success_plans",
    "target.found",
    "target.hits",
    "target.recipient_type_details",
    "target.capabilities",
    "target.success_plans",
)

# A product that cannot be told from a migration license makes the free seats unknown, whatever it is.
SKUS = """
select case when count(*) = count(free) then coalesce(sum(free), 0)::bigint end from (
  select case when is_migration and capability_status = 'enabled' then
      case when enabled_units < consumed_units then 0 else enabled_units - consumed_units end
    when is_migration and capability_status is not null then 0 end as free
  from (
    select *, list_contains(plans, $plan) or contains(regexp_replace(lower(sku_part_number), '[-_ ]', '', 'g'), $sku) as is_migration
    from (select * from raw.source_subscribed_skus union all select * from raw.target_subscribed_skus)
  ) where coalesce(is_migration, true)
)
"""

SEATS = """
create table seats as select w.row_no, {fields} from (
  select row_no, id, name, wave, $available::bigint as available,
    case when bool_and(known) over up_to then sum(needed) over up_to end::bigint as needed
  from (
    select v.row_no, v.id, v.name, v.wave, count(n.need) = count(n.row_no) as known, coalesce(sum(n.need), 0) as needed
    from wave_rows v left join needs n on n.wave = v.wave or v.id = 'all' group by all
  ) window up_to as (order by row_no)
) w cross join project p order by w.row_no
"""


def create_project(connection: duckdb.DuckDBPyConnection, project: Project, now: datetime, reference: Reference) -> None:
    """Create `project`, one row with what rules read as `project.*`, and what is planned for each wave, wave by wave."""
    cloud = reference.clouds[project.cloud]
    hosts = list(cloud.exchange_hosts)
    waves = project.waves
    values: Mapping[str, object] = {
        "now": now,
        "movable_from": now + timedelta(days=reference.limits["delay_hold_days"].value + DISTRIBUTION_DAYS),
        "source_tenant_id": project.source.tenant_id,
        "target_tenant_id": project.target.tenant_id,
        "source_initial_domain": project.source.initial_domain.casefold(),
        "target_initial_domain": project.target.initial_domain.casefold(),
        "app_id": project.migration.app_id,
        "endpoint": project.migration.endpoint.casefold(),
        "endpoint_name": project.migration.endpoint,
        "license": project.migration.license,
        "delivery_domain": project.migration.delivery_domain.casefold(),
        "exchange_host": hosts[0],
        "exchange_hosts": hosts,
        "cloud": project.cloud,
        "session_hosts": [*hosts, *cloud.exchange_api_hosts],
        "autodiscover_host": cloud.autodiscover_host,
        "spf_include": cloud.spf_include,
        "msoid": cloud.msoid,
        "mail_suffixes": list(cloud.mail_suffixes),
        "microsoft_suffixes": sorted({suffix for one in reference.clouds.values() for suffix in one.mail_suffixes}),
        "secret_needed_until": f"{(last_completion(project, now) + SECRET_OUTLASTS).isoformat(timespec='seconds')}Z",
        "route": project.migration.route,
        "moving_domains": [domain.name.casefold() for domain in project.domains],
        "wave_names": [wave.name for wave in waves],
        "wave_submit_by": [wave.submit_by for wave in waves],
        "wave_from_onmicrosoft": [wave.from_onmicrosoft for wave in waves],
    }
    select = ", ".join(f"${name}::{SETTING_TYPES.get(name, 'varchar')} as {name}" for name in values)
    connection.execute(f"create table project as select {select}", dict(values))


def last_completion(project: Project, now: datetime) -> datetime:
    """The end of the last planned completion, and never before `now`."""
    named = project.migration.last_completion
    planned = [wave.complete_at for wave in project.waves if wave.complete_at]
    return max([now, *planned, *([datetime.combine(named, time.max)] if named else [])])


def create_mapping(connection: duckdb.DuckDBPyConnection, mapping: MappingTable) -> pa.Table:
    """Create and return `mapping`, the mapping's rows with `row_no`."""
    rows = mapping.rows.select(MAPPING).rename_columns(["row_no", *MAPPING[1:]])
    show(connection, "mapping", rows)
    return rows


def create_tenants(connection: duckdb.DuckDBPyConnection, fields: tuple[Field, ...], complete: Completeness) -> None:
    """Create `tenants` with the given fields."""
    connection.execute(complete.fill(TENANTS.format(fields=project_fields(fields))))


def create_seats(
    connection: duckdb.DuckDBPyConnection,
    fields: tuple[Field, ...],
    complete: Completeness,
    reference: Reference,
    *,
    needs: bool,
) -> None:
    """Create `seats`, one row of `wave_rows` each; with `needs`, `pairs` must have NEED_FIELDS."""
    licensed = {"capability": reference.migration.capability.casefold(), "plan": reference.migration.exchange_plan}
    if needs:
        connection.execute(f"create table needs as select row_no, wave, {NEED} as need from pairs", licensed)
    else:
        connection.execute("create table needs as select row_no, wave, null::bigint as need from pairs")
    available = _available(connection, complete, reference)
    connection.execute(SEATS.format(fields=project_fields(fields)), {"available": available})


def _available(connection: duckdb.DuckDBPyConnection, complete: Completeness, reference: Reference) -> int | None:
    if complete.all_of(("source.subscribed_skus", "target.subscribed_skus")) == "false":
        return None
    seat = reference.migration
    row = connection.execute(SKUS, {"plan": seat.exchange_plan, "sku": seat.part_number_contains}).fetchone()
    return None if row is None else row[0]


def create_reference(connection: duckdb.DuckDBPyConnection, reference: Reference) -> None:
    """Create the relations that hold reference data, and the functions that are made of it."""
    for macro in hold_macros(reference):
        connection.execute(macro)
    limits, traps = reference.limits.values(), reference.traps
    rows: Mapping[str, Mapping[str, list[object]]] = {
        "mailbox_plans": {"name": [*reference.mailbox_plans]},
        "scrubbing_plans": {"name": [*reference.scrubbing]},
        "limits": {"name": [limit.name for limit in limits], "value": [limit.value for limit in limits]},
        "license_traps": {"sku": [trap.sku for trap in traps], "kind": [trap.kind for trap in traps]},
    }
    for relation in REFERENCE:
        columns = ", ".join(f"unnest(${field.name}::{field.type}[]) as {field.name}" for field in relation.fields)
        connection.execute(f"create table {relation.name} as select {columns}", dict(rows[relation.name]))
