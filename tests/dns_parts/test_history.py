"""What an observation carries over from the one before: since when records stand, and the baseline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from ctm_audit.dns.history import NEVER, carried, states
from ctm_audit.dns.rows import iso

NOW = datetime(2027, 1, 1)
LATER = NOW + timedelta(hours=1)
MX = {"data": ["0 con-com.mail.protection.outlook.com"], "chain": [], "ttl": 3600}
PARKED = {"data": ["10 park.example.net"], "chain": [], "ttl": 300}


def answer(**facts: Any) -> dict[str, Any]:
    return {"domain": "con.com", "role": "mx", "kind": "authoritative", "way": "plain", "outcome": "answer"} | MX | facts


def seen(*answers: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return states({"answers": answers, "zones": []})


def test_the_same_records_stand_since_they_were_first_seen() -> None:
    first = carried([], {("con.com", "mx"): MX}, NOW, is_baseline=False)
    again = carried(first, {("con.com", "mx"): MX}, LATER, is_baseline=False)
    assert [(row["since"], row["is_baseline"], row["baseline_at"]) for row in again] == [(iso(NOW), True, iso(NOW))]


def test_a_change_begins_a_row_and_leaves_the_baseline() -> None:
    first = carried([], {("con.com", "mx"): MX}, NOW, is_baseline=True)
    low, parked = carried(first, {("con.com", "mx"): PARKED}, LATER, is_baseline=False)
    assert (low["is_baseline"], parked["is_baseline"], parked["since"], parked["data"]) == (True, False, iso(LATER), PARKED["data"])


def test_a_new_baseline_takes_the_place_of_the_old_one() -> None:
    first = carried([], {("con.com", "mx"): MX, ("con.com", "txt"): PARKED}, NOW, is_baseline=True)
    rows = carried(first, {("con.com", "mx"): PARKED}, LATER, is_baseline=True)
    assert {row["role"]: row["baseline_at"] for row in rows if row["is_baseline"]} == {"mx": iso(LATER)}
    assert {row["baseline_at"] for row in rows if not row["is_baseline"]} == {NEVER}


@pytest.mark.parametrize(
    ("second", "is_remembered"),
    [
        (answer(), True),
        (answer(ttl=300), True),
        (answer(data=PARKED["data"]), False),
        (answer(outcome="timeout", data=[]), False),
        (answer(outcome="timeout", data=[], kind="resolver"), True),
    ],
)
def test_only_what_all_servers_say_alike_is_remembered(second: dict[str, Any], is_remembered: bool) -> None:
    assert (("con.com", "mx") in seen(answer(), second)) is is_remembered


def test_other_domains_keep_what_was_seen_of_them() -> None:
    before = carried([], {("con.com", "mx"): MX}, NOW, is_baseline=True)
    assert carried(before, {("other.com", "mx"): MX}, LATER, is_baseline=True)[0] == before[0]
