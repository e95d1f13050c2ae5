"""`unmapped`: the mailboxes of the source that no row of the mapping names."""

from __future__ import annotations

from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation

UNMAPPED = Relation(
    name="unmapped",
    doc="With scope = all, one row for each mailbox of the source that no row of the mapping names; without it, none."
    " Where some were not exported, one row stands for all of those.",
    kind="mailbox",
    tenant_wide=True,
    fields=(
        Field("id", "VARCHAR", "UPN of the mailbox, else its primary SMTP address", sql="x.id"),
        Field("name", "VARCHAR", "primary SMTP address and type of the mailbox", sql="x.name"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field("type", "VARCHAR", "recipient type in detail, as Exchange spells it", sql="x.type", ages=("source.mailboxes",)),
        Field("is_excluded", "BOOLEAN", "true when exclude.csv names the mailbox, with a reason", sql="x.is_excluded"),
        *PROJECT,
    ),
)
