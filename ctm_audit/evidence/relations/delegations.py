"""`delegations`: who may open, or write in the name of, a mapped mailbox, and whether both move together."""

from __future__ import annotations

from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation
from ctm_audit.evidence.tables import TABLES

PERMISSIONS = ("mailbox_permissions", "recipient_permissions", "calendar_permissions")
ENTRIES = tuple(f"source.{table}.{column.name}" for table in PERMISSIONS for column in TABLES[table].columns)
WHO = tuple(sorted({*RESOLUTION["source"], "source.mailboxes.name", "source.mailboxes.send_on_behalf", *ENTRIES}))
GROUPS = tuple(f"source.distribution_groups.{name}" for name in ("guid", "object_id", "name", "alias", "primary_smtp"))
MOVED = tuple(f"source.mail_users.{name}" for name in ("object_id", "upn", "primary_smtp"))

DELEGATIONS = Relation(
    name="delegations",
    doc="One row a mapped mailbox of the source and somebody else who has a right to it.",
    kind="delegation",
    fields=(
        Field("id", "VARCHAR", "the source key of the mailbox and who has the right", sql="d.mailbox || coalesce(' / ' || d.trustee, '')"),
        Field("name", "VARCHAR", "the delegation in words", sql="coalesce(d.trustee, 'somebody') || ' on ' || d.mailbox"),
        Field("wave", "VARCHAR", "wave of the mailbox, '' for none", sql="d.wave"),
        Field("mailbox", "VARCHAR", "the source key of the mailbox as the mapping writes it", sql="d.mailbox"),
        Field("mailbox_target", "VARCHAR", "the target key of the mailbox as the mapping writes it", sql="d.mailbox_target"),
        Field("mailbox_type", "VARCHAR", "type of the mailbox", ("source.mailboxes.recipient_type_details",), "d.mailbox_type"),
        Field("trustee", "VARCHAR", "who has the right: the source key, a folded name, or a number", WHO, "d.trustee"),
        Field("rights", "VARCHAR[]", "FullAccess, SendAs, SendOnBehalf, Calendar, or other words of the service", WHO, "d.rights"),
        Field("trustee_kind", "VARCHAR", "mapped, group, sid (somebody who is gone) or other", (*WHO, *GROUPS, *MOVED), "d.trustee_kind"),
        Field("trustee_target", "VARCHAR", "the target key of a mapped trustee, '' for others", (*WHO, *MOVED), "d.trustee_target"),
        Field("trustee_wave", "VARCHAR", "wave of a mapped trustee, '' for others", (*WHO, *MOVED), "d.trustee_wave"),
        Field("is_before", "BOOLEAN", "true when the mailbox moves before a mapped trustee", (*WHO, *MOVED), "d.is_before"),
        *PROJECT,
    ),
    over=("source.mailboxes", *(f"source.{table}" for table in PERMISSIONS)),
    of_mapped=True,
)
