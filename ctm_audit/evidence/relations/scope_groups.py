"""`scope_groups`: the groups that the source publishes to the target, whose members may be moved."""

from __future__ import annotations

from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation

PUBLISHED = ("source.organization_relationships.domain_names", "source.organization_relationships.move_scopes")
NAMED = (*PUBLISHED, *(f"source.distribution_groups.{name}" for name in ("guid", "object_id", "name", "alias", "primary_smtp")))
MEMBERS = (*NAMED, "source.group_members.part", "source.group_members.object_id")
MAPPED = (*RESOLUTION["source"], *(read.replace(".mailboxes.", ".mail_users.") for read in RESOLUTION["source"]))

SCOPE_GROUPS = Relation(
    name="scope_groups",
    doc="One row for each group in MailboxMovePublishedScopes of the source's relationship with the target.",
    kind="scope group",
    tenant_wide=True,
    over=("source.organization_relationships",),
    fields=(
        Field("id", "VARCHAR", "the group as it is published, folded", PUBLISHED, "g.scope"),
        Field("name", "VARCHAR", "the same", PUBLISHED, "g.scope"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field(
            "group_type",
            "VARCHAR",
            "recipient type of the group in detail, '' when Get-DistributionGroup lists no such group",
            (*NAMED, "source.distribution_groups.recipient_type_details"),
            "case when g.hits = 0 and {complete:source.distribution_groups} then '' else d.recipient_type_details end",
        ),
        Field(
            "when_changed",
            "TIMESTAMP",
            "when the group or its members were last changed, UTC",
            (*NAMED, "source.distribution_groups.when_changed"),
            "d.when_changed",
        ),
        Field(
            "members",
            "BIGINT",
            "direct members",
            MEMBERS,
            "case when {complete:source.group_members} then coalesce(c.members, o.nobody) end",
        ),
        Field(
            "outsiders",
            "BIGINT",
            "direct members whom no row of the mapping names",
            (*MEMBERS, *MAPPED),
            "case when {complete:source.group_members} and {complete:source.mailboxes} and {complete:source.mail_users}"
            " then coalesce(c.outsiders, o.nobody) end",
        ),
        Field(
            "in_others",
            "BIGINT",
            "direct members that are direct members of another published group too",
            MEMBERS,
            "case when (select scopes_are_known from scope_summary) then coalesce(c.in_others, o.nobody) end",
        ),
        *PROJECT,
    ),
)
