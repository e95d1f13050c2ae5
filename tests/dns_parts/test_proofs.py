"""Proofs become evidence without a hole, whatever was seen and whatever was not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.headers import parse_message
from ctm_audit.dns.heartbeat_folder import check_heartbeat, new_heartbeat
from ctm_audit.dns.proof_rows import heartbeat_rows, joined, message_rows, owner_rows, policy_rows, probe_rows
from ctm_audit.dns.proofs import Canary, find_owners, places_of, read_policies
from ctm_audit.dns.smtp_probe import SmtpProbe, SmtpReply
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.tables import PROOF_TABLES
from ctm_audit.reference import load_reference
from tests.dns_parts.mails import mail
from tests.dns_parts.servers import Https
from tests.dns_parts.zones import Zones

NOW = datetime(2027, 1, 16, 18)
CLOUDS = [cloud for cloud in load_reference().clouds.values() if cloud.name not in ("bleu", "delos")]
POLICY = b"version: STSv1\nmode: enforce\nmx: *.mail.protection.outlook.com\nmax_age: 604800\n"
ZONE = {
    "contoso.com": {"TXT": ["v=spf1 include:spf.protection.outlook.com -all", "MS=ms12345678"], "A": ["192.0.2.1"]},
    "spf.protection.outlook.com": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
    "_dmarc.contoso.com": {"TXT": ["v=DMARC1; p=reject; rua=mailto:a@vendor.example,mailto:b@other.example; pct=5"]},
    "contoso.com._report._dmarc.vendor.example": {"TXT": ["v=DMARC1"]},
    "_mta-sts.contoso.com": {"TXT": ["v=STSv1; id=1"]},
    "_smtp._tls.contoso.com": {"TXT": ["v=TLSRPTv1; rua=mailto:t@contoso.com"]},
}
PROBE = SmtpProbe("mx.example", "192.0.2.9", 25, "done", "rcpt", answers=(("a@contoso.com", SmtpReply(550, "5.4.1", "no ATTR")),))


def taken(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, Intake]:
    """The rows as tables; nothing may be lost on the way, and every table be one that a bundle can have."""
    assert rows.keys() <= {table.name for table in PROOF_TABLES}
    found = {name: intake(name, json.loads(json.dumps(told)), Meta("dns", name, NOW)) for name, told in rows.items()}
    for table in found.values():
        assert not table.holes
        assert not table.losses
        assert not table.missing
    return found


def first(rows: Mapping[str, list[dict[str, Any]]], name: str) -> dict[str, Any]:
    return dict(taken(rows)[name].table.to_pylist()[0])


def test_policies_that_are_all_there(server: Https) -> None:
    server.says["mta-sts.contoso.com/.well-known/mta-sts.txt"] = (200, {"Content-Type": "text/plain"}, POLICY)
    rows = policy_rows(asyncio.run(read_policies("contoso.com", Zones(ZONE), server.web(timeout=5))))
    assert first(rows, "spf")["passes"] == ["spf.protection.outlook.com"]
    assert [row["ttl"] for row in taken(rows)["spf_records"].table.to_pylist()] == [300, 300]
    dmarc = first(rows, "dmarc")
    assert (dmarc["policy"], dmarc["is_known"], dmarc["unauthorised"]) == ("reject", True, ["contoso.com._report._dmarc.other.example"])
    assert [row["state"] for row in taken(rows)["dkim_keys"].table.to_pylist()] == ["none", "none"]
    sts = first(rows, "sts_policies")
    assert (sts["outcome"], sts["mode"], sts["id"], sts["mx"]) == ("served", "enforce", "1", ["*.mail.protection.outlook.com"])


def test_where_nothing_is_published_nothing_is_fetched(server: Https) -> None:
    rows = policy_rows(asyncio.run(read_policies("contoso.com", Zones({}), server.web(timeout=5))))
    assert (first(rows, "spf")["state"], first(rows, "dmarc")["is_known"], first(rows, "sts_policies")["outcome"]) == (
        "none",
        True,
        "not_asked",
    )
    assert server.asked == []


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.SERVFAIL, Outcome.SKIPPED])
def test_what_nobody_answered_is_never_absent(server: Https, outcome: Outcome) -> None:
    names = ("contoso.com", "_dmarc.contoso.com", "_mta-sts.contoso.com", "_smtp._tls.contoso.com", "default._bimi.contoso.com")
    ask = Zones({}, {(name, "TXT"): outcome for name in names})
    rows = policy_rows(asyncio.run(read_policies("contoso.com", ask, server.web(timeout=5))))
    assert first(rows, "spf")["unseen"] == [f"contoso.com TXT: {outcome}"]
    assert (first(rows, "dmarc")["is_known"], first(rows, "dmarc")["unseen"]) == (False, [f"_dmarc.contoso.com: {outcome}"])
    assert (first(rows, "sts_policies")["record_outcome"], first(rows, "sts_policies")["outcome"]) == (str(outcome), "not_found")
    assert {row["outcome"] for row in taken(rows)["policy_records"].table.to_pylist()} == {str(outcome)}


def test_owners_at_every_sign_in_host(server: Https) -> None:
    rows = owner_rows(asyncio.run(find_owners("contoso.com", CLOUDS, server.web(timeout=5))))
    tables = taken(rows)
    assert [tables[name].table.num_rows for name in ("tenancies", "realms")] == [3, 3]
    assert {row["outcome"] for row in rows["tenancies"]} == {"unexpected"}


def test_a_canary_that_the_conversation_never_came_to_is_a_row_without_meaning() -> None:
    lost = SmtpProbe("mx.example", "192.0.2.10", 25, "timeout", "connect")
    rows = probe_rows("contoso.com", (PROBE, lost), (Canary("a@contoso.com", "source"),), NOW)
    found = taken(rows)["smtp_probes"].table.to_pylist()
    assert {(row["ending"], row["meaning"], row["code"], row["role"]) for row in found} == {
        ("done", "not_here", 550, "source"),
        ("timeout", "", 0, "source"),
    }
    assert len(taken(probe_rows("contoso.com", (lost,), (), NOW))["smtp_probes"].table) == 1


def test_messages_and_heartbeats(tmp_path: Path) -> None:
    told = [parse_message(mail(delay=timedelta(seconds=9)), "a.eml"), parse_message(mail(tenant=""), "b.eml")]
    rows = message_rows("example.org", [*told, told[0]])
    assert [(row["is_inbound"], row["is_signed"], row["selectors"], row["delay"]) for row in rows["probe_messages"]] == [
        (False, True, ["key1"], 9),
        (False, True, ["key1"], 40),
    ]
    new_heartbeat(tmp_path / "l", "p@contoso.com", ["a@example.org"], NOW, NOW + timedelta(hours=1), 5)
    pulse = heartbeat_rows(check_heartbeat(tmp_path / "l", tmp_path, NOW + timedelta(minutes=37), 30))
    assert (first(pulse, "heartbeats")["missing"], first(pulse, "heartbeats")["awaited"]) == (["1", "2"], 6)
    assert taken(joined([rows, pulse])).keys() == {"probe_messages", "heartbeats"}


def test_where_hosts_really_are() -> None:
    written = {
        "Login.microsoftonline.com": "127.0.0.1:8443",
        "a.example": "192.0.2.1",
        "b.example": "[2001:db8::1]:25",
        "ca_bundle": "ca.pem",
    }
    assert places_of(written | {"ca_bundle": "ca.pem"}) == {
        "login.microsoftonline.com": ("127.0.0.1", 8443),
        "a.example": ("192.0.2.1", 443),
        "b.example": ("2001:db8::1", 25),
    }
    assert places_of({"c.example": "2001:db8::1"}) == {"c.example": ("2001:db8::1", 443)}
    for wrong in ("host:", "host:0", "host:x", "host:99999"):
        with pytest.raises(ValueError, match="no HOST"):
            places_of({"a": wrong})
