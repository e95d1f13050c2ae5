"""How PowerShell prints values, and the properties that every object of Exchange's directory carries."""

from __future__ import annotations

from datetime import datetime, timedelta

from ctm_audit.sim.tenants import Tenant

Printed = dict[str, object]

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
EPOCH = datetime(1970, 1, 1)
UNITS = ("B", "KB", "MB", "GB", "TB")


def size(count: int) -> str:
    """Bytes as Exchange prints a ByteQuantifiedSize: `1.2 GB (1,288,490,188 bytes)`."""
    power = min((max(count, 1).bit_length() - 1) // 10, len(UNITS) - 1)
    return f"{count / 1024**power:.4g} {UNITS[power]} ({count:,} bytes)"


def quota(count: int | None) -> str:
    """A quota as Exchange prints it; None is Unlimited."""
    return "Unlimited" if count is None else size(count)


def guid(value: str) -> str:
    """A GUID as Exchange prints it: zeros when there is none."""
    return value or ZERO_GUID


def moment(tenant: Tenant, value: datetime | None) -> str | None:
    """A time as the admin's PowerShell converts it to JSON: 5.1 counts milliseconds, 7 writes ISO."""
    if value is None:
        return None
    if tenant.shell == "powershell-5.1":
        return f"/Date({(value - EPOCH) // timedelta(milliseconds=1)})/"
    return f"{value.isoformat()}Z"


def domain_controller(tenant: Tenant) -> str:
    """The path of the tenant's forest in Microsoft's directory."""
    return f"{tenant.forest}.PROD.OUTLOOK.COM"


def directory_object(
    tenant: Tenant, name: str, guid_: str, created: datetime, where: str, classes: tuple[str, ...], changed: datetime | None = None
) -> Printed:
    """The tail of every printed object: names, ids, times and where it is kept; `where` is its container."""
    changed = changed or created + timedelta(days=11, minutes=3)
    forest = domain_controller(tenant)
    hosted = f"{forest}/Microsoft Exchange Hosted Organizations/{tenant.initial_domain}"
    parts = "".join(f",DC={part}" for part in forest.split("."))
    return {
        "Identity": name,
        "Id": name,
        "IsValid": True,
        "ExchangeVersion": "0.20 (15.0.0.0)",
        "Name": name,
        "DistinguishedName": f"CN={name},{where}{parts}",
        "ObjectCategory": f"{forest}/Configuration/Schema/{classes[-1]}",
        "ObjectClass": list(classes),
        "WhenChanged": moment(tenant, changed),
        "WhenCreated": moment(tenant, created),
        "WhenChangedUTC": moment(tenant, changed),
        "WhenCreatedUTC": moment(tenant, created),
        "ExchangeObjectId": guid_,
        "OrganizationalUnitRoot": tenant.initial_domain,
        "OrganizationId": f"{hosted} - {forest}/ConfigurationUnits/{tenant.initial_domain}/Configuration",
        "Guid": guid_,
        "OriginatingServer": f"{tenant.forest[:2]}1{tenant.forest[2:]}DC005.{forest}",
        "ObjectState": "Unchanged",
    }


def configuration(tenant: Tenant, container: str) -> str:
    """The container of a setting in the tenant's part of the directory."""
    return f"CN={container},CN=Configuration,CN={tenant.initial_domain},CN=ConfigurationUnits"


def people_folder(tenant: Tenant) -> str:
    """The container of the tenant's recipients."""
    return f"OU={tenant.initial_domain},OU=Microsoft Exchange Hosted Organizations"
