"""`tenants`: the two tenants, and what is set for a whole tenant."""

from __future__ import annotations

from ctm_audit.evidence.relations.pairs import PAIRS
from ctm_audit.evidence.relations.probes import CLASSES_READ, unproven
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation, SqlType
from ctm_audit.evidence.tables import SIDES
from ctm_audit.evidence.tables.trust import ORCHESTRATOR

OF_THE_MIGRATION = (
    "select v.id from raw.source_service_principals v where v.app_id = p.app_id"
    f" or v.app_id in ({', '.join(repr(app) for app in ORCHESTRATOR)})"
)


def _by_side(name: str, sql_type: SqlType, doc: str, table: str, columns: tuple[str, ...], value: str) -> Field:
    """A value of one tenant, aggregated over a table that both tenants have; NULL where that table is incomplete."""
    reads = tuple(f"{side}.{table}.{column}" for side in SIDES for column in columns)
    choices = " ".join(
        f"when x.id = '{side}' and {{complete:{side}.{table}}} then (select {value} from raw.{side}_{table} o)" for side in SIDES
    )
    return Field(name, sql_type, doc, reads, f"case {choices} end")


TENANTS = Relation(
    name="tenants",
    doc="Two rows, `source` and `target`: settings of a whole tenant.",
    kind="tenant",
    tenant_wide=True,
    fields=(
        Field("id", "VARCHAR", "`source` or `target`", sql="x.id"),
        Field("name", "VARCHAR", "initial domain of the tenant", sql="x.name"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field("tenant_id", "VARCHAR", "tenant id in the project file", sql="x.tenant_id"),
        Field("partner_tenant_id", "VARCHAR", "tenant id of the other side in the project file", sql="x.partner_tenant_id"),
        _by_side(
            "organization_ids", "VARCHAR[]", "tenant ids that Graph answered for", "organization", ("id",), "list(o.id order by o.id)"
        ),
        _by_side(
            "connection_tenant_ids",
            "VARCHAR[]",
            "tenant ids of the Exchange sessions",
            "connections",
            ("connection_id", "tenant_id"),
            "list(distinct o.tenant_id order by o.tenant_id)",
        ),
        _by_side(
            "connection_hosts",
            "VARCHAR[]",
            "hosts of the Exchange sessions; those of Security & Compliance sessions are left out",
            "connections",
            ("connection_id", "host"),
            "case when count(*) = count(o.host)"
            " then coalesce(list(distinct o.host order by o.host) filter (not contains(o.host, '.protection.')), []) end",
        ),
        _by_side(
            "government_skus",
            "VARCHAR[]",
            "part numbers of subscriptions that only government clouds sell",
            "subscribed_skus",
            ("sku_id", "sku_part_number"),
            "case when count(*) = count(o.sku_part_number) then coalesce(list(distinct o.sku_part_number order by o.sku_part_number)"
            " filter (regexp_matches(upper(o.sku_part_number), '(^|_)(US)?GOV(_|$)|GCC')), []) end",
        ),
        _by_side(
            "is_dehydrated",
            "BOOLEAN",
            "true while organization customization is not enabled",
            "organization_config",
            ("name", "is_dehydrated"),
            "case when count(*) = count(o.is_dehydrated) then bool_or(o.is_dehydrated) end",
        ),
        Field(
            "inactive_mailboxes",
            "BIGINT",
            "of the source: how many inactive mailboxes it keeps",
            ("source.inactive_mailboxes.exchange_guid",),
            "case when x.id = 'source' and {complete:source.inactive_mailboxes}"
            " then (select count(*) from raw.source_inactive_mailboxes o) end",
        ),
        Field(
            "apps_in_mailboxes",
            "VARCHAR[]",
            "of the source: apps that hold a role of Exchange Online, but for those of the migration",
            (
                *(f"source.app_role_assignments.{name}" for name in ("id", "principal_id", "principal_name", "role_id")),
                *(f"source.service_principals.{name}" for name in ("app_id", "id")),
            ),
            "case when x.id = 'source' and {complete:source.app_role_assignments} and {complete:source.service_principals}"
            " then (select case when count(*) = count(o.principal_name) and count(*) = count(o.role_id)"
            " then coalesce(list(distinct o.principal_name order by o.principal_name)"
            f" filter (o.role_id <> '' and coalesce(o.principal_id not in ({OF_THE_MIGRATION}), true)), []) end"
            " from raw.source_app_role_assignments o) end",
        ),
        Field(
            "trusted_sealers",
            "VARCHAR[]",
            "of the target: domains whose ARC seals it trusts, folded",
            ("target.arc_config.identity", "target.arc_config.sealers"),
            "case when x.id = 'target' and {complete:target.arc_config}"
            " then (select case when count(*) = count(o.sealers) then coalesce(list_sort(list_distinct(flatten(list(o.sealers)))), []) end"
            " from raw.target_arc_config o) end",
        ),
        Field(
            "trusted_tenants",
            "VARCHAR[]",
            "of the target: tenants for whose mail an inbound connector is on, folded",
            tuple(f"target.inbound_connectors.{name}" for name in ("guid", "enabled", "trusted_organizations")),
            "case when x.id = 'target' and {complete:target.inbound_connectors}"
            " then (select case when count(*) = count(o.enabled) and count(*) = count(o.trusted_organizations)"
            " then coalesce(list_sort(list_distinct(flatten(list(o.trusted_organizations) filter (o.enabled)))), []) end"
            " from raw.target_inbound_connectors o) end",
        ),
        unproven(tuple(read for name in CLASSES_READ for read in PAIRS.by_name[name].reads)),
        *PROJECT,
    ),
)
