"""Writes a project with N mapped pairs: the bundles of both tenants, mapping.csv and ctm-audit.toml.

`python bench/make_pairs.py N FOLDER`. Each side has 4.5 addresses a mailbox. One pair in a thousand has a fault, of ten
kinds in turn; everything else is clean. Settings come from the simulator, people from SQL: nothing is a Python object a pair.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ctm_audit.evidence.bundle import write_bundle
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.others import LeftOut, others_of
from ctm_audit.evidence.relations import SQL_TYPES
from ctm_audit.evidence.tables import OTHERS, SIDES, Side, Table, tables_of
from ctm_audit.sim.contoso import SCOPE_GROUP, contoso_to_fabrikam
from ctm_audit.sim.export import objects_of, write
from ctm_audit.sim.project_file import toml
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Tenant

FAULTS = (
    "exchange_guid_not_stamped",
    "litigation_hold",
    "legacy_dn_missing",
    "x500_incomplete",
    "not_in_scope_group",
    "over_quota",
    "target_missing",
    "proxy_in_source_domain",
    "migration_license_missing",
    "delay_hold",
)
QUOTA = 100 * 1024**3

PEOPLE = f"""
create temp table people as
select i, case when i % 1000 = 999 then {list(FAULTS)}[(i // 1000) % {len(FAULTS)} + 1] else '' end as fault,
  printf('person%07d', i) as alias,
  cast(md5('source ' || i) as uuid) as source_id,
  cast(md5('target ' || i) as uuid) as target_id,
  cast(md5('exchange ' || i) as uuid) as exchange_guid,
  case when i % 3 = 0 then cast(cast(md5('archive ' || i) as uuid) as varchar) else '' end as archive_guid,
  '/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=' || md5('dn ' || i) || '-Person ' || i as legacy_dn,
  case when i % 2 = 0 then [old, older] else [old] end as x500
from (
  select i, '/o=contoso/ou=exchange administrative group (fydibohf23spdlt)/cn=recipients/cn=person ' || i as old,
    '/o=contoso/ou=first administrative group/cn=recipients/cn=person, ' || i || ' [old]' as older
  from range(?) t(i)
)
"""

STAMPED = """
create temp view stamped as
select i, alias, target_id as object_id, alias || '@fabrikam.com' as primary_smtp,
  case when fault = 'exchange_guid_not_stamped' then '' else cast(exchange_guid as varchar) end as exchange_guid,
  alias || '@contoso.onmicrosoft.com' as external_address, archive_guid,
  [alias || '@fabrikam.com', alias || '@fabrikam.onmicrosoft.com']
    || case when fault = 'proxy_in_source_domain' then [alias || '@contoso.com'] else [] end as smtp,
  case fault when 'legacy_dn_missing' then x500 when 'x500_incomplete' then [lower(legacy_dn)]
    else [lower(legacy_dn)] || x500 end as x500,
  case when fault = 'migration_license_missing' then [] else ['exchanget2tmbxmove'] end as capabilities, i % 5 = 2 as is_dir_synced
from people where fault <> 'target_missing'
"""

# The tables of people; the other tables have few rows, and the simulator writes those.
PEOPLE_OF: dict[tuple[Side, str], str] = {
    ("source", "mailboxes"): f"""
        select source_id as object_id, alias || '@contoso.com' as upn, alias || '@contoso.com' as primary_smtp, exchange_guid, archive_guid,
          [alias || '@contoso.com', alias || '@contoso.onmicrosoft.com', alias || '@mail.contoso.com'] as smtp, x500,
          ['bpos_s_enterprise'] as capabilities, i % 4 = 1 as is_dir_synced, 'UserMailbox' as recipient_type_details,
          legacy_dn as legacy_exchange_dn, lower(legacy_dn) as legacy_exchange_dn_key,
          [] as x400, '' as disabled_archive_guid, false as is_inactive, false as is_soft_deleted,
          fault = 'litigation_hold' as litigation_hold, fault = 'delay_hold' as delay_hold, [] as in_place_holds,
          case when i % 30 = 0 then 2 else 0 end as aux_archives, true as has_quota, {QUOTA} as quota,
          true as has_archive_quota, {QUOTA} as archive_quota
        from people""",
    ("source", "mailbox_statistics"): f"""
        select exchange_guid as mailbox_guid,
          case when fault = 'over_quota' then {QUOTA} + 1 else hash(i) % 60000000000 end as total_item_size
        from people""",
    ("source", "archive_statistics"): """
        select archive_guid as mailbox_guid, hash(i) % 80000000000 as total_item_size from people where archive_guid <> ''""",
    ("source", "group_members"): """
        select 'ctmallowed' as part, source_id as object_id from people where fault <> 'not_in_scope_group'""",
    ("source", "license_details"): """
        select source_id as user_id, '05e9a617-0261-4cee-bb44-138d3ef5d965' as sku_id,
          ['AAD_PREMIUM', 'EXCHANGE_S_ENTERPRISE', 'EXCHANGE_S_FOUNDATION', 'INTUNE_A',
            'OFFICESUBSCRIPTION', 'SHAREPOINTENTERPRISE', 'TEAMS1'] as success_plans
        from people""",
    ("target", "mail_users"): """
        select *, alias || '@fabrikam.com' as upn, 'fabrikam.com' as primary_domain, [] as x400, '' as disabled_archive_guid,
          [] as sip_domains, 5 as address_count, timestamp '2026-11-01' as when_changed from stamped""",
    ("target", "recipients"): """
        select *, cast(md5('recipient ' || i) as uuid) as guid, 'MailUser' as recipient_type, 'MailUser' as recipient_type_details
        from stamped""",
    ("target", "exchange_users"): """
        select target_id as object_id, alias || '@fabrikam.com' as upn, 'none' as previous_type
        from people where fault <> 'target_missing'""",
    ("target", "users"): """
        select target_id as object_id, alias || '@fabrikam.com' as upn from people where fault <> 'target_missing'""",
    ("target", "license_details"): """
        select target_id as user_id, '946ce899-873d-44bb-9d8b-671870cbfdbf' as sku_id,
          ['EXCHANGEONLINE_T2TMBXMOVE', 'SHAREPOINTONLINE_T2TODMOVE'] as success_plans, success_plans as live_plans
        from people where fault not in ('target_missing', 'migration_license_missing')""",
}
MAPPING = """
copy (
  select alias || '@contoso.com' as source, alias || '@fabrikam.com' as target,
    case when i < {count} / 100 then 'pilot' when i < {count} / 2 then '1' else '2' end as wave
  from people order by i
) to '{path}' (format csv, header, delimiter ',')
"""


def make_pairs(count: int, folder: Path) -> None:
    """Write a project of `count` pairs into `folder`. The same count gives the same bytes."""
    scenario = _with_seats_for(count, contoso_to_fabrikam(people=1))
    folder.mkdir(parents=True, exist_ok=True)
    write({"ctm-audit.toml": toml(scenario)}, folder)
    with duckdb.connect(config={"memory_limit": "1500MB"}) as connection:
        connection.execute(PEOPLE, [count])
        connection.execute(STAMPED)
        connection.execute(MAPPING.format(count=count, path=str(folder / "mapping.csv").replace("'", "''")))
        for side in SIDES:
            _write_side(connection, scenario, side, folder / "evidence" / side)


def _with_seats_for(count: int, scenario: Scenario) -> Scenario:
    return scenario.with_tenant("target", skus=tuple(replace(sku, bought=sku.bought + count) for sku in scenario.target.skus))


def _write_side(connection: duckdb.DuckDBPyConnection, scenario: Scenario, side: Side, folder: Path) -> None:
    tenant = scenario.source if side == "source" else scenario.target
    write_bundle(
        folder,
        side=side,
        tenant_id=tenant.tenant_id,
        initial_domain=tenant.initial_domain,
        cloud="worldwide",
        collected_how="made by bench/make_pairs.py",
        tables=[
            *(_intake(connection, tenant, table, scenario.exported_at) for table in tables_of(side)),
            *_others(side, scenario.exported_at),
        ],
        absent={},
    )


def _others(side: Side, collected_at: datetime) -> list[Intake]:
    """The hashes of everybody who was left out: of nobody."""
    nobody = LeftOut({}, frozenset(), None)
    made = others_of(nobody, None, collected_at)
    return [made] if side in OTHERS.sides and isinstance(made, Intake) else []


def _intake(connection: duckdb.DuckDBPyConnection, tenant: Tenant, table: Table, collected_at: datetime) -> Intake:
    side = tenant.side
    if (side, table.name) not in PEOPLE_OF:
        return intake(table.name, objects_of(tenant, table), Meta(side, table.command, collected_at))
    rows = people_table(connection, side, table)
    return Intake(
        name=table.name,
        table=rows,
        collected_at=collected_at,
        received=rows.num_rows,
        dropped=0,
        expected=rows.num_rows,
        missing={},
        losses=(),
        holes=(),
        remarks=(),
        parts=(SCOPE_GROUP.casefold(),) if table.parts else (),
    )


def people_table(connection: duckdb.DuckDBPyConnection, side: Side, table: Table) -> pa.Table:
    """A table of people in the columns, types and order of a bundle."""
    columns = [("part", "VARCHAR")] if table.parts else []
    columns += [(column.name, SQL_TYPES[column.type]) for column in table.columns_of(side)]
    wanted = ", ".join(f"cast({name} as {sql_type}) as {name}" for name, sql_type in columns)
    rows: pa.Table = connection.sql(
        f"select {wanted} from ({PEOPLE_OF[side, table.name]}) order by {', '.join(table.key)}"
    ).to_arrow_table()
    return rows


def main() -> None:
    """Make the project that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    make_pairs(options.count, options.folder)


if __name__ == "__main__":
    main()
