"""What Microsoft Graph answers: one page a request, as `Invoke-MgGraphRequest -OutputType Json` writes it."""

from __future__ import annotations

from collections.abc import Mapping

from ctm_audit.sim.printing import Printed
from ctm_audit.sim.tenants import DELETED, Account, Domain, License, Mailbox, Sku, Tenant

METADATA = "https://graph.microsoft.com/v1.0/$metadata"


def page(context: str, value: list[Printed]) -> Printed:
    """A last page: without @odata.nextLink there is no more."""
    return {"@odata.context": f"{METADATA}#{context}", "value": value}


def organization(tenant: Tenant) -> list[Printed]:
    """GET organization."""
    synced = None if tenant.last_sync is None else f"{tenant.last_sync.isoformat()}Z"
    return [
        {
            "id": tenant.tenant_id,
            "displayName": tenant.name,
            "tenantType": "AAD",
            "countryLetterCode": None,
            "onPremisesLastSyncDateTime": synced,
            "onPremisesSyncEnabled": True if synced else None,
        }
    ]


def users(tenant: Tenant) -> list[Printed]:
    """GET users: members, guests and the disabled accounts of shared and room mailboxes."""
    skus = {sku.part_number: sku for sku in tenant.skus}
    return [_user(tenant, account, skus) for account in tenant.accounts]


def domains(tenant: Tenant) -> list[Printed]:
    """GET domains."""
    return [_domain(tenant, one) for one in tenant.domains]


def subscribed_skus(tenant: Tenant) -> list[Printed]:
    """GET subscribedSkus."""
    return [_subscribed_sku(tenant, sku) for sku in tenant.skus]


def license_details(tenant: Tenant) -> list[Printed]:
    """GET users/{id}/licenseDetails of every user, each line with the id of its user."""
    skus = {sku.part_number: sku for sku in tenant.skus}
    held = [(account, one) for account in tenant.accounts for one in account.held]
    return [_license(account, one, skus[one.part_number]) for account, one in held]


def deleted_users(tenant: Tenant) -> list[Printed]:
    """GET directory/deletedItems/microsoft.graph.user: the object's id stands before the UPN."""
    gone = [*tenant.deleted_mailboxes, *tenant.deleted_mail_users]
    return [
        {
            "id": one.object_id,
            "userPrincipalName": one.object_id.replace("-", "") + one.upn,
            "displayName": one.display_name,
            "proxyAddresses": list(one.proxies),
            "deletedDateTime": f"{DELETED.isoformat()}Z",
        }
        for one in gone
        if one.object_id
    ]


def identity_synchronization(tenant: Tenant) -> list[Printed]:
    """GET policies/crossTenantAccessPolicy/partners with the settings of cross-tenant synchronization; most partners have none."""
    return [
        {
            "tenantId": partner,
            "isServiceProvider": False,
            "identitySynchronization": {"tenantId": partner, "userSyncInbound": {"isSyncAllowed": True}} if is_allowed else None,
        }
        for partner, is_allowed in tenant.sync_partners
    ]


def _user(tenant: Tenant, account: Account, skus: Mapping[str, Sku]) -> Printed:
    is_guest = account.kind == "GuestMailUser"
    names = {"signInType": "userPrincipalName", "issuer": tenant.initial_domain, "issuerAssignedId": account.upn}
    elsewhere = {"signInType": "federated", "issuer": account.home or "ExternalAzureAD", "issuerAssignedId": None}
    return {
        "id": account.object_id,
        "userPrincipalName": account.upn,
        "displayName": account.display_name,
        "mail": account.primary,
        "userType": "Guest" if is_guest else "Member",
        "accountEnabled": account.enabled and (account.kind == "UserMailbox" or not isinstance(account, Mailbox)),
        "onPremisesSyncEnabled": (account.is_dir_synced if account.is_synced_in_entra is None else account.is_synced_in_entra) or None,
        "creationType": "Invitation" if is_guest or account.invited else None,
        "externalUserState": "Accepted" if is_guest or account.invited else None,
        "identities": [elsewhere, names] if is_guest or account.home else [names],
        "usageLocation": account.usage_location or None,
        "preferredDataLocation": account.data_location or None,
        "licenseAssignmentStates": [_assignment(one, skus[one.part_number]) for one in account.licenses],
    }


def _assignment(one: License, sku: Sku) -> Printed:
    return {
        "skuId": sku.sku_id,
        "disabledPlans": [plan_id for name, plan_id in sku.plans if one.status_of(name) == "Disabled"],
        "assignedByGroup": one.group or None,
        "state": "Error" if one.error else "Active",
        "error": one.error or "None",
        "lastUpdatedDateTime": "2026-11-02T09:41:17Z",
    }


def _domain(tenant: Tenant, one: Domain) -> Printed:
    return {
        "authenticationType": one.authentication,
        "availabilityStatus": None,
        "id": one.name,
        "isAdminManaged": one.is_admin_managed,
        "isDefault": one is tenant.domains[0],
        "isInitial": one.name == tenant.initial_domain,
        "isRoot": True,
        "isVerified": one.is_verified,
        "supportedServices": list(one.services) if one.is_verified else [],
        "passwordValidityPeriodInDays": 2147483647,
        "passwordNotificationWindowInDays": 14,
        "state": None,
    }


def _subscribed_sku(tenant: Tenant, sku: Sku) -> Printed:
    return {
        "accountId": tenant.tenant_id,
        "accountName": tenant.initial_domain.partition(".")[0],
        "appliesTo": "User",
        "capabilityStatus": sku.capability_status,
        "consumedUnits": tenant.consumed(sku.part_number),
        "id": f"{tenant.tenant_id}_{sku.sku_id}",
        "skuId": sku.sku_id,
        "skuPartNumber": sku.part_number,
        "subscriptionIds": [],
        "prepaidUnits": {"enabled": sku.bought, "lockedOut": 0, "suspended": 0, "warning": 0},
        "servicePlans": [_plan(name, plan_id, "Success") for name, plan_id in sku.plans],
    }


def _license(account: Account, one: License, sku: Sku) -> Printed:
    return {
        "userId": account.object_id,
        "id": f"{account.object_id}_{sku.sku_id}",
        "skuId": sku.sku_id,
        "skuPartNumber": sku.part_number,
        "servicePlans": [_plan(name, plan_id, one.status_of(name)) for name, plan_id in sku.plans],
    }


def _plan(name: str, plan_id: str, status: str) -> Printed:
    return {"servicePlanId": plan_id, "servicePlanName": name, "provisioningStatus": status, "appliesTo": "User"}
