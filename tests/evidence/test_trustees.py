"""Whoever has a right and is not mapped has a number in the bundle, and no name."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.scope import only_mapped
from tests.engine.tenants import NOW

KEY = "boss@con.com"
TEXTS = pa.list_(pa.string())


def intake(name: str, /, **columns: Any) -> Intake:
    return Intake(name, pa.table(columns), NOW, 0, 0, None, {}, (), (), ())


def kept(trustees: list[str], on_behalf: list[list[str] | None], *, of: list[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    names = ["boss", "anna"]
    boxes = intake(
        "mailboxes",
        object_id=[f"id-{one}" for one in names],
        upn=[f"{one}@con.com" for one in names],
        exchange_guid=[f"g-{one}" for one in names],
        name=[f"n-{one}" for one in names],
        send_on_behalf=pa.array(on_behalf, TEXTS),
    )
    groups = intake("distribution_groups", guid=["g1"], name=["team"])
    entries = intake(
        "mailbox_permissions", mailbox_guid=of or ["g-boss"] * len(trustees), trustee=trustees, rights=["fullaccess"] * len(trustees)
    )
    tables, _ = only_mapped([boxes, groups, entries], {KEY})
    return {table.name: table.table.to_pylist() for table in tables}


def test_strangers_have_numbers_in_the_order_of_the_key() -> None:
    found = kept(["zoe@con.com", "adam@con.com", "team", "n-boss", "nt authority\\self", "s-1-5-21-1"], [["zoe@con.com"], []])
    assert [row["trustee"] for row in found["mailbox_permissions"]] == [
        "n-boss",
        "nt authority\\self",
        "s-1-5-21-1",
        "team",
        "unmapped 1",
        "unmapped 2",
    ]
    assert [row["send_on_behalf"] for row in found["mailboxes"]] == [["unmapped 2"]]


def test_somebody_who_is_not_kept_is_a_stranger_even_with_a_mailbox() -> None:
    assert [row["trustee"] for row in kept(["anna@con.com"], [[], []])["mailbox_permissions"]] == ["unmapped 1"]


def test_rights_to_mailboxes_of_others_are_left_out_with_their_names() -> None:
    found = kept(["zoe@con.com"], [[], ["zoe@con.com"]], of=["g-anna"])
    assert (found["mailbox_permissions"], len(found["mailboxes"])) == ([], 1)
    assert "zoe" not in str(found)


@pytest.mark.parametrize("on_behalf", [None, []])
def test_a_list_that_was_not_collected_stays_unknown(on_behalf: list[str] | None) -> None:
    found = kept(["zoe@con.com"], [on_behalf, []])
    assert [row["send_on_behalf"] for row in found["mailboxes"]] == [on_behalf]
