from __future__ import annotations

import copy
from typing import Any

import pytest

from ctm_audit.report.rules_view import OBJECTS_SHOWN
from ctm_audit.report.verdict_view import answer
from ctm_audit.report.view import MAILBOXES_SHOWN, ReportView, report_view
from tests.report import sample
from tests.report.sample import Record

RUN, FINDINGS, BOXES = sample.run(), sample.findings(), sample.mailboxes()
UNREAD = {"format_version", "clock"}  # the page shows neither: a run must give the same bytes on another day


def view(findings: list[Record] = FINDINGS, mailboxes: list[Record] = BOXES, **changes: Any) -> ReportView:
    return report_view(copy.deepcopy(RUN) | changes, findings, mailboxes)


def with_rule(rule: str, **changes: Any) -> list[Record]:
    return [entry | changes if entry["id"] == rule else entry for entry in RUN["rules"]]


def rule_of(made: ReportView, rule: str) -> Any:
    return next(entry for entry in made.rules if entry.id == rule)


def test_the_verdict_says_why() -> None:
    assert view().verdict.answer == "No. Of 9 required gates, 6 are closed."
    assert view().verdict.mailboxes == "17 of 40 mailboxes are ready, 19 are blocked, 3 are undetermined and 1 has already moved."


def test_undetermined_is_a_verdict_of_its_own() -> None:
    gates = [gate | {"state": "undetermined"} if gate["state"] == "closed" else gate for gate in RUN["gates"]]
    verdict = view(ready=None, gates=gates).verdict
    assert (verdict.state, verdict.headline) == ("undetermined", "Undetermined for submit")
    assert verdict.answer == "It cannot be told. Of 9 required gates, 6 are undetermined, and undetermined refuses exactly like closed."


def test_ready_counts_the_open_gates() -> None:
    gates = [gate | {"state": "open"} if gate["state"] == "closed" else gate for gate in RUN["gates"]]
    assert view(ready=True, gates=gates).verdict.answer == "Yes. Every gate that submit requires is open: 9 of 9."


def test_each_loud_rule_stands_in_exactly_one_place() -> None:
    made = view()
    told = [rule.id for group in (*made.blocking, *made.later) for rule in group.rules]
    assert sorted(told) == sorted(rule.id for rule in made.rules if rule.state != "quiet")
    assert [group.id for group in made.later] == ["due", "warning"]


def test_a_rule_that_could_not_be_judged_refuses_like_one_that_fails() -> None:
    blocking = {rule.id: rule for group in view().blocking for rule in group.rules}
    assert blocking["MBX-12"].state == "undetermined"


def test_a_crashed_rule_without_counts_is_never_quiet() -> None:
    nothing = dict.fromkeys(("evaluated", "passed", "failed", "undetermined", "not_applicable"), 0)
    lost = sample.findings()[0] | {"rule": "ACC-01", "gate": "access", "verdict": "undetermined", "expected": None, "found": None}
    made = view(findings=[*FINDINGS, lost], rules=with_rule("ACC-01", **nothing))
    assert rule_of(made, "ACC-01").state == "undetermined"
    assert made.blocking[0].id == "access"


def test_a_waived_rule_is_told_apart() -> None:
    made = view(rules=with_rule("ACC-01", waived=1))
    assert [rule.id for rule in made.later[-1].rules] == ["ACC-01"]


def test_a_finding_tells_owner_and_fix_only_where_they_differ() -> None:
    findings = {finding.name.split(" ")[0]: finding for finding in rule_of(view(), "STP-05").findings}
    assert findings["sato.kenji@contoso.com"].owner == "On-premises admin"
    assert findings["brian.johnson@contoso.com"].owner is None


def test_only_a_fix_that_may_be_scripted_becomes_a_series_of_commands() -> None:
    made = view()
    assert len(rule_of(made, "STP-11").script.splitlines()) == 4
    assert [rule_of(made, rule).script for rule in ("MBX-01", "BCH-04", "TRU-09")] == ["", "", ""]


def test_what_is_left_out_is_counted_from_the_record() -> None:
    finding = next(f for f in FINDINGS if f["rule"] == "STP-05")
    given = [copy.deepcopy(finding) for _ in range(OBJECTS_SHOWN)]
    rule = rule_of(view(findings=given, rules=with_rule("STP-05", failed=7_000)), "STP-05")
    assert (len(rule.findings), rule.left_out, rule.objects, rule.is_open) == (200, 6_800, "7,000 mailboxes", False)


def test_more_findings_than_fit_are_cut() -> None:
    finding = next(f for f in FINDINGS if f["rule"] == "STP-05")
    rule = rule_of(view(findings=[finding] * 201, rules=with_rule("STP-05", failed=201)), "STP-05")
    assert (len(rule.findings), rule.left_out) == (200, 1)


def test_the_failing_objects_of_a_rule_stand_first() -> None:
    verdicts = [finding.verdict for finding in rule_of(view(findings=FINDINGS[::-1]), "MBX-12W").findings]
    assert verdicts == ["fail", "fail", "undetermined"]


def test_blocked_mailboxes_stand_first_and_the_rest_is_counted() -> None:
    made = view(mailboxes=[BOXES[0]] * 600 + [BOXES[3]])
    assert len(made.mailboxes) == MAILBOXES_SHOWN
    assert made.mailboxes[0].verdict == "blocked"


def test_mailboxes_left_out_are_counted_from_the_record() -> None:
    assert view(mailboxes=BOXES[:10]).mailboxes_left_out == 30


@pytest.mark.parametrize("key", sorted(set(RUN) - UNREAD))
def test_a_missing_key_raises(key: str) -> None:
    run = sample.run()
    del run[key]
    with pytest.raises(KeyError, match=key):
        report_view(run, FINDINGS, BOXES)


@pytest.mark.parametrize(
    ("part", "key"), [(part, key) for part in ("rules", "gates", "first", "owners", "gaps") for key in sorted(RUN[part][0])]
)
def test_a_missing_key_of_an_entry_raises(part: str, key: str) -> None:
    unread = {"rules": {"blocks", "warns", "how_to", "shell"}, "gaps": {"table"}}
    run = sample.run()
    del run[part][0][key]
    if key in unread.get(part, ()):
        report_view(run, FINDINGS, BOXES)
    else:
        with pytest.raises(KeyError, match=key):
            report_view(run, FINDINGS, BOXES)


@pytest.mark.parametrize("key", sorted(FINDINGS[0]))
def test_a_missing_key_of_a_finding_raises(key: str) -> None:
    findings = sample.findings()
    del findings[0][key]
    if key in {"gate", "weight", "fix_kind"}:
        report_view(RUN, findings, BOXES)
    else:
        with pytest.raises(KeyError, match=key):
            report_view(RUN, findings, BOXES)


def test_a_finding_of_an_unknown_rule_raises() -> None:
    with pytest.raises(KeyError, match="NEW-01"):
        view(findings=[FINDINGS[0] | {"rule": "NEW-01"}])


def test_other_people_s_rules_are_named_with_their_digest() -> None:
    run = sample.run()
    run["rulebook"]["extra"] = {"folder": "acme-rules", "digest": "ab" * 32}
    assert report_view(run, sample.findings(), sample.mailboxes()).extra_rules == {"folder": "acme-rules", "digest": "ab" * 32}


def test_a_step_at_which_no_rule_blocks_says_so() -> None:
    run = sample.run() | {"ready": None, "step": "verify"}
    for gate in run["gates"]:
        gate["state"] = "not_required"
    assert answer(run) == "It cannot be told: no rule of this rule book blocks at verify."
