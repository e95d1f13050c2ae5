"""The cutover report: one page that shows what was seen, escapes everything, and fetches and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path

import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.cli.main import main
from ctm_audit.dns.cutover import Cutover
from ctm_audit.report.cutover_gates import step_gates
from ctm_audit.report.cutover_html import render_cutover
from ctm_audit.report.cutover_timeline import LEFT, RIGHT, timeline
from ctm_audit.rulebook.load import load_book
from ctm_audit.rulebook.rule import Rule
from tests.dns_plan.conftest import BEFORE, DOMAIN, GOOGLE, T0, Move, Seen, hours, servers

HOSTILE = "<script>alert(1)</script>\u202e"


def written(move: Move, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    path = move.root / "cutover.html"
    code = main(["dns", "report", "--project", str(move.root), "-o", str(path)])
    assert capsys.readouterr().out.strip() == str(path)
    return code, path.read_text(encoding="utf-8")


@pytest.fixture
def seen(move: Move) -> Move:
    move.observe(T0, *servers({**BEFORE, "txt": (*BEFORE["txt"], f"TXT {HOSTILE}")}), Seen((GOOGLE[0], HOSTILE), BEFORE, kind="resolver"))
    move.source(T0, DOMAIN)
    move.target(T0, ready=False)
    path = move.root / "ctm-audit.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[project]", "[project]\nas_of = 2027-01-09T21:00:00Z"), encoding="utf-8", newline="\n"
    )
    return move


def test_the_page_shows_everything_and_runs_nothing(seen: Move, capsys: pytest.CaptureFixture[str]) -> None:
    code, page = written(seen, capsys)
    assert code == 3, "what is new is not known yet"
    assert "default-src 'none'; style-src 'sha256-" in unescape(page)
    assert not re.search(r"<script|<link|\sstyle=|\son[a-z]+=|src=|https?://", page.partition("</style>")[2])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[U+202E]" in page
    assert "guessing would have produced MX 0 contoso-com.mail.protection.outlook.com" in page
    for words in (
        "The domain move is",
        "The window",
        "Who says what",
        "Whose it is",
        "Three record sets",
        "Every answer of the last round",
        "Gates",
    ):
        assert words in page
    assert written(seen, capsys) == (code, page), "the same bundles and clock give the same bytes"


def test_without_a_known_moment_nothing_is_drawn(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    move.observe(T0, *servers(BEFORE, silent=("mx", "txt")))
    code, page = written(move, capsys)
    assert (code, "Too few moments are known" in page) == (3, True)


def test_a_move_that_nobody_has_observed(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dns", "report", "--project", str(move.root), "-o", str(move.root / "no.html")]) == 3
    assert not (move.root / "no.html").exists()
    assert "ctm-audit dns observe" in capsys.readouterr().err


def test_several_domains_have_an_article_each(seen: Move) -> None:
    found = api.standing_dns(seen.project)
    page = render_cutover(seen.project, [*found, *found], load_book(data_folder("rules")).rules, None)
    assert re.findall(r'<article class="domain domain-undetermined" id="(.+?)"', page) == ["domain-1", "domain-2"]


def drawn(one: Cutover) -> Iterator[float]:
    found = timeline(one)
    assert found
    yield from (mark.x for mark in found.marks)
    yield from (place for bar in found.bars for place in (bar.x, bar.x + bar.width))
    yield from (tick.x for tick in (*found.ticks, *found.limits))


def test_the_drawing_stays_inside(seen: Move) -> None:
    (one,) = api.plan_dns(seen.project, (), T0 + hours(1))
    assert all(LEFT - 1 <= x <= RIGHT + 30 for x in drawn(one))
    found = timeline(one)
    assert found
    assert [bar.label for bar in found.bars] == ["mail parked", "old mx", "old txt", "old selector1", "old selector2"]
    assert [mark.is_done for mark in found.marks] == [False] * 7


def test_gates_follow_the_run_and_nothing_is_open_without_one() -> None:
    rules: list[Rule] = [rule for rule in load_book(Path(data_folder("rules"))).rules if "remove-domain" in rule.blocks]
    counts = dict.fromkeys(("failed", "due", "undetermined", "waived", "attested", "not_applicable"), 0) | {"passed": 1, "reason": None}
    passing = [{**counts, "id": rule.id} for rule in rules]

    def state(results: Sequence[Mapping[str, object]]) -> str:
        return next(gate.state for gate in step_gates(rules, {"rules": results}) if gate.step == "remove-domain")

    assert {gate.state for gate in step_gates(rules, None)} == {"undetermined"}
    assert state(passing) == "open"
    assert state(passing[1:]) == "undetermined"
    assert state([{**passing[0], "due": 2}, *passing[1:]]) == "closed"
    assert state([{**passing[0], "passed": 0, "undetermined": 1}, *passing[1:]]) == "undetermined"
    assert state([{**passing[0], "passed": 0}, *passing[1:]]) == "undetermined", "a rule that judged nothing"
