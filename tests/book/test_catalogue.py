"""Nothing is left out: every id of the catalogue is a rule, or stands in the list of those that are not yet, with its reason."""

from __future__ import annotations

import re
from pathlib import Path

from ctm_audit.bundled import data_folder
from ctm_audit.rulebook.load import load_book
from tests.book.catalogue import CATALOGUE, ELSEWHERE, PAGE, not_yet

BOOK = {rule.id for rule in load_book(data_folder("rules")).rules}
LISTED = [entry.id for entry in not_yet()]
SHARED = Path(__file__).parents[3] / "shared" / "facts" / "rules.md"


def test_every_rule_of_the_catalogue_is_in_the_book_or_listed() -> None:
    assert sorted(CATALOGUE - BOOK - set(LISTED)) == []


def test_what_is_listed_is_in_the_catalogue_once_and_not_in_the_book() -> None:
    assert sorted(set(LISTED) & BOOK) == []
    assert sorted(set(LISTED) - CATALOGUE) == []
    assert len(LISTED) == len(set(LISTED))
    assert sorted(LISTED) == LISTED


def test_each_entry_says_why_and_what_would_bring_it() -> None:
    for entry in not_yet():
        for words in (entry.reason, entry.brought_by):
            assert len(words) >= 15, entry
            assert words[0].isupper(), entry
            assert words.endswith("."), entry


def test_the_page_says_what_belongs_elsewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"{family}-" in text for family in ELSEWHERE)


def test_the_list_of_ids_is_the_catalogue_where_that_is_present() -> None:
    """Reads a file outside of the repository where there is one; without it the list here stands for itself."""
    assert len(CATALOGUE) == 147
    text = SHARED.read_text(encoding="utf-8") if SHARED.exists() else ""
    described = set(re.findall(r"^\*\*([A-Z]{2,5}-\d{2}) ", text, re.MULTILINE))
    newer = set(re.findall(r"\*\*((?:COV|SNAP|FROM|USE|KEY|IDN)-\d{2})\*\*", text))
    known = {name for name in described | newer if name.partition("-")[0] not in ELSEWHERE}
    assert known <= CATALOGUE
