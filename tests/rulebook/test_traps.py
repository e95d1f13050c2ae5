"""The traps that the language accepts, because they have a meaning: with something unknown they say undetermined, with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest

from ctm_audit.rulebook.cases import Evidence, first_verdict, texts
from ctm_audit.rulebook.judging import gaps
from ctm_audit.rulebook.sandbox import open_sandbox
from tests.rulebook.make import checked

NOT_DUPLICATE = "target.upn not in (select p.target.upn from pairs p group by p.target.upn having count(*) > 1)"
NO_MAILBOX = "(select count(*) from source_mailboxes m where m.upn = this.source.upn) = 0"
NO_OTHER = "len(list_filter(target.smtp, lambda a: a = source.upn)) = 0"
VERIFIED = "source.upn in (select d.name from target_domains d where d.is_verified)"
UNVERIFIED = "source.upn not in (select d.name from target_domains d where d.is_verified)"
Rows = Mapping[str, tuple[Mapping[str, Any], ...]]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_sandbox() as opened:
        yield opened


def said(connection: duckdb.DuckDBPyConnection, passes: str, rows: Rows, incomplete: Mapping[str, str] | None = None) -> tuple[str, str]:
    """The verdict and, when it is undetermined, the reason that a report would print."""
    rule, evidence = checked(passes=passes), Evidence(rows, incomplete or {})
    lacking = "; ".join(gap.reason for gap in gaps(rule, evidence.catalogue()))
    verdict = first_verdict(connection, rule, evidence)
    reason = lacking or str(texts(connection, rule, evidence)["reason"])
    return verdict, reason if verdict == "undetermined" else ""


@pytest.mark.parametrize(
    ("passes", "rows", "reason"),
    [
        ("source.upn = 'a'", {"pairs": ({},)}, "source.upn (source Get-Mailbox.UserPrincipalName)"),
        ("not (source.upn = 'a')", {"pairs": ({},)}, "source.upn (source Get-Mailbox.UserPrincipalName)"),
        ("source.upn <> target.upn", {"pairs": ({"source.upn": "a"},)}, "target.upn (target Get-MailUser.UserPrincipalName)"),
        ("len(target.smtp) = 0", {"pairs": ({},)}, "target.smtp (target Get-MailUser.EmailAddresses)"),
        ("not list_contains(target.smtp, source.upn)", {"pairs": ({"target.smtp": []},)}, "source.upn"),
        ("not list_contains(target.smtp, source.upn)", {"pairs": ({"source.upn": "a"},)}, "target.smtp"),
        ("list_has_all(target.smtp, source.smtp)", {"pairs": ({"target.smtp": ["a"]},)}, "source.smtp"),
        ("not list_has_any(target.smtp, source.smtp)", {"pairs": ({"target.smtp": []},)}, "source.smtp"),
        (NO_OTHER, {"pairs": ({"target.smtp": ["b"]},)}, "source.upn"),
        (NO_OTHER, {"pairs": ({"target.smtp": []},)}, "source.upn"),
        ("not list_contains([target.upn, source.upn], 'x')", {"pairs": ({"target.upn": "a"},)}, "source.upn"),
        ("target.smtp <> [source.upn]", {"pairs": ({"target.smtp": []},)}, "source.upn"),
        (NO_MAILBOX, {"pairs": ({},), "source_mailboxes": ({"upn": "b"},)}, "source.upn"),
        (NO_MAILBOX, {"pairs": ({},), "source_mailboxes": ()}, "source.upn"),
        (NO_MAILBOX, {"pairs": ({"source.upn": "a"},)}, "Get-Mailbox of the source tenant, which was not collected"),
        (
            NO_MAILBOX,
            {"pairs": ({"source.upn": "a"},), "source_mailboxes": ({"upn": "b"}, {})},
            "source Get-Mailbox.UserPrincipalName is unknown in some rows",
        ),
        (
            VERIFIED,
            {"pairs": ({"source.upn": "a"},), "target_domains": ({"name": "a"},)},
            "target Graph domains.isVerified is unknown in some rows",
        ),
        (
            UNVERIFIED,
            {"pairs": ({"source.upn": "a"},), "target_domains": ({"name": "b", "is_verified": True}, {"is_verified": True})},
            "id is unknown",
        ),
        (VERIFIED, {"pairs": ({},), "target_domains": ({"name": "a", "is_verified": True},)}, "source.upn"),
        (UNVERIFIED, {"pairs": ({},), "target_domains": ({"name": "a", "is_verified": True},)}, "source.upn"),
        (NOT_DUPLICATE, {"pairs": ({"target.upn": "a"}, {})}, "target Get-MailUser.UserPrincipalName is unknown in some rows"),
        ("accepts('target', target.primary_domain)", {"pairs": ({},), "target_accepted_domains": ()}, "target.primary_domain"),
        ("not accepts('target', target.primary_domain)", {"pairs": ({},), "target_accepted_domains": ()}, "target.primary_domain"),
        ("not accepts('target', target.primary_domain)", {"pairs": ({"target.primary_domain": "a"},)}, "Get-AcceptedDomain"),
        (
            "not accepts('target', target.primary_domain)",
            {"pairs": ({"target.primary_domain": "a"},), "target_accepted_domains": ({"name": "b"},)},
            "MatchSubDomains is unknown",
        ),
        (
            "(select max(d.name) from target_domains d) >= source.upn",
            {"pairs": ({"source.upn": ""},), "target_domains": ()},
            "do not decide it",
        ),
        ("(select bool_and(d.is_verified) from target_domains d)", {"pairs": ({},), "target_domains": ()}, "do not decide it"),
        (
            "not list_has_any(target.smtp, (select list(d.name order by d.name) from target_domains d))",
            {"pairs": ({"target.smtp": ["a"]},), "target_domains": ()},
            "do not decide it",
        ),
        ("target.smtp[3] <> 'a'", {"pairs": ({"target.smtp": ["a"]},)}, "do not decide it"),
        ("try_cast(source.upn as bigint) <> 5", {"pairs": ({"source.upn": "five"},)}, "do not decide it"),
        ("project.now > timestamp '2027-01-01'", {"pairs": ({},)}, "project.now"),
    ],
)
def test_unknown_is_undetermined_and_says_what_is_unknown(
    connection: duckdb.DuckDBPyConnection, passes: str, rows: Rows, reason: str
) -> None:
    verdict, told = said(connection, passes, rows)
    assert verdict == "undetermined"
    assert reason in told


@pytest.mark.parametrize(
    ("passes", "rows"),
    [
        (NO_MAILBOX, {"pairs": ({"source.upn": "a"},), "source_mailboxes": ({"upn": "b"},)}),
        (VERIFIED, {"pairs": ({"source.upn": "a"},), "target_domains": ({"name": "a", "is_verified": True},)}),
        (UNVERIFIED, {"pairs": ({"source.upn": "a"},), "target_domains": ()}),
        (
            "accepts('target', source.upn)",
            {"pairs": ({"source.upn": "a"},), "target_accepted_domains": ({"name": "a", "match_subdomains": False},)},
        ),
        ("(select count(*) from target_domains d) >= source.hits", {"pairs": ({"source.hits": 0},), "target_domains": ()}),
    ],
)
def test_a_table_that_may_lack_rows_decides_nothing(connection: duckdb.DuckDBPyConnection, passes: str, rows: Rows) -> None:
    looked_up = next(name for name in rows if name != "pairs")
    assert said(connection, passes, rows) == ("pass", "")
    verdict, reason = said(connection, passes, rows, {looked_up: "1,000 of 3,100 rows"})
    assert verdict == "undetermined"
    assert "may lack rows (1,000 of 3,100 rows)" in reason


def test_known_failures_stay_when_rows_to_judge_may_be_missing(connection: duckdb.DuckDBPyConnection) -> None:
    cut = {"pairs": "cut"}
    assert said(connection, "source.upn = 'a'", {"pairs": ({"source.upn": "b"},)}, cut)[0] == "fail"
    assert said(connection, "source.upn = 'a'", {"pairs": ({"source.upn": "a"},)}, cut)[0] == "undetermined"


@pytest.mark.parametrize(("upn", "verdict"), [(None, "pass"), ("a", "pass"), ("", "pass")])
def test_nothing_is_not_in_an_empty_set_whatever_it_is(connection: duckdb.DuckDBPyConnection, upn: str | None, verdict: str) -> None:
    """The left side of `in` needs no guard: over a complete, empty set every value gives the same verdict."""
    assert said(connection, UNVERIFIED, {"pairs": ({"source.upn": upn},), "target_domains": ()})[0] == verdict


def test_duplicates_are_found_among_the_judged_rows_themselves(connection: duckdb.DuckDBPyConnection) -> None:
    assert said(connection, NOT_DUPLICATE, {"pairs": ({"target.upn": "a"}, {"target.upn": "a"})})[0] == "fail"
    assert said(connection, NOT_DUPLICATE, {"pairs": ({"target.upn": "a"}, {"target.upn": "b"})})[0] == "pass"


@pytest.mark.parametrize(
    ("domain", "verdict"),
    [
        ("fabrikam.com", "pass"),
        ("mail.fabrikam.com", "fail"),
        ("fabrikam.net", "fail"),
        ("a.b.wide.example", "pass"),
        ("wide.example", "pass"),
        ("verywide.example", "fail"),
        ("example", "fail"),
        ("", "fail"),
    ],
)
def test_accepts_knows_subdomains(connection: duckdb.DuckDBPyConnection, domain: str, verdict: str) -> None:
    accepted = ({"name": "fabrikam.com", "match_subdomains": False}, {"name": "wide.example", "match_subdomains": True})
    rows: Rows = {"pairs": ({"target.primary_domain": domain},), "target_accepted_domains": accepted}
    assert said(connection, "accepts('target', target.primary_domain)", rows)[0] == verdict


def test_accepts_takes_its_argument_from_the_judged_row_whatever_its_name(connection: duckdb.DuckDBPyConnection) -> None:
    """A field called like a column of the accepted domains must not be taken for that column."""
    rows: Rows = {"pairs": ({"name": "contoso.com"},), "target_accepted_domains": ({"name": "fabrikam.com", "match_subdomains": True},)}
    assert said(connection, "accepts('target', name)", rows)[0] == "fail"


def test_applies_decides_before_passes(connection: duckdb.DuckDBPyConnection) -> None:
    rule = checked(applies="stage <> 'moved'", passes="source.upn = 'a'")
    for stage, upn, verdict in (
        ("moved", None, "not_applicable"),
        (None, "a", "undetermined"),
        (None, "b", "undetermined"),
        ("prepared", None, "undetermined"),
        ("prepared", "a", "pass"),
        ("prepared", "b", "fail"),
    ):
        assert first_verdict(connection, rule, Evidence({"pairs": ({"stage": stage, "source.upn": upn},)}, {})) == verdict
