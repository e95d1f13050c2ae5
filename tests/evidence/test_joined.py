"""Lists that an export joined into one text: read as the list they were, or not collected; never as another list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.normalise.addresses import JOINED_ADDRESSES
from tests.evidence.exported import mailbox, take_in

DN = "/o=Exchange Labs, Inc; a|b/ou=Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=A  B+c=ü@x"
SEPARATORS = [" ", ";", ",", "|", "; ", ", "]
ID = "c505fea7-83dd-4a9e-940b-92b8764f2856"


@pytest.mark.parametrize("separator", SEPARATORS)
def test_an_x500_address_full_of_separators_comes_out_whole(separator: str) -> None:
    joined = separator.join([f"X500:{DN}", "SMTP:A@x.com", "x400:C=US;A= ;P=Org;S=Doe", "smtp:b@y.com", "SPO:SPO_1@SPO_2"])
    assert n.smtp(joined) == ["a@x.com", "b@y.com"]
    assert n.x500(joined) == [DN.casefold()]


@pytest.mark.parametrize(
    ("joined", "why"),
    [
        ("SMTP:a@x.com;X500:/o=a;FOO:bar", "a type that nobody knows"),
        ("SMTP:a@x.com;X500:/o=a;c@d.example", "an address without a type"),
        ("SMTP:a@x.com smtp:b@y.com;sip:x@y", "two separators"),
        ("SMTP:a@x.com;SMTP:b@x.com", "two primaries"),
        ("smtp:a@x.com;smtp:b@x.com", "no primary"),
        ("SMTP:a@x.com;X500:/o=b...", "cut off"),
        ("SMTP:a@x.com;X500:/o=b…", "cut off"),
        ("SMTP:a@x.com;smtp:", "nothing behind the type"),
        ("SMTP:a@x.com;X500:/o=a;;smtp:b@y.com", "whose is the second semicolon?"),
        ("SMTP:a@x.com;X500:/o=a ", "whose is the blank?"),
        ('SMTP:"a;b"@x.com;smtp:b@y.com', "a quoted local part"),
        ("SMTP:a@x.com/smtp:b@y.com", "no separator"),
    ],
)
def test_more_than_one_reading_is_no_reading(joined: str, why: str) -> None:
    for normalise in (n.smtp, n.x500):
        with pytest.raises(n.NotCollected):
            pytest.fail(f"{why}: {normalise(joined)}")


LOCAL = st.text("ab.é'+-", min_size=1, max_size=4)
ADDRESS = st.builds("{}@{}.example".format, LOCAL, st.text("xy", min_size=1, max_size=2))
HOSTILE = st.text(" ;,|=/@:().abcSMTPsmtp0…\n", max_size=14)
PROXY = st.one_of(
    st.builds("{}:{}".format, st.sampled_from(["smtp", "sip", "SIP"]), ADDRESS),
    st.builds("{}:/o={}".format, st.sampled_from(["x500", "X500"]), HOSTILE),
    st.builds("X400:C=US;{}".format, HOSTILE),
)


@given(ADDRESS, st.lists(PROXY, max_size=4), st.sampled_from(SEPARATORS), st.integers(0, 4))
@example("a@b.example", ["X500:/o=Ex (x), y"], " ", 0)
def test_a_joined_list_is_read_as_it_was_or_not_at_all(primary: str, others: list[str], separator: str, place: int) -> None:
    proxies = [*others[:place], f"SMTP:{primary}", *others[place:]]
    inside = [other for other in others if JOINED_ADDRESSES.search(other)]  # a member that hides an address of a known type
    try:
        found = (n.smtp(separator.join(proxies)), n.x500(separator.join(proxies)))
    except n.NotCollected:
        return
    if not inside:
        assert found == (n.smtp(proxies), n.x500(proxies))


@pytest.mark.parametrize("separator", SEPARATORS)
def test_domains_and_hold_ids_are_taken_apart(separator: str) -> None:
    assert n.domains_or_ids(separator.join(["A.example", ID])) == ["a.example", ID]
    holds = [f"UniH{ID}", f"mbx{ID.replace('-', '')}:2", f"-mbx{ID.replace('-', '')}:1"]
    assert n.hold_ids(separator.join(holds)) == [hold.casefold() for hold in holds]
    assert n.hold_ids(holds) == [hold.casefold() for hold in holds]


@pytest.mark.parametrize(
    "joined", ["a.example; b.example,c.example", "a.example contoso", f"{ID} {ID[:-1]}", "a.example;", "a.example...b c"]
)
def test_what_is_no_domain_is_not_taken_apart(joined: str) -> None:
    with pytest.raises(n.NotCollected):
        n.domains_or_ids(joined)


@pytest.mark.parametrize("value", [2, "System.Object[]", ["a", 2]])
def test_an_enumeration_as_a_number_is_not_collected(value: Any) -> None:
    """Microsoft documents the names of MailboxMoveCapability, not its numbers."""
    with pytest.raises(n.NotCollected):
        n.words(value)


def test_the_bundle_says_what_could_not_be_taken_apart() -> None:
    whole = take_in("mailboxes", [mailbox(1, EmailAddresses=f"SMTP:A@x.com;X500:{DN}")])
    assert (whole.table["smtp"].to_pylist(), whole.table["x500"].to_pylist(), whole.holes) == ([["a@x.com"]], [[DN.casefold()]], ())
    told = take_in("mailboxes", [mailbox(1), mailbox(2, EmailAddresses="SMTP:a@x.com;SMTP:b@x.com")])
    assert told.table["smtp"].null_count == 1
    assert any("EmailAddresses was not collected for 1 of 2 objects" in hole and "no sure way" in hole for hole in told.holes)


def test_plan_names_are_taken_apart_and_nothing_else_is_a_plan() -> None:
    assert n.plan_names("TEAMS1; EXCHANGE_S_ENTERPRISE; SWAY") == ["EXCHANGE_S_ENTERPRISE", "SWAY", "TEAMS1"]
    for text in (
        "Exchange Online (Plan 2), Teams",
        "Microsoft.Graph.PowerShell.Models.Plan[]",
        "TEAMS1;",
        "",
        f"TEAMS1 {ID}",
        "NULL",
        "NONE",
    ):
        with pytest.raises(n.NotCollected):
            n.plan_names(text)
    with pytest.raises(n.NotCollected):
        n.plans_with("success")("TEAMS1")  # the status is not there
