"""Every trap of the usual how-to is caught by a named rule."""

from __future__ import annotations

import re
from pathlib import Path

from ctm_audit.bundled import data_folder
from ctm_audit.rulebook.load import load_book
from tests.book.catalogue import not_yet

PAGE = Path(__file__).parents[2] / "docs" / "how-to-traps.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| ([A-Z0-9, W-]+) \|$", re.MULTILINE)
TRAPS = {int(number): (words, tuple(rules.split(", "))) for number, words, rules in ROW.findall(PAGE.read_text(encoding="utf-8"))}
RULES = load_book(data_folder("rules")).rules
BOOK = {rule.id for rule in RULES}
# What fails or loses data without a doubt has a rule in the book today; of the others one may still be to come.
FATAL = (3, 4, 5, 11, 12, 18, 19, 21, 23, 24, 26, 31, 35, 36)


def test_every_point_has_its_rules() -> None:
    assert sorted(TRAPS) == list(range(1, 45))


def test_every_rule_named_is_in_the_book_or_listed_as_not_yet() -> None:
    coming = {entry.id for entry in not_yet()}
    assert {rule for _, rules in TRAPS.values() for rule in rules} <= BOOK | coming


def test_each_point_that_is_fatal_is_caught_today() -> None:
    for number in FATAL:
        assert set(TRAPS[number][1]) & BOOK, TRAPS[number]


def test_a_rule_says_what_the_how_to_does_exactly_when_it_catches_one_of_its_points() -> None:
    assert {rule.id for rule in RULES if rule.how_to} == {rule for _, rules in TRAPS.values() for rule in rules} & BOOK
    assert all(rule.how_to.startswith("The usual how-to ") for rule in RULES if rule.how_to)
