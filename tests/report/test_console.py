from __future__ import annotations

import copy
from typing import Any

import pytest

from ctm_audit.report.console import WIDTH, verdict_lines
from tests.report import sample


def lines(**changes: Any) -> list[str]:
    return [line.text for line in verdict_lines(copy.deepcopy(sample.run()) | changes)]


def test_the_answer_fits_a_terminal() -> None:
    told = lines()
    assert 15 <= len(told) <= 28
    assert [line for line in told if len(line) > WIDTH] == [f"   {sample.EXPORT}"]
    assert "\n".join(told).isascii()


def test_the_first_line_is_the_step_and_why() -> None:
    assert lines()[0] == "Step submit (next unfinished step), wave 1"
    assert lines(wave=None, step_why="asked for")[0] == "Step submit (asked for)"


def test_the_verdict_is_told_in_words() -> None:
    told = "\n".join(lines())
    assert "NOT READY FOR SUBMIT\nNo. Of 9 required gates, 6 are closed.\n17 of 40 mailboxes are ready" in told
    assert "closed        licensing (4), identity (2), stamping (15), trust (3),\n              mailbox (1), batch (1)\n" in told
    assert "not required  delegation, coexistence, dns, post-move, dns-cutover, cleanup" in told


def test_what_first_and_who_acts_are_told() -> None:
    told = "\n".join(lines())
    assert "What first. After these 6, 34 of 39 mailboxes are ready." in told
    assert "1. TRU-09 The source has no organization relationship" in told
    assert "   and 2 more in the report" in told
    assert "Who must act (blockers): Target admin 16, Source admin 6, License buyer 4," in told


def test_a_set_clock_is_told() -> None:
    assert any("clock set by hand" in line for line in lines())
    assert not any("clock" in line for line in lines(as_of=None))


@pytest.mark.parametrize(
    ("ready", "headline", "style"), [(True, "READY FOR SUBMIT", "green"), (None, "UNDETERMINED FOR SUBMIT", "magenta")]
)
def test_the_other_verdicts(ready: bool | None, headline: str, style: str) -> None:
    run = copy.deepcopy(sample.run()) | {"ready": ready, "first": [], "owners": [], "gaps": []}
    run["gates"] = [gate | {"state": "open" if ready else "undetermined"} for gate in run["gates"]]
    told = verdict_lines(run)
    assert (headline, style) in told
    assert not any("What first" in line.text or "Who must act" in line.text for line in told)


def test_an_empty_mapping_has_no_mailbox_sentence() -> None:
    nothing = dict.fromkeys(("total", "ready", "blocked", "undetermined", "moved"), 0)
    assert not any("mailboxes are ready" in line for line in lines(mailboxes=nothing, first=[]))


def test_many_gaps_are_counted() -> None:
    assert "   and 3 more gaps in the report" in lines(gaps=sample.run()["gaps"] * 5)


def test_names_cannot_repaint_the_terminal() -> None:
    project = sample.run()["project"] | {"source_initial_domain": "\x1b[2J\u202econtoso\r\n"}
    told = "".join(lines(project=project, wave="1\x1b[31m"))
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "[U+001B][2J[U+202E]contoso" in told
