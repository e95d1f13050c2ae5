"""Who else holds what a mailbox brings along: as a plain loop finds it, of hashes as of rows, and never "nobody" without proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctm_audit.engine.holders import _create_hash
from ctm_audit.evidence.salt import keyed_hash
from tests.engine.tenants import SALT, Evidence, Row, loaded, mapping_of, relation_rows
from tests.engine.test_pairs import Tenants
from tests.nightly import examples

BOX, OWN, STRANGER = (f"{number}0000000-0000-4000-8000-000000000000" for number in (1, 2, 3))
MAILBOX: Row = {
    "object_id": BOX,
    "upn": "ada@con.com",
    "primary_smtp": "ada@con.com",
    "exchange_guid": "e1",
    "archive_guid": "a1",
    "smtp": ["ada@con.com", "a.l@con.com"],
    "x500": ["/o=old/cn=ada"],
    "legacy_exchange_dn_key": "/o=labs/cn=ada",
}
EMPTY: Row = {"exchange_guid": "", "archive_guid": "", "smtp": [], "x500": [], "external_address": "", "recipient_type": "MailUser"}
MINE = EMPTY | {"guid": "g2", "object_id": OWN, "primary_smtp": "ada@fab.com", "recipient_type_details": "MailUser"}
MINE |= {"exchange_guid": "e1", "x500": ["/o=labs/cn=ada"], "external_address": "ada@con.com"}
OTHER = EMPTY | {"guid": "g3", "object_id": STRANGER, "primary_smtp": "s@fab.com", "recipient_type_details": "MailContact"}
USER = {"object_id": OWN, "upn": "ada@fab.com", "primary_smtp": "ada@fab.com", "exchange_guid": "e1", "smtp": ["ada@fab.com"]}
FIELDS: dict[str, tuple[Row, list[str]]] = {
    "guid_holders": ({"archive_guid": "e1"}, ["e1 (MailContact)"]),
    "x500_holders": ({"x500": ["/o=labs/cn=ada", "/o=else"]}, ["/o=labs/cn=ada (MailContact)"]),
    "address_holders": ({"external_address": "a.l@con.com", "smtp": ["x@x.x"]}, ["a.l@con.com (MailContact)"]),
    "planned_holders": ({"smtp": ["planned@fab.com"]}, ["planned@fab.com (MailContact)"]),
}
ALL = [*FIELDS, "upn_holders"]
NOBODY: dict[str, list[str]] = {name: [] for name in ALL}


def evidence(*others: Row, users: Iterable[Row] = (), **changes: Any) -> Evidence:
    rows = {
        "source.mailboxes": [MAILBOX],
        "target.mail_users": [USER],
        "target.recipients": [MINE, *others],
        "target.users": [{"object_id": OWN, "upn": "ada@fab.com"}, *users],
    }
    return Evidence(**{"rows": rows, **changes})


def found(of: Evidence, upn: str = "Planned@fab.com") -> dict[str, Any]:
    with loaded(of, mapping_of([("ada@con.com", "ada@fab.com", "", upn)])) as connection:
        (row,) = relation_rows(connection, "pairs")
    return {name: row.get(f"target.{name}", "no field") for name in ALL}


def test_its_own_object_is_nobody_else() -> None:
    assert found(evidence(OTHER)) == NOBODY


@pytest.mark.parametrize("name", FIELDS)
def test_another_object_is_named_with_its_type(name: str) -> None:
    changes, told = FIELDS[name]
    assert found(evidence(OTHER | changes)) == NOBODY | {name: told}


def test_another_user_with_the_planned_name() -> None:
    users = [{"object_id": STRANGER, "upn": "planned@fab.com"}]
    assert found(evidence(OTHER, users=users))["upn_holders"] == ["planned@fab.com"]


def hashed(kind: str, text: str, **changes: str) -> Row:
    part = "users" if kind == "upn" else "get-recipient"
    return {"part": part, "holder": "h", "type": "", "kind": kind, "hash": keyed_hash(SALT, text)} | changes


@pytest.mark.parametrize(
    ("name", "row", "told"),
    [
        ("guid_holders", hashed("guid", "a1", type="UserMailbox"), ["a1 (UserMailbox)"]),
        ("x500_holders", hashed("x500", "/o=old/cn=ada"), ["/o=old/cn=ada"]),
        ("address_holders", hashed("address", "ada@con.com"), ["ada@con.com"]),
        ("planned_holders", hashed("address", "planned@fab.com"), ["planned@fab.com"]),
        ("upn_holders", hashed("upn", "planned@fab.com"), ["planned@fab.com"]),
        ("guid_holders", hashed("guid", "e1", holder=keyed_hash(SALT, OWN)), []),
        ("guid_holders", hashed("address", "e1"), []),
        ("address_holders", hashed("address", "ada@con.com", part="somewhere"), []),
    ],
)
def test_a_hash_tells_the_same(name: str, row: Row, told: list[str]) -> None:
    of = evidence()
    assert found(replace(of, rows={**of.rows, "target.others": [row]})) == NOBODY | {name: told}


@pytest.mark.parametrize("place", ["target.recipients", "target.others"])
@pytest.mark.parametrize("name", FIELDS)
def test_of_half_a_directory_nobody_says_nobody(place: str, name: str) -> None:
    half = evidence(OTHER, incomplete=frozenset({place}))
    assert found(half)[name] is None
    changes, told = FIELDS[name]
    assert found(evidence(OTHER | changes, incomplete=frozenset({place})))[name] == told


@pytest.mark.parametrize(("name", "column"), [("guid_holders", "archive_guid"), ("x500_holders", "x500"), ("address_holders", "smtp")])
def test_an_unknown_cell_of_a_stranger_may_be_anything(name: str, column: str) -> None:
    assert found(evidence(OTHER | {column: None}))[name] is None


@pytest.mark.parametrize(("name", "column"), [("guid_holders", "archive_guid"), ("x500_holders", "x500"), ("address_holders", "smtp")])
def test_an_unknown_cell_of_the_mailbox_may_be_anything(name: str, column: str) -> None:
    of = evidence(OTHER)
    assert found(replace(of, rows={**of.rows, "source.mailboxes": [MAILBOX | {column: None}]}))[name] is None


@pytest.mark.parametrize("absent", ["target.others", "target.recipients.exchange_guid", "target.others.hash"])
def test_without_the_evidence_there_is_no_field(absent: str) -> None:
    of = evidence(OTHER)
    rows = {place: rows for place, rows in of.rows.items() if place != absent}
    assert found(replace(of, rows=rows, absent=frozenset({absent})))["guid_holders"] == "no field"


@settings(max_examples=examples(25, 50), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_plain_loop_finds_the_same(seed: int) -> None:
    dice = Random(seed)
    tenants = Tenants(dice, 0.0)
    of, mapped = replace(tenants.evidence(), incomplete=frozenset()), tenants.pairs()
    with loaded(of, mapping_of(mapped)) as connection:
        rows = relation_rows(connection, "pairs")
    boxes = {row["object_id"]: row for row in of.rows["source.mailboxes"]}
    for row in rows:
        box = boxes.get(row["source.named_id"] or "")
        for name, own, held in (
            ("guid_holders", ("exchange_guid", "archive_guid"), ("exchange_guid", "archive_guid")),
            ("address_holders", ("smtp",), ("primary_smtp", "smtp", "external_address")),
            ("x500_holders", ("x500", "legacy_exchange_dn_key"), ("x500",)),
        ):
            sought = set(values(box, own)) if box else set()
            told = {
                f"{value} ({other['recipient_type_details']})"
                for other in of.rows["target.recipients"]
                if (other["object_id"] or other["guid"]) != row["target.named_id"]
                for value in sought & set(values(other, held))
            }
            assert row[f"target.{name}"] == (sorted(told) if box or told else None), name


def values(row: Row, columns: Iterable[str]) -> list[str]:
    cells = [row[column] if isinstance(row[column], list) else [row[column]] for column in columns]
    return [value for cell in cells for value in cell if value]


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
@example("/o=straße/cn=Müller´s \U0001f600é")
@example("\n\x7f\x80")
def test_duckdb_hashes_as_python_does(text: str) -> None:
    folded = text.casefold().replace("\0", "")
    with duckdb.connect() as connection:
        _create_hash(connection, SALT)
        assert connection.execute("select keyed($folded)", {"folded": folded}).fetchone() == (keyed_hash(SALT, folded),)
