"""What the lines print that count how much of a tenant bears a domain."""

from __future__ import annotations

from collections.abc import Iterable

from ctm_audit.sim.printing import Printed
from ctm_audit.sim.tenants import Account, Domain, Recipient, Tenant

COUNTED = "2026-11-20T17:00:00.0000000Z"


def domain_references(tenant: Tenant) -> list[Printed]:
    """The objects of the directory that refer to each domain that could be taken out."""
    return [_references(tenant, one.name) for one in _removable(tenant)]


def domain_recipients(tenant: Tenant) -> list[Printed]:
    """The recipients of Exchange with an address in each domain that could be taken out."""
    return [_recipients(tenant, one.name) for one in _removable(tenant)]


def _removable(tenant: Tenant) -> list[Domain]:
    return [one for one in tenant.domains if one.is_verified and not one.name.endswith(".onmicrosoft.com")]


def _references(tenant: Tenant, domain: str) -> Printed:
    return {
        "Domain": domain,
        "Users": _bearing(tenant.accounts, domain),
        "DeletedUsers": sum(upn.endswith(f"@{domain}") for upn in tenant.deleted_users),
        "Applications": sum(f"/{domain}" in uri or f".{domain}" in uri for uri in tenant.application_uris),
        "Others": _bearing((*tenant.groups, *(one for one in tenant.contacts if one.object_id)), domain),
        "CountedAt": COUNTED,
    }


def _recipients(tenant: Tenant, domain: str) -> Printed:
    return {
        "Domain": domain,
        "People": _bearing((*tenant.mailboxes, *tenant.mail_users), domain),
        "Others": _bearing((*tenant.groups, *tenant.contacts), domain),
        "Policies": sum(template.endswith(f"@{domain}") for template in tenant.address_templates),
        "CountedAt": COUNTED,
    }


def _bearing(recipients: Iterable[Recipient], domain: str) -> int:
    return sum(any(name.casefold().endswith(f"@{domain}") for name in _names(one)) for one in recipients)


def _names(one: Recipient) -> tuple[str, ...]:
    return (*one.proxies, one.upn) if isinstance(one, Account) else one.proxies
