"""The migration app and what both tenants granted it; test moves.

Requests: https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignedto and
https://learn.microsoft.com/graph/api/resources/application. `<APP>` in a line stands for the migration app's id.
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Table, graph_cmdlet_line, graph_line

EXCHANGE_ONLINE = "00000002-0000-0ff1-ce00-000000000000"
# Apps of Microsoft's migration orchestrator: mailbox moves (two ids are in use) and identity mapping.
# https://learn.microsoft.com/microsoft-365/migration/migration-orchestrator-3-tenant-config
ORCHESTRATOR = (
    "6eda910c-74a9-491b-bda3-88692d503655",
    "506cf32b-5cbe-4ced-84c6-c7bde303f77c",
    "90fb47fc-e46d-4fc5-9833-8517359f2daf",
)
APP_IDS = ",".join(f"''{app}''" for app in ("<APP>", EXCHANGE_ONLINE, *ORCHESTRATOR))

APPLICATIONS = Table(
    name="applications",
    command="Graph applications",
    stems=("applications", "Get-MgApplication"),
    key=("app_id",),
    columns=(
        Column("app_id", "text", "appId", n.guid, "application id of the app registration", True),
        Column("audience", "text", "signInAudience", n.key, "who may sign in to the app, folded", True),
        Column("redirect_uris", "texts", "web", n.redirect_uris, "redirect URIs of the web platform"),
        Column("requested_roles", "texts", "requiredResourceAccess", n.requested_roles, "permissions asked for, as `resource role type`"),
        Column("secret_ends", "texts", "passwordCredentials", n.ends, "when its client secrets end, such as 2027-01-31T20:00:00Z"),
    ),
    export=graph_line(
        "applications?$filter=appId eq ''<APP>''&$select=appId,signInAudience,web,requiredResourceAccess,passwordCredentials",
        "applications",
    ),
    other_exports=(graph_cmdlet_line("Get-MgApplication", "-All -Filter \"appId eq '<APP>'\""),),
    sides=TARGET,
)

SERVICE_PRINCIPALS = Table(
    name="service_principals",
    command="Graph servicePrincipals",
    stems=("servicePrincipals", "Get-MgServicePrincipal"),
    key=("app_id",),
    columns=(
        Column("app_id", "text", "appId", n.guid, "application id of the service principal", True),
        Column("id", "text", "id", n.guid, "object id of the service principal in this tenant", True),
        Column("owner_tenant_id", "text", "appOwnerOrganizationId", n.guid, "tenant in which the app is registered", True, sides=SOURCE),
        Column("is_enabled", "flag", "accountEnabled", n.flag, "true when the service principal may sign in"),
        Column("role_ids", "texts", "appRoles", n.role_ids, "roles that it offers, as `name id`"),
    ),
    export=graph_line(
        f"servicePrincipals?$filter=appId in ({APP_IDS})&$select=id,appId,appOwnerOrganizationId,accountEnabled,appRoles",
        "servicePrincipals",
    ),
    other_exports=(graph_cmdlet_line("Get-MgServicePrincipal", f'-All -Filter "appId in ({APP_IDS})"'.replace("''", "'")),),
)

APP_ROLE_ASSIGNMENTS = Table(
    name="app_role_assignments",
    command="Graph servicePrincipals/{id}/appRoleAssignedTo",
    stems=("appRoleAssignedTo", "Get-MgServicePrincipalAppRoleAssignedTo"),
    key=("id",),
    columns=(
        Column("id", "text", "id", n.text, "id of the assignment", True),
        Column("principal_id", "text", "principalId", n.guid, "service principal, user or group that holds the role", True),
        Column("principal_name", "text", "principalDisplayName", n.text, "name of who holds the role", True, sides=SOURCE),
        Column("resource_id", "text", "resourceId", n.guid, "service principal that offers the role", True),
        Column("role_id", "text", "appRoleId", n.guid, "id of the role, '' for default access", True),
    ),
    export=graph_line(f"servicePrincipals(appId=''{EXCHANGE_ONLINE}'')/appRoleAssignedTo?$top=999", "appRoleAssignedTo"),
    other_exports=(
        graph_cmdlet_line(
            "Get-MgServicePrincipalAppRoleAssignedTo",
            f"-All -ServicePrincipalId (Get-MgServicePrincipal -Filter \"appId eq '{EXCHANGE_ONLINE}'\").Id",
        ),
    ),
)

# https://learn.microsoft.com/powershell/module/exchangepowershell/test-migrationserveravailability
MIGRATION_PROBES = Table(
    name="migration_probes",
    command="Test-MigrationServerAvailability",
    stems=("Test-MigrationServerAvailability",),
    key=("address",),
    columns=(
        Column("address", "text", "TestMailbox", n.address, "primary SMTP address of the target MailUser that was tested, folded", True),
        Column("result", "text", "Result", n.key, "success, or how it ended otherwise, folded", True),
        Column("message", "text", "Message", n.text, "what the service answered, '' for nothing"),
        Column("detail", "text", "ErrorDetail", n.text, "the whole error, '' for none"),
    ),
    export="ConvertTo-Json -InputObject @(Import-Csv mapping.csv | ForEach-Object {"
    " $address = (Get-MailUser -Identity $_.target).PrimarySmtpAddress;"
    " Test-MigrationServerAvailability -Endpoint <ENDPOINT> -TestMailbox $address |"
    " Select-Object @{n='TestMailbox';e={$address}}, Result, Message, ErrorDetail }) -Depth 6"
    " | Set-Content -Encoding utf8 Test-MigrationServerAvailability.json",
    sides=TARGET,
)
