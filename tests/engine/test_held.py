"""A mailbox with several holds has one finding, which names all of them; and what a rule does not ask of need not be collected."""

from __future__ import annotations

from typing import Any

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.model import Step
from ctm_audit.rulebook.load import load_book
from tests.engine.tenants import Evidence, Row, audited
from tests.engine.test_run import a_rule, found, mapped, people, results

HOLDS = ("MBX-01", "MBX-02", "MBX-03", "MBX-04", "MBX-05", "MBX-06")
BOOK = [checked for checked in load_book(data_folder("rules")).checked if checked.rule.id in HOLDS]
POLICY = "mbx7cfb30345d454ac0a989ab3041051209"
FREE: Row = {
    "litigation_hold": False,
    "label_hold": False,
    "delay_hold": False,
    "delay_release_hold": False,
    "in_place_holds": [],
    "recipient_type_details": "UserMailbox",
    "is_inactive": False,
    "is_soft_deleted": False,
}


def judged(organization: list[str] | None, absent: frozenset[str] = frozenset(), **held: Any) -> list[dict[str, Any]]:
    rows = people(1, **{**FREE, **held})
    rows["source.organization_config"] = [{"name": "contoso", "in_place_holds": organization}]
    told = audited(Evidence(rows, absent=absent), mapped(1), *BOOK, step=Step.SUBMIT)
    return list(told["findings"])


def test_a_mailbox_that_nothing_holds_has_no_finding() -> None:
    assert judged([]) == []


@pytest.mark.parametrize(
    ("held", "rule"),
    [
        ({"litigation_hold": True, "in_place_holds": [f"{POLICY}:2"], "delay_hold": True, "label_hold": True}, "MBX-01"),
        ({"in_place_holds": [f"{POLICY}:2"], "delay_hold": True, "delay_release_hold": True, "label_hold": True}, "MBX-02"),
        ({"delay_hold": True, "delay_release_hold": True, "label_hold": True}, "MBX-03"),
    ],
)
def test_several_holds_are_one_finding_that_names_them_all(held: dict[str, Any], rule: str) -> None:
    (one,) = judged([f"{POLICY}:3"], **held)
    assert (one["rule"], one["verdict"]) == (rule, "fail")
    assert "whole organization" in one["found"]
    for name, told in (
        ("litigation_hold", "litigation hold"),
        ("in_place_holds", f"{POLICY}:2 (the compliance administrator)"),
        ("delay_hold", "delay hold"),
        ("delay_release_hold", "delay release hold"),
        ("label_hold", "retention label"),
    ):
        assert (told in one["found"]) == (name in held or told == "retention label")
    assert one["found"].endswith("it can move from 2026-12-21")


def test_a_hold_is_known_though_another_was_not_exported_and_the_finding_says_so() -> None:
    told = judged(None, frozenset({"source.mailboxes.delay_release_hold"}), litigation_hold=True)
    assert [(one["rule"], one["verdict"]) for one in told if one["object"]["kind"] == "mailbox"] == [("MBX-01", "fail")]
    assert "not exported: DelayReleaseHoldApplied" in next(one["found"] for one in told if one["rule"] == "MBX-01")


def test_an_organization_that_was_not_exported_leaves_its_holds_undetermined() -> None:
    told = judged(None)
    assert [(one["rule"], one["verdict"]) for one in told] == [("MBX-03", "undetermined")]


ABSENT = frozenset({"target.accepted_domains"})


@pytest.mark.parametrize(("applies", "verdict"), [("source.upn = 'nobody'", "not_applicable"), ("source.upn <> 'nobody'", "undetermined")])
def test_what_a_rule_does_not_ask_of_need_not_be_collected(applies: str, verdict: str) -> None:
    rule = a_rule("A-1", "accepts('target', source.upn)", applies=applies, blocks=(Step.SUBMIT,))
    told = audited(Evidence(people(2), absent=ABSENT), mapped(2), rule)
    assert results(told)["A-1"][verdict] == 2
    assert bool(found(told)) == (verdict == "undetermined")


def test_whom_a_rule_asks_about_must_be_known() -> None:
    rows = people(2)
    rows["source.mailboxes"][0]["litigation_hold"] = None
    rows["source.mailboxes"][1]["litigation_hold"] = False
    rule = a_rule("A-1", "accepts('target', source.upn)", applies="source.litigation_hold")
    assert results(audited(Evidence(rows, absent=ABSENT), mapped(2), rule))["A-1"]["undetermined"] == 2
    nobody = Evidence(people(2), absent=ABSENT | {"source.mailboxes.litigation_hold"})
    assert results(audited(nobody, mapped(2), rule))["A-1"]["undetermined"] == 2
