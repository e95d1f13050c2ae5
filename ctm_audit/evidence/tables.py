"""What every column of evidence is: the table, its key, the exported property it comes from, and how it is read.

This is the one description that readers, bundles, the rule language, the documentation and the export hints share.
A column has exactly one origin. Cmdlet and property names are Microsoft's:
https://learn.microsoft.com/powershell/module/exchangepowershell/ and https://learn.microsoft.com/graph/api/overview
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ctm_audit.evidence import normalise as n

Side = Literal["source", "target"]
ColumnType = Literal["text", "flag", "integer", "time", "texts"]
SIDES: tuple[Side, ...] = ("source", "target")
SOURCE: tuple[Side, ...] = ("source",)
TARGET: tuple[Side, ...] = ("target",)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, the property it is read from, and the normaliser that reads it.

    `never_blank` says that the service always prints something: when every cell of an export is null or empty,
    the property was selected but never fetched (Get-EXOMailbox without -PropertySets), so it was not collected.
    `values` closes the set of values; anything else is refused at the border and named.
    `sides` are the sides on which something reads it: what nobody reads is not collected.
    """

    name: str
    type: ColumnType
    property: str
    normalise: n.Normaliser
    doc: str
    never_blank: bool = False
    values: tuple[str, ...] = ()
    sides: tuple[Side, ...] = SIDES


@dataclass(frozen=True, slots=True)
class Table:
    """One table: where it comes from, how to recognise its file, and the line that exports it.

    `keyless` are recipient types that have no key: leaving them out makes the table no less complete.
    `stems` are the file names (without ending) that hold it. A table with `parts` comes as one file a group,
    `STEM.GROUP.json`; the column `part` then holds the folded group name.
    """

    name: str
    command: str
    stems: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    export: str
    sides: tuple[Side, ...] = SIDES
    parts: bool = False
    variant: str = ""
    keyless: tuple[str, ...] = ()

    def columns_of(self, side: Side) -> tuple[Column, ...]:
        """The columns that one side is asked for."""
        return tuple(column for column in self.columns if side in column.sides)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def origin(self, name: str) -> str:
        """Where a column comes from, in the words of an administrator: `Get-Mailbox.ExchangeGuid`."""
        return f"{self.command}.{self.column(name).property}" if name != "part" else self.command


def _exchange(cmdlet: str, *, unlimited: bool = False) -> str:
    everything = f"@({cmdlet} -ResultSize Unlimited)" if unlimited else f"@({cmdlet})"
    return f"ConvertTo-Json -InputObject {everything} -Depth 6 | Set-Content -Encoding utf8 {cmdlet}.json"


def _graph(path: str, file: str) -> str:
    return (
        f"Invoke-MgGraphRequest -Uri 'v1.0/{path}' -OutputType Json | Set-Content -Encoding utf8 {file}.json"
        "  # follow @odata.nextLink: one file, all pages"
    )


OBJECT_ID = Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id", True)
UPN = Column("upn", "text", "UserPrincipalName", n.key, "user principal name, folded", True)
PRIMARY_SMTP = Column("primary_smtp", "text", "PrimarySmtpAddress", n.address, "primary SMTP address, folded", True)
EXCHANGE_GUID = Column("exchange_guid", "text", "ExchangeGuid", n.guid, "ExchangeGuid, '' for none", True)


def _move_facts(sides: tuple[Side, ...]) -> tuple[Column, ...]:
    """What a move compares between the mailbox and the MailUser that becomes it."""
    return (
        Column("archive_guid", "text", "ArchiveGuid", n.guid, "ArchiveGuid, '' for no archive", True, sides=sides),
        Column("smtp", "texts", "EmailAddresses", n.smtp, "SMTP addresses without prefix, folded", True, sides=sides),
        Column("x500", "texts", "EmailAddresses", n.x500, "X500 addresses without prefix, folded", True, sides=sides),
        Column(
            "capabilities", "texts", "PersistedCapabilities", n.words, "persisted capabilities, folded, [] without a license", sides=sides
        ),
    )


MAILBOXES = Table(
    name="mailboxes",
    command="Get-Mailbox",
    stems=("Get-Mailbox", "Get-EXOMailbox"),
    key=("object_id",),
    keyless=("DiscoveryMailbox", "ArbitrationMailbox", "AuditLogMailbox", "MonitoringMailbox", "SystemMailbox"),
    columns=(
        OBJECT_ID,
        UPN,
        PRIMARY_SMTP,
        EXCHANGE_GUID,
        *_move_facts(SOURCE),
        Column("recipient_type_details", "text", "RecipientTypeDetails", n.text, "mailbox type, as Exchange spells it", True, sides=SOURCE),
        Column("legacy_exchange_dn", "text", "LegacyExchangeDN", n.text, "LegacyExchangeDN as written", True, sides=SOURCE),
        Column("legacy_exchange_dn_key", "text", "LegacyExchangeDN", n.fold, "LegacyExchangeDN, folded", True, sides=SOURCE),
        Column("is_inactive", "flag", "IsInactiveMailbox", n.flag, "true for an inactive mailbox", sides=SOURCE),
        Column("is_soft_deleted", "flag", "WhenSoftDeleted", n.has_time, "true when the mailbox is soft-deleted", sides=SOURCE),
        Column("litigation_hold", "flag", "LitigationHoldEnabled", n.flag, "true while litigation hold is on", sides=SOURCE),
        Column("delay_hold", "flag", "DelayHoldApplied", n.flag, "true while a delay hold follows a lifted hold", sides=SOURCE),
        Column("in_place_holds", "texts", "InPlaceHolds", n.folds, "hold ids on the mailbox, folded", sides=SOURCE),
        Column("aux_archives", "integer", "MailboxLocations", n.aux_archives, "number of auxiliary archives", True, sides=SOURCE),
        Column("has_quota", "flag", "ProhibitSendReceiveQuota", n.is_limited, "false when the quota is Unlimited", sides=SOURCE),
        Column("quota", "integer", "ProhibitSendReceiveQuota", n.size, "quota of the mailbox, bytes", sides=SOURCE),
        Column("has_archive_quota", "flag", "ArchiveQuota", n.is_limited, "false when the archive quota is Unlimited", sides=SOURCE),
        Column("archive_quota", "integer", "ArchiveQuota", n.size, "quota of the archive, bytes", sides=SOURCE),
    ),
    export=_exchange("Get-Mailbox", unlimited=True),
)

MAIL_USERS = Table(
    name="mail_users",
    command="Get-MailUser",
    stems=("Get-MailUser",),
    key=("object_id",),
    columns=(
        OBJECT_ID,
        UPN,
        PRIMARY_SMTP,
        EXCHANGE_GUID,
        Column("external_address", "text", "ExternalEmailAddress", n.address, "ExternalEmailAddress without prefix, folded", True),
        Column("primary_domain", "text", "PrimarySmtpAddress", n.domain_of, "domain of the primary SMTP address", True, sides=TARGET),
        *_move_facts(TARGET),
        Column("is_dir_synced", "flag", "IsDirSynced", n.flag, "true when the object is mastered on-premises", sides=TARGET),
    ),
    export=_exchange("Get-MailUser", unlimited=True),
)

RECIPIENTS = Table(
    name="recipients",
    command="Get-Recipient",
    stems=("Get-Recipient", "Get-EXORecipient"),
    key=("guid",),
    columns=(
        Column("guid", "text", "Guid", n.guid, "directory id of the recipient", True),
        Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id, '' for contacts", True),
        Column("primary_smtp", "text", "PrimarySmtpAddress", n.address, "primary SMTP address, folded", True),
        Column("recipient_type", "text", "RecipientType", n.text, "recipient type", True),
        Column("recipient_type_details", "text", "RecipientTypeDetails", n.text, "recipient type in detail", True),
    ),
    export=_exchange("Get-Recipient", unlimited=True),
    sides=TARGET,
)

STATISTICS = (
    Column("mailbox_guid", "text", "MailboxGuid", n.guid, "ExchangeGuid (or ArchiveGuid) of the mailbox", True),
    Column("total_item_size", "integer", "TotalItemSize", n.size, "size of the items, bytes", True),
)

MAILBOX_STATISTICS = Table(
    name="mailbox_statistics",
    command="Get-MailboxStatistics",
    stems=("Get-MailboxStatistics", "Get-EXOMailboxStatistics"),
    key=("mailbox_guid",),
    columns=STATISTICS,
    export="ConvertTo-Json -InputObject @(Get-Mailbox -ResultSize Unlimited |"
    " ForEach-Object { Get-MailboxStatistics $_.ExchangeGuid }) -Depth 6 | Set-Content -Encoding utf8 Get-MailboxStatistics.json",
    sides=SOURCE,
)

ARCHIVE_STATISTICS = Table(
    name="archive_statistics",
    command="Get-MailboxStatistics -Archive",
    stems=("Get-MailboxStatistics", "Get-EXOMailboxStatistics"),
    variant="Archive",
    key=("mailbox_guid",),
    columns=STATISTICS,
    export="ConvertTo-Json -InputObject @(Get-Mailbox -ResultSize Unlimited -Archive |"
    " ForEach-Object { Get-MailboxStatistics $_.ExchangeGuid -Archive }) -Depth 6"
    " | Set-Content -Encoding utf8 Get-MailboxStatistics-Archive.json",
    sides=SOURCE,
)

CONNECTIONS = Table(
    name="connections",
    command="Get-ConnectionInformation",
    stems=("Get-ConnectionInformation",),
    key=("connection_id",),
    columns=(
        Column("connection_id", "text", "ConnectionId", n.guid, "id of the Exchange session", True),
        Column("tenant_id", "text", "TenantID", n.guid, "tenant that the Exchange session is signed in to", True),
    ),
    export=_exchange("Get-ConnectionInformation"),
)

ORGANIZATION = Table(
    name="organization",
    command="Graph organization",
    stems=("organization", "Get-MgOrganization"),
    key=("id",),
    columns=(Column("id", "text", "id", n.guid, "tenant id that Graph answers for", True),),
    export=_graph("organization?$select=id,displayName", "organization"),
)

ORGANIZATION_CONFIG = Table(
    name="organization_config",
    command="Get-OrganizationConfig",
    stems=("Get-OrganizationConfig",),
    key=("name",),
    columns=(
        Column("name", "text", "Name", n.key, "name of the organization, folded", True),
        Column("is_dehydrated", "flag", "IsDehydrated", n.flag, "true while organization customization is not enabled"),
    ),
    export=_exchange("Get-OrganizationConfig"),
)

ORGANIZATION_RELATIONSHIPS = Table(
    name="organization_relationships",
    command="Get-OrganizationRelationship",
    stems=("Get-OrganizationRelationship",),
    key=("name",),
    columns=(
        Column("name", "text", "Name", n.text, "name of the relationship", True),
        Column("enabled", "flag", "Enabled", n.flag, "true when the relationship is on"),
        Column("domain_names", "texts", "DomainNames", n.folds, "partner domains or tenant ids, folded", True),
        Column("move_enabled", "flag", "MailboxMoveEnabled", n.flag, "true when mailbox moves are enabled"),
        Column("move_capability", "texts", "MailboxMoveCapability", n.words, "inbound, outbound, remoteinbound, remoteoutbound", True),
        Column("move_scopes", "texts", "MailboxMovePublishedScopes", n.folds, "published scope groups, folded", sides=SOURCE),
        Column("oauth_application_id", "text", "OAuthApplicationId", n.guid, "the migration app, '' for none", sides=SOURCE),
    ),
    export=_exchange("Get-OrganizationRelationship"),
)

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
    ),
    export=_exchange("Get-DistributionGroup", unlimited=True),
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

ACCEPTED_DOMAINS = Table(
    name="accepted_domains",
    command="Get-AcceptedDomain",
    stems=("Get-AcceptedDomain",),
    key=("name",),
    columns=(
        Column("name", "text", "DomainName", n.key, "domain, folded", True),
        Column("match_subdomains", "flag", "MatchSubDomains", n.flag, "true when every subdomain is accepted too"),
    ),
    export=_exchange("Get-AcceptedDomain"),
    sides=TARGET,
)

MIGRATION_ENDPOINTS = Table(
    name="migration_endpoints",
    command="Get-MigrationEndpoint",
    stems=("Get-MigrationEndpoint",),
    key=("name",),
    columns=(
        Column("name", "text", "Identity", n.key, "name of the endpoint, folded", True),
        Column("type", "text", "EndpointType", n.key, "endpoint type, folded", True),
        Column("remote_server", "text", "RemoteServer", n.key, "server it connects to, folded", True),
        Column("remote_tenant", "text", "RemoteTenant", n.key, "partner tenant, folded, '' for other kinds of endpoint"),
        Column("application_id", "text", "ApplicationId", n.guid, "the migration app, '' for other kinds of endpoint"),
    ),
    export=_exchange("Get-MigrationEndpoint"),
    sides=TARGET,
)

MIGRATION_USERS = Table(
    name="migration_users",
    command="Get-MigrationUser",
    stems=("Get-MigrationUser",),
    key=("identity",),
    columns=(
        Column("identity", "text", "Identity", n.key, "address the user was submitted with, folded", True),
        Column("mailbox_guid", "text", "MailboxGuid", n.guid, "ExchangeGuid of the mailbox, '' before it is known"),
        Column("batch", "text", "BatchId", n.text, "name of the migration batch", True),
        Column("status", "text", "Status", n.key, "state of the move, folded", True),
    ),
    export=_exchange("Get-MigrationUser", unlimited=True),
)

USERS = Table(
    name="users",
    command="Graph users",
    stems=("users", "Get-MgUser"),
    key=("object_id",),
    columns=(
        Column("object_id", "text", "id", n.guid, "Entra object id", True),
        Column("upn", "text", "userPrincipalName", n.key, "user principal name, folded", True),
    ),
    export=_graph("users?$top=999&$select=id,userPrincipalName", "users"),
    sides=TARGET,
)

LICENSE_DETAILS = Table(
    name="license_details",
    command="Graph users/{id}/licenseDetails",
    stems=("licenseDetails", "Get-MgUserLicenseDetail"),
    key=("user_id", "sku_id"),
    columns=(
        Column("user_id", "text", "userId", n.guid, "Entra object id of the user", True),
        Column("sku_id", "text", "skuId", n.guid, "id of the SKU", True),
        Column("success_plans", "texts", "servicePlans", n.plans_with("success"), "service plans in state Success", True),
        Column(
            "live_plans",
            "texts",
            "servicePlans",
            n.plans_without("disabled"),
            "service plans in any state but Disabled",
            True,
            sides=TARGET,
        ),
    ),
    export="ConvertTo-Json -InputObject @(Get-MgUser -All -Property Id |"
    " ForEach-Object { $id = $_.Id; Get-MgUserLicenseDetail -UserId $id |"
    " Select-Object @{n='userId';e={$id}}, SkuId, SkuPartNumber, ServicePlans }) -Depth 6 | Set-Content -Encoding utf8 licenseDetails.json",
)

SUBSCRIBED_SKUS = Table(
    name="subscribed_skus",
    command="Graph subscribedSkus",
    stems=("subscribedSkus", "Get-MgSubscribedSku"),
    key=("sku_id",),
    columns=(
        Column("sku_id", "text", "skuId", n.guid, "id of the SKU", True),
        Column("sku_part_number", "text", "skuPartNumber", n.text, "part number of the SKU", True),
        Column("capability_status", "text", "capabilityStatus", n.key, "enabled, warning, suspended, deleted, lockedout", True),
        Column("enabled_units", "integer", "prepaidUnits", n.units("enabled"), "seats bought and usable", True),
        Column("consumed_units", "integer", "consumedUnits", n.integer, "seats assigned", True),
        Column("plans", "texts", "servicePlans", n.plan_names, "service plans of the SKU", True),
    ),
    export=_graph("subscribedSkus", "subscribedSkus"),
)

DOMAINS = Table(
    name="domains",
    command="Graph domains",
    stems=("domains", "Get-MgDomain"),
    key=("name",),
    columns=(
        Column("name", "text", "id", n.key, "domain, folded", True),
        Column("is_verified", "flag", "isVerified", n.flag, "true when the tenant has proven ownership"),
    ),
    export=_graph("domains", "domains"),
    sides=TARGET,
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ORGANIZATION,
        CONNECTIONS,
        ORGANIZATION_CONFIG,
        ORGANIZATION_RELATIONSHIPS,
        MIGRATION_ENDPOINTS,
        DISTRIBUTION_GROUPS,
        GROUP_MEMBERS,
        ACCEPTED_DOMAINS,
        DOMAINS,
        SUBSCRIBED_SKUS,
        USERS,
        LICENSE_DETAILS,
        RECIPIENTS,
        MAILBOXES,
        MAIL_USERS,
        MAILBOX_STATISTICS,
        ARCHIVE_STATISTICS,
        MIGRATION_USERS,
    )
}


def tables_of(side: Side) -> tuple[Table, ...]:
    """The tables that one side of a migration is asked for."""
    return tuple(table for table in TABLES.values() if side in table.sides)
