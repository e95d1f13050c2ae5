"""`delegations`: one row a mailbox and holder of a right, and what is not known of either."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.tenants import Evidence, Row, loaded, mapping_of, project_of, relation_rows

WAVES = ("1", "2")
ROWS = [("boss@con.com", "boss@fab.com", "1"), ("anna@con.com", "anna@fab.com", "1"), ("ben@con.com", "ben@fab.com", "2")]


def box(name: str, /, **more: Any) -> Row:
    address = f"{name}@con.com"
    told = {
        "object_id": f"id-{name}",
        "upn": address,
        "primary_smtp": f"{name}.x@con.com",
        "exchange_guid": f"g-{name}",
        "name": f"n-{name}",
    }
    return told | {"recipient_type_details": "UserMailbox", "send_on_behalf": []} | more


def full(trustee: str, mailbox: str = "boss", **more: Any) -> Row:
    entry = {"mailbox_guid": f"g-{mailbox}", "trustee": trustee, "rights": "fullaccess", "is_inherited": False, "is_denied": False}
    return entry | more


SELF = "nt authority\\self"
OWN: dict[str, list[Row]] = {
    "source.mailbox_permissions": [full(SELF, name) for name in ("boss", "anna", "ben")],
    "source.recipient_permissions": [full(SELF, name, rights="sendas") | {"type": "allow"} for name in ("boss", "anna", "ben")],
    "source.calendar_permissions": [
        {"mailbox_guid": f"g-{name}", "trustee": "default", "rights": "availabilityonly"} for name in ("boss", "anna", "ben")
    ],
}


def found(*permissions: Row, boxes: list[Row] | None = None, **more: Any) -> list[Row]:
    rows = {
        "source.mailboxes": boxes or [box("boss"), box("anna"), box("ben"), box("zoe")],
        **OWN,
        "source.mailbox_permissions": [*OWN["source.mailbox_permissions"], *permissions],
        "source.distribution_groups": [{"guid": "g1", "object_id": "g2", "name": "team", "alias": "team", "primary_smtp": "team@con.com"}],
    }
    tables = {name: [*OWN[name], *more.pop(name)] for name in list(more) if name.startswith("source.")}
    with loaded(Evidence(rows | tables, **more), mapping_of(ROWS), project_of(waves=WAVES)) as connection:
        return relation_rows(connection, "delegations")


@pytest.mark.parametrize("trustee", ["anna@con.com", "anna.x@con.com", "id-anna", "n-anna", "g-anna"])
def test_a_holder_is_known_by_every_name(trustee: str) -> None:
    (row,) = found(full(trustee))
    assert (row["mailbox"], row["trustee_kind"], row["trustee_target"], row["trustee_wave"]) == (
        "boss@con.com",
        "mapped",
        "anna@fab.com",
        "1",
    )
    assert (row["id"], row["wave"], row["rights"], row["is_before"]) == ("boss@con.com / anna@con.com", "1", ["FullAccess"], False)


def test_all_rights_of_one_holder_stand_in_one_row() -> None:
    rows = found(
        full("ben@con.com"),
        boxes=[box("boss", send_on_behalf=["n-ben"]), box("anna"), box("ben")],
        **{
            "source.recipient_permissions": [full("ben@con.com", rights="sendas") | {"type": "allow"}],
            "source.calendar_permissions": [{"mailbox_guid": "g-boss", "trustee": "ben.x@con.com", "rights": "editor"}],
        },
    )
    assert [(row["rights"], row["trustee_wave"], row["is_before"]) for row in rows] == [
        (["Calendar", "FullAccess", "SendAs", "SendOnBehalf"], "2", True)
    ]


def test_what_every_mailbox_has_is_no_delegation() -> None:
    assert not found(
        full("anna@con.com", is_inherited=True),
        full("anna@con.com", is_denied=True),
        full("boss@con.com"),
        full("anna@con.com", mailbox="zoe"),
        **{
            "source.recipient_permissions": [full("ben@con.com", rights="sendas") | {"type": "deny"}],
            "source.calendar_permissions": [
                {"mailbox_guid": "g-boss", "trustee": "anonymous", "rights": "reviewer"},
                {"mailbox_guid": "g-boss", "trustee": "anna@con.com", "rights": "availabilityonly"},
            ],
        },
    )


@pytest.mark.parametrize(
    ("trustee", "kind"),
    [("zoe@con.com", "other"), ("unmapped 3", "other"), ("team@con.com", "group"), ("s-1-5-21-7-8-9-1104", "sid"), ("unknown", "sid")],
)
def test_a_holder_who_is_not_mapped(trustee: str, kind: str) -> None:
    (row,) = found(full(trustee))
    assert (row["trustee_kind"], row["trustee_wave"], row["is_before"]) == (kind, "", False)


def test_a_mapped_person_of_whom_a_name_is_unknown_may_be_the_holder() -> None:
    boxes = [box("boss"), box("anna", name=None), box("ben")]
    assert [row["trustee_kind"] for row in found(full("somebody"), boxes=boxes)] == [None]
    assert [row["trustee_kind"] for row in found(full("somebody"), incomplete=frozenset({"source.mailboxes"}))] == [None]


def test_two_people_of_one_name_are_not_told_apart() -> None:
    assert [row["trustee_kind"] for row in found(full("n-anna"), boxes=[box("boss"), box("anna"), box("ben", name="n-anna")])] == [None]


def test_rights_to_send_on_behalf_that_were_not_collected_leave_a_row_of_which_nothing_is_known() -> None:
    (row,) = found(boxes=[box("boss", send_on_behalf=None), box("anna"), box("ben")])
    assert (row["mailbox"], row["rights"], row["trustee_kind"], row["trustee_wave"], row["is_before"]) == (
        "boss@con.com",
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("place", OWN)
def test_a_mailbox_without_its_own_entry_was_not_asked(place: str) -> None:
    with loaded(
        Evidence({"source.mailboxes": [box("boss"), box("anna"), box("ben")], **OWN, place: OWN[place][1:]}),
        mapping_of(ROWS),
        project_of(waves=WAVES),
    ) as connection:
        assert [(row["mailbox"], row["trustee_kind"]) for row in relation_rows(connection, "delegations")] == [("boss@con.com", None)]
