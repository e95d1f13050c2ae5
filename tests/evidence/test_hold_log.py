"""The log of holds in a mailbox: which policies it calls active."""

from __future__ import annotations

import json

import pytest

from ctm_audit.evidence import normalise as n

POLICY = "mbx7cfb30345d454ac0a989ab3041051209"


def entry(**changes: object) -> dict[str, object]:
    return {"hid": POLICY, "ht": 4, "lsd": "2021-05-04T09:12:44Z", "ed": "0001-01-01T00:00:00.0000000Z", **changes}


@pytest.mark.parametrize(
    "changes",
    [{}, {"ed": None}, {"ed": ""}, {"ed": "/Date(-62135596800000)/"}, {"hid": POLICY.upper()}],
)
def test_a_policy_without_an_end_is_active(changes: dict[str, object]) -> None:
    assert n.tracked_holds(json.dumps([entry(**changes)])) == [POLICY]


@pytest.mark.parametrize("changes", [{"ed": "2026-10-02T06:11:09Z"}, {"ht": 3}, {"ht": "4"}, {"hid": "unih1"}, {"hid": None}])
def test_an_ended_hold_or_one_of_another_kind_is_not(changes: dict[str, object]) -> None:
    assert n.tracked_holds(json.dumps([entry(**changes)])) == []


def test_each_policy_is_named_once() -> None:
    assert n.tracked_holds(json.dumps([entry(hid=f"{POLICY}:2"), entry(), entry()])) == [POLICY, f"{POLICY}:2"]
    assert n.tracked_holds("[]") == []


@pytest.mark.parametrize("value", ["{", "{}", '["mbx"]', "null", "hid: mbx", "[" * 100_000])
def test_what_is_no_log_makes_no_sense(value: str) -> None:
    with pytest.raises(ValueError, match="no log of holds"):
        n.tracked_holds(value)


@pytest.mark.parametrize("value", [None, "", " ", 4, [], {}])
def test_an_empty_log_was_not_collected(value: object) -> None:
    with pytest.raises(n.NotCollected):
        n.tracked_holds(value)
