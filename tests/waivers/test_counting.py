"""What a record changes in a run: exactly the objects that it names, for exactly its rule, and nothing that it does not accept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctm_audit.model import Step
from ctm_audit.statements import Kind, Statement, Statements
from tests.engine.tenants import NOW, Evidence, audited, mapping_of, project_of
from tests.engine.test_run import a_rule, found, mapped, people, results
from tests.rulebook.make import checked

LATER, EARLIER = NOW.date() + timedelta(days=9), NOW.date() - timedelta(days=9)
FAILS = a_rule("A-1", "source.upn = ''")
ASKS = checked(id="Q-1", attest=True, states="It is so.", passes="", expected="", found="")
HELD = "not source.litigation_hold"


def record(rule: str, *objects: str, kind: Kind = "waiver", **changes: Any) -> Statement:
    when = EARLIER if kind == "attestation" else None
    made = Statement(kind, 1, rule, objects, "Megan", "lead", "it is fine", when, LATER, accepts_undetermined=kind == "attestation")
    return dataclasses.replace(made, **changes)


def p(number: int) -> str:
    return f"p{number}@source.com"


def said(*records: Statement) -> Statements:
    return Statements(records)


def told(count: int, rule: Any, *records: Statement, evidence: Evidence | None = None, **options: Any) -> dict[str, Any]:
    return audited(evidence or Evidence(people(count)), mapped(count), rule, statements=said(*records), **options)


def gate(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {one["id"]: one for one in document["gates"]}["stamping"]
    return found


def test_a_waived_failure_opens_the_gate_and_everybody_sees_it() -> None:
    document = told(2, FAILS, record("A-1", p(1), "P2@SOURCE.COM"))
    assert (document["ready"], gate(document)["state"], gate(document)["waived"], gate(document)["failed"]) == (True, "open", 2, 0)
    assert document["mailboxes"]["ready"] == 2
    assert (results(document)["A-1"]["waived"], results(document)["A-1"]["failed"], results(document)["A-1"]["evaluated"]) == (2, 0, 2)
    for one in document["findings"]:
        assert (one["verdict"], one["original"], one["expected"], one["found"]) == ("waived", "fail", "x", one["object"]["id"])
        assert (one["command"], one["reason"]) == (None, f"waived by Megan until {LATER}: it is fine")
    assert [person["waived"] for person in document["people"]] == [["A-1"], ["A-1"]]
    assert document["owners"] == []
    assert document["first"] == []
    (kept,) = document["statements"]
    assert (kept["who"], kept["counted"], kept["lapse"]) == ("Megan", 2, None)


def test_the_others_still_refuse() -> None:
    document = told(3, FAILS, record("A-1", p(2)))
    assert found(document) == [("A-1", p(1), "fail"), ("A-1", p(2), "waived"), ("A-1", p(3), "fail")]
    assert (document["ready"], document["mailboxes"]["ready"], document["mailboxes"]["blocked"]) == (False, 1, 2)


def test_an_expired_waiver_leaves_the_failure_and_says_why() -> None:
    document = told(1, FAILS, record("A-1", p(1), expires=NOW.date()))
    assert (document["ready"], gate(document)["waived"]) == (False, 0)
    (one,) = document["findings"]
    assert (one["verdict"], one["original"], one["reason"]) == ("fail", None, f"the waiver of Megan expired on {NOW.date()}")
    assert document["statements"][0]["counted"] == 0


def test_a_renewed_waiver_counts_beside_the_expired_one() -> None:
    document = told(1, FAILS, record("A-1", p(1), expires=EARLIER), record("A-1", p(1), who="Alex"))
    assert [one["reason"] for one in document["findings"]] == [f"waived by Alex until {LATER}: it is fine"]
    assert [one["counted"] for one in document["statements"]] == [0, 1]


def test_an_attestation_of_tomorrow_does_not_count_today() -> None:
    document = told(1, ASKS, record("Q-1", p(1), kind="attestation", when=NOW.date() + timedelta(days=2)))
    assert document["ready"] is None
    assert "later than this audit" in document["findings"][0]["reason"]


def test_undetermined_is_waived_only_where_the_waiver_says_so() -> None:
    unseen = Evidence(people(2, litigation_hold=None))
    waiver = record("A-1", p(1), p(2))
    plain = told(2, a_rule("A-1", HELD), waiver, evidence=unseen)
    assert (plain["ready"], plain["mailboxes"]["undetermined"]) == (None, 2)
    assert "accepts a failure, not what could not be determined" in plain["findings"][0]["reason"]
    accepted = told(2, a_rule("A-1", HELD), dataclasses.replace(waiver, accepts_undetermined=True), evidence=unseen)
    assert (accepted["ready"], accepted["mailboxes"]["ready"], gate(accepted)["waived"]) == (True, 2, 2)
    assert {one["original"] for one in accepted["findings"]} == {"undetermined"}


@pytest.mark.parametrize(("waived", "ready"), [((1, 2), True), ((1,), None)])
def test_a_rule_that_could_not_be_judged_is_waived_object_by_object(waived: tuple[int, ...], ready: bool | None) -> None:
    absent = Evidence(people(2), absent=frozenset({"source.mailboxes.litigation_hold"}))
    waiver = record("A-1", *map(p, waived), accepts_undetermined=True)
    document = told(2, a_rule("A-1", HELD), waiver, evidence=absent)
    assert document["ready"] is ready
    assert document["mailboxes"]["ready"] == len(waived)
    assert document["mailboxes"]["undetermined"] == 2 - len(waived)
    assert sum(one["count"] for one in document["findings"] if one["verdict"] == "undetermined") == 2 - len(waived)
    assert [one["object"]["id"] for one in document["findings"] if one["verdict"] == "waived"] == [p(n) for n in waived]


def test_no_waiver_makes_old_evidence_young() -> None:
    old = Evidence(people(1, litigation_hold=False), ages={"source.mailboxes": timedelta(days=3)})
    document = told(1, a_rule("A-1", HELD), record("A-1", p(1), accepts_undetermined=True), evidence=old)
    assert document["ready"] is None


def test_a_waived_failure_masks_nothing() -> None:
    rules = (FAILS, a_rule("A-2", "source.upn = ''", masked_by=("A-1",)))
    document = audited(Evidence(people(2)), mapped(2), *rules, statements=said(record("A-1", p(1))))
    assert found(document) == [("A-1", p(1), "waived"), ("A-1", p(2), "fail"), ("A-2", p(1), "fail")]


def test_a_question_is_undetermined_until_somebody_answers_it() -> None:
    open_question = told(2, ASKS)
    assert (open_question["ready"], results(open_question)["Q-1"]["undetermined"]) == (None, 2)
    assert "attestations.toml" in results(open_question)["Q-1"]["reason"]
    assert [act["rule"] for act in open_question["first"]] == ["Q-1"]
    half = told(2, ASKS, record("Q-1", p(1), kind="attestation"))
    assert (half["ready"], half["mailboxes"]["ready"], gate(half)["attested"]) == (None, 1, 1)
    whole = told(2, ASKS, record("Q-1", p(1), p(2), kind="attestation"))
    assert (whole["ready"], gate(whole)["attested"], gate(whole)["waived"]) == (True, 2, 0)
    (first, _) = whole["findings"]
    assert (first["verdict"], first["original"]) == ("attested", "undetermined")
    assert first["reason"].startswith("stated, not observed, by Megan (lead)")
    assert [person["attested"] for person in whole["people"]] == [["Q-1"], ["Q-1"]]


def test_a_question_about_a_wave_comes_first_and_is_answered_for_that_wave() -> None:
    asks = checked(id="Q-1", attest=True, states="It is so.", over="waves", passes="", expected="", found="")
    project = project_of(waves=("1", "2"))
    open_question = audited(Evidence(people(2)), mapped(2, "1", "2"), asks, FAILS, project=project)
    assert [act["rule"] for act in open_question["first"]] == ["Q-1", "A-1"]
    answered = said(record("Q-1", "1", kind="attestation"))
    document = audited(Evidence(people(2)), mapped(2, "1", "2"), asks, statements=answered, project=project)
    assert found(document) == [("Q-1", "1", "attested"), ("Q-1", "2", "undetermined")]
    assert (
        results(audited(Evidence(people(2)), mapped(2, "1", "2"), asks, statements=answered, wave="1", project=project))["Q-1"]["attested"]
        == 1
    )


def test_a_waiver_of_a_warning_or_of_a_later_step_changes_no_gate() -> None:
    later = a_rule("A-1", "source.upn = ''", blocks=(Step.COMPLETE,))
    document = told(1, later, record("A-1", p(1)))
    assert gate(document) | {"reason": None} == gate(document)
    assert (gate(document)["state"], gate(document)["waived"]) == ("not_required", 0)
    assert found(document) == [("A-1", p(1), "waived")]


def test_records_of_another_day_or_of_nobody_here_are_told_but_count_for_nothing() -> None:
    document = told(1, a_rule("A-1", "source.upn <> ''"), record("A-1", p(1)))
    assert (document["findings"], document["statements"][0]["counted"]) == ([], 0)


people_with_troubles = st.lists(st.sampled_from(["fails", "passes", "unknown"]), min_size=1, max_size=6)


def expected_verdicts(troubles: list[str], records: Iterable[Statement]) -> dict[str, str]:
    """What each object must get, by a plain loop."""
    wanted = {}
    for number, trouble in enumerate(troubles, start=1):
        verdict = {"fails": "fail", "passes": "pass", "unknown": "undetermined"}[trouble]
        for one in records:
            in_force = one.expires > NOW.date()
            named = p(number) in [name.casefold() for name in one.objects]
            if one.rule == "A-1" and named and in_force and (verdict == "fail" or (verdict == "undetermined" and one.accepts_undetermined)):
                verdict = "waived"
        wanted[p(number)] = verdict
    return wanted


@st.composite
def some_records(draw: st.DrawFn) -> list[Statement]:
    days: st.SearchStrategy[date] = st.sampled_from([EARLIER, NOW.date(), NOW.date() + timedelta(days=1), LATER])
    objects = st.lists(st.sampled_from([p(n) for n in range(1, 8)] + ["P1@Source.com"]), min_size=1, max_size=4, unique_by=str.casefold)
    return [
        record(draw(st.sampled_from(["A-1", "A-9"])), *draw(objects), expires=draw(days), accepts_undetermined=draw(st.booleans()))
        for _ in range(draw(st.integers(0, 3)))
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people_with_troubles, some_records())
def test_records_change_exactly_the_objects_that_they_list(troubles: list[str], records: list[Statement]) -> None:
    rows = people(len(troubles))
    for row, trouble in zip(rows["source.mailboxes"], troubles, strict=True):
        row["litigation_hold"] = {"fails": True, "passes": False, "unknown": None}[trouble]
    wanted = expected_verdicts(troubles, records)
    rules = (a_rule("A-1", HELD), a_rule("A-9", "source.upn <> ''", gate="trust"))
    document = audited(
        Evidence(rows), mapping_of([(p(n), f"p{n}@target.com") for n in range(1, len(troubles) + 1)]), *rules, statements=said(*records)
    )
    verdicts = {one["object"]["id"]: one["verdict"] for one in document["findings"]}
    assert {name: verdicts.get(name, "pass") for name in wanted} == wanted
    refusing = [verdict for verdict in wanted.values() if verdict in ("fail", "undetermined")]
    assert (document["ready"] is True) == (not refusing)
    assert (document["ready"] is False) == ("fail" in refusing)
    assert document["mailboxes"]["ready"] == len(wanted) - len(refusing)
