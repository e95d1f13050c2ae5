"""Which tenant a domain belongs to, as each cloud's public OpenID configuration says; no sign-in is needed.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc . DNS cannot tell it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ctm_audit.dns.web import Kind, Reply, Web
from ctm_audit.reference.facts import Cloud

Ownership = Literal["owned", "unowned", "throttled", "unexpected"] | Kind
GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
NOBODY = "AADSTS90002"
SIGNED = ("issuer", "token_endpoint")


@dataclass(frozen=True, slots=True)
class Tenancy:
    """What one cloud's sign-in host says of a domain. `tenant_id` is '' unless `outcome` is owned; `sub_scope` is GCC, DODCON or DOD.

    `instance` is the cloud that holds the tenant; the worldwide host answers for some others too.
    """

    host: str
    clouds: tuple[str, ...]
    domain: str
    outcome: Ownership
    tenant_id: str = ""
    scope: str = ""
    sub_scope: str = ""
    instance: str = ""
    detail: str = ""
    body: bytes = b""

    @property
    def is_known(self) -> bool:
        """True when the cloud said whose the domain is, or that it is nobody's."""
        return self.outcome in ("owned", "unowned")


async def find_tenancies(domain: str, clouds: Iterable[Cloud], web: Web) -> tuple[Tenancy, ...]:
    """What every cloud says of a domain, one line a sign-in host: a domain may have a tenant in two clouds."""
    return tuple([await find_tenancy(domain, host, names, web) for host, names in login_hosts(clouds).items()])


def login_hosts(clouds: Iterable[Cloud]) -> dict[str, tuple[str, ...]]:
    """The sign-in hosts, each with the clouds that share it."""
    hosts: dict[str, tuple[str, ...]] = {}
    for cloud in clouds:
        for host in cloud.authority_hosts[:1]:
            hosts[host] = (*hosts.get(host, ()), cloud.name)
    return hosts


async def find_tenancy(domain: str, host: str, clouds: tuple[str, ...], web: Web) -> Tenancy:
    """What one sign-in host says of a domain."""
    reply = await web.get(f"https://{host}/{domain}/v2.0/.well-known/openid-configuration")
    return _judged(reply, host, clouds, domain)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a reply, {} when it holds none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _judged(reply: Reply, host: str, clouds: tuple[str, ...], domain: str) -> Tenancy:
    said = json_object(reply.body)
    if reply.kind != "answered":
        return Tenancy(host, clouds, domain, reply.kind, detail=reply.detail)
    if reply.status == 200 and (tenant := _tenant(said)):
        names = ("tenant_region_scope", "tenant_region_sub_scope", "cloud_instance_name")
        scope, sub_scope, instance = (str(said.get(name) or "")[:80] for name in names)
        return Tenancy(host, clouds, domain, "owned", tenant, scope, sub_scope, instance, body=reply.body)
    if reply.status == 400 and (said.get("error") == "invalid_tenant" or NOBODY in str(said.get("error_description"))):
        return Tenancy(host, clouds, domain, "unowned", body=reply.body)
    outcome: Ownership = "throttled" if reply.status == 429 else "unexpected"
    return Tenancy(host, clouds, domain, outcome, detail=_words(reply, said), body=reply.body)


def _tenant(said: dict[str, Any]) -> str:
    """The one tenant id that issuer and token endpoint name, '' when they name none or two."""
    found = {tuple(GUID.findall(str(said.get(name) or "").lower())) for name in SIGNED}
    return next(iter(found))[0] if len(found) == 1 and all(len(ids) == 1 for ids in found) else ""


def _words(reply: Reply, said: dict[str, Any]) -> str:
    text = ascii(str(said.get("error_description") or said.get("error") or ""))[1:-1]
    return f"HTTP {reply.status} {text[:200]}".strip()
