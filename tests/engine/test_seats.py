"""Migration seats: who still needs one, wave by wave, and how many are free, against plain loops."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.tenants import Evidence, Row, loaded, mapping_of, project_of, relation_rows
from tests.engine.test_pairs import Tenants

PLAN = "EXCHANGEONLINE_T2TMBXMOVE"
CAPABILITY = "exchanget2tmbxmove"
SKU: Row = {
    "sku_id": "s",
    "sku_part_number": "Cross_tenant_user_data_migration",
    "capability_status": "enabled",
    "enabled_units": 10,
    "consumed_units": 4,
    "plans": [PLAN],
}


def any_of(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def holds(row: Row, side: str) -> list[bool | None]:
    places = ((f"{side}.capabilities", CAPABILITY), (f"{side}.success_plans", PLAN))
    return [None if row[place] is None else name in row[place] for place, name in places]


def needs(row: Row) -> int | None:
    """1 for a user mailbox that has not moved and has no license on either side. A key that names nobody may become one."""
    if row["stage"] == "moved":
        return 0
    if row["source.found"] is False or (row["source.hits"] or 0) > 1:
        return 1
    if row["source.recipient_type_details"] not in (None, "UserMailbox"):
        return 0
    no_user = (
        row["target.found"] is False or (row["target.hits"] or 0) > 1 or row["target.recipient_type_details"] not in (None, "MailUser")
    )
    licensed = any_of([*holds(row, "source"), *([] if no_user else holds(row, "target"))])
    if licensed is not False:
        return 0 if licensed else None
    return None if row["stage"] is None and not no_user else 1


def free(skus: list[Row]) -> int | None:
    total = 0
    for sku in skus:
        letters = None if sku["sku_part_number"] is None else "".join(filter(str.isalpha, sku["sku_part_number"].lower()))
        named = None if letters is None else "crosstenantuserdatamigration" in letters
        is_migration = any_of([named, None if sku["plans"] is None else PLAN in sku["plans"]])
        if is_migration is False:
            continue
        if is_migration is None or sku["capability_status"] is None:
            return None
        if sku["capability_status"] == "enabled":
            if sku["enabled_units"] is None or sku["consumed_units"] is None:
                return None
            total += max(sku["enabled_units"] - sku["consumed_units"], 0)
    return total


def cumulated(rows: list[Row], waves: tuple[str, ...]) -> dict[str, int | None]:
    if not waves:
        return {"all": total(rows)}
    names = [*waves, *([""] if any(not row["wave"] for row in rows) else [])]
    return {name or "unassigned": total([row for row in rows if row["wave"] in names[: place + 1]]) for place, name in enumerate(names)}


def total(rows: list[Row]) -> int | None:
    each = [needs(row) for row in rows]
    return None if None in each else sum(one for one in each if one)


def skus(tenants: Tenants) -> list[Row]:
    return [
        {
            "sku_id": sku,
            "sku_part_number": tenants.cell("CROSS_TENANT_USER_DATA_MIGRATION", "Cross-tenant user data migration", "SPE_E3", "SPE_E3"),
            "capability_status": tenants.cell("enabled", "enabled", "suspended", "warning"),
            "enabled_units": tenants.cell(0, 5, 9),
            "consumed_units": tenants.cell(0, 5, 7),
            "plans": tenants.cell([PLAN], ["EXCHANGE_S_ENTERPRISE"], []),
        }
        for sku in tenants.some(["s1", "s2", "s3"])
    ]


@given(st.integers(0, 1_000_000), st.sampled_from([0.0, 0.03]), st.sampled_from([(), ("b", "a")]))
@settings(max_examples=6)
def test_seats_are_what_a_plain_loop_says(seed: int, unknown: float, waves: tuple[str, ...]) -> None:
    tenants = Tenants(Random(seed), unknown)
    evidence = tenants.evidence()
    rows = {**evidence.rows, "source.subscribed_skus": skus(tenants), "target.subscribed_skus": skus(tenants)}
    evidence = Evidence(rows, evidence.incomplete, parts=evidence.parts)
    pairs = [(*pair[:2], tenants.dice.choice([*waves, ""]), pair[3]) for pair in tenants.pairs()]
    with loaded(evidence, mapping_of(pairs), project_of(waves=waves)) as connection:
        judged, seats = relation_rows(connection, "pairs"), relation_rows(connection, "seats")
    counted = [*rows["source.subscribed_skus"], *rows["target.subscribed_skus"]]
    cut = {"source.subscribed_skus", "target.subscribed_skus"} & evidence.incomplete
    assert {row["id"]: row["needed"] for row in seats} == cumulated(judged, waves)
    assert {row["available"] for row in seats} == {None if cut else free(counted)}


AVAILABLE: dict[str, tuple[int | None, dict[str, Any]]] = {
    "bought and not assigned": (6, {}),
    "told by the part number alone": (6, {"plans": []}),
    "told by the plan alone": (6, {"sku_part_number": "MOVE_2027"}),
    "suspended": (0, {"capability_status": "suspended"}),
    "in its last days": (0, {"capability_status": "warning"}),
    "more assigned than bought": (0, {"consumed_units": 12}),
    "another product": (0, {"sku_part_number": "SPE_E3", "plans": []}),
    "perhaps another product": (None, {"sku_part_number": "SPE_E3", "plans": None}),
    "of unknown state": (None, {"capability_status": None}),
    "of unknown use": (None, {"consumed_units": None}),
}


@pytest.mark.parametrize("name", AVAILABLE)
def test_free_seats(name: str) -> None:
    expected, changes = AVAILABLE[name]
    assert free([SKU | changes]) == expected
    with loaded(Evidence({"target.subscribed_skus": [SKU | changes]}), mapping_of([("a@con.com", "a@fab.com")])) as connection:
        assert [row["available"] for row in relation_rows(connection, "seats")] == [expected]


@pytest.mark.parametrize("place", ["source.subscribed_skus", "target.subscribed_skus"])
def test_free_seats_are_unknown_while_a_tenant_may_have_more(place: str) -> None:
    with loaded(Evidence(incomplete=frozenset({place})), mapping_of([("a@con.com", "a@fab.com")])) as connection:
        assert [row["available"] for row in relation_rows(connection, "seats")] == [None]
