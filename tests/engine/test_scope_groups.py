"""The groups that the source publishes: what they are, and who is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.engine.tenants import TARGET_TENANT, Evidence, Row, loaded, mapping_of, relation_rows

ADA, BO, MOVED, STRANGER = (f"{letter * 8}-0000-4000-8000-000000000001" for letter in "abcd")
CHANGED = datetime(2026, 11, 1, 9)
GROUP: Row = {
    "guid": "1",
    "object_id": "11",
    "name": "ctm",
    "alias": "ctmalias",
    "primary_smtp": "ctm@con.com",
    "recipient_type_details": "MailUniversalSecurityGroup",
    "when_changed": CHANGED,
}
PILOT: Row = GROUP | {"guid": "2", "object_id": "22", "name": "pilot", "alias": "pilot", "primary_smtp": "pilot@con.com"}
PEOPLE: dict[str, list[Row]] = {
    "source.mailboxes": [
        {"object_id": ADA, "upn": "ada@con.com", "primary_smtp": "ada.l@con.com", "exchange_guid": "x1"},
        {"object_id": BO, "upn": "bo@con.com", "primary_smtp": "bo@con.com", "exchange_guid": "x2"},
        {"object_id": STRANGER, "upn": "eve@con.com", "primary_smtp": "eve@con.com", "exchange_guid": "x3"},
    ],
    "source.mail_users": [{"object_id": MOVED, "upn": "cy@con.com", "primary_smtp": "cy@con.com", "exchange_guid": "x4"}],
}
MAPPING = mapping_of([("ada.l@con.com", "ada@fab.com"), ("x2", "bo@fab.com"), ("cy@con.com", "cy@fab.com")])


def groups(scopes: list[str], members: dict[str, list[str]], *listed: Row, **more: Any) -> dict[str, Row]:
    relationship = {"name": "r", "domain_names": [TARGET_TENANT], "move_scopes": scopes}
    rows = PEOPLE | {
        "source.organization_relationships": [relationship],
        "source.distribution_groups": [*(listed or (GROUP,))],
        "source.group_members": [{"part": part, "object_id": one} for part, ids in members.items() for one in ids],
    }
    with loaded(Evidence(rows, parts=tuple(members), **more), MAPPING) as connection:
        return {row["id"]: row for row in relation_rows(connection, "scope_groups")}


@pytest.mark.parametrize("published", ["ctm", "ctmalias", "ctm@con.com", "1", "11", "con.onmicrosoft.com/ctm"])
def test_a_group_by_any_of_its_names(published: str) -> None:
    found = groups([published], {"ctm": [ADA, BO, MOVED, STRANGER]})[published]
    assert (found["group_type"], found["when_changed"]) == ("MailUniversalSecurityGroup", CHANGED)
    assert (found["members"], found["outsiders"], found["in_others"]) == (4, 1, 0)


def test_a_group_that_is_not_listed_is_none() -> None:
    assert groups(["gone"], {"ctm": [ADA]})["gone"]["group_type"] == ""
    assert groups(["gone"], {}, incomplete=frozenset({"source.distribution_groups"}))["gone"]["group_type"] is None


def test_a_name_of_two_groups_says_nothing() -> None:
    found = groups(["ctm"], {"ctm": [ADA]}, GROUP, PILOT | {"alias": "ctm"})["ctm"]
    assert (found["group_type"], found["when_changed"]) == (None, None)


def test_who_is_in_two_groups_and_who_in_one_under_two_names() -> None:
    found = groups(["ctm", "pilot"], {"ctm": [ADA, BO], "pilot": [BO]}, GROUP, PILOT)
    assert [found[name]["in_others"] for name in ("ctm", "pilot")] == [1, 1]
    found = groups(["ctm", "ctm@con.com"], {"ctm": [ADA, BO]})
    assert [row["in_others"] for row in found.values()] == [0, 0]


def test_an_empty_group_has_nobody_and_of_an_unexported_one_nobody_knows() -> None:
    found = groups(["ctm", "pilot"], {"ctm": []}, GROUP, PILOT)
    assert [(row["members"], row["outsiders"], row["in_others"]) for row in found.values()] == [(0, 0, None), (None, None, None)]


@pytest.mark.parametrize("place", ["source.group_members", "source.mailboxes", "source.mail_users"])
def test_outsiders_are_unknown_while_rows_may_be_missing(place: str) -> None:
    assert groups(["ctm"], {"ctm": [ADA]}, incomplete=frozenset({place}))["ctm"]["outsiders"] is None


def test_nothing_is_published() -> None:
    assert groups([], {"ctm": [ADA]}) == {}
