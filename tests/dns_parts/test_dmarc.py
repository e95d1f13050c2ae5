"""DMARC by the tree walk of RFC 9989, and names as DNS carries them."""

from __future__ import annotations

import asyncio

import pytest

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.dmarc import Dmarc, find_dmarc, report_owners, walk
from ctm_audit.dns.names import domain_name, readable
from tests.dns_parts.zones import Zones


def found(domain: str, texts: dict[str, list[str]], failing: dict[str, Outcome] | None = None, *, exists: bool = True) -> Dmarc:
    records = {f"_dmarc.{name}": {"TXT": values} for name, values in texts.items()}
    lost = {(f"_dmarc.{name}", "TXT"): outcome for name, outcome in (failing or {}).items()}
    return asyncio.run(find_dmarc(domain, Zones(records, lost), exists=exists))


def test_the_record_of_the_domain_counts_before_all_others() -> None:
    told = found(
        "contoso.com", {"contoso.com": ["v=DMARC1; p=reject; rua=mailto:d@contoso.com", "other"], "com": ["v=DMARC1; p=none; psd=y"]}
    )
    assert (told.policy, told.organizational, told.unseen, told.faults) == ("reject", "contoso.com", (), ())
    assert told.record
    assert told.record.ttl == 300


@pytest.mark.parametrize(("exists", "policy"), [(True, "quarantine"), (False, "reject")])
def test_a_subdomain_takes_sp_and_one_that_is_not_there_np(exists: bool, policy: str) -> None:
    told = found("mail.shop.contoso.com", {"contoso.com": ["v=DMARC1; p=none; sp=quarantine; np=reject"]}, exists=exists)
    assert (told.policy, told.organizational) == (policy, "contoso.com")


def test_psd_ends_the_walk() -> None:
    above = {"contoso.com": ["v=DMARC1; p=reject"], "com": ["v=DMARC1; p=none; psd=y"]}
    assert found("a.contoso.com", above).organizational == "contoso.com"
    assert found("a.fabrikam.com", above).organizational == "fabrikam.com"
    assert found("a.contoso.com", {"a.contoso.com": ["v=DMARC1; p=none; psd=n"], **above}).organizational == "a.contoso.com"


def test_a_long_name_is_walked_from_seven_labels_on() -> None:
    assert list(walk("a.b.c.d.e.f.g.h.i.example.com")) == [
        "a.b.c.d.e.f.g.h.i.example.com",
        *(".".join(["e", "f", "g", "h", "i", "example", "com"][number:]) for number in range(7)),
    ]
    assert list(walk("contoso.com")) == ["contoso.com", "com"]


def test_two_records_count_for_nothing() -> None:
    told = found("contoso.com", {"contoso.com": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]})
    assert (told.record, told.policy) == (None, "")
    assert told.faults == ("_dmarc.contoso.com has 2 DMARC records, so none of them counts",)


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.SERVFAIL, Outcome.BOGUS])
def test_what_could_not_be_seen_is_not_absent(outcome: Outcome) -> None:
    told = found("contoso.com", {"com": ["v=DMARC1; p=none; psd=y"]}, {"contoso.com": outcome})
    assert (told.record, told.policy, told.unseen) == (None, "", (f"_dmarc.contoso.com: {outcome}",))
    assert found("contoso.com", {"contoso.com": ["v=DMARC1; p=reject"]}, {"com": outcome}).policy == "reject"


def test_old_tags_are_warned_of_and_faults_named() -> None:
    told = found("contoso.com", {"contoso.com": ["v=DMARC1; p=refuse; pct=50; rua=nobody; x; rua=mailto:a@b.example"]}).record
    assert told
    assert told.policy == "none"
    assert told.warnings == ("pct counts no longer (RFC 9989)",)
    assert len(told.faults) == 4


def test_other_domains_must_agree_to_reports() -> None:
    told = found("contoso.com", {"contoso.com": ["v=DMARC1; p=none; rua=mailto:a@mail.contoso.com,mailto:x@vendor.example!10m"]}).record
    assert told
    assert report_owners(told, "contoso.com") == ("contoso.com._report._dmarc.vendor.example",)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Contoso.COM.", "contoso.com"),
        (" bücher.example ", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("a.b.c-d.co", "a.b.c-d.co"),
    ],
)
def test_names_as_dns_carries_them(typed: str, name: str) -> None:
    assert domain_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "contoso",
        "contoso .com",
        "con\u200btoso.com",
        "-a.example",
        "a..example",
        "192.0.2.1",
        "x" * 64 + ".example",
        "☃.example",
        "a_b.example",
    ],
)
def test_what_is_no_domain_is_said_in_one_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"is no |cannot be seen") as told:
        domain_name(typed)
    assert str(told.value).isascii()


def test_both_forms_are_shown() -> None:
    assert readable("xn--bcher-kva.example") == "bücher.example (xn--bcher-kva.example)"
    assert readable("contoso.com") == "contoso.com"
