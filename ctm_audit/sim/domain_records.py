"""The DNS records that a tenant wants for its domains, as Graph and Get-DkimSigningConfig print them.

The simulator plays Microsoft here, so it may invent the hosts; whoever reads the exports must not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from ctm_audit.sim.printing import Printed, configuration, directory_object, moment
from ctm_audit.sim.tenants import Domain, Tenant

Kind = Literal["Mx", "Txt", "CName", "Srv", "Unavailable"]
TTL = 3600
MX_AND_TXT = ("mailExchange", "preference", "text")
SRV = ("service", "protocol", "nameTarget", "port", "priority", "weight")
PROPERTIES = (*MX_AND_TXT, "canonicalName", *SRV, "description")
CNAMES = {
    "autodiscover": ("Email", "autodiscover.outlook.com"),
    "enterpriseregistration": ("Intune", "enterpriseregistration.windows.net"),
    "enterpriseenrollment": ("Intune", "enterpriseenrollment-s.manage.microsoft.com"),
}


def service_records(tenant: Tenant) -> list[Printed]:
    """GET domains/{id}/serviceConfigurationRecords of every verified domain, each line with its domain."""
    return [record for one in tenant.domains if one.is_verified for record in _service_records(one)]


def verification_records(tenant: Tenant) -> list[Printed]:
    """GET domains/{id}/verificationDnsRecords of every domain, also of one that is not verified yet."""
    return [record for one in tenant.domains for record in _verification_records(one)]


def get_dkim_signing_config(tenant: Tenant) -> list[Printed]:
    """Get-DkimSigningConfig: one for each accepted domain."""
    return [_dkim_config(tenant, one) for one in tenant.domains if one.is_verified]


def token(name: str) -> str:
    """How Exchange writes a domain without hyphens into its host names."""
    return name.replace(".", "-")


def dkim_targets(tenant: Tenant, name: str) -> dict[str, str]:
    """Where Exchange of the tenant wants the selectors of a domain to point."""
    prefix = tenant.initial_domain.partition(".")[0]
    return {f"selector{number}": f"selector{number}-{token(name)}._domainkey.{prefix}.n-v1.dkim.mail.microsoft" for number in (1, 2)}


def _service_records(one: Domain) -> list[Printed]:
    if not one.records_ready:
        return [_record(one, "Unavailable", 0, "Email", description="The DNS records are not available yet.")]
    mail = [
        _record(one, "Mx", 0, "Email", mailExchange=one.mail_host, preference=0),
        _record(one, "Txt", 1, "Email", text="v=spf1 include: spf.protection.outlook.com ~all"),
    ]
    aliases = [
        _record(one, "CName", 2 + place, service, label=f"{label}.{one.name}", canonicalName=target)
        for place, (label, (service, target)) in enumerate(CNAMES.items())
    ]
    federation = _record(
        one,
        "Srv",
        9,
        "OfficeCommunicationsOnline",
        service="_sipfederationtls",
        protocol="_tcp",
        nameTarget="sipfed.online.lync.com",
        port=5061,
        priority=100,
        weight=1,
    )
    return [*mail, *aliases, federation]


def _verification_records(one: Domain) -> list[Printed]:
    return [
        _verification(one, "Txt", 10, text=f"MS={one.ownership_code}"),
        _verification(one, "Mx", 11, mailExchange=f"{one.ownership_code}.msv1.invalid", preference=32767),
    ]


def _record(one: Domain, kind: Kind, place: int, wanted_by: str, /, *, label: str = "", **values: object) -> Printed:
    """A record with the properties of every kind, as the export line writes it."""
    return {**_common(one, kind, place, label), "supportedService": wanted_by, **{name: values.get(name) for name in PROPERTIES}}


def _verification(one: Domain, kind: Kind, place: int, **values: object) -> Printed:
    return {**_common(one, kind, place, ""), "supportedService": None, **{name: values.get(name) for name in MX_AND_TXT}}


def _common(one: Domain, kind: Kind, place: int, label: str) -> Printed:
    return {
        "@odata.type": f"#microsoft.graph.domainDns{kind.replace('CName', 'Cname')}Record",
        "domainName": one.name,
        "id": f"{one.guid[:-2]}{place:02x}",
        "isOptional": False,
        "label": label or one.name,
        "recordType": None if kind == "Unavailable" else kind,
        "ttl": TTL,
    }


def _dkim_config(tenant: Tenant, one: Domain) -> Printed:
    targets = dkim_targets(tenant, one.name)
    made = tenant.created + timedelta(days=3)
    return {
        "Domain": one.name,
        "AdminDisplayName": "",
        "Selector1KeySize": 2048,
        "Selector1CNAME": targets["selector1"],
        "Selector2KeySize": 2048,
        "Selector2CNAME": targets["selector2"],
        "Enabled": one.dkim_status == "Valid",
        "IsDefault": one is tenant.domains[0],
        "HeaderCanonicalization": "Relaxed",
        "BodyCanonicalization": "Relaxed",
        "Algorithm": "RsaSHA256",
        "NumberOfBytesToSign": "All",
        "IncludeSignatureCreationTime": True,
        "IncludeKeyExpiration": False,
        "KeyCreationTime": moment(tenant, made),
        "LastChecked": moment(tenant, made + timedelta(minutes=20)),
        "RotateOnDate": moment(tenant, made),
        "SelectorBeforeRotateOnDate": "selector2",
        "SelectorAfterRotateOnDate": "selector1",
        "Status": one.dkim_status,
        **directory_object(
            tenant, one.name, one.guid, made, configuration(tenant, "Dkim Signing Config"), ("top", "msExchHostedContentFilterConfig")
        ),
    }
