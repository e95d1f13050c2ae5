"""What a delivered message proves, and what a hostile one does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ctm_audit.dns.headers import parse_message, read_message
from tests.dns_parts.mails import SOURCE, TARGET, mail


def test_a_delivered_probe_names_its_tenant_way_and_signature() -> None:
    found = parse_message(mail(), "probe.eml")
    assert (found.tenant_id, found.sender, found.message_id) == (TARGET, "alex@example.org", "<1@example.org>")
    assert (found.sent, found.received) == (datetime(2027, 1, 16, 18), datetime(2027, 1, 16, 18, 0, 40))
    assert [(one.method, one.result, one.domain) for one in found.authentication[:3]] == [
        ("spf", "pass", "example.org"),
        ("dkim", "pass", "example.org"),
        ("dmarc", "pass", "example.org"),
    ]
    assert found.signed_by("example.org")
    assert not found.signed_by("contoso.com")
    assert found.signatures == (("example.org", "key1"),)
    assert [hop.server for hop in found.hops] == ["AS8PR05.eurprd05.prod.outlook.com", "AM6EUR05.mail.protection.outlook.com"]


def test_a_selector_is_read_where_the_receiver_tells_it() -> None:
    told = (
        "mx.example.net; dkim=fail header.i=@old.example header.s=s0;\r\n dkim=pass header.i=@contoso.com header.s=selector1; spf=softfail"
    )
    found = parse_message(mail(results=told), "probe.eml")
    assert (found.result_of("dkim"), found.result_of("spf"), found.result_of("dmarc")) == ("pass", "softfail", "")
    assert [(one.domain, one.selector) for one in found.authentication if one.result == "pass"] == [("contoso.com", "selector1")]


def test_two_tenants_are_none() -> None:
    assert parse_message(mail(more=f"X-MS-Exchange-CrossTenant-Id: {SOURCE}\r\n"), "probe.eml").tenant_id == ""
    assert parse_message(mail(tenant=""), "probe.eml").tenant_id == ""
    attributed = f"X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: TenantId={TARGET};Ip=[192.0.2.7];Helo=[x]\r\n"
    assert parse_message(mail(tenant="", more=attributed), "probe.eml").tenant_id == TARGET


def test_what_the_body_says_is_no_header() -> None:
    forged = f"X-MS-Exchange-CrossTenant-Id: {TARGET}\r\nAuthentication-Results: dkim=pass header.d=contoso.com"
    assert parse_message(mail(tenant="", body=forged), "probe.eml").tenant_id == ""


def test_only_the_topmost_result_counts() -> None:
    forged = "Authentication-Results: dkim=pass header.d=contoso.com\r\n"
    assert not parse_message(mail(results="dkim=none", more=forged), "probe.eml").signed_by("contoso.com")


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\x00" * 5000, b"MZ\x90\x00" + b"\xff" * 400, b"\r\n\r\nReceived: x", b"X: 1\r\n" * 1000, b"{}"],
    ids=["empty", "text", "zeros", "program", "body", "headers", "json"],
)
def test_what_is_no_message_is_said_in_one_sentence(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.eml").write_bytes(data)
    with pytest.raises(ValueError, match=r"x\.eml is no delivered message"):
        read_message(tmp_path / "x.eml")


@pytest.mark.parametrize(
    "more",
    [
        "Received: by x; Thu, 99 Foo 99999 99:99:99 +9999\r\n",
        "Subject: =?utf-8?b?////?= =?nonsense?q?x?=\r\n",
        "DKIM-Signature: ;;;==;d\r\n",
        "Authentication-Results: " + "(" * 3000 + "\r\n",
        "Received: " + "from " * 4000 + "\r\n",
        "From: \x1b[31m\xff<>\r\n",
    ],
)
def test_broken_headers_prove_nothing_and_raise_nothing(more: str) -> None:
    data = more.encode("latin-1") + mail(tenant="")
    found = parse_message(data, "probe.eml")
    assert found.tenant_id == ""
    assert found.subject.isprintable()
    assert found.sender.isprintable()


def test_a_delay_is_by_two_clocks() -> None:
    found = parse_message(mail(delay=timedelta(minutes=3)), "probe.eml")
    assert found.received
    assert found.sent
    assert found.received - found.sent == timedelta(minutes=3)
