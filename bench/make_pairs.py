"""Writes a project with N mapped pairs: the bundles of both tenants, mapping.csv and ctm-audit.toml.

`python bench/make_pairs.py N FOLDER`. A few people of the simulator are the templates: whatever evidence names one of them
is written N times over, with ids and names of its own; everything else is written once. So every table and column that
exists is there, with 4.5 addresses a mailbox. One pair in a thousand has a fault, of ten kinds in turn.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from ctm_audit.evidence.bundle import write_bundle
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.others import LeftOut, others_of
from ctm_audit.evidence.relations import SQL_TYPES
from ctm_audit.evidence.relations.mapping_file import mapping_id
from ctm_audit.evidence.tables import OTHERS, SIDES, Side, Table, tables_of
from ctm_audit.mapping import read_mapping
from ctm_audit.sim.contoso import SCOPE_GROUP, contoso_to_fabrikam
from ctm_audit.sim.export import objects_of, render, write
from ctm_audit.sim.project_file import toml
from ctm_audit.sim.scenario import Row, Scenario

TEMPLATES = 4
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
PEOPLE = f"""
create temp table people as
select i, i % {TEMPLATES} as template, case when i % 1000 = 999 then {list(FAULTS)}[(i // 1000) % {len(FAULTS)} + 1] else '' end as fault
from range(?) t(i)
"""

OLD_NAMES = "list_filter({value}, lambda a: not contains(a, 'fydibohf25spdlt') and (i % 2 = 0 or not contains(a, '[old]')))"
"""Of the X500 addresses of the templates so many that a mailbox has 4.5 addresses on average, on both sides the same."""
STAMPED = f"""case fault when 'legacy_dn_missing' then list_filter({OLD_NAMES}, lambda a: not starts_with(a, '/o=exchangelabs'))
  when 'x500_incomplete' then list_filter({OLD_NAMES}, lambda a: starts_with(a, '/o=exchangelabs')) else {OLD_NAMES} end"""
PROXIES = "case when fault = 'proxy_in_source_domain' then {value} || ['person' || i || '@contoso.com'] else {value} end"
UNSTAMPED = "case when fault = 'exchange_guid_not_stamped' then '' else {value} end"
UNLICENSED = (
    "case when fault = 'migration_license_missing' then list_filter({value}, lambda a: not contains(lower(a), 't2t')) else {value} end"
)

# What a fault changes, and which rows it takes away.
CHANGED: dict[tuple[Side, str, str], str] = {
    ("source", "mailboxes", "smtp"): "{value} || case when i % 2 = 0 then ['old.person' || i || '@mail.contoso.com'] else [] end",
    ("source", "mailboxes", "x500"): OLD_NAMES,
    ("source", "mailboxes", "capabilities"): UNLICENSED,
    ("source", "mailboxes", "litigation_hold"): "fault = 'litigation_hold'",
    ("source", "mailboxes", "delay_hold"): "fault = 'delay_hold'",
    ("source", "mailbox_statistics", "total_item_size"): "case when fault = 'over_quota' then 200 * 1024::bigint ** 3 else {value} end",
    ("source", "license_details", "success_plans"): UNLICENSED,
    ("target", "mail_users", "exchange_guid"): UNSTAMPED,
    ("target", "mail_users", "x500"): STAMPED,
    ("target", "mail_users", "smtp"): PROXIES,
    ("target", "mail_users", "capabilities"): UNLICENSED,
    ("target", "recipients", "exchange_guid"): UNSTAMPED,
    ("target", "recipients", "x500"): STAMPED,
    ("target", "recipients", "smtp"): PROXIES,
    ("target", "license_details", "success_plans"): UNLICENSED,
    ("target", "license_details", "live_plans"): UNLICENSED,
}
TAKEN: dict[tuple[Side, str] | Side, str] = {("source", "group_members"): "not_in_scope_group", "target": "target_missing"}
COPY = "copy (select {columns} from ({rows}) order by i) to '{path}' (format csv, header, delimiter ',')"


@dataclass(frozen=True, slots=True)
class Template:
    """One person of the simulator: the ids and the names that make evidence theirs."""

    number: int
    ids: frozenset[str]
    names: tuple[str, ...]

    def owns(self, row: dict[str, Any]) -> bool:
        """True when any cell of the row names the person."""
        texts = [text for cell in row.values() for text in (cell if isinstance(cell, list) else [cell]) if isinstance(text, str)]
        return any(text in self.ids or any(name in text for name in self.names) for text in texts)

    def sql(self, value: object) -> str:
        """The value as SQL over `people`, in which ids and names are those of person `i`."""
        if isinstance(value, list):
            return f"[{', '.join(self.sql(item) for item in value)}]"
        if not isinstance(value, str):
            return "null" if value is None else f"'{value}'"
        if value in self.ids:
            return f"cast(cast(md5('{value}' || i) as uuid) as varchar)"
        text = "'" + value.replace("'", "''") + "'"
        if value.casefold().startswith("/o="):
            return f"{text} || i"
        for name in self.names:
            escaped = name.replace("'", "''")
            text = text.replace(escaped, "person' || i || '")
        return text


def make_pairs(count: int, folder: Path) -> None:
    """Write a project of `count` pairs into `folder`. The same count gives the same bytes."""
    scenario = _with_seats_for(count, contoso_to_fabrikam(people=TEMPLATES))
    templates = [_template(scenario, number) for number in range(TEMPLATES)]
    folder.mkdir(parents=True, exist_ok=True)
    write({"ctm-audit.toml": toml(scenario)}, folder)
    with duckdb.connect(config={"memory_limit": "1500MB"}) as connection:
        connection.execute(PEOPLE, [count])
        _write_mapping(connection, scenario, templates, count, folder / "mapping.csv")
        _write_statements(scenario, folder)
        for side in SIDES:
            _write_side(connection, scenario, templates, side, folder / "evidence" / side)


def _with_seats_for(count: int, scenario: Scenario) -> Scenario:
    tenants = {side: tuple(replace(sku, bought=sku.bought + count) for sku in getattr(scenario, side).skus) for side in SIDES}
    return scenario.with_tenant("source", skus=tenants["source"]).with_tenant("target", skus=tenants["target"])


def _template(scenario: Scenario, number: int) -> Template:
    mailbox, mail_user, row = scenario.mailbox(number), scenario.mail_user(number), scenario.rows[number]
    ids = {one for who in (mailbox, mail_user) for one in (who.object_id, who.guid, who.exchange_guid, who.archive_guid)} - {""}
    names = {name for key in (row.source, row.target, *mailbox.proxies, *mail_user.proxies) if (name := _local_part(key))}
    return Template(number, frozenset(ids), tuple(sorted(names | {name.replace(".", "_") for name in names}, key=len, reverse=True)))


def _local_part(address: str) -> str:
    """What stands before the @ of an SMTP address or a UPN; '' of anything else."""
    kind, _, rest = address.rpartition(":")
    return rest.partition("@")[0].casefold() if kind.casefold() in ("", "smtp") and "@" in rest else ""


def _write_mapping(connection: duckdb.DuckDBPyConnection, scenario: Scenario, templates: list[Template], count: int, path: Path) -> None:
    wave = f"case when i < {count} / 100 then 'pilot' when i < {count} / 2 then '1' else '2' end"
    names = [name for name in Row.__dataclass_fields__ if any(getattr(row, name) for row in scenario.rows)]
    rows = []
    for template in templates:
        row = scenario.rows[template.number]
        cells = ", ".join(f"{wave if name == 'wave' else template.sql(getattr(row, name))} as {name}" for name in names)
        rows.append(f"select i, {cells} from people where template = {template.number}")
    target = str(path).replace("'", "''")
    connection.execute(COPY.format(columns=", ".join(names), rows=" union all ".join(rows), path=target))


def _write_statements(scenario: Scenario, folder: Path) -> None:
    """What people stated of the templates they state of this mapping."""
    files = render(scenario)
    write({name: files[name] for name in ("attestations.toml", "ctm-audit.salt")}, folder)
    few, many = folder / "few.csv", folder / "mapping.csv"
    few.write_text(str(files["mapping.csv"]), encoding="utf-8", newline="")
    old, new = (mapping_id("mapping.csv", read_mapping(path, None).table.digest) for path in (few, many))
    few.unlink()
    path = folder / "attestations.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8", newline="")


def _write_side(connection: duckdb.DuckDBPyConnection, scenario: Scenario, templates: list[Template], side: Side, folder: Path) -> None:
    tenant = getattr(scenario, side)
    tables = []
    for table in tables_of(side):
        part = SCOPE_GROUP if table.parts else ""
        made = intake(table.name, objects_of(tenant, table), Meta(side, table.command, scenario.exported_at, part=part))
        tables.append(_multiplied(connection, templates, side, table, made))
    nobody = others_of(LeftOut({}, frozenset(), None), None, scenario.exported_at)
    write_bundle(
        folder,
        side=side,
        tenant_id=tenant.tenant_id,
        initial_domain=tenant.initial_domain,
        cloud="worldwide",
        collected_how="made by bench/make_pairs.py",
        tables=[*tables, nobody] if isinstance(nobody, Intake) and side in OTHERS.sides else tables,
        absent={},
    )


def _multiplied(connection: duckdb.DuckDBPyConnection, templates: list[Template], side: Side, table: Table, made: Intake) -> Intake:
    """The table with a row a person for each row of a template."""
    rows = made.table.to_pylist()
    owned = [(template, row) for row in rows for template in templates if template.owns(row)]
    if not owned:
        return made
    connection.register("shared", made.table.filter([not any(template.owns(row) for template in templates) for row in rows]))
    columns = [("part", "VARCHAR")] if table.parts else []
    columns += [(column.name, SQL_TYPES[column.type]) for column in table.columns_of(side)]
    wanted = ", ".join(f"cast({name} as {sql_type}) as {name}" for name, sql_type in columns)
    parts = [_select(side, table, template, row, columns) for template, row in owned]
    query = f"select {wanted} from (select * from shared union all {' union all '.join(parts)}) order by {', '.join(table.key)}"
    multiplied: pa.Table = connection.sql(query).to_arrow_table()
    connection.unregister("shared")
    return replace(made, table=multiplied, received=multiplied.num_rows, expected=multiplied.num_rows)


def _select(side: Side, table: Table, template: Template, row: dict[str, Any], columns: list[tuple[str, str]]) -> str:
    cells = []
    for name, sql_type in columns:
        changed = CHANGED.get((side, table.name, name), "{value}").format(value=f"cast({template.sql(row[name])} as {sql_type})")
        cells.append(f"cast({changed} as {sql_type}) as {name}")
    taken = TAKEN.get((side, table.name), TAKEN.get(side, "nothing"))
    return f"select {', '.join(cells)} from people where template = {template.number} and fault <> '{taken}'"


def main() -> None:
    """Make the project that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    make_pairs(options.count, options.folder)


if __name__ == "__main__":
    main()
