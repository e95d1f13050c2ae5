"""Whose a domain is: OpenID discovery and getuserrealm in every cloud, against a server on loopback."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from ctm_audit.dns.openid import Tenancy, find_tenancies, find_tenancy, login_hosts
from ctm_audit.dns.realm import find_realm
from ctm_audit.dns.web import Web
from ctm_audit.reference import load_reference
from tests.dns_parts.servers import LOOPBACK, Https, Said

WORLDWIDE = "login.microsoftonline.com"
PLACE = f"{WORLDWIDE}/contoso.com/v2.0/.well-known/openid-configuration"
TENANT = "a1b2c3d4-0000-4000-8000-00000000c0de"
OTHER = "ffffffff-0000-4000-8000-00000000c0de"
REALM = f"{WORLDWIDE}/getuserrealm.srf?login=nobody%40contoso.com&json=1"


def said(status: int = 200, /, **values: object) -> Said:
    return status, {"Content-Type": "application/json"}, json.dumps(values).encode()


def owned(tenant: str = TENANT, endpoint: str = TENANT, **values: object) -> Said:
    return said(
        issuer=f"https://{WORLDWIDE}/{tenant}/v2.0", token_endpoint=f"https://{WORLDWIDE}/{endpoint.upper()}/oauth2/v2.0/token", **values
    )


def asked(server: Https, reply: Said, domain: str = "contoso.com") -> Tenancy:
    server.says[PLACE] = reply
    return asyncio.run(find_tenancy(domain, WORLDWIDE, ("worldwide",), server.web(timeout=5)))


def test_the_tenant_of_a_domain(server: Https) -> None:
    found = asked(server, owned(tenant_region_scope="EU", tenant_region_sub_scope="GCC", cloud_instance_name="microsoftonline.com"))
    assert (found.outcome, found.tenant_id, found.scope, found.sub_scope) == ("owned", TENANT, "EU", "GCC")
    assert found.instance == "microsoftonline.com"
    assert found.is_known


@pytest.mark.parametrize(
    ("reply", "outcome", "is_known"),
    [
        (said(400, error="invalid_tenant", error_description="AADSTS90002: Tenant 'contoso.com' not found."), "unowned", True),
        (said(400, error="invalid_request", error_description="AADSTS90002: not found"), "unowned", True),
        (said(400, error="invalid_request", error_description="AADSTS900144"), "unexpected", False),
        (said(429, error="too_many"), "throttled", False),
        (said(500), "unexpected", False),
        (said(404), "unexpected", False),
        (said(200), "unexpected", False),
        (owned(endpoint=OTHER), "unexpected", False),
        (owned(tenant="common", endpoint="common"), "unexpected", False),
        ((200, {}, b"[" * 5000), "unexpected", False),
        ((200, {}, b"<html>sign in to the guest network</html>"), "unexpected", False),
        ((302, {"Location": "https://portal.example/"}, b""), "unexpected", False),
    ],
)
def test_nobody_and_not_known_stay_apart(server: Https, reply: Said, outcome: str, is_known: bool) -> None:
    found = asked(server, reply)
    assert (found.outcome, found.tenant_id, found.is_known) == (outcome, "", is_known)


def test_every_failure_on_the_way_has_its_name(server: Https, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        ports = {"refused": 1, "timeout": silent.getsockname()[1]}
        for outcome, port in ports.items():
            web = Web({"*": (LOOPBACK, port)}, server.ca_file, timeout=0.3, a_second=1000)
            assert asyncio.run(find_tenancy("contoso.com", WORLDWIDE, (), web)).outcome == outcome
    assert asyncio.run(find_tenancy("contoso.com", "login.example", (), server.web(timeout=5))).outcome == "bad_certificate"

    def without_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", without_name)
    nowhere = Web({"*": ("nowhere.invalid", 443)}, server.ca_file, timeout=5, a_second=1000)
    assert asyncio.run(find_tenancy("contoso.com", WORLDWIDE, (), nowhere)).outcome == "unresolved"


def test_every_cloud_is_asked_once(server: Https) -> None:
    clouds = [cloud for cloud in load_reference().clouds.values() if not cloud.name.startswith(("bleu", "delos"))]
    server.says[PLACE] = owned()
    server.says["login.partner.microsoftonline.cn/contoso.com/v2.0/.well-known/openid-configuration"] = owned(OTHER, OTHER)
    found = {one.host: one for one in asyncio.run(find_tenancies("contoso.com", clouds, server.web(timeout=5)))}
    assert {host: one.tenant_id for host, one in found.items()} == {
        WORLDWIDE: TENANT,
        "login.microsoftonline.us": "",
        "login.partner.microsoftonline.cn": OTHER,
    }
    assert found[WORLDWIDE].clouds == ("worldwide", "gcc")
    assert len(server.asked) == 3
    assert len(login_hosts(load_reference().clouds.values())) == 5


@pytest.mark.parametrize(
    ("reply", "outcome", "sign_in_host"),
    [
        (said(NameSpaceType="Managed", FederationBrandName="Contoso", CloudInstanceName="microsoftonline.com"), "managed", ""),
        (
            said(NameSpaceType="Federated", AuthURL="https://sts.contoso.com/adfs/ls/?username=nobody%40contoso.com"),
            "federated",
            "sts.contoso.com",
        ),
        (said(NameSpaceType="Federated", AuthURL="https://[broken"), "federated", ""),
        (said(NameSpaceType="Unknown"), "nobody", ""),
        (said(NameSpaceType="New"), "unexpected", ""),
        (said(429), "throttled", ""),
        (said(503, NameSpaceType="Unknown"), "unexpected", ""),
    ],
)
def test_how_a_domain_signs_in(server: Https, reply: Said, outcome: str, sign_in_host: str) -> None:
    server.says[REALM] = reply
    found = asyncio.run(find_realm("contoso.com", WORLDWIDE, server.web(timeout=5)))
    assert (found.outcome, found.sign_in_host) == (outcome, sign_in_host)
    assert found.is_known is (outcome in ("managed", "federated", "nobody"))
