"""Groups and their direct members."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, Column, Table, exchange_line

DISTRIBUTION_GROUPS = Table(
    name="distribution_groups",
    command="Get-DistributionGroup",
    stems=("Get-DistributionGroup",),
    key=("guid",),
    columns=(
        Column("guid", "text", "Guid", n.guid, "directory id of the group", True),
        Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id", True),
        Column("name", "text", "Name", n.key, "name, folded", True),
        Column("alias", "text", "Alias", n.key, "alias, folded", True),
        Column("primary_smtp", "text", "PrimarySmtpAddress", n.address, "primary SMTP address, folded", True),
        Column("recipient_type_details", "text", "RecipientTypeDetails", n.text, "recipient type in detail", True),
        Column("when_changed", "time", "WhenChangedUTC", n.time, "when the group or its members were last changed, UTC", True),
    ),
    export=exchange_line("Get-DistributionGroup", unlimited=True),
    sides=SOURCE,
)

GROUP_MEMBERS = Table(
    name="group_members",
    command="Get-DistributionGroupMember",
    stems=("Get-DistributionGroupMember",),
    key=("part", "object_id"),
    keyless=("MailContact", "Contact", "PublicFolder", "DynamicDistributionGroup"),
    columns=(Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id of the direct member", True),),
    export="ConvertTo-Json -InputObject @(Get-DistributionGroupMember -Identity <GROUP> -ResultSize Unlimited) -Depth 6"
    " | Set-Content -Encoding utf8 Get-DistributionGroupMember.<GROUP>.json",
    sides=SOURCE,
    parts=True,
)
