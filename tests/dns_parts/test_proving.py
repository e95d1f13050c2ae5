"""Everything about a domain in one go: policies, owners and mail hosts, with whoever knows."""

from __future__ import annotations

import asyncio

import trustme

from ctm_audit.dns.answer import Answer, Ask, Outcome
from ctm_audit.dns.proofs import Canary
from ctm_audit.dns.proving import Mail, Proving, first_that_knows
from ctm_audit.reference import load_reference
from tests.dns_parts.servers import LOOPBACK, Https
from tests.dns_parts.test_smtp_probe import HOST, front_door
from tests.dns_parts.zones import Zones

CLOUDS = (load_reference().clouds["worldwide"],)
CANARIES = (Canary("old@contoso.com", "source"), Canary("new@contoso.com", "target"))
SAYS = {"old@contoso.com": "550 5.4.1 Recipient address rejected: Access denied", "new@contoso.com": "250 2.1.5 OK"}


def test_a_domain_that_has_moved(server: Https, authority: trustme.CA) -> None:
    zones = Zones({"contoso.com": {"MX": [f"0 {HOST}"], "TXT": ["v=spf1 -all"]}})
    with front_door(authority, SAYS) as (port, _):
        mail = Mail(CANARIES, "probe@example.net", "probe.example.net", (HOST,), {HOST: (LOOPBACK, port)})
        rows = asyncio.run(Proving(server.web(timeout=5), CLOUDS, mail=mail).rows("contoso.com", zones))
    assert [(row["role"], row["meaning"]) for row in rows["smtp_probes"]] == [("source", "not_here"), ("target", "accepted")]
    assert {"spf", "dmarc", "sts_policies", "dkim_keys", "tenancies", "realms"} <= rows.keys()


def test_without_addresses_there_is_nobody_to_ask() -> None:
    zones = Zones({"contoso.com": {"MX": [f"0 {HOST}"]}}, {(HOST, "A"): Outcome.TIMEOUT})
    mail = Mail(CANARIES, "probe@example.net", "probe.example.net")
    rows = asyncio.run(Proving(Https({}, 1, "", []).web(), CLOUDS, mail=mail).probes("contoso.com", zones))
    assert rows == {"smtp_probes": []}


def first(*asks: Ask) -> Answer:
    async def asked() -> Answer:
        return await first_that_knows(asks)("contoso.com", "TXT")

    return asyncio.run(asked())


def test_the_first_that_knows_is_believed() -> None:
    silent = Zones({}, {("contoso.com", "TXT"): Outcome.TIMEOUT})
    knowing, never = Zones({"contoso.com": {"TXT": ["x"]}}), Zones({})
    assert first(silent, knowing, never).data == ("x",)
    assert never.asked == []
    assert first(silent).outcome is Outcome.TIMEOUT
    assert first().outcome is Outcome.SKIPPED
