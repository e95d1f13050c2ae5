"""What the observer makes of real name servers and resolvers: each kind of answer stays what it was (facts: docs/dns.md)."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

import dns.message
import pytest

from ctm_audit.evidence.bundle import open_bundle
from ctm_audit.evidence.tables.dns import ROLES
from tests.dns.conftest import Bed, Observed

OLD, NEW = "10 old.example.com", "0 good-com.mail.protection.outlook.com"


@pytest.mark.parametrize(
    ("domain", "role", "outcomes"),
    [
        ("good.com", "mx", {"ns1.good.com": "answer", "ns2.good.com": "answer"}),
        ("mixed.com", "mx", {"ns1.mixed.com": "answer", "ns2.mixed.com": "answer"}),
        ("refused.com", "mx", {"ns1.refused.com": "answer", "ns2.refused.com": "refused"}),
        ("lame.com", "mx", {"ns1.lame.com": "answer", "ns2.lame.com": "lame"}),
        ("servfail.com", "mx", {"ns1.servfail.com": "servfail"}),
        ("servfail.com", "txt", {"ns1.servfail.com": "timeout"}),
        ("servfail.com", "soa", {"ns1.servfail.com": "answer"}),
        ("nomx.com", "mx", {"ns1.nomx.com": "nodata"}),
        ("good.com", "msoid", {"ns1.good.com": "nxdomain", "ns2.good.com": "nxdomain"}),
        ("tc.com", "mx", {"ns1.tc.com": "answer"}),
        ("late.com", "mx", {"ns1.late.com": "answer"}),
        ("notcp.com", "mx", {"ns1.notcp.com": "truncated_no_tcp"}),
        ("formerr.com", "mx", {"ns1.formerr.com": "answer"}),
        ("noedns.com", "mx", {"ns1.noedns.com": "answer"}),
        ("cut.com", "mx", {"ns1.cut.com": "malformed"}),
        ("noaa.com", "mx", {"ns1.noaa.com": "lame"}),
        ("extra.com", "mx", {"ns1.extra.com": "answer"}),
        ("xn--mller-kva.com", "mx", {"ns1.xn--mller-kva.com": "answer"}),
    ],
)
def test_each_kind_of_answer_stays_apart(seen: Observed, domain: str, role: str, outcomes: dict[str, str]) -> None:
    assert seen.told(domain, role) == outcomes


@pytest.mark.parametrize("domain", ["wrongid.com", "garbage.com"])
def test_forged_and_senseless_datagrams_are_ignored(seen: Observed, domain: str) -> None:
    outcomes = {row["outcome"] for row in seen.rows("answers", domain=domain, kind="authoritative", way="plain")}
    assert outcomes <= {"timeout", "skipped"}
    assert "timeout" in outcomes


@pytest.mark.parametrize("domain", ["dark.com", "half.com"])
def test_a_server_that_never_answered_is_left_alone_and_that_is_said(seen: Observed, domain: str) -> None:
    rows = [row for row in seen.rows("answers", domain=domain, kind="authoritative") if row["vantage"].startswith("127.53.7.7")]
    assert {row["outcome"] for row in rows} <= {"net_error", "skipped"}
    assert all(row["attempts"] for row in rows)
    assert any(gap.startswith(f"{domain}: ns{2 if domain == 'half.com' else 1}.{domain} 127.53.7.7") for gap in seen.said["gaps"])


def test_what_the_servers_hold_is_kept_server_by_server(seen: Observed) -> None:
    assert seen.one("split.com", "mx", "ns1.split.com")["data"] == [NEW]
    assert seen.one("split.com", "mx", "ns2.split.com")["data"] == [OLD]


def test_texts_are_joined_and_chains_are_kept(seen: Observed) -> None:
    texts = seen.one("good.com", "txt", "ns1.good.com")["data"]
    assert texts == ["MS=ms12345678", "v=spf1 include:spf.protection.outlook.com -all"]
    at_server = seen.one("good.com", "autodiscover", "ns1.good.com")
    assert (at_server["chain"], at_server["data"]) == (["autodiscover.outlook.com"], [])
    at_resolver = seen.one("good.com", "autodiscover", "plain", "resolver")
    assert (at_resolver["chain"], at_resolver["data"]) == (["autodiscover.outlook.com", "autod.outlook.com"], ["192.0.2.80"])


@pytest.mark.parametrize(("domain", "transport"), [("good.com", "udp"), ("tc.com", "tcp"), ("big.com", "tcp")])
def test_a_long_answer_comes_over_tcp(seen: Observed, domain: str, transport: str) -> None:
    row = seen.one(domain, "txt", f"ns1.{domain}")
    assert (row["outcome"], row["transport"]) == ("answer", transport)
    assert len(row["data"]) == (42 if domain == "big.com" else 2)


@pytest.mark.parametrize(
    ("domain", "role", "note"),
    [
        ("formerr.com", "mx", "no EDNS"),
        ("noedns.com", "mx", "no EDNS"),
        ("extra.com", "mx", "records of another name left out"),
        ("beside.com", "autodiscover", "a CNAME beside other data"),
        ("loop.com", "autodiscover", "a loop of CNAMEs"),
        ("noaa.com", "mx", "answers without authority"),
    ],
)
def test_what_is_unusual_is_noted(seen: Observed, domain: str, role: str, note: str) -> None:
    assert note in seen.one(domain, role)["notes"]


def test_a_record_of_another_name_is_no_evidence(seen: Observed) -> None:
    assert "victim.com" not in str(seen.one("extra.com", "mx")["records"])


def test_resolvers_that_check_signatures_call_expired_ones_wrong(seen: Observed) -> None:
    expired = seen.one("expired.com", "mx", "validating", "resolver")
    assert expired["outcome"] == "bogus"
    assert any("without checks: 0 good-com" in note for note in expired["notes"])
    told = seen.rows("answers", domain="expired.com", server="validating")
    assert any(row["ede"] for row in told)  # Unbound gives the reason once, and not with what it kept of it
    assert seen.one("expired.com", "mx", "plain", "resolver")["outcome"] == "answer"
    assert [seen.one("signed.com", role, "validating", "resolver")["ad"] for role in ("mx", "soa")] == [True, True]
    assert seen.one("good.com", "mx", "validating", "resolver")["ad"] is False


def test_signatures_and_ds_are_read(seen: Observed) -> None:
    row = seen.one("signed.com", "mx")
    assert row["is_signed"]
    assert row["signed_until"] > datetime(2020, 1, 1)
    assert [len(zone["ds"]) for zone in seen.rows("zones", domain="signed.com")] == [1]
    assert [(zone["ds"], zone["ds_outcome"]) for zone in seen.rows("zones", domain="good.com")] == [([], "nodata")]


def test_servers_that_validation_upsets_are_not_taken_for_bogus(seen: Observed) -> None:
    assert seen.one("servfail.com", "mx", "plain", "resolver")["outcome"] == "servfail"


def test_the_parent_is_asked_and_told_apart_from_the_zone(seen: Observed) -> None:
    (zone,) = seen.rows("zones", domain="otherns.com")
    assert (zone["outcome"], zone["zone"], zone["parent"]) == ("answer", "otherns.com", "com")
    assert zone["parent_ns"] == ["ns1.otherns.com", "ns2.otherns.com"]
    assert zone["child_ns"] == ["ns1.otherns.com", "ns2.otherns.com", "ns9.otherns.com"]
    assert zone["parent_servers"] == ["ns.com (127.53.2.1): referral"] or "referral" in zone["parent_servers"][0]
    found = {(row["server"], row["in_parent"], row["in_child"]) for row in seen.rows("name_servers", domain="otherns.com")}
    assert found == {("ns1.otherns.com", True, True), ("ns2.otherns.com", True, True), ("ns9.otherns.com", False, True)}


def test_a_domain_that_does_not_exist_is_said_not_to(seen: Observed) -> None:
    (zone,) = seen.rows("zones", domain="gone.com")
    assert (zone["outcome"], zone["zone"]) == ("nxdomain", "")
    assert not seen.rows("answers", domain="gone.com")
    assert "gone.com: does not exist; the servers of com say so" in seen.said["domains"]


def test_a_deeper_zone_is_asked_at_its_own_servers(seen: Observed) -> None:
    assert seen.told("deeper.com", "selector1", "referral") == {"ns1.deeper.com": "lame"}
    assert seen.one("deeper.com", "selector1")["data"] == ["v=DKIM1; p=vendor"]


def test_a_wildcard_answers_for_a_name_that_nobody_has(seen: Observed) -> None:
    assert seen.one("wild.com", "random")["chain"] == ["web.example.com"]
    assert seen.told("good.com", "random") == {"ns1.good.com": "nxdomain", "ns2.good.com": "nxdomain"}


@pytest.mark.parametrize(
    ("host", "outcomes", "addresses"),
    [
        ("good-com.mail.protection.outlook.com", {"answer", "nodata"}, {"192.0.2.25"}),
        ("gone.outlook.com", {"nxdomain"}, set()),
        ("autodiscover.outlook.com", {"answer", "nodata"}, {"192.0.2.80"}),
    ],
)
def test_hosts_of_mail_are_looked_up_at_every_resolver(seen: Observed, host: str, outcomes: set[str], addresses: set[str]) -> None:
    rows = seen.rows("answers", role="host", name=host)
    assert len(rows) == 2 * 4
    assert {row["outcome"] for row in rows} == outcomes
    assert {address for row in rows for address in row["data"]} == addresses


def test_literals_and_the_null_mx_are_no_hosts(seen: Observed) -> None:
    names = {row["name"] for row in seen.rows("answers", role="host")}
    assert not names & {"192.0.2.1", ".", ""}
    assert seen.one("nullmx.com", "mx")["data"] == ["0 ."]


def test_resolvers_are_tested_before_they_vote(seen: Observed) -> None:
    votes = {row["label"]: (row["votes"], row["is_honest"], row["outcome"]) for row in seen.rows("vantages")}
    assert votes["plain"] == votes["clamping"] == votes["validating"] == (True, True, "answer")
    assert votes["lying"] == (False, False, "answer")
    assert votes["nobody"] == (False, False, "net_error")


def test_a_clamping_resolver_shows_by_its_ttl(seen: Observed) -> None:
    assert seen.one("good.com", "mx", "ns1.good.com")["ttl"] == 300
    assert seen.one("good.com", "mx", "clamping", "resolver")["ttl"] > 300
    assert seen.one("good.com", "mx", "plain", "resolver")["ttl"] <= 300


def test_negative_ttl_and_further_selectors(seen: Observed) -> None:
    assert seen.one("good.com", "msoid", "ns1.good.com")["negative_ttl"] == 60
    assert seen.told("good.com", "selector:selector3") == {"ns1.good.com": "nxdomain", "ns2.good.com": "nxdomain"}


def test_every_role_is_asked_of_every_server(seen: Observed) -> None:
    roles = {row["role"] for row in seen.rows("answers", domain="good.com", kind="authoritative", server="ns2.good.com")}
    assert roles == {*(role.name for role in ROLES), "selector:selector3"}
    assert [row["outcome"] for row in seen.rows("answers", domain="good.com", way="tcp")] == ["answer", "answer"]


def test_the_message_is_kept_as_it_came(seen: Observed) -> None:
    row = seen.one("good.com", "mx", "ns1.good.com")
    wire = base64.b64decode(row["wire"] + "=" * (-len(row["wire"]) % 4))
    assert hashlib.sha256(wire).hexdigest() == row["sha256"]
    assert "good-com.mail.protection.outlook.com" in dns.message.from_wire(wire).to_text()


def test_what_looks_like_a_secret_is_not_spread(seen: Observed) -> None:
    texts = seen.one("secret.com", "txt")["data"]
    assert len(texts) == 3
    assert "hunter2" not in str(texts)
    assert any("looks like a secret" in text for text in texts)


def test_the_bundle_is_a_bundle(seen: Observed) -> None:
    assert seen.path
    bundle = open_bundle(seen.path)
    assert (bundle.side, bundle.tenant_id, bundle.path.name[:4]) == ("dns", "", "dns-")
    assert {name: entry.complete for name, entry in bundle.tables.items()} == dict.fromkeys(
        ["answers", "zones", "name_servers", "vantages", "history"], True
    )
    assert all(not entry.holes and not entry.missing for entry in bundle.tables.values())


@pytest.mark.parametrize(
    ("request_", "code", "said"),
    [
        ({"resolvers": ["plain"]}, 3, "1 of 1 resolvers can be believed, 2 are needed"),
        ({"resolvers": ["plain", "nobody"]}, 3, "1 of 2 resolvers can be believed, 2 are needed"),
        ({"resolvers": [], "own": ["plain"]}, 3, "1 of 1 resolvers can be believed, 2 are needed"),
        ({"resolvers": ["plain"], "own": ["validating"]}, 0, ""),
        ({"root": "127.53.7.7"}, 3, "good.com: its name servers are not known"),
        ({"root": "127.53.7.7", "resolvers": ["nobody"]}, 3, "Nobody could be asked: no root server and no resolver answers."),
    ],
)
def test_who_cannot_be_reached_is_said(bed: Bed, request_: dict[str, Any], code: int, said: str) -> None:
    found = bed.observe("good.com", **request_)
    assert found.said["code"] == code
    assert said in str(found.said)
    assert (found.path is None) == ("Nobody" in said)
