"""The sessions, the tenants, and what they trust."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Table, exchange_line, graph_cmdlet_line, graph_line

CONNECTIONS = Table(
    name="connections",
    command="Get-ConnectionInformation",
    stems=("Get-ConnectionInformation",),
    key=("connection_id",),
    columns=(
        Column("connection_id", "text", "ConnectionId", n.guid, "id of the Exchange session", True),
        Column("tenant_id", "text", "TenantID", n.guid, "tenant that the Exchange session is signed in to", True),
        Column("host", "text", "ConnectionUri", n.host_of, "host that the Exchange session is connected to, folded", True),
    ),
    export=exchange_line("Get-ConnectionInformation"),
)

ORGANIZATION = Table(
    name="organization",
    command="Graph organization",
    stems=("organization", "Get-MgOrganization"),
    key=("id",),
    columns=(
        Column("id", "text", "id", n.guid, "tenant id that Graph answers for", True),
        Column(
            "last_sync",
            "time",
            "onPremisesLastSyncDateTime",
            n.time,
            "when the directory was last synchronised from on-premises, UTC; 1970-01-01 when it never was",
            sides=TARGET,
        ),
    ),
    export=graph_line("organization?$select=id,displayName,onPremisesLastSyncDateTime", "organization"),
    other_exports=(graph_cmdlet_line("Get-MgOrganization", "-Property Id,DisplayName,OnPremisesLastSyncDateTime"),),
)

ORGANIZATION_CONFIG = Table(
    name="organization_config",
    command="Get-OrganizationConfig",
    stems=("Get-OrganizationConfig",),
    key=("name",),
    columns=(
        Column("name", "text", "Name", n.key, "name of the organization, folded", True),
        Column("is_dehydrated", "flag", "IsDehydrated", n.flag, "true while organization customization is not enabled"),
        Column("in_place_holds", "texts", "InPlaceHolds", n.hold_ids, "hold ids of the whole organization, folded", sides=SOURCE),
        Column("auto_expanding", "flag", "AutoExpandingArchiveEnabled", n.flag, "true when every archive expands", sides=SOURCE),
        Column(
            "default_region", "text", "DefaultMailboxRegion", n.key, "region of mailboxes unless said otherwise, folded", True, sides=TARGET
        ),
        Column("regions", "texts", "AllowedMailboxRegions", n.folds, "regions in which mailboxes may be, folded", True, sides=TARGET),
    ),
    export=exchange_line("Get-OrganizationConfig"),
)

ORGANIZATION_RELATIONSHIPS = Table(
    name="organization_relationships",
    command="Get-OrganizationRelationship",
    stems=("Get-OrganizationRelationship",),
    key=("name",),
    columns=(
        Column("name", "text", "Name", n.text, "name of the relationship", True),
        Column("enabled", "flag", "Enabled", n.flag, "true when the relationship is on"),
        Column("domain_names", "texts", "DomainNames", n.domains_or_ids, "partner domains or tenant ids, folded", True),
        Column("move_enabled", "flag", "MailboxMoveEnabled", n.flag, "true when mailbox moves are enabled"),
        Column("move_capability", "texts", "MailboxMoveCapability", n.words, "inbound, outbound, remoteinbound, remoteoutbound", True),
        Column("move_scopes", "texts", "MailboxMovePublishedScopes", n.folds, "published scope groups, folded", sides=SOURCE),
        Column("oauth_application_id", "text", "OAuthApplicationId", n.guid, "the migration app, '' for none", sides=SOURCE),
    ),
    export=exchange_line("Get-OrganizationRelationship"),
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
        Column(
            "max_migrations", "integer", "MaxConcurrentMigrations", n.at_most, "how many mailboxes move at once; without limit very many"
        ),
    ),
    export=exchange_line("Get-MigrationEndpoint"),
    sides=TARGET,
)
