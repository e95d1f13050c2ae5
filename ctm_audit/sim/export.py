"""The files that two admins hand over: their exports, the mapping and the project file.

The exports are what `ConvertTo-Json -Depth 6` and `Invoke-MgGraphRequest -OutputType Json` write; indentation and line
ends are the same for both shells, so that a person can read a difference.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ctm_audit.evidence.bundle import write_bundle
from ctm_audit.evidence.intake import Meta, intake
from ctm_audit.evidence.tables import PROOF_TABLES, SIDES, Side, Table, tables_of
from ctm_audit.sim import (
    domain_records,
    domain_uses,
    graph,
    graph_apps,
    mail_flow,
    mailbox_details,
    mailbox_plans,
    mailboxes,
    permissions,
    probes,
    project_file,
    recipients,
    settings,
    usage,
)
from ctm_audit.sim.contoso import SCOPE_GROUP
from ctm_audit.sim.observed import vantages
from ctm_audit.sim.printing import Printed
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Tenant

Files = dict[str, str]

CMDLETS: Mapping[str, Callable[[Tenant], list[Printed]]] = {
    "connections": settings.get_connection_information,
    "organization_config": settings.get_organization_config,
    "organization_relationships": settings.get_organization_relationship,
    "migration_endpoints": settings.get_migration_endpoint,
    "transport_rules": mail_flow.get_transport_rule,
    "inbound_connectors": mail_flow.get_inbound_connector,
    "arc_config": mail_flow.get_arc_config,
    "distribution_groups": recipients.get_distribution_group,
    "group_members": lambda tenant: recipients.get_distribution_group_member(tenant, SCOPE_GROUP),
    "accepted_domains": settings.get_accepted_domain,
    "exchange_plans": mailbox_plans.get_mailbox_plan,
    "recipients": recipients.get_recipient,
    "domain_references": domain_uses.domain_references,
    "domain_recipients": domain_uses.domain_recipients,
    "dkim_configs": domain_records.get_dkim_signing_config,
    "mailboxes": mailboxes.get_mailbox,
    "mail_users": recipients.get_mail_user,
    "deleted_mailboxes": mailboxes.get_deleted_mailbox,
    "deleted_mail_users": recipients.get_deleted_mail_user,
    "exchange_users": recipients.get_user,
    "mailbox_statistics": mailboxes.get_mailbox_statistics,
    "archive_statistics": mailboxes.get_archive_statistics,
    "migration_users": settings.get_migration_user,
    "migration_probes": probes.test_migration_server_availability,
    "move_requests": mailboxes.get_move_request,
    "archive_folders": mailbox_details.get_archive_folders,
    "hold_tracking": mailbox_details.get_hold_logs,
    "calendar_processing": mailbox_details.get_calendar_processing,
    "retention_policies": mailbox_details.get_retention_policy,
    "cas_mailboxes": usage.get_cas_mailbox,
    "inactive_mailboxes": mailboxes.get_inactive_mailbox,
    "personal_sites": mailbox_details.get_personal_sites,
    "migration_batches": settings.get_migration_batch,
    "mailbox_permissions": permissions.get_mailbox_permission,
    "recipient_permissions": permissions.get_recipient_permission,
    "calendar_permissions": permissions.get_calendar_permission,
}
REQUESTS: Mapping[str, Callable[[Tenant], list[Printed]]] = {
    "organization": graph.organization,
    "domains": graph.domains,
    "service_records": domain_records.service_records,
    "verification_records": domain_records.verification_records,
    "subscribed_skus": graph.subscribed_skus,
    "users": graph.users,
    "sign_in_methods": usage.user_registration_details,
    "deleted_users": graph.deleted_users,
    "sync_partners": graph.identity_synchronization,
    "license_details": graph.license_details,
    "applications": graph_apps.applications,
    "service_principals": graph_apps.service_principals,
    "app_role_assignments": graph_apps.app_role_assigned_to,
}
BETWEEN_TABLES = timedelta(seconds=20)


def objects_of(tenant: Tenant, table: Table) -> list[Printed]:
    """What one cmdlet or request of a tenant answers."""
    return [] if table.name in tenant.hidden else (CMDLETS.get(table.name) or REQUESTS[table.name])(tenant)


def stem_of(table: Table, group: str = SCOPE_GROUP) -> str:
    """The name of a table's file without its ending, as the export lines of tables.py write it."""
    return "".join((table.stems[0], f"-{table.variant}" if table.variant else "", f".{group}" if table.parts else ""))


def export(scenario: Scenario, folder: Path) -> None:
    """Write `source/`, `target/`, `mapping.csv` and `ctm-audit.toml` into `folder`."""
    write(render(scenario), folder)


def write(files: Files, folder: Path) -> None:
    """Write the files below `folder`, each under a temporary name first; what stands there is replaced."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(content, encoding="utf-8", newline="\n")
        fresh.replace(path)


def render(scenario: Scenario) -> Files:
    """Every file of a scenario: relative path → content. The same scenario gives the same text."""
    files: Files = {
        "ctm-audit.toml": project_file.toml(scenario),
        "mapping.csv": project_file.mapping(scenario),
        "ctm-audit.salt": project_file.SALT,
    }
    if scenario.stated:
        files["attestations.toml"] = project_file.attestations(scenario)
    if scenario.waived:
        files["waivers.toml"] = project_file.waivers(scenario)
    if scenario.migration.excluded:
        files["exclude.csv"] = project_file.exclude(scenario)
    if scenario.locked:
        files["mapping.lock"] = project_file.lock(scenario)
    for side in SIDES:
        files |= _side(scenario, side)
    return files | _observed(scenario)


def observe(files: Files, folder: Path) -> None:
    """Write what was seen of DNS as a bundle below `folder`, as `ctm-audit dns observe` would; nothing when nobody has looked."""
    tables = {name.split("/")[1].removesuffix(".json"): json.loads(text) for name, text in files.items() if name.startswith("dns/")}
    if tables:
        seen = [intake(name, rows, Meta("dns", name, _begun(tables))) for name, rows in tables.items()]
        absent = {table.name: "nobody was asked" for table in PROOF_TABLES if table.name not in tables}
        how = "seen by the simulator"
        write_bundle(folder, side="dns", tenant_id="", initial_domain="", cloud="worldwide", collected_how=how, tables=seen, absent=absent)


def _begun(tables: Mapping[str, list[dict[str, str]]]) -> datetime:
    return datetime.fromisoformat(tables["zones"][0]["asked_at"]).replace(tzinfo=None)


def _observed(scenario: Scenario) -> Files:
    """What was seen of DNS, a file a table."""
    if not scenario.observed:
        return {}
    tables: dict[str, list[dict[str, object]]] = {"vantages": vantages(liar for one in scenario.observed for liar in one.liars)}
    for one in scenario.observed:
        for name, rows in one.rows().items():
            tables.setdefault(name, []).extend(rows)
    hosts = {tuple(row[name] for name in ("vantage", "name", "type", "way", "round")): row for row in tables["answers"]}
    return {f"dns/{name}.json": as_json(rows) for name, rows in {**tables, "answers": [*hosts.values()]}.items()}


def _side(scenario: Scenario, side: Side) -> Files:
    tenant = scenario.source if side == "source" else scenario.target
    tables = tables_of(side)
    exported_at = scenario.exported_at + tenant.clock_error
    printed = {table.name: objects_of(tenant, table) for table in tables}
    files = {f"{side}/{stem_of(table)}.json": _document(table, printed[table.name]) for table in tables}
    entries = [_entry(table, len(printed[table.name]), exported_at + place * BETWEEN_TABLES) for place, table in enumerate(tables)]
    for table, group in _more_parts(tenant, tables):
        members = recipients.get_distribution_group_member(tenant, group)
        files[f"{side}/{stem_of(table, group)}.json"] = as_json(members)
        entries.append(_entry(table, len(members), exported_at, group))
    finished = exported_at + len(tables) * BETWEEN_TABLES
    files[f"{side}/_export.json"] = as_json(
        {
            "format_version": "1",
            "side": side,
            "tenant_id": tenant.tenant_id,
            "initial_domain": tenant.initial_domain,
            "cloud": "worldwide",
            "started_at": _utc(exported_at),
            "finished_at": _utc(finished),
            "tables": entries,
        }
    )
    return files


def _more_parts(tenant: Tenant, tables: Sequence[Table]) -> list[tuple[Table, str]]:
    """The published groups beside the one that the scenario always has; each has a file of its own."""
    published = {scope for one in tenant.relationships for scope in one.move_scopes} - {SCOPE_GROUP}
    groups = [group.name for group in tenant.groups if group.name in published]
    return [(table, group) for table in tables if table.parts for group in groups]


def _document(table: Table, objects: list[Printed]) -> str:
    is_graph = table.name in REQUESTS
    return as_json(graph.page(table.stems[0], objects) if is_graph else objects)


def _entry(table: Table, count: int, collected_at: datetime, group: str = SCOPE_GROUP) -> Printed:
    stem = stem_of(table, group)
    command = table.export.replace("<GROUP>", group)
    return {
        "name": stem,
        "file": f"{stem}.json",
        "command": command,
        "count": count,
        "collected_at": _utc(collected_at),
        "error": None,
    }


def as_json(value: object) -> str:
    """JSON as PowerShell 7 indents it, other scripts unescaped."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_csv(objects: list[Printed]) -> str:
    """What `Export-Csv` makes of the same objects: it writes a type name where a list or an object stands."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(objects[0])
    writer.writerows([_cell(value) for value in item.values()] for item in objects)
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "System.String[]"
    return "" if value is None else str(value)


def _utc(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"
