"""Keys of every form, each stage, and scopes of every spelling, one readable case each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.tenants import DELIVERY, TARGET_TENANT, Evidence, Row, loaded, mapping_of, relation_rows

ID, OTHER, GUID, TWIN = (f"{number}0000000-0000-4000-8000-000000000000" for number in range(1, 5))
BOX: Row = {"object_id": ID, "upn": "ada@con.com", "primary_smtp": "a.l@con.com", "exchange_guid": GUID, "archive_guid": ""}
USER: Row = {
    "object_id": OTHER,
    "upn": "ada@fab.com",
    "primary_smtp": "a.l@fab.com",
    "exchange_guid": GUID,
    "external_address": "x@con.com",
}
RECIPIENT: Row = {
    "guid": TWIN,
    "object_id": OTHER,
    "primary_smtp": "a.l@fab.com",
    "recipient_type": "MailUser",
    "recipient_type_details": "MailUser",
}
READY: dict[str, list[Row]] = {
    "source.mailboxes": [BOX],
    "target.mail_users": [USER],
    "target.recipients": [RECIPIENT],
    "target.users": [{"object_id": OTHER, "upn": "ada@fab.com"}],
}


def pair(rows: dict[str, list[Row]], source: str = "ada@con.com", target: str = "ada@fab.com", **evidence: Any) -> Row:
    with loaded(Evidence(READY | rows, **evidence), mapping_of([(source, target)])) as connection:
        (row,) = relation_rows(connection, "pairs")
    return row


@pytest.mark.parametrize("key", ["ada@con.com", "A.L@Con.com", ID, GUID.upper()])
def test_a_mailbox_is_named_by_upn_address_object_id_or_exchange_guid(key: str) -> None:
    row = pair({}, source=key)
    assert (row["source.found"], row["source.hits"], row["source.upn"], row["id"]) == (True, 1, "ada@con.com", key)


@pytest.mark.parametrize("key", ["Ada@fab.com", "a.l@fab.com", OTHER.upper()])
def test_a_target_is_named_by_upn_address_or_object_id(key: str) -> None:
    row = pair({}, target=key)
    assert (row["target.hits"], row["target.upn"], row["target.recipient_type_details"]) == (1, "ada@fab.com", "MailUser")


def test_a_user_without_exchange_is_found_and_is_no_recipient() -> None:
    row = pair({"target.mail_users": [], "target.recipients": []})
    assert (row["target.hits"], row["target.recipient_type_details"], row["stage"]) == (1, "", "inconsistent")


def test_a_contact_is_found_by_its_address() -> None:
    contact = RECIPIENT | {"object_id": "", "recipient_type": "MailContact", "recipient_type_details": "MailContact"}
    row = pair({"target.mail_users": [], "target.recipients": [contact], "target.users": []}, target="a.l@fab.com")
    assert (row["target.hits"], row["target.recipient_type_details"], row["stage"]) == (1, "MailContact", "inconsistent")


def test_a_key_of_two_objects_names_neither() -> None:
    twin = BOX | {"object_id": TWIN, "upn": "x@con.com", "primary_smtp": "ada@con.com"}
    row = pair({"source.mailboxes": [BOX, twin]})
    assert (row["source.hits"], row["source.upn"], row["stage"]) == (2, None, "inconsistent")


def test_nobody_is_named_by_what_nobody_has() -> None:
    row = pair({"source.mailboxes": [BOX | {"upn": "", "primary_smtp": ""}]}, source="bob@con.com")
    assert (row["source.found"], row["source.hits"]) == (False, 0)


def user_in(state: str | None) -> dict[str, list[Row]]:
    return {"target.migration_users": [{"identity": "old@con.com", "mailbox_guid": GUID, "batch": "B", "status": state}]}


MOVED: dict[str, list[Row]] = {
    "source.mailboxes": [],
    "source.mail_users": [BOX | {"external_address": f"ada@{DELIVERY}"}],
    "target.mail_users": [],
    "target.mailboxes": [USER],
    "target.recipients": [RECIPIENT | {"recipient_type_details": "UserMailbox"}],
}
STAGES: dict[str, tuple[str | None, dict[str, list[Row]]]] = {
    "no target yet": ("unprepared", {"target.mail_users": [], "target.recipients": [], "target.users": []}),
    "a MailUser": ("prepared", {}),
    "a finished batch": ("prepared", user_in("completed")),
    "a running batch": ("moving", user_in("syncing")),
    "a state nobody has heard of": ("moving", user_in("daydreaming")),
    "a synced batch": ("synced", user_in("synced")),
    "a batch in an unknown state": (None, user_in(None)),
    "a finished batch and a running one": (
        "moving",
        {"target.migration_users": [*user_in("completed")["target.migration_users"], *user_in("syncing")["target.migration_users"]]},
    ),
    "a guest": ("inconsistent", {"target.recipients": [RECIPIENT | {"recipient_type_details": "GuestMailUser"}]}),
    "an object of unknown type": (None, {"target.recipients": [RECIPIENT | {"recipient_type_details": None}]}),
    "two recipients of one id": (None, {"target.recipients": [RECIPIENT, RECIPIENT | {"guid": ID}]}),
    "moved": ("moved", MOVED),
    "moved, but not routed": ("inconsistent", MOVED | {"source.mail_users": [BOX | {"external_address": "ada@con.com"}]}),
    "moved, but another mailbox": ("inconsistent", MOVED | {"target.mailboxes": [USER | {"exchange_guid": TWIN}]}),
    "moved, but without ExchangeGuid": (
        "inconsistent",
        MOVED
        | {
            "source.mail_users": [BOX | {"external_address": f"ada@{DELIVERY}", "exchange_guid": ""}],
            "target.mailboxes": [USER | {"exchange_guid": ""}],
        },
    ),
    "nobody": ("inconsistent", {"source.mailboxes": []}),
}


@pytest.mark.parametrize("name", STAGES)
def test_the_stage(name: str) -> None:
    stage, rows = STAGES[name]
    assert pair(rows)["stage"] == stage


@pytest.mark.parametrize(
    ("place", "rows"),
    [
        ("source.mailboxes", MOVED),
        ("source.mail_users", {"source.mailboxes": []}),
        ("target.mailboxes", {"source.mailboxes": []}),
        ("target.migration_users", {}),
        ("target.users", {"target.mail_users": [], "target.recipients": [], "target.users": []}),
        ("target.recipients", {"target.recipients": []}),
    ],
)
def test_a_stage_that_rests_on_absence_is_unknown_when_rows_may_be_missing(place: str, rows: dict[str, list[Row]]) -> None:
    assert pair(rows, incomplete=frozenset({place}))["stage"] is None


GROUP: Row = {"guid": TWIN, "object_id": OTHER, "name": "ctmallowed", "alias": "ctm", "primary_smtp": "ctm@con.com"}
MEMBER: Row = {"part": "ctmallowed", "object_id": ID}


def scoped(
    scopes: list[str], part: str = "ctmallowed", *, members: bool = True, groups: tuple[Row, ...] = (GROUP,), **more: Any
) -> bool | None:
    relationship = {"name": "r", "domain_names": [TARGET_TENANT], "move_scopes": scopes}
    rows = {
        "source.organization_relationships": [relationship],
        "source.distribution_groups": list(groups),
        "source.group_members": [MEMBER | {"part": part}] if members else [],
    }
    found: bool | None = pair(rows, parts=more.pop("parts", (part,)), **more)["source.in_scope"]
    return found


SPELLINGS = ["ctmallowed", "ctm", "ctm@con.com", TWIN, OTHER, "con.onmicrosoft.com/hosted/con.onmicrosoft.com/ctmallowed"]


@pytest.mark.parametrize(("scope", "part"), [*((scope, "ctmallowed") for scope in SPELLINGS), ("ctm", "ctm@con.com")])
def test_a_scope_may_be_spelled_in_every_way(scope: str, part: str) -> None:
    assert scoped([scope], part) is True


def test_outside_of_all_scopes_that_were_exported() -> None:
    assert scoped(["ctmallowed"], members=False) is False
    assert scoped([]) is False


def test_a_scope_whose_members_were_not_exported_leaves_those_of_no_other_scope_unknown() -> None:
    other = GROUP | {"guid": ID, "object_id": GUID, "name": "wave2", "alias": "w2", "primary_smtp": "w2@con.com"}
    assert scoped(["ctmallowed", "wave2"], groups=(GROUP, other)) is True
    assert scoped(["ctmallowed", "wave2"], groups=(GROUP, other), members=False) is None


def test_a_group_that_nobody_knows_is_the_one_of_the_file_with_its_name() -> None:
    assert scoped(["ctmallowed"], groups=()) is True
    assert scoped(["ctm"], groups=(), members=False) is None


def test_a_name_that_two_groups_bear_says_nothing() -> None:
    other = GROUP | {"guid": ID, "object_id": GUID, "name": "sales", "alias": "ctmallowed", "primary_smtp": "s@con.com"}
    assert scoped(["ctmallowed"], groups=(GROUP, other)) is None


@pytest.mark.parametrize("place", ["organization_relationships", "distribution_groups", "group_members"])
def test_nobody_is_surely_outside_while_rows_may_be_missing(place: str) -> None:
    assert scoped(["ctmallowed"], members=False, incomplete=frozenset({f"source.{place}"})) is None
