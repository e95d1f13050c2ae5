"""MTA-STS: what was served, what was not, and what nobody can tell stay apart."""

from __future__ import annotations

import asyncio
import socket
from datetime import datetime, timedelta

import pytest

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.mta_sts import (
    PolicyFetch,
    SeenPolicy,
    StsPolicy,
    binding_until,
    fetch_policy,
    matches,
    parse_policy,
    refused_hosts,
    sts_record,
)
from ctm_audit.dns.reports import policy_record
from ctm_audit.dns.web import MOST_BYTES, Web
from tests.dns_parts.servers import LOOPBACK, Https, Said
from tests.dns_parts.zones import Zones

PLACE = "mta-sts.contoso.com/.well-known/mta-sts.txt"
TEXT = {"Content-Type": "text/plain; charset=utf-8"}
GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: *.mail.protection.outlook.com\r\nmax_age: 604800\r\n"
NOW = datetime(2026, 11, 23, 12)


def fetched(server: Https, said: Said | None, domain: str = "contoso.com") -> PolicyFetch:
    if said:
        server.says[PLACE] = said
    return asyncio.run(fetch_policy(domain, server.web(timeout=5)))


def test_a_policy_that_is_served(server: Https) -> None:
    found = fetched(server, (200, TEXT, GOOD))
    assert (found.outcome, found.body, found.is_known) == ("served", GOOD, True)
    assert found.policy == StsPolicy("enforce", 604800, ("*.mail.protection.outlook.com",))
    assert found.policy.covering("contoso-com.mail.protection.outlook.com")


@pytest.mark.parametrize(
    ("said", "outcome", "is_known"),
    [
        (None, "not_found", True),
        ((301, TEXT | {"Location": "https://www.contoso.com/"}, b""), "redirected", True),
        ((403, TEXT, GOOD), "bad_status", True),
        ((503, TEXT, GOOD), "unreachable", False),
        ((200, {"Content-Type": "text/html"}, GOOD), "wrong_type", True),
        ((200, {}, GOOD), "wrong_type", True),
        ((200, TEXT, b"version: STSv1\nmode: enforce\nmax_age: 1\n"), "malformed", True),
        ((200, TEXT, b"x" * (MOST_BYTES + 1)), "too_large", True),
    ],
)
def test_what_is_no_policy_is_told_apart(server: Https, said: Said | None, outcome: str, is_known: bool) -> None:
    found = fetched(server, said)
    assert (found.outcome, found.is_known) == (outcome, is_known)
    assert len(server.asked) == 1, "a redirect is not followed"


def test_a_certificate_of_another_name_or_of_nobody_known_is_known_to_be_wrong(server: Https) -> None:
    assert fetched(server, (200, TEXT, GOOD), "fabrikam.com").outcome == "bad_certificate"
    stranger = Web({"*": (LOOPBACK, server.port)}, timeout=5, a_second=1000)
    assert asyncio.run(fetch_policy("contoso.com", stranger)).outcome == "bad_certificate"


def test_a_server_that_is_not_there_says_nothing_of_the_policy(server: Https) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        for port, timeout in ((1, 5.0), (silent.getsockname()[1], 0.2)):
            web = Web({"*": (LOOPBACK, port)}, server.ca_file, timeout=timeout, a_second=1000)
            found = asyncio.run(fetch_policy("contoso.com", web))
            assert (found.outcome, found.policy, found.is_known) == ("unreachable", None, False)
            assert found.detail


def test_requests_are_paced(server: Https) -> None:
    web = Web({"*": (LOOPBACK, server.port)}, server.ca_file, a_second=20)

    async def three() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(fetch_policy("contoso.com", web) for _ in range(3)))
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(three()) >= 0.1


@pytest.mark.parametrize(
    ("pattern", "host", "is_match"),
    [
        ("*.mail.protection.outlook.com", "contoso-com.mail.protection.outlook.com", True),
        ("*.mx.microsoft", "contoso-com.o-v1.mx.microsoft", False),
        ("*.o-v1.mx.microsoft", "Contoso-com.O-v1.mx.microsoft.", True),
        ("contoso-com.o-v1.mx.microsoft", "contoso-com.o-v1.mx.microsoft", True),
        ("*.mx.microsoft", "mx.microsoft", False),
        ("mx.example", "xmx.example", False),
    ],
)
def test_a_wildcard_is_exactly_one_label(pattern: str, host: str, is_match: bool) -> None:
    assert matches(pattern, host) is is_match


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1", "version"),
        (b"version: STSv1\nmode: on\nmx: a.example\nmax_age: 1", "mode"),
        (b"version: STSv1\nmode: testing\nmx: a.example\nmax_age: 31557601", "max_age"),
        (b"version: STSv1\nmode: testing\nmx: a.example\nmax_age: \xd9\xa1", "max_age"),
        (b"version: STSv1\nmode: testing\nmx: *.*.example\nmax_age: 1", "mx"),
        (b"\x00\xff<html>", "line 1"),
    ],
)
def test_every_fault_of_a_policy_is_named(body: bytes, words: str) -> None:
    assert any(words in fault for fault in parse_policy(body).faults)


def test_the_first_of_two_lines_counts_and_unknown_ones_do_not() -> None:
    found = parse_policy(GOOD + b"mode: none\nfuture: 1\n")
    assert (found.mode, found.faults) == ("enforce", ())


def test_an_old_policy_binds_until_it_has_run_out() -> None:
    week = timedelta(days=7)
    old = SeenPolicy(StsPolicy("enforce", 604800, ("*.mail.protection.outlook.com",)), NOW - timedelta(days=1))
    new = SeenPolicy(StsPolicy("testing", 86400, ("*.mail.protection.outlook.com",)), NOW)
    assert binding_until([old, new], "park.example") == NOW - timedelta(days=1) + week
    assert binding_until([old, new], "contoso-com.mail.protection.outlook.com") is None
    assert refused_hosts(old.policy, ("park.example", "x.mail.protection.outlook.com")) == ("park.example",)


def record(*texts: str, outcome: Outcome | None = None) -> tuple[str, Outcome, tuple[str, ...]]:
    zones = Zones({"_mta-sts.contoso.com": {"TXT": texts}}, {("_mta-sts.contoso.com", "TXT"): outcome} if outcome else {})
    found = asyncio.run(sts_record("contoso.com", zones))
    return found.id, found.outcome, found.faults


def test_the_record() -> None:
    assert record("v=STSv1; id=20261123T120000;", "other") == ("20261123T120000", Outcome.ANSWER, ())
    assert record() == ("", Outcome.NODATA, ())
    assert record(outcome=Outcome.TIMEOUT) == ("", Outcome.TIMEOUT, ())
    assert record("v=STSv1; id=1", "v=STSv1; id=2")[2]
    assert record("v=STSv1; id=not-an-id")[::2] == ("", ("id is not 1 to 32 letters and digits",))


def test_reports_and_logos() -> None:
    texts = {
        "_smtp._tls.contoso.com": {"TXT": ["v=TLSRPTv1; rua=mailto:tls@contoso.com,ftp://x"]},
        "default._bimi.contoso.com": {"TXT": ["v=BIMI1; a="]},
    }
    zones = Zones(texts)
    found = asyncio.run(policy_record("tls_rpt", "contoso.com", zones))
    assert (found.destinations[0], found.faults) == ("mailto:tls@contoso.com", ("'ftp://x' is neither mailto: nor https:",))
    assert asyncio.run(policy_record("bimi", "contoso.com", zones)).faults == ("l is missing",)
    absent = asyncio.run(policy_record("bimi", "fabrikam.com", zones))
    assert (absent.text, absent.is_known, absent.faults) == ("", True, ())
