"""SPF records: their tree, their limits, and what they authorise. Needs nothing from outside the repository."""

from __future__ import annotations

import asyncio
import json

import pytest

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.spf import check_host
from ctm_audit.dns.spf_record import parse_spf
from ctm_audit.dns.spf_tree import SpfTree, read_spf_tree
from tests.dns_parts.zones import Zones

WORLDWIDE = "spf.protection.outlook.com"
CHINA = "spf.protection.partner.outlook.cn"
MICROSOFT = {WORLDWIDE: {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}}
HOST = {"A": ["192.0.2.7"]}


def tree(record: str | list[str], failing: dict[tuple[str, str], Outcome] | None = None, **names: dict[str, list[str]]) -> SpfTree:
    texts = [record] if isinstance(record, str) else record
    others = {name.replace("_", "."): records for name, records in names.items()}
    zones = Zones({"contoso.com": {"TXT": texts, "A": ["192.0.2.1"]}, **MICROSOFT, **others}, failing or {})
    return asyncio.run(read_spf_tree("Contoso.COM.", zones))


def test_a_plain_record_authorises_the_cloud() -> None:
    found = tree(f"v=spf1 include:{WORLDWIDE} -all")
    assert (found.lookups, found.faults, found.unseen, found.ends_in) == (1, (), (), "-all")
    assert found.authorises(WORLDWIDE) is True
    assert found.missing((WORLDWIDE, CHINA)) == (CHINA,)
    (_, included) = found.root.nodes
    assert (included.place, included.ttl) == (f"contoso.com > {WORLDWIDE}", 300)


@pytest.mark.parametrize("record", [f"v=spf1 -include:{WORLDWIDE} ~all", f"v=spf1 -all include:{WORLDWIDE}", "v=spf1 include: -all"])
def test_an_include_that_passes_nothing_authorises_nothing(record: str) -> None:
    assert tree(record).authorises(WORLDWIDE) is False


def test_a_way_over_other_records_authorises_too() -> None:
    found = tree("v=spf1 redirect=mail.example", mail_example={"TXT": [f"v=spf1 include:{WORLDWIDE} ~all"]})
    assert (found.authorises(WORLDWIDE), found.ends_in) == (True, "~all")


@pytest.mark.parametrize(("count", "faults"), [(10, 0), (11, 1)])
def test_ten_lookups_are_allowed(count: int, faults: int) -> None:
    found = tree("v=spf1 " + "a " * count + "-all")
    assert (found.lookups, len(found.faults)) == (count, faults)


@pytest.mark.parametrize(("count", "faults"), [(2, 0), (3, 1)])
def test_two_lookups_may_find_nothing(count: int, faults: int) -> None:
    found = tree("v=spf1 " + " ".join(f"a:gone{number}.example" for number in range(count)) + " -all")
    assert (len(found.void_lookups), len(found.faults)) == (count, faults)


@pytest.mark.parametrize("term", ["include:contoso.com", "redirect=contoso.com", "include:loop.example"])
def test_a_loop_is_named_and_ends(term: str) -> None:
    found = tree(f"v=spf1 {term}", loop_example={"TXT": ["v=spf1 include:contoso.com -all"]})
    assert "leads back to contoso.com" in " ".join(found.faults)


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.SERVFAIL, Outcome.BOGUS, Outcome.TRUNCATED_NO_TCP])
def test_an_include_that_could_not_be_seen_is_neither_there_nor_missing(outcome: Outcome) -> None:
    found = tree("v=spf1 include:vendor.example -all", {("vendor.example", "TXT"): outcome})
    assert found.faults == ()
    assert found.unseen == (f"contoso.com > vendor.example TXT: {outcome}",)
    assert found.authorises(WORLDWIDE) is None
    assert found.missing((WORLDWIDE,)) == ()


def test_a_name_that_depends_on_the_message_leaves_it_open() -> None:
    assert tree("v=spf1 include:%{d}.vendor.example -all").authorises(WORLDWIDE) is None


def test_two_records_are_a_fault_and_none_is_none() -> None:
    assert tree(["v=spf1 -all", "v=spf1 ~all"]).root.state == "several"
    assert tree(["v=spf10 -all", " v=spf1 -all"]).root.state == "none"


def test_eleven_mail_hosts_are_a_fault_at_its_place() -> None:
    hosts = [f"0 mx{number}.example" for number in range(11)]
    fault, _ = tree("v=spf1 mx:many.example -all", many_example={"MX": hosts}).faults
    assert fault.startswith("contoso.com: mx: many.example has 11 MX records")


def test_every_fault_of_a_record_is_named_at_once() -> None:
    assert [fault.partition(":")[0] for fault in parse_spf("v=spf1 ipv4:192.0.2.1 a/33 exp= al").faults] == ["ipv4", "a/33", "exp=", "al"]


CASES = (
    ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
    ("v=spf1 ip4:198.51.100.1 ~all", "softfail"),
    ("v=spf1 a:host.example ?all", "pass"),
    ("v=spf1 mx -all", "fail"),
    ("v=spf1 include:vendor.example -all", "temperror"),
    ("v=spf1 include:nobody.example -all", "permerror"),
    ("v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all", "pass"),
    ("v=spf1", "neutral"),
    ("v=spf2 -all", "none"),
)


@pytest.mark.parametrize(("record", "verdict"), CASES)
def test_a_message_is_judged(record: str, verdict: str) -> None:
    data = {"contoso.com": {"TXT": [record]}, "host.example": HOST, "7.2.0.192.in-addr._spf.contoso.com": {"A": ["127.0.0.2"]}}
    zones = Zones(data, {("vendor.example", "TXT"): Outcome.TIMEOUT})
    assert asyncio.run(check_host("192.0.2.7", "mail.contoso.com", "a@contoso.com", zones)).verdict == verdict


@pytest.mark.parametrize(
    "text", [json.loads('"\\u0000"'), "v=spf1 %", "v=spf1 " + "a" * 5000, "v=spf1 a:" + "x." * 300, "v=spf1 %{d0}", "v=spf1 /" * 50]
)
def test_hostile_records_are_judged_and_nothing_is_raised(text: str) -> None:
    zones = Zones({"contoso.com": {"TXT": [text]}})
    assert asyncio.run(check_host("192.0.2.7", "x.example", "a@contoso.com", zones)).verdict in ("none", "permerror", "neutral")
    assert asyncio.run(read_spf_tree("contoso.com", zones)).authorises(WORLDWIDE) is not True
