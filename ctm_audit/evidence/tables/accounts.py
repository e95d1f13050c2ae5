"""Accounts of Entra ID, the groups that license them, and who may synchronise accounts into the tenant."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import TARGET, Column, Table, graph_cmdlet_line, graph_line

USER_PROPERTIES = (
    *("id", "userPrincipalName", "userType", "creationType", "externalUserState", "identities", "usageLocation"),
    *("preferredDataLocation", "licenseAssignmentStates", "onPremisesSyncEnabled", "accountEnabled"),
)

USERS = Table(
    name="users",
    command="Graph users",
    stems=("users", "Get-MgUser"),
    key=("object_id",),
    columns=(
        Column("object_id", "text", "id", n.guid, "Entra object id", True),
        Column("upn", "text", "userPrincipalName", n.key, "user principal name, folded", True),
        Column("user_type", "text", "userType", n.key, "member or guest, folded, '' for accounts from before there were guests"),
        Column("creation_type", "text", "creationType", n.key, "how the account came to be, folded, '' for one of the tenant's own"),
        Column("external_state", "text", "externalUserState", n.key, "state of an invitation, folded, '' for none"),
        Column("issuers", "texts", "identities", n.issuers, "who vouches for the account: domains of the tenant, or others", True),
        Column("usage_location", "text", "usageLocation", n.key, "country in which licenses are used, folded, '' for none"),
        Column("data_location", "text", "preferredDataLocation", n.key, "preferred data location, folded, '' for none"),
        Column("skus", "texts", "licenseAssignmentStates", n.assigned_skus, "ids of the SKUs that are assigned, in whatever state"),
        Column("group_skus", "texts", "licenseAssignmentStates", n.group_skus, "ids of the SKUs that a group assigns, in whatever state"),
        Column(
            "failed_licenses",
            "texts",
            "licenseAssignmentStates",
            n.failed_licenses,
            "assignments that are not active, as `sku state error`",
        ),
        Column("account_enabled", "flag", "accountEnabled", n.flag, "true when the account may sign in"),
        Column("is_synced", "flag", "onPremisesSyncEnabled", n.flag_or_never, "true when Entra takes the account from on-premises"),
    ),
    export=graph_line(f"users?$top=999&$select={','.join(USER_PROPERTIES)}", "users"),
    other_exports=(graph_cmdlet_line("Get-MgUser", f"-All -Property {','.join(name[0].upper() + name[1:] for name in USER_PROPERTIES)}"),),
    sides=TARGET,
)

SYNC_PARTNERS = Table(
    name="sync_partners",
    command="Graph policies/crossTenantAccessPolicy/partners",
    stems=("identitySynchronization",),
    key=("tenant_id",),
    columns=(
        Column("tenant_id", "text", "tenantId", n.guid, "tenant id of the partner", True),
        Column(
            "is_sync_allowed", "flag", "identitySynchronization", n.sync_allowed, "true when the partner may synchronise users into here"
        ),
    ),
    export=graph_line(
        "policies/crossTenantAccessPolicy/partners?$select=tenantId&$expand=identitySynchronization", "identitySynchronization"
    ),
    sides=TARGET,
)
