from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.errors import Refused
from ctm_audit.report import view as views
from ctm_audit.report.facts import FactsOfMailboxes
from ctm_audit.report.findings_listed import Tally, level
from ctm_audit.report.findings_shown import Shown
from ctm_audit.report.mailboxes_view import MailboxesView
from ctm_audit.report.older import completed
from ctm_audit.report.rules_view import _rule_view
from ctm_audit.report.verdict_view import answer, first_sentence
from ctm_audit.report.view import ReportView, report_view
from tests.report import sample, written
from tests.report.sample import Record

RUN, FINDINGS, BOXES = sample.run(), sample.findings(), sample.mailboxes()
UNREAD = {"format_version", "clock", "rules"}  # the page shows no clock: a run must give the same bytes on another day
NEWER = {"statements", "statement_files", "attested", "how_to", "shell"}  # a record without them is an older one
NONE = MailboxesView((), (), 0, (), has_waves=False, has_sizes=False)
NO_FACTS = FactsOfMailboxes((), 0, "")


def view(findings: list[Record] = FINDINGS, mailboxes: list[Record] = BOXES, **changes: Any) -> ReportView:
    return written.view(copy.deepcopy(RUN) | changes, findings, mailboxes)


@pytest.fixture(scope="module")
def usual() -> ReportView:
    return view()


def without_tables(run: Record) -> ReportView:
    """The view of a record alone: what its tables say is not asked."""
    made = completed(run)
    rules = tuple(_rule_view(rule, made["step"], Tally(), Shown(), is_open=False) for rule in made["rules"])
    return views._report_view(made, rules, NONE, NO_FACTS)


def with_rule(rule: str, **changes: Any) -> list[Record]:
    return [entry | changes if entry["id"] == rule else entry for entry in RUN["rules"]]


def rule_of(made: ReportView, rule: str) -> Any:
    return next(entry for entry in made.rules if entry.id == rule)


def test_the_verdict_says_why(usual: ReportView) -> None:
    assert usual.verdict.answer == "No. Of 9 required gates, 6 are closed."
    assert usual.verdict.mailboxes == "17 of 40 mailboxes are ready, 19 are blocked, 3 are undetermined and 1 has already moved."


def test_undetermined_is_a_verdict_of_its_own() -> None:
    gates = [gate | {"state": "undetermined"} if gate["state"] == "closed" else gate for gate in RUN["gates"]]
    verdict = without_tables(RUN | {"ready": None, "gates": gates}).verdict
    assert (verdict.state, verdict.headline) == ("undetermined", "Undetermined for submit")
    assert verdict.answer == "It cannot be told. Of 9 required gates, 6 are undetermined, and undetermined refuses exactly like closed."


def test_ready_counts_the_open_gates() -> None:
    gates = [gate | {"state": "open"} if gate["state"] == "closed" else gate for gate in RUN["gates"]]
    assert without_tables(RUN | {"ready": True, "gates": gates}).verdict.answer == "Yes. Every gate that submit requires is open: 9 of 9."


def test_a_long_order_tells_what_its_beginning_brings() -> None:
    acts = [RUN["first"][0] | {"ready_after": 100 * place, "of": 3_100} for place in range(1, 32)]
    assert first_sentence(acts) == "After the first 7, 700 of 3,100 mailboxes are ready; after all 31, 3,100."
    assert first_sentence(acts[:3]) == "After these 3, 300 of 3,100 mailboxes are ready."


def test_only_an_act_that_readies_somebody_is_drawn_as_a_bar(usual: ReportView) -> None:
    acts = [act | {"ready_after": after} for act, after in zip(RUN["first"], (0, 0, 5, 5, 9, 9), strict=True)]
    assert [act.brings for act in without_tables(RUN | {"first": acts}).first] == [False, False, True, False, True, False]
    assert usual.first[0].brings


def test_each_loud_rule_stands_in_exactly_one_place(usual: ReportView) -> None:
    told = [rule.id for group in (*usual.blocking, *usual.later) for rule in group.rules]
    assert sorted(told) == sorted(rule.id for rule in usual.rules if rule.state != "quiet")
    assert [group.id for group in usual.later] == ["due", "warning"]


def test_what_is_due_is_told_with_the_next_step_that_it_blocks(usual: ReportView) -> None:
    assert [(due.step, [rule.id for rule in due.rules]) for due in usual.due] == [("complete", ["FROM-01", "USE-01"])]
    later = view(rules=with_rule("USE-01", blocks=["assess", "close", "of their own"]))
    assert [due.step for due in later.due] == ["complete", "close"]


def test_waves_count_their_mailboxes_as_the_mapping_has_them() -> None:
    boxes = [
        box | {"wave": ("pilot", "2", None)[place % 3], "source.total_item_size": 2**30, "source.archive_total_item_size": 0}
        for place, box in enumerate(BOXES)
    ]
    made = view(mailboxes=boxes).mailboxes
    assert [(wave.name, wave.total, wave.size) for wave in made.waves] == [
        ("pilot", 14, "14.0 GB"),
        ("2", 13, "13.0 GB"),
        (None, 13, "13.0 GB"),
    ]
    assert sum(wave.counts["blocked"] for wave in made.waves) == RUN["mailboxes"]["blocked"]
    assert made.first[0].size == "1.0 GB"


def test_a_size_that_nobody_measured_is_not_told(usual: ReportView) -> None:
    assert not usual.mailboxes.has_sizes
    assert [(wave.size, wave.submit_by) for wave in usual.mailboxes.waves] == [("", "")]


def test_a_rule_that_could_not_be_judged_refuses_like_one_that_fails(usual: ReportView) -> None:
    blocking = {rule.id: rule for group in usual.blocking for rule in group.rules}
    assert blocking["MBX-12"].state == "undetermined"


def test_a_crashed_rule_without_counts_is_never_quiet() -> None:
    nothing = dict.fromkeys(("evaluated", "passed", "failed", "undetermined", "not_applicable"), 0)
    lost = sample.findings()[0] | {"rule": "ACC-01", "gate": "access", "verdict": "undetermined", "expected": None, "found": None}
    made = view(findings=[*FINDINGS, lost], rules=with_rule("ACC-01", **nothing))
    assert rule_of(made, "ACC-01").state == "undetermined"
    assert made.blocking[0].id == "access"


def test_a_waived_rule_is_told_apart() -> None:
    assert [rule.id for rule in without_tables(RUN | {"rules": with_rule("ACC-01", waived=1)}).later[-1].rules] == ["ACC-01"]


def test_the_signature_of_a_guide_is_told() -> None:
    made = without_tables(RUN | {"rules": with_rule("STP-05", how_to="The usual guide copies one X500 address.")})
    assert rule_of(made, "STP-05").how_to == "The usual guide copies one X500 address."
    assert rule_of(made, "STP-01").how_to is None


def test_a_finding_tells_owner_fix_and_reason_only_where_they_differ(usual: ReportView) -> None:
    findings = {finding.name.split(" ")[0]: finding for finding in rule_of(usual, "STP-05").findings}
    assert findings["sato.kenji@contoso.com"].owner == "On-premises admin"
    assert findings["brian.johnson@contoso.com"].owner is None
    reason = next(f["reason"] for f in FINDINGS if f["rule"] == "MBX-12")
    assert rule_of(view(rules=with_rule("MBX-12", reason=reason)), "MBX-12").findings[0].reason is None


def test_only_a_fix_that_may_be_scripted_becomes_a_series_of_commands(usual: ReportView) -> None:
    assert len(rule_of(usual, "STP-11").script.splitlines()) == 4
    assert [rule_of(usual, rule).script for rule in ("MBX-01", "BCH-04", "TRU-09")] == ["", "", ""]


@pytest.mark.parametrize(
    ("counts", "each", "in_all", "cut"),
    [([], 5, 9, 5), ([3, 4], 5, 9, 5), ([1, 9, 9], 9, 11, 5), ([9, 9], 3, 99, 3), ([7] * 4, 9, 2, 0), ([0, 0, 10], 50, 10, 50)],
)
def test_all_rules_are_cut_to_the_same_height(counts: list[int], each: int, in_all: int, cut: int) -> None:
    assert level(counts, each, in_all) == cut
    assert sum(min(count, cut) for count in counts) <= in_all


def test_name_servers_are_no_tenant_and_a_wave_is_told_once() -> None:
    assert [gap.side for gap in view(gaps=[RUN["gaps"][0] | {"side": "dns"}]).gaps] == ["DNS"]
    wave = FINDINGS[0] | {"object": {"kind": "wave", "id": "1", "name": "wave 1"}, "wave": "1"}
    assert [finding.wave for finding in rule_of(view([wave]), wave["rule"]).findings] == [None]


def test_a_step_of_domains_calls_no_mailbox_ready() -> None:
    made = view(step="remove-domain", first=[{**RUN["first"][0], "ready_after": 0}])
    assert (made.verdict.asks_mailboxes, made.verdict.mailboxes) == (False, "This step asks about domains. 1 of 40 mailboxes have moved.")
    assert made.first_sentence == "1 thing to settle."


def test_the_failing_objects_of_a_rule_stand_first() -> None:
    verdicts = [finding.verdict for finding in rule_of(view(findings=FINDINGS[::-1]), "MBX-12W").findings]
    assert verdicts == ["fail", "fail", "undetermined"]


def test_blocked_mailboxes_stand_first(usual: ReportView) -> None:
    verdicts = [mailbox.verdict for mailbox in usual.mailboxes.first]
    assert verdicts == ["blocked"] * 19 + ["undetermined"] * 3 + ["ready"] * 17 + ["moved"]


@pytest.mark.parametrize("key", sorted(set(RUN) - UNREAD - NEWER))
def test_a_missing_key_raises(key: str) -> None:
    run = sample.run()
    del run[key]
    with pytest.raises(KeyError, match=key):
        without_tables(run)


@pytest.mark.parametrize(
    ("part", "key"), [(part, key) for part in ("rules", "gates", "first", "owners", "gaps") for key in sorted(set(RUN[part][0]) - NEWER)]
)
def test_a_missing_key_of_an_entry_raises(part: str, key: str) -> None:
    run = sample.run()
    del run[part][0][key]
    if key in {"rules": {"warns"}, "gaps": {"table"}}.get(part, ()):
        without_tables(run)
    else:
        with pytest.raises(KeyError, match=key):
            without_tables(run)


@pytest.mark.parametrize("column", ["rule", "expected", "id", "blocking"])
def test_a_missing_column_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(Refused, match=rf"parquet lacks the columns {column}"):
        report_view(written.record(tmp_path, RUN, FINDINGS, BOXES, without=(column,)))


def test_the_first_version_s_records_still_render(tmp_path: Path) -> None:
    run = sample.run()
    for key in ("statements", "statement_files"):
        del run[key]
    run["rulebook"].pop("extra")
    run["reference"] = {"licenses": "2026-11-20"}
    for bundle in run["evidence"]:
        del bundle["signer"], bundle["signer_known"]
    for entry in (*run["gates"], *run["rules"]):
        del entry["attested"]
    for rule in run["rules"]:
        del rule["how_to"], rule["shell"]
    made = report_view(written.record(tmp_path, run, FINDINGS, BOXES, without=("original", "other", "waived", "attested")))
    assert [(file.name, file.checked, file.digest) for file in made.reference] == [("licenses", "2026-11-20", "")]
    assert (len(made.mailboxes.first), made.has_work_lists) == (40, False)


def test_a_folder_with_characters_that_mean_others_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "it's [1] *"
    folder.mkdir()
    assert len(report_view(written.record(folder, RUN, FINDINGS, BOXES)).mailboxes.first) == 40


def test_a_finding_of_an_unknown_rule_raises() -> None:
    with pytest.raises(KeyError, match="NEW-01"):
        view(findings=[FINDINGS[0] | {"rule": "NEW-01"}])


def test_other_people_s_rules_are_named_with_their_digest() -> None:
    run = sample.run()
    run["rulebook"]["extra"] = {"folder": "acme-rules", "digest": "ab" * 32}
    assert without_tables(run).extra_rules == {"folder": "acme-rules", "digest": "ab" * 32}


def test_a_step_at_which_no_rule_blocks_says_so() -> None:
    run = sample.run() | {"ready": None, "step": "verify"}
    for gate in run["gates"]:
        gate["state"] = "not_required"
    assert answer(run) == "It cannot be told: no rule of this rule book blocks at verify."
