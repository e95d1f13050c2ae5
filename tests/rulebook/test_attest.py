"""Rules whose question only a person can answer: their form, and that nothing but a record makes them pass."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.errors import UsageError
from ctm_audit.rulebook.cases import evidence_of, texts
from ctm_audit.rulebook.check import check_rules
from ctm_audit.rulebook.docs import rule_page
from ctm_audit.rulebook.load import RuleBook, load_book
from ctm_audit.rulebook.rule import Case

RULE = """\
id       = "STP-78"
slug     = "nobody-decided"
title    = "Nobody has decided on the copy"
gate     = "stamping"
blocks   = ["complete"]
warns    = []
waivable = true
attest   = true
states   = "It is decided whether the source keeps a copy of 'this' mailbox."
over     = "pairs"
applies  = "stage <> 'moved'"
owner    = "legal"
fix_kind = "manual"
fix      = "Ask legal."
why      = "Afterwards the content is gone."
sources  = ["https://learn.microsoft.com/microsoft-365/"]

[[case]]
name = "nobody has said so"
is   = "undetermined"
[[case.pairs]]
stage = "prepared"

[[case]]
name = "moved already"
is   = "not_applicable"
[[case.pairs]]
stage = "moved"
"""
GATES = '[[gate]]\nid = "stamping"\ntitle = "Stamped"\nphase = "before"\norder = 1\n'


def book_of(folder: Path, text: str) -> RuleBook:
    (folder / "stp").mkdir(parents=True, exist_ok=True)
    (folder / "gates.toml").write_text(GATES, encoding="utf-8", newline="\n")
    (folder / "stp" / "STP-78-nobody-decided.toml").write_text(text, encoding="utf-8", newline="\n")
    return load_book(folder)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(UsageError) as told:
        book_of(folder, text)
    return list(told.value.detail)


def test_a_question_for_a_person_loads_and_its_cases_hold(tmp_path: Path) -> None:
    (found,) = check_rules(book_of(tmp_path, RULE).checked)
    assert (found.faults, found.cases) == ((), 2)


def test_what_it_writes_tells_what_to_state_and_where(tmp_path: Path) -> None:
    (checked,) = book_of(tmp_path, RULE).checked
    case = Case("x", "undetermined", {"pairs": ({"stage": "prepared"},)}, {}, {}, 1)
    told = texts(duckdb.connect(), checked, evidence_of(case))
    assert told["expected"] == checked.rule.states
    assert told["found"] == "nobody has stated it"
    assert told["command"] is None
    assert "attestations.toml" in str(told["reason"])
    assert "STP-78" in str(told["reason"])


def test_its_page_shows_the_sentence_and_no_predicate_of_ours(tmp_path: Path) -> None:
    book = book_of(tmp_path, RULE)
    page = rule_page(book.checked[0], book)
    assert "## What a person states" in page
    assert "-- passes" not in page
    assert "-- applies" in page
    assert "* a record in attestations.toml" in page


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("attest   = true\n", "", "`states` is what a person states; it needs `attest = true`"),
        ("attest   = true\n", "", "`passes` is missing"),
        ("states   = \"It is decided whether the source keeps a copy of 'this' mailbox.\"\n", "", "`attest` needs `states`"),
        ('owner    = "legal"', 'owner    = "legal"\npasses = "source.upn = \'a\'"', "`passes` has no place in a rule that only a person"),
        ('owner    = "legal"', 'owner    = "legal"\nfound = "source.upn"', "`found` has no place in a rule that only a person"),
        ('owner    = "legal"', 'owner    = "legal"\ncommand = "Set-It <id>"\nshell = "exo"', "`command` has no place"),
        ('is   = "undetermined"', 'is   = "not_applicable"', "needs at least one case that is undetermined"),
        ('is   = "not_applicable"', 'is   = "undetermined"', "needs at least one case that is not_applicable"),
    ],
)
def test_names_what_does_not_belong_together(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert any(told in fault for fault in faults(tmp_path, RULE.replace(old, new, 1)))


def test_evidence_alone_never_answers_a_question_for_a_person() -> None:
    for checked in load_book(data_folder("rules")).checked:
        if checked.rule.attest:
            assert checked.passes.sql.split() == ["(null::boolean", ")"]
            assert {case.verdict for case in checked.rule.cases} <= {"undetermined", "not_applicable"}
