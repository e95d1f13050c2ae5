"""A name that was not collected leaves open only the rows whose key it may be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.tenants import Evidence, Row, loaded, mapping_of, relation_rows

KEYS = ("ada@con.com", "grace@con.com", "u3@con.com")


def mailbox(number: int, upn: str | None, primary: str | None, **changes: Any) -> Row:
    return {
        "object_id": f"0000000{number}-0000-4000-8000-000000000000",
        "exchange_guid": f"1000000{number}-0000-4000-8000-000000000000",
        "upn": upn,
        "primary_smtp": primary,
        "smtp": [primary],
        "is_inactive": False,
        "is_soft_deleted": False,
        **changes,
    }


def hits(*strangers: Row) -> list[int | None]:
    """How many mailboxes the keys name: of one whose UPN is the address, of one named by address, of one named by UPN alone."""
    known = [mailbox(1, KEYS[0], KEYS[0]), mailbox(2, "u2@con.com", KEYS[1]), mailbox(3, KEYS[2], "alan@con.com")]
    evidence = Evidence({"source.mailboxes": [*known, *strangers]})
    with loaded(evidence, mapping_of([(key, f"t{number}@fab.com", "", "") for number, key in enumerate(KEYS)])) as connection:
        return [row["source.hits"] for row in relation_rows(connection, "pairs")]


def test_without_holes_every_key_is_sure() -> None:
    assert hits() == [1, 1, 1]


def test_an_unknown_upn_is_none_that_somebody_has() -> None:
    assert hits(mailbox(4, None, "mary@con.com")) == [1, None, 1]


def test_an_unknown_address_is_none_that_somebody_has() -> None:
    assert hits(mailbox(4, "mary@con.com", None, smtp=None)) == [1, 1, None]


@pytest.mark.parametrize("state", [{"is_inactive": True}, {"is_soft_deleted": True}, {"is_inactive": None}])
def test_a_deleted_mailbox_may_share_its_names(state: Row) -> None:
    assert hits(mailbox(4, None, "mary@con.com", **state)) == [None, None, None]


def test_an_unknown_guid_is_no_address() -> None:
    assert hits(mailbox(4, "mary@con.com", "mary@con.com", exchange_guid=None)) == [1, 1, 1]


def test_a_key_that_names_two_names_two_whatever_else_is_unknown() -> None:
    assert hits(mailbox(4, "mary@con.com", KEYS[0], is_inactive=True), mailbox(5, None, None)) == [2, None, None]
