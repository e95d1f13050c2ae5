"""What Microsoft Graph answers about apps: registrations, service principals and the roles that they hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from ctm_audit.evidence.tables.trust import EXCHANGE_ONLINE
from ctm_audit.sim.apps import SECRET_MADE, App, Permission, Principal
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.printing import Printed
from ctm_audit.sim.tenants import Tenant


def applications(tenant: Tenant) -> list[Printed]:
    """GET applications: the migration app."""
    return [_application(one) for one in tenant.apps]


def service_principals(tenant: Tenant) -> list[Printed]:
    """GET servicePrincipals."""
    return [_service_principal(one) for one in tenant.principals]


def app_role_assigned_to(tenant: Tenant) -> list[Printed]:
    """GET servicePrincipals(appId=Exchange Online)/appRoleAssignedTo."""
    exchange = next((one for one in tenant.principals if one.app_id == EXCHANGE_ONLINE), None)
    return [_assignment(one, exchange, role) for one in tenant.principals for role in one.granted if exchange]


def _application(one: App) -> Printed:
    return {
        "appId": one.app_id,
        "displayName": one.name,
        "id": one.guid,
        "signInAudience": one.audience,
        "web": {"homePageUrl": None, "logoutUrl": None, "redirectUris": list(one.redirect_uris)},
        "requiredResourceAccess": [_required(one, resource) for resource in sorted({wanted.resource for wanted in one.permissions})],
        "passwordCredentials": [_secret(one, number, end) for number, end in enumerate(one.secret_ends, 1)],
    }


def _required(one: App, resource: str) -> Printed:
    wanted = [permission for permission in one.permissions if permission.resource == resource]
    return {"resourceAppId": resource, "resourceAccess": [_access(permission) for permission in wanted]}


def _access(permission: Permission) -> Printed:
    return {"id": permission.role_id, "type": permission.kind}


def _secret(one: App, number: int, end: datetime) -> Printed:
    """What Graph tells of a secret later: never the secret."""
    return {
        "customKeyIdentifier": None,
        "displayName": f"endpoint {number}",
        "endDateTime": f"{end.isoformat()}Z",
        "hint": None,
        "keyId": INVENT.guid("key", one.app_id, str(number)),
        "secretText": None,
        "startDateTime": f"{min(SECRET_MADE, end - timedelta(days=180)).isoformat()}Z",
    }


def _service_principal(one: Principal) -> Printed:
    return {
        "id": one.guid,
        "appId": one.app_id,
        "displayName": one.name,
        "appOwnerOrganizationId": one.owner_tenant_id,
        "accountEnabled": one.is_enabled,
        "appRoles": [_role(name, role_id) for name, role_id in one.roles],
    }


def _role(name: str, role_id: str) -> Printed:
    told = {"displayName": name, "id": role_id, "isEnabled": True, "origin": "Application", "value": name}
    return {"allowedMemberTypes": ["Application"], **told}


def _assignment(one: Principal, exchange: Principal, role_id: str) -> Printed:
    return {
        "id": f"{INVENT.digits(40, 'assignment', one.guid, role_id)}",
        "deletedDateTime": None,
        "appRoleId": role_id,
        "createdDateTime": "2026-10-12T07:25:00Z",
        "principalDisplayName": one.name,
        "principalId": one.guid,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": exchange.name,
        "resourceId": exchange.guid,
    }
