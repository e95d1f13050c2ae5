"""`evidence`: whether each table that was asked for is whole, and from when."""

from __future__ import annotations

from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation
from ctm_audit.evidence.tables import SIDES, tables_of

NEVER_EMPTY = frozenset(
    {
        "source.connections",
        "source.domains",
        "source.mailboxes",
        "source.organization",
        "source.organization_config",
        "source.service_principals",
        "source.subscribed_skus",
        "source.users",
        "target.accepted_domains",
        "target.connections",
        "target.domains",
        "target.exchange_users",
        "target.organization",
        "target.organization_config",
        "target.recipients",
        "target.service_principals",
        "target.subscribed_skus",
        "target.users",
    }
)
"""Tables of which every tenant has at least one object: an empty answer is the answer of an account that may not look."""

PLACES = tuple(f"{side}.{table.name}" for side in SIDES for table in tables_of(side))
EVIDENCE = Relation(
    name="evidence",
    doc="One row for each table that a side is asked to export: whether it is whole, and when it was collected.",
    kind="evidence",
    tenant_wide=True,
    fields=(
        Field("id", "VARCHAR", "the side and the command: `source Get-Mailbox`", sql="x.id"),
        Field("name", "VARCHAR", "the command and the initial domain of the tenant", sql="x.name"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field("side", "VARCHAR", "`source` or `target`", sql="x.side"),
        Field("is_collected", "BOOLEAN", "true when anything of it was collected", sql="x.is_collected"),
        Field(
            "is_whole", "BOOLEAN", "true when every object and every property is there; unknown otherwise, never false", sql="x.is_whole"
        ),
        Field("objects", "BIGINT", "how many objects the tenant has; unknown unless it is whole", sql="x.objects"),
        Field("may_be_empty", "BOOLEAN", "false when every tenant has at least one of these objects", sql="x.may_be_empty"),
        Field("lacking", "VARCHAR", "what is missing of it, in words; '' for nothing", sql="x.lacking"),
        Field("secrets", "VARCHAR", "which values looked like a secret and were not kept; '' for none", sql="x.secrets"),
        Field("collected_at", "TIMESTAMP", "when it was collected, UTC; unknown when it was not", sql="x.collected_at", ages=PLACES),
        *PROJECT,
    ),
)
